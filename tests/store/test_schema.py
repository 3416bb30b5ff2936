"""From an empty database to the head of the migrations, on both databases."""

import os
import secrets
import threading
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest
from alembic.autogenerate import compare_metadata
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import insert, inspect, text
from sqlalchemy.exc import IntegrityError

from deskd.domain.errors import SettingsError
from deskd.store import events, schema, tables
from deskd.store.database import Database


@pytest.fixture(params=["sqlite", pytest.param("postgresql", marks=pytest.mark.postgres)])
def empty(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """The URL of a database without a table."""
    if request.param == "sqlite":
        yield f"sqlite:///{tmp_path / 'empty.db'}"
        return
    server, name = os.environ["DESKD_TEST_PG"], f"deskd_schema_{secrets.token_hex(6)}"
    with psycopg.connect(server, autocommit=True) as connection:
        connection.execute(f'CREATE DATABASE "{name}"')
    yield f"{server.rpartition('/')[0]}/{name}"
    with psycopg.connect(server, autocommit=True) as connection:
        connection.execute(f'DROP DATABASE "{name}" WITH (FORCE)')


@pytest.fixture
def opened(empty: str) -> Iterator[Database]:
    database = Database(empty)
    yield database
    database.close()


def plant_event(database: Database) -> None:
    """One event, with the rows it hangs on, and its number."""
    ticket = dict.fromkeys(("topic", "queue", "policy", "ack", "subject", "channel", "account"), "")
    ticket |= {"id": "t", "code": "00000000", "customer_id": "c", "identity_id": "i", "state": "open", "spam": False}
    ticket |= {"category": "other", "priority": 2, "language": "en", "tags": [], "also": [], "set_by_person": []}
    ticket |= {"rule_set": 1, "messages": 0, "events": 1, "due_at": 0, "created_at": 0}
    identity = {"id": "i", "customer_id": "c", "kind": "email", "address": "a@example.com", "level": "claimed"}
    with database.write() as connection:
        connection.execute(insert(tables.customers).values(id="c", name="Customer A", language="en", created_at=0))
        connection.execute(insert(tables.identities).values(identity | {"blocked": False, "created_at": 0}))
        connection.execute(insert(tables.tickets).values(ticket))
        connection.execute(
            insert(tables.events).values(id="e", ticket_id="t", n=1, kind="ticket.opened", at=0, by="deskd", data="{}")
        )


def test_the_head_is_the_last_revision_there_is() -> None:
    assert ScriptDirectory(str(schema.MIGRATIONS)).get_heads() == [schema.HEAD]


def test_an_empty_database_comes_to_the_head(opened: Database) -> None:
    assert schema.current(opened) is None
    assert schema.upgrade(opened) == schema.HEAD
    assert schema.current(opened) == schema.HEAD
    names = set(inspect(opened.engine).get_table_names())
    assert names == {table.name for table in tables.METADATA.sorted_tables} | {"alembic_version"}


def test_a_second_upgrade_changes_nothing(opened: Database) -> None:
    schema.upgrade(opened)
    plant_event(opened)
    assert schema.upgrade(opened) == schema.HEAD
    with opened.read() as connection:
        assert len(events.of_ticket(connection, "t")) == 1


def test_the_migrations_make_exactly_the_tables_that_the_program_names(opened: Database) -> None:
    schema.upgrade(opened)
    with opened.read() as connection:
        context = MigrationContext.configure(connection, opts={"compare_type": True, "compare_server_default": True})
        assert compare_metadata(context, tables.METADATA) == []


def test_a_clock_of_the_first_version_is_owed_since_it_was_started(
    opened: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    with monkeypatch.context() as then:
        then.setattr(schema, "HEAD", "0001")
        schema.upgrade(opened)
    plant_event(opened)
    clock = {"id": "k", "ticket_id": "t", "kind": "resolution", "state": "running", "policy": "p", "calendar": "c"}
    clock |= {"target_us": 1, "ran_us": 0, "since": 9, "version": 1}
    row = {"clock_id": "k", "due_at": None, "why": ""}
    with opened.write() as connection:
        connection.execute(insert(tables.clocks).values(clock))
        for n, act in ((5, "start"), (7, "pause"), (9, "resume")):
            connection.execute(insert(tables.clock_ledger).values(row | {"id": str(n), "at": n, "act": act}))
    schema.upgrade(opened)
    with opened.read() as connection:
        assert connection.execute(text("SELECT began_at, missed, steps FROM clocks")).one() == (5, 0, 0)


def test_two_that_start_at_once_upgrade_once(empty: str) -> None:
    both, versions = threading.Barrier(2), []

    def start() -> None:
        database = Database(empty)
        both.wait(10)
        versions.append(schema.upgrade(database))
        database.close()

    threads = [threading.Thread(target=start) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
    assert versions == [schema.HEAD] * 2


def test_a_newer_schema_is_refused_in_one_sentence_and_left_alone(opened: Database) -> None:
    schema.upgrade(opened)
    with opened.write() as connection:
        connection.execute(text("UPDATE alembic_version SET version_num = '9999'"))
    with pytest.raises(
        SettingsError, match=rf"schema 9999, which is newer than this program's {schema.HEAD}"
    ) as refusal:
        schema.upgrade(opened)
    assert "\n" not in str(refusal.value)
    assert schema.current(opened) == "9999"


def test_a_migration_that_fails_leaves_nothing_behind(opened: Database) -> None:
    with opened.write() as connection:
        connection.execute(text("CREATE TABLE tickets (id TEXT)"))
    with pytest.raises(Exception, match="tickets"):
        schema.upgrade(opened)
    assert schema.current(opened) is None
    assert inspect(opened.engine).get_table_names() == ["tickets"]


def test_an_event_is_numbered_once_and_the_chain_holds_under_the_trigger(opened: Database) -> None:
    schema.upgrade(opened)
    plant_event(opened)
    with opened.write() as connection:
        assert events.number(connection, events.last(connection))[0] == 1
    with opened.read() as connection:
        assert events.verify(connection) is None


CHANGES = {
    "its number": "UPDATE events SET seq = 7",
    "its hash": "UPDATE events SET hash = NULL",
    "who did it": "UPDATE events SET \"by\" = 'nobody'",
    "what happened": "UPDATE events SET data = '[]'",
    "its place": "UPDATE events SET n = 2",
    "its life": "DELETE FROM events",
}
BEFORE = {
    "words with the number": "UPDATE events SET seq = 1, hash = {blob}, data = '[]'",
    "a number without its hash": "UPDATE events SET seq = 1",
    "a hash without its number": "UPDATE events SET hash = {blob}",
    "words alone": "UPDATE events SET data = '[]'",
    "its life": "DELETE FROM events",
}


def refused(database: Database, statement: str) -> bool:
    try:
        database.transact(lambda connection: connection.execute(text(statement)))
    except IntegrityError as error:
        return "events are never changed" in str(error)
    return False


@pytest.mark.parametrize("what", CHANGES)
def test_nothing_of_a_numbered_event_can_be_changed(opened: Database, what: str) -> None:
    schema.upgrade(opened)
    plant_event(opened)
    with opened.write() as connection:
        events.number(connection, events.last(connection))
    assert refused(opened, CHANGES[what])
    with opened.read() as connection:
        assert events.verify(connection) is None


@pytest.mark.parametrize("what", BEFORE)
def test_an_event_without_a_number_takes_number_and_hash_together_and_nothing_else(opened: Database, what: str) -> None:
    schema.upgrade(opened)
    plant_event(opened)
    blob = "X'00'" if opened.sqlite else "'\\x00'::bytea"
    assert refused(opened, BEFORE[what].replace("{blob}", blob))
    with opened.read() as connection:
        [event] = events.of_ticket(connection, "t")
    assert (event["seq"], event["hash"], event["data"]) == (None, None, "{}")
