"""What Alembic runs: the revisions, on the connection and in the transaction that deskd/store/schema.py opened."""

from alembic import context

from deskd.store.tables import METADATA

context.configure(connection=context.config.attributes["connection"], target_metadata=METADATA)
context.run_migrations()
