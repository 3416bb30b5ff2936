"""An attachment as a person reads it: found anew, access decided anew, unsealed."""

from sqlalchemy import Connection

from deskd.acts.desk import Desk
from deskd.acts.verbs import find
from deskd.domain.errors import NotFound
from deskd.domain.ports import File
from deskd.domain.ticket import Agent
from deskd.store import views


def attachment(desk: Desk, connection: Connection, agent: Agent, code: str, file_id: str) -> File:
    """A file of this ticket. Raises NotFound alike for a foreign ticket's, for none and for one that was destroyed."""
    ticket = find(connection, agent, code).ticket
    row = views.file_of(connection, ticket.id, file_id)
    if row is None or row["data_key"] is None:
        raise NotFound(f"There is no such file in {code}.")
    try:
        sealed = desk.vault.get(row["file"])
    except FileNotFoundError as error:
        raise NotFound(
            f"The file is missing in the data folder, at {row['file']}. Restore it from a backup."
        ) from error
    data = desk.vault.ring.unseal(row["id"], bytes(row["data_key"]), sealed)
    return File(row["filename"], row["content_type"], data)
