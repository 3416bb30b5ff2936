"""One database, SQLite or PostgreSQL, read and written in whole transactions from a thread.

SQLite: any process may write, one at a time, under a blocking flock beside the database; writers queue there instead of
failing as busy. WAL, synchronous=FULL; nobody but `checkpoint` moves the log into the database, under the same lock,
because SQLite before 3.51.3 is reported to lose pages when a checkpoint meets a commit.
PostgreSQL: READ COMMITTED, a small pool.
"""

import fcntl
import os
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, TypeVar

from sqlalchemy import Connection, Engine, create_engine, event, make_url, text
from sqlalchemy.exc import ArgumentError, DatabaseError, DBAPIError, InterfaceError, OperationalError
from sqlalchemy.pool import QueuePool

from deskd.domain.errors import SettingsError, StoreAway

T = TypeVar("T")

CHECKPOINT_BYTES = 8 << 20  # beyond this the log is copied into the database; readers slow down with its length
TRUNCATE_BYTES = 64 << 20  # beyond this we wait for readers to end, so that the log starts anew
WAL_PAUSE = 0.005  # between two tries to make a new database one with a log
BUSY_MS = 10_000  # a checkpoint that waits for readers gives up after this
POOL = 8  # threads of one process that read at once
NETWORK_FILE_SYSTEMS = frozenset(
    {"nfs", "nfs4", "cifs", "smb3", "smbfs", "9p", "afs", "ceph", "fuse.sshfs", "glusterfs"}
)


def sqlite_module() -> Any:
    """pysqlite3 where it has a wheel, for Python's own SQLite is often old; else Python's own."""
    try:
        from pysqlite3 import dbapi2  # noqa: PLC0415 - chosen by what is installed
    except ImportError:
        import sqlite3 as dbapi2  # noqa: PLC0415
    return dbapi2


class Database:
    """`read()` and `write()` are context managers over a connection; both raise StoreAway when the database is away."""

    def __init__(self, url: str) -> None:
        self.url = url
        self.sqlite = url.startswith("sqlite")
        if self.sqlite:
            self.path = Path(url.removeprefix("sqlite:///"))
            _refuse_network(self.path)
            self._readers, self._writer = _sqlite(self.path, "BEGIN"), _sqlite(self.path, "BEGIN IMMEDIATE", pool=1)
            self._lock_path = self.path.with_name(self.path.name + ".lock")
        else:
            self._readers = self._writer = _postgresql(url)
        self._check = (
            f"the folder of {self.path} and its free disk space" if self.sqlite else "store.url and its server"
        )
        self._mutex = threading.Lock()

    @property
    def engine(self) -> Engine:
        """For migrations and tests."""
        return self._writer

    @contextmanager
    def read(self) -> Iterator[Connection]:
        """A transaction that only reads: one snapshot on SQLite, READ COMMITTED on PostgreSQL."""
        with self._translated(), self._readers.connect() as connection, connection.begin():
            yield connection

    @contextmanager
    def write(self) -> Iterator[Connection]:
        """A transaction that commits when the block ends well. On SQLite nothing may be computed inside."""
        if not self.sqlite:
            with self._translated(), self._writer.begin() as connection:
                yield connection
            return
        with self._alone(), self._translated(), self._writer.begin() as connection:
            yield connection

    def transact(self, unit: Callable[[Connection], T]) -> T:
        with self.write() as connection:
            return unit(connection)

    def checkpoint(self) -> None:
        """SQLite: copy the write-ahead log into the database when it has grown. PostgreSQL does this by itself."""
        if not self.sqlite:
            return
        log = self.path.with_name(self.path.name + "-wal")
        size = log.stat().st_size if log.exists() else 0
        if size < CHECKPOINT_BYTES:
            return
        mode = "TRUNCATE" if size > TRUNCATE_BYTES else "PASSIVE"
        with self._alone(), self._translated():
            raw = self._writer.raw_connection()
            try:
                raw.cursor().execute(f"PRAGMA wal_checkpoint({mode})")
            finally:
                raw.close()

    def versions(self) -> dict[str, str]:
        """What `deskd doctor` prints: the kind of database and its version."""
        with self.read() as connection:
            if self.sqlite:
                return {"sqlite": str(connection.scalar(text("SELECT sqlite_version()")))}
            return {"postgresql": str(connection.scalar(text("SHOW server_version")))}

    def close(self) -> None:
        self._readers.dispose()
        self._writer.dispose()

    @contextmanager
    def _translated(self) -> Iterator[None]:
        try:
            yield
        except DBAPIError as error:
            if not isinstance(error, OperationalError | InterfaceError) and type(error) is not DatabaseError:
                raise  # the statement is at fault; the bare class is what SQLite says of a file that is no database
            raise StoreAway(f"The database cannot be used: {_reason(error)}. Check {self._check}.") from error

    @contextmanager
    def _alone(self) -> Iterator[None]:
        """The write lock: between threads by a mutex, between processes by a blocking flock."""
        with self._mutex:
            try:
                handle = os.open(self._lock_path, os.O_RDWR | os.O_CREAT, 0o600)
            except OSError as error:
                raise StoreAway(
                    f"The database cannot be locked: {error.strerror} ({self._lock_path}). Check the data folder."
                ) from error
            try:
                fcntl.flock(handle, fcntl.LOCK_EX)
                yield
            finally:
                os.close(handle)


