"""Transactions of many processes on one SQLite file, and what a caller is told when the database is away."""

import multiprocessing
import os
import threading
from pathlib import Path

import pytest
from sqlalchemy import Connection, func, insert, select, text

from deskd.domain.errors import SettingsError, StoreAway
from deskd.store import database as module
from deskd.store.database import Database
from deskd.store.tables import METADATA, keys, rule_sets

WRITERS, ROWS = 3, 60
WIDE = "w" * 6000  # more than a page, so that the log grows and pages are chained


def write_rows(url: str, first: int) -> None:
    """A process of its own that writes, as a pipeline or a listener does."""
    database = Database(url)
    for version in range(first, first + ROWS):
        row = {"version": version, "hash": str(version), "text": WIDE, "author": "t", "reason": ""}
        with database.write() as connection:
            connection.execute(insert(rule_sets).values(row | {"created_at": version, "active": False}))
    database.close()


def count(database: Database) -> int:
    with database.read() as connection:
        return int(connection.scalar(select(func.count()).select_from(rule_sets)) or 0)


def test_many_processes_write_while_one_checkpoints_and_no_row_is_lost(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "CHECKPOINT_BYTES", 64 << 10)
    monkeypatch.setattr(module, "TRUNCATE_BYTES", 512 << 10)
    database = Database(f"sqlite:///{tmp_path / 'desk.db'}")
    METADATA.create_all(database.engine)
    spawn = multiprocessing.get_context("spawn")
    writers = [spawn.Process(target=write_rows, args=(database.url, 1 + n * ROWS)) for n in range(WRITERS)]
    for writer in writers:
        writer.start()
    seen = [0]
    while any(writer.is_alive() for writer in writers):
        database.checkpoint()
        seen.append(count(database))
        writers[0].join(0.005)
    for writer in writers:
        writer.join(60)
    database.checkpoint()
    assert [writer.exitcode for writer in writers] == [0] * WRITERS
    assert seen == sorted(seen)
    assert count(database) == WRITERS * ROWS
    with database.read() as connection:
        assert connection.scalar(text("PRAGMA integrity_check")) == "ok"
    database.close()
    assert (tmp_path / "desk.db").stat().st_size > WRITERS * ROWS * len(WIDE)


def test_a_checkpoint_waits_until_the_log_is_worth_it(tmp_path: Path) -> None:
    database = Database(f"sqlite:///{tmp_path / 'desk.db'}")
    METADATA.create_all(database.engine)
    log = tmp_path / "desk.db-wal"
    before = log.stat().st_size
    database.checkpoint()
    assert log.stat().st_size == before > 0
    database.close()


def test_sqlite_is_set_up_so_that_a_commit_outlives_a_power_cut(tmp_path: Path) -> None:
    database = Database(f"sqlite:///{tmp_path / 'desk.db'}")
    with database.write() as connection:
        found = {name: connection.scalar(text(f"PRAGMA {name}")) for name in ("journal_mode", "synchronous")}
        found |= {name: connection.scalar(text(f"PRAGMA {name}")) for name in ("foreign_keys", "wal_autocheckpoint")}
    assert found == {"journal_mode": "wal", "synchronous": 2, "foreign_keys": 1, "wal_autocheckpoint": 0}
    database.close()


def test_threads_of_one_process_write_one_after_the_other(database: Database) -> None:
    ready = threading.Barrier(6)

    def add_one() -> None:
        ready.wait(10)
        with database.write() as connection:
            lock = "" if database.sqlite else " FOR UPDATE"
            n = connection.scalar(text(f"SELECT created_at FROM rule_sets WHERE version = 1{lock}"))
            connection.execute(text("UPDATE rule_sets SET created_at = :n"), {"n": n + 1})

    row = {"version": 1, "hash": "h", "text": "", "author": "t", "reason": "", "created_at": 0, "active": True}
    with database.write() as connection:
        connection.execute(insert(rule_sets).values(row))
    threads = [threading.Thread(target=add_one) for _ in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
    with database.read() as connection:
        assert connection.scalar(select(rule_sets.c.created_at)) == 6


def test_a_block_that_raises_leaves_nothing(database: Database) -> None:
    def defect(connection: Connection) -> None:
        connection.execute(insert(keys).values(digest=b"d" * 32, receipt_id="r"))
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        database.transact(defect)
    with database.read() as connection:
        assert connection.scalar(select(func.count()).select_from(keys)) == 0


def test_a_folder_that_is_away_is_a_store_that_is_away(tmp_path: Path) -> None:
    database = Database(f"sqlite:///{tmp_path / 'gone' / 'desk.db'}")
    with pytest.raises(StoreAway, match="cannot be locked"), database.write():
        pytest.fail("there is nothing to write to")
    with pytest.raises(StoreAway, match="cannot be used"), database.read():
        pytest.fail("there is nothing to read")
    database.close()


def test_a_path_that_is_no_database_is_a_store_that_is_away(tmp_path: Path) -> None:
    (tmp_path / "desk.db").mkdir()
    database = Database(f"sqlite:///{tmp_path / 'desk.db'}")
    with pytest.raises(StoreAway), database.write():
        pytest.fail("a folder is no database")
    database.close()


def test_a_server_that_does_not_answer_is_a_store_that_is_away() -> None:
    database = Database("postgresql://nobody@127.0.0.1:1/none")
    with pytest.raises(StoreAway, match=r"store\.url") as away, database.read():
        pytest.fail("nobody listens there")
    assert "\n" not in str(away.value)
    database.close()


def test_another_kind_of_database_is_refused_by_name() -> None:
    with pytest.raises(SettingsError, match=r'store\.url begins with "mysql:"'):
        Database("mysql://desk")


def test_a_network_file_system_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    mounts = f"server:/x {os.fsencode(tmp_path.resolve()).decode()} nfs4 rw 0 0\n"
    monkeypatch.setattr(Path, "read_text", lambda *_: mounts)
    with pytest.raises(SettingsError, match="network file system"):
        Database(f"sqlite:///{tmp_path / 'desk.db'}")
