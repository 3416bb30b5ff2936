"""Files of the vault that nothing names any more: what a failed keep left behind, and what was sealed is destroyed.

A file is written before the row that names it is committed, so only what has been there for an hour without one is an
orphan. The vault is swept shard by shard (the last two digits of a name), so that no sweep is longer than a moment.
"""

from collections.abc import Collection, Iterator
from pathlib import Path

from sqlalchemy import Connection, select, update

from deskd.domain.ports import HOUR, MINUTE, Micros
from deskd.store.database import Database
from deskd.store.receipts import Vault
from deskd.store.tables import attachments, receipts

SHARDS = tuple(f"{n:02x}" for n in range(256))
AGE: Micros = HOUR  # no transaction is open that long: what has no row by then gets none
TOGETHER = 500  # names looked up by one read

_NAMING = {
    "receipts": receipts,
    "attachments": attachments,
}  # folder of the vault → the table whose rows name its files


def shard_of(now: Micros) -> str:
    """The shard whose turn it is: one a minute, all of them in four hours and a quarter, and no state to keep."""
    return SHARDS[now // MINUTE % len(SHARDS)]


def sweep(database: Database, vault: Vault, now: Micros, shard: str) -> int:
    """Drops the orphans of one shard, unfinished files as well; how many. Raises StoreAway: nothing is dropped then."""
    dropped = 0
    for kind in _NAMING:
        old = [path for path in _files(vault.folder / kind / shard) if _touched(path) <= now - AGE]
        for start in range(0, len(old), TOGETHER):
            some = {f"{kind}/{shard}/{path.name}" for path in old[start : start + TOGETHER]}
            with database.read() as connection:
                orphans = some - _named(connection, kind, some)
            for name in orphans:
                vault.drop(name)
            dropped += len(orphans)
    return dropped


def drop_destroyed(database: Database, vault: Vault, receipt_ids: Collection[str]) -> int:
    """Drops the files of those of these receipts whose key is gone; how many. To be called once that is committed.

    A crash in between leaves the file to the sweep: without its key it is noise already.
    """
    gone = (receipts.c.id.in_(list(receipt_ids)), receipts.c.data_key.is_(None), receipts.c.file.is_not(None))
    with database.read() as connection:
        names = list(connection.scalars(select(receipts.c.file).where(*gone))) if receipt_ids else []
    if not names:
        return 0
    for name in names:
        vault.drop(name)
    with database.write() as connection:
        connection.execute(update(receipts).where(*gone).values(file=None))
    return len(names)


def _files(folder: Path) -> Iterator[Path]:
    return folder.iterdir() if folder.is_dir() else iter(())


def _touched(path: Path) -> Micros:
    """When it was last written, or never to be swept: another sweep has taken it."""
    try:
        return path.stat().st_mtime_ns // 1000
    except FileNotFoundError:
        return 1 << 62


def _named(connection: Connection, kind: str, names: Collection[str]) -> set[str]:
    """Those that a row names which still has their key. Found by the row's id, which is the file's name."""
    table = _NAMING[kind]
    ids = [name.rpartition("/")[2].removesuffix(".tmp") for name in names]
    found = select(table.c.file).where(table.c.id.in_(ids), table.c.data_key.is_not(None), table.c.file.is_not(None))
    return set(connection.scalars(found))
