"""The doors: where pollers stand, and deliveries found by the provider's id."""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "cursors",
        sa.Column("channel", sa.String(40), primary_key=True),
        sa.Column("account", sa.String(40), primary_key=True),
        sa.Column("value", sa.Text(), nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("channel", "account", name="pk_cursors"),
    )
    known = sa.text("provider_id <> ''")
    op.create_index(
        "ix_deliveries_provider_id", "deliveries", ["provider_id"], sqlite_where=known, postgresql_where=known
    )
