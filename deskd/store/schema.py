"""The schema's version: which one a database has, which one this program knows, and the way from the one to the other.

Revisions go up only; the way back is `deskd restore`. A database of a newer program is refused, because this one
would write rows that the newer one takes for whole. Alembic is imported only where a way has to be gone: a start on a
database that is up to date shall not wait for it.
"""

from pathlib import Path
from typing import TYPE_CHECKING

from sqlalchemy import Connection, column, inspect, select, table, text

from deskd.domain.errors import SettingsError
from deskd.store.database import Database

if TYPE_CHECKING:
    from alembic.config import Config

HEAD = "0006"  # the last of migrations/versions
MIGRATIONS = Path(__file__).parent / "migrations"
_MIGRATING = 0x6465736B64  # "deskd": PostgreSQL's advisory lock, for machines that start at the same time
_VERSION = table("alembic_version", column("version_num"))  # Alembic's own: one row


def current(database: Database) -> str | None:
    """The version that the database has; None before its first. Raises StoreAway."""
    with database.read() as connection:
        return _revision(connection)


def upgrade(database: Database) -> str:
    """Brings the database to `HEAD`, in one transaction under the write lock; returns the version.

    Raises SettingsError when the database is newer than this program, StoreAway when it cannot be used.
    """
    if current(database) == HEAD:
        return HEAD
    from alembic import command  # noqa: PLC0415 - see above

    config = _config()
    with database.write() as connection:
        if connection.dialect.name == "postgresql":
            connection.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": _MIGRATING})
        _refuse_newer(config, _revision(connection))
        config.attributes["connection"] = connection
        command.upgrade(config, HEAD)
    return HEAD


def _config() -> "Config":
    from alembic.config import Config  # noqa: PLC0415

    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS).replace("%", "%%"))  # ConfigParser reads "%" itself
    config.set_main_option("path_separator", "os")
    return config


def _revision(connection: Connection) -> str | None:
    if not inspect(connection).has_table(_VERSION.name):
        return None
    return connection.scalar(select(_VERSION.c.version_num))


def _refuse_newer(config: "Config", revision: str | None) -> None:
    from alembic.script import ScriptDirectory  # noqa: PLC0415

    known = {script.revision for script in ScriptDirectory.from_config(config).walk_revisions()}
    if revision is not None and revision not in known:
        raise SettingsError(
            f"The database has schema {revision}, which is newer than this program's {HEAD}: "
            "start the newer deskd, or restore a backup of before."
        )
