"""The world of the faces, as a fixture."""

from pathlib import Path

import pytest
from console_world import ConsoleWorld

from deskd.store.database import Database


@pytest.fixture
def world(database: Database, tmp_path: Path) -> ConsoleWorld:
    return ConsoleWorld(database, tmp_path / "data")
