"""A desk whose pipeline reads plain lines instead of a channel's receipts."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from world import World

from deskd.store.database import Database


@pytest.fixture
def world(database: Database, tmp_path: Path) -> Iterator[World]:
    made = World(database, tmp_path / "data")
    yield made
    made.close()
