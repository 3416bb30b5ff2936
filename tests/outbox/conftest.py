from collections.abc import Iterator
from pathlib import Path

import pytest
from outbox_world import Desk

from deskd.outbox.valkey import EmbeddedValkey
from deskd.store.database import Database


@pytest.fixture
def desk(database: Database) -> Desk:
    return Desk(database)


@pytest.fixture
def valkey(tmp_path: Path) -> Iterator[EmbeddedValkey]:
    server = EmbeddedValkey(tmp_path)
    server.start()
    yield server
    server.stop()
