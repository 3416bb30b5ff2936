"""Numbers without a gap, whatever order the transactions commit in, and a chain that shows what was changed."""

from pathlib import Path

import pytest
from sqlalchemy import Connection, delete, insert, update
from world import World

from deskd.store import events, tables
from deskd.store.database import Database


@pytest.fixture
def ticket_id(database: Database, tmp_path: Path) -> str:
    """A ticket to hang events on; its own are taken away."""
    world = World(database, tmp_path / "data")
    world.ticket()
    world.close()
    with database.write() as connection:
        connection.execute(delete(tables.events))
    [row] = world.rows(tables.tickets)
    return str(row["id"])


def add(connection: Connection, ticket_id: str, *numbers: int) -> None:
    """Events with ids of these numbers."""
    rows = [
        {"id": f"{n:032x}", "ticket_id": ticket_id, "n": n, "kind": "note.added", "at": n, "by": "Ada", "data": "{}"}
        for n in numbers
    ]
    connection.execute(insert(tables.events), rows)


def number(database: Database) -> int:
    return database.transact(lambda connection: events.number(connection, events.last(connection)))[0]


def fed(database: Database, after: int = 0) -> list[tuple[int, int]]:
    """(seq, the number of the id) of what a reader gets behind `after`."""
    with database.read() as connection:
        return [(row["seq"], int(row["id"], 16)) for row in events.feed(connection, after)]


def verdict(database: Database) -> int | None:
    with database.read() as connection:
        return events.verify(connection)


def test_an_elder_event_that_commits_late_still_gets_a_number(database: Database, ticket_id: str) -> None:
    database.transact(lambda connection: add(connection, ticket_id, 5, 6))
    assert number(database) == 2
    database.transact(lambda connection: add(connection, ticket_id, 3))
    assert number(database) == 3
    assert fed(database) == [(1, 5), (2, 6), (3, 3)]
    assert verdict(database) is None


@pytest.mark.postgres
@pytest.mark.parametrize("database", ["postgresql"], indirect=True)
def test_what_an_open_transaction_holds_back_is_numbered_when_it_commits(database: Database, ticket_id: str) -> None:
    with database.write() as slow:
        add(slow, ticket_id, 1, 2)
        database.transact(lambda connection: add(connection, ticket_id, 3, 4))
        assert number(database) == 2
        resumed_at = fed(database)[-1][0]
    assert number(database) == 4
    assert fed(database, resumed_at) == [(3, 1), (4, 2)]
    assert verdict(database) is None


def test_a_reader_that_resumes_gets_each_event_once(database: Database, ticket_id: str) -> None:
    seen, at = [], 0
    for n in (9, 2, 7, 1):
        database.transact(lambda connection, n=n: add(connection, ticket_id, n))
        number(database)
        for seq, event in fed(database, at):
            seen.append(event)
            at = seq
    assert seen == [9, 2, 7, 1]


def test_more_than_one_batch_is_numbered_in_turn(
    database: Database, ticket_id: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(events, "_WAITING", events._WAITING.limit(2))
    database.transact(lambda connection: add(connection, ticket_id, *range(1, 6)))
    assert [number(database) for _ in range(4)] == [2, 4, 5, 5]
    assert verdict(database) is None


CHANGES = {
    "words": update(tables.events).where(tables.events.c.seq == 2).values(data="[]"),
    "who": update(tables.events).where(tables.events.c.seq == 2).values(by="Bob"),
    "hash": update(tables.events).where(tables.events.c.seq == 2).values(hash=bytes(32)),
    "number": update(tables.events).where(tables.events.c.seq == 2).values(seq=9),
    "gone": delete(tables.events).where(tables.events.c.seq == 2),
}


@pytest.mark.parametrize("what", CHANGES)
def test_a_change_behind_our_back_is_found_where_it_is(database: Database, ticket_id: str, what: str) -> None:
    database.transact(lambda connection: add(connection, ticket_id, 1, 2, 3))
    number(database)
    database.transact(lambda connection: connection.execute(CHANGES[what]))
    assert verdict(database) == 2
