"""What a POST with an Idempotency-Key was answered, for as long as its peer may ask again.

The row is claimed first and filled last in the transaction of the act: two requests with one key do one thing, for the
second waits for the first (PostgreSQL by the key's index, SQLite as every writer does) and then reads its answer.
"""

from sqlalchemy import Connection, RowMapping, delete, select, update
from sqlalchemy.dialects import postgresql, sqlite

from deskd.domain.ports import DAY, Micros
from deskd.store.tables import api_answers

KEPT: Micros = DAY
_BLANK = {"status": 0, "sealed": b""}


def claim(connection: Connection, digest: bytes, mark: bytes, now: Micros) -> RowMapping | None:
    """None when the key is new or over: it is the caller's to answer. Else the row that has it."""
    mine = api_answers.c.digest == digest
    connection.execute(delete(api_answers).where(mine, api_answers.c.at <= now - KEPT))
    make = postgresql.insert if connection.dialect.name == "postgresql" else sqlite.insert
    row = {"digest": digest, "print": mark, "at": now, **_BLANK}
    claimed = make(api_answers).values(row).on_conflict_do_nothing(index_elements=[api_answers.c.digest])
    if connection.scalar(claimed.returning(api_answers.c.at)) is not None:
        return None
    return connection.execute(select(api_answers).where(mine)).mappings().one()


def keep(connection: Connection, digest: bytes, status: int, sealed: bytes) -> None:
    connection.execute(update(api_answers).where(api_answers.c.digest == digest).values(status=status, sealed=sealed))


def any_over(connection: Connection, now: Micros) -> bool:
    return connection.scalar(select(api_answers.c.at).where(api_answers.c.at <= now - KEPT).limit(1)) is not None


def sweep(connection: Connection, now: Micros) -> None:
    connection.execute(delete(api_answers).where(api_answers.c.at <= now - KEPT))
