"""What every test may ask for: a database of its own, on SQLite and on PostgreSQL.

`DESKD_TEST_PG=postgresql://user@host/any` names a server on which the suite makes and drops a database of its own.
What a machine lacks is not collected but counted; with `DESKD_ALL=1` lacking it is a failure.
"""

import os
import secrets
import shutil
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest
from hypothesis import HealthCheck, settings

from deskd.store.database import Database
from deskd.store.tables import METADATA

NEEDS = {  # marker → the variable that says where it is, or that it may run
    "postgres": "DESKD_TEST_PG",
    "wheel": "DESKD_TEST_WHEEL",
    "chromium": "DESKD_TEST_CHROMIUM",
    "crash": "DESKD_TEST_CRASH",
    "daemon": "DESKD_TEST_DAEMON",
    "redis": "DESKD_TEST_REDIS",
    "dovecot": "DESKD_TEST_DOVECOT",
    "schemathesis": "DESKD_TEST_SCHEMATHESIS",
}
ALL = "DESKD_ALL"
# How fast a machine draws or runs an example says nothing about the example.
settings.register_profile("untimed", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("untimed")
_COUNTED: pytest.StashKey[dict[str, int]] = pytest.StashKey()


def pytest_configure(config: pytest.Config) -> None:
    for marker, variable in NEEDS.items():
        config.addinivalue_line("markers", f"{marker}: needs {variable}")
    config.stash[_COUNTED] = {}


def _lacks(item: pytest.Item) -> str | None:
    return next(
        (m for m, variable in NEEDS.items() if item.get_closest_marker(m) and not os.environ.get(variable)), None
    )


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    if os.environ.get(ALL) == "1":
        return
    lacking = {item: marker for item in items if (marker := _lacks(item))}
    for marker in lacking.values():
        config.stash[_COUNTED][marker] = config.stash[_COUNTED].get(marker, 0) + 1
    if hasattr(config, "workeroutput"):  # each process of pytest-xdist collects all: any one of them tells
        config.workeroutput["not_run"] = config.stash[_COUNTED]
    items[:] = [item for item in items if item not in lacking]


def pytest_runtest_setup(item: pytest.Item) -> None:
    if marker := _lacks(item):
        pytest.fail(f"{ALL}=1, and there is no {marker}: set {NEEDS[marker]}")


@pytest.hookimpl(optionalhook=True)
def pytest_testnodedown(node: object, error: object) -> None:
    counted = getattr(node, "workeroutput", {}).get("not_run")
    if counted:
        node.config.stash[_COUNTED].update(counted)  # type: ignore[attr-defined]


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    counted = terminalreporter.config.stash[_COUNTED]
    if counted:
        terminalreporter.write_line(f"not run: {sum(counted.values())} tests ({', '.join(sorted(counted))})")


def make_schema(database: Database) -> None:
    METADATA.create_all(database.engine)


@pytest.fixture(scope="session")
def sqlite_template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("template") / "desk.db"
    database = Database(f"sqlite:///{path}")
    make_schema(database)
    with database.engine.connect() as connection:
        connection.connection.cursor().execute("PRAGMA wal_checkpoint(TRUNCATE)")
    database.close()
    return path


@pytest.fixture(scope="session")
def postgresql_url() -> Iterator[str]:
    """A database of this session's own on the server that is named; dropped afterwards."""
    server = os.environ[NEEDS["postgres"]]
    name = f"deskd_test_{secrets.token_hex(6)}"
    with psycopg.connect(server, autocommit=True) as connection:
        connection.execute(f'CREATE DATABASE "{name}"')
    url = f"{server.rpartition('/')[0]}/{name}"
    database = Database(url)
    make_schema(database)
    database.close()
    yield url
    with psycopg.connect(server, autocommit=True) as connection:
        connection.execute(f'DROP DATABASE "{name}" WITH (FORCE)')


@pytest.fixture(params=["sqlite", pytest.param("postgresql", marks=pytest.mark.postgres)])
def url(request: pytest.FixtureRequest) -> Iterator[str]:
    """A database for a daemon, without a table; "" is SQLite in its data folder."""
    if request.param == "sqlite":
        yield ""
        return
    server, name = os.environ[NEEDS["postgres"]], f"deskd_daemon_{secrets.token_hex(6)}"
    with psycopg.connect(server, autocommit=True) as connection:
        connection.execute(f'CREATE DATABASE "{name}"')
    yield f"{server.rpartition('/')[0]}/{name}"
    with psycopg.connect(server, autocommit=True) as connection:
        connection.execute(f'DROP DATABASE "{name}" WITH (FORCE)')


@pytest.fixture(params=["sqlite", pytest.param("postgresql", marks=pytest.mark.postgres)])
def database(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Database]:
    """An empty desk."""
    if request.param == "sqlite":
        path = tmp_path / "desk.db"
        shutil.copy(request.getfixturevalue("sqlite_template"), path)
        database = Database(f"sqlite:///{path}")
    else:
        database = Database(request.getfixturevalue("postgresql_url"))
        names = ", ".join(f'"{table.name}"' for table in METADATA.sorted_tables)
        with database.engine.begin() as connection:
            connection.exec_driver_sql(f"TRUNCATE {names}")
    yield database
    database.close()
