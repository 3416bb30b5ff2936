"""A database for one kill."""

import os
import secrets
from collections.abc import Iterator

import psycopg
import pytest


@pytest.fixture
def url(request: pytest.FixtureRequest) -> Iterator[str]:
    """A database of the kill's own; "" is SQLite in the data folder."""
    if request.param == "sqlite":
        yield ""
        return
    server, name = os.environ["DESKD_TEST_PG"], f"deskd_kill_{secrets.token_hex(6)}"
    with psycopg.connect(server, autocommit=True) as connection:
        connection.execute(f'CREATE DATABASE "{name}"')
    yield f"{server.rpartition('/')[0]}/{name}"
    with psycopg.connect(server, autocommit=True) as connection:
        connection.execute(f'DROP DATABASE "{name}" WITH (FORCE)')
