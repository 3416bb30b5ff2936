"""A backup holds everything but the keys, and is put back into an empty desk only."""

import os
import tarfile
from pathlib import Path

import pytest
from sqlalchemy import func, select
from world import World

from deskd.domain.errors import SettingsError
from deskd.store import backup, schema, tables
from deskd.store.database import Database
from deskd.store.keyring import open_ring
from deskd.store.receipts import Vault, opened, waiting


def fresh(folder: Path) -> Database:
    folder.mkdir(parents=True)
    database = Database(f"sqlite:///{folder / 'desk.db'}")
    schema.upgrade(database)
    return database


def test_what_was_kept_is_read_again_from_the_backup(tmp_path: Path) -> None:
    old, folder = fresh(tmp_path / "old"), tmp_path / "old"
    world = World(old, folder)
    world.write("a@example.com", "I forgot my password")
    world.write("b@example.com", "x" * 300_000)
    world.run()
    world.write("c@example.com", "not yet routed")
    counts = backup.save(old, folder, tmp_path / "b.tar.gz")
    with tarfile.open(tmp_path / "b.tar.gz") as tar:
        assert not [name for name in tar.getnames() if name.startswith(("files/keys", "keys"))]

    new, there = fresh(tmp_path / "new"), tmp_path / "new"
    assert backup.restore(new, there, tmp_path / "b.tar.gz") == counts
    vault = Vault(there, open_ring(folder / "keys", os.urandom))
    with new.read() as connection:
        assert connection.scalar(select(func.count()).select_from(tables.tickets)) == 2
        [row] = waiting(connection, range(64), 10)
        assert b"not yet routed" in opened(row, vault).body
        large = connection.execute(select(tables.receipts).where(tables.receipts.c.file.is_not(None))).mappings().one()
        assert len(opened(large, vault).body) > 300_000
    with pytest.raises(SettingsError, match="not empty"):
        backup.restore(new, there, tmp_path / "b.tar.gz")
    old.close()
    new.close()


def test_another_tar_is_refused_with_a_sentence(tmp_path: Path) -> None:
    with tarfile.open(tmp_path / "x.tar.gz", "w:gz"):
        pass
    database = fresh(tmp_path / "d")
    with pytest.raises(SettingsError, match="no backup"):
        backup.restore(database, tmp_path / "d", tmp_path / "x.tar.gz")
    database.close()
