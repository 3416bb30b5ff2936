"""A mailbox for each test that asks for one."""

from pathlib import Path

import pytest
from imap_world import Box

from channels.email import imap_wire
from deskd.store.database import Database


@pytest.fixture
def box(database: Database, tmp_path: Path) -> Box:
    return Box(database, tmp_path / "data")


@pytest.fixture
def impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    """For a server that answers never: it is not waited for long."""
    monkeypatch.setattr(imap_wire, "COMMAND_SECONDS", 1.0)
