"""The world of each test of the desk's verbs; at its end every ticket's count of events is held against the events."""

from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pytest
from world import World

from deskd.store import tables
from deskd.store.database import Database


@pytest.fixture
def world(database: Database, tmp_path: Path) -> Iterator[World]:
    made = World(database, tmp_path / "data")
    yield made
    made.close()
    counted = Counter(event["ticket_id"] for event in made.rows(tables.events))
    assert counted == {ticket["id"]: ticket["events"] for ticket in made.rows(tables.tickets)}