def _reason(error: DBAPIError) -> str:
    return str(error.orig).strip().splitlines()[0] if error.orig else type(error).__name__


def _to_wal(cursor: Any) -> None:
    """A new database's first switch: SQLite refuses it without waiting while another process does the same."""
    until = time.monotonic() + BUSY_MS / 1000
    while True:
        try:
            cursor.execute("PRAGMA journal_mode=WAL")
        except sqlite_module().OperationalError:
            if time.monotonic() > until:
                raise
            time.sleep(WAL_PAUSE)
        else:
            return


def _sqlite(path: Path, begin: str, pool: int = POOL) -> Engine:
    engine = create_engine(
        f"sqlite:///{path}",
        module=sqlite_module(),
        poolclass=QueuePool,
        pool_size=pool,
        max_overflow=0,
        connect_args={"check_same_thread": False, "isolation_level": None, "timeout": BUSY_MS / 1000},
    )

    @event.listens_for(engine, "connect")
    def set_up(raw: Any, _record: Any) -> None:
        cursor = raw.cursor()
        if cursor.execute("PRAGMA journal_mode").fetchone()[0] != "wal":
            _to_wal(cursor)
        for pragma in (
            "synchronous=FULL",
            "wal_autocheckpoint=0",
            "foreign_keys=ON",
            "cache_size=-65536",  # 64 MiB a connection at the most
            "temp_store=MEMORY",
        ):
            cursor.execute(f"PRAGMA {pragma}")
        cursor.close()

    @event.listens_for(engine, "begin")
    def open_transaction(connection: Connection) -> None:
        connection.exec_driver_sql(begin)

    return engine


def _postgresql(url: str) -> Engine:
    scheme, _, rest = url.partition("://")
    if scheme not in {"postgresql", "postgres"}:
        raise SettingsError(f'store.url begins with "{scheme}:"; it must be sqlite:///FILE or postgresql://…')
    try:
        address = make_url(f"postgresql+psycopg://{rest}")
    except (ArgumentError, ValueError) as error:  # its words would repeat the password
        raise SettingsError("store.url can't be read as postgresql://user@host:port/database.") from error
    return create_engine(
        address,
        pool_size=POOL,
        max_overflow=POOL,
        isolation_level="READ COMMITTED",
        connect_args={"connect_timeout": 5},
    )


def _refuse_network(path: Path) -> None:
    """SQLite's locks are not sound on network file systems (sqlite.org/faq.html#q5)."""
    mounts = Path("/proc/mounts")
    if not mounts.exists():
        return
    folder = str(path.parent.resolve())
    best, kind = "", ""
    for line in mounts.read_text("utf-8", "replace").splitlines():
        _, where, fs, *_ = line.split()
        inside = folder == where or folder.startswith(where.rstrip("/") + "/")
        if inside and len(where) >= len(best):
            best, kind = where, fs
    if kind in NETWORK_FILE_SYSTEMS:
        raise SettingsError(
            f"The data folder lies on a network file system ({kind}); SQLite needs a local disk. "
            "Move the folder, or set store.url to PostgreSQL."
        )
