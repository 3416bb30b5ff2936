"""Where each poller stands with its provider."""

from sqlalchemy import Connection, select
from sqlalchemy.dialects import postgresql, sqlite

from deskd.domain.ports import Micros
from deskd.store.tables import cursors


def load(connection: Connection, channel: str, account: str) -> str:
    """ "" before the first `save`."""
    found = select(cursors.c.value).where(cursors.c.channel == channel, cursors.c.account == account)
    return str(connection.scalar(found) or "")


def save(connection: Connection, channel: str, account: str, value: str, at: Micros) -> None:
    make = postgresql.insert if connection.dialect.name == "postgresql" else sqlite.insert
    row = make(cursors).values(channel=channel, account=account, value=value, at=at)
    connection.execute(
        row.on_conflict_do_update(
            index_elements=[cursors.c.channel, cursors.c.account], set_={"value": value, "at": at}
        )
    )
