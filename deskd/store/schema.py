"""The schema's version: which one a database has, which one this program knows, and the way from the one to the other.

Revisions go up only; the way back is `deskd restore`. A database of a newer program is refused, because this one
would write rows that the newer one takes for whole.
"""

from pathlib import Path

from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, text

from deskd.domain.errors import SettingsError
from deskd.store.database import Database

MIGRATIONS = Path(__file__).parent / "migrations"
_MIGRATING = 0x6465736B64  # "deskd": PostgreSQL's advisory lock, for machines that start at the same time


def head() -> str:
    """The version that this program knows."""
    return _head(_config())


def current(database: Database) -> str | None:
    """The version that the database has; None before its first. Raises StoreAway."""
    with database.read() as connection:
        return _revision(connection)


def upgrade(database: Database) -> str:
    """Brings the database to `head()`, in one transaction under the write lock; returns the version.

    Raises SettingsError when the database is newer than this program, StoreAway when it cannot be used.
    """
    config = _config()
    wanted = _head(config)
    if current(database) == wanted:
        return wanted
    with database.write() as connection:
        if connection.dialect.name == "postgresql":
            connection.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": _MIGRATING})
        _refuse_newer(config, _revision(connection), wanted)
        config.attributes["connection"] = connection
        command.upgrade(config, wanted)
    return wanted


def _config() -> Config:
    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS).replace("%", "%%"))  # ConfigParser reads "%" itself
    config.set_main_option("path_separator", "os")
    return config


def _head(config: Config) -> str:
    [only] = ScriptDirectory.from_config(config).get_heads()
    return only


def _revision(connection: Connection) -> str | None:
    return MigrationContext.configure(connection).get_current_revision()


def _refuse_newer(config: Config, revision: str | None, wanted: str) -> None:
    known = {script.revision for script in ScriptDirectory.from_config(config).walk_revisions()}
    if revision is not None and revision not in known:
        raise SettingsError(
            f"The database has schema {revision}, which is newer than this program's {wanted}: "
            "start the newer deskd, or restore a backup of before."
        )
