"""A daemon with a bot, on either database."""

import os
import secrets
from collections.abc import Iterator

import psycopg
import pytest


@pytest.fixture(params=["sqlite", pytest.param("postgresql", marks=pytest.mark.postgres)])
def url(request: pytest.FixtureRequest) -> Iterator[str]:
    """A database of the daemon's own; "" is SQLite in the data folder."""
    if request.param == "sqlite":
        yield ""
        return
    server, name = os.environ["DESKD_TEST_PG"], f"deskd_bot_{secrets.token_hex(6)}"
    with psycopg.connect(server, autocommit=True) as connection:
        connection.execute(f'CREATE DATABASE "{name}"')
    yield f"{server.rpartition('/')[0]}/{name}"
    with psycopg.connect(server, autocommit=True) as connection:
        connection.execute(f'DROP DATABASE "{name}" WITH (FORCE)')
