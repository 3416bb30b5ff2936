import os
from collections.abc import Iterator
from pathlib import Path

import pytest
from outbox_world import Desk

from deskd.outbox import valkey as module
from deskd.outbox.valkey import EmbeddedValkey
from deskd.store.database import Database


@pytest.fixture
def desk(database: Database) -> Desk:
    return Desk(database)


@pytest.fixture(params=["valkey", pytest.param("redis", marks=pytest.mark.redis)])
def valkey(request: pytest.FixtureRequest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[EmbeddedValkey]:
    """The server that comes along; and the machine's own Redis in its place, as where no wheel has a binary."""
    if request.param == "redis":
        monkeypatch.setattr(module, "find_binary", lambda: Path(os.environ["DESKD_TEST_REDIS"]))
    server = EmbeddedValkey(tmp_path)
    server.start()
    yield server
    server.stop()
