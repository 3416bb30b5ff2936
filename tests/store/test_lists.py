"""The lists beside the queue are found by their indexes, however many tickets there are."""

from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Select, text
from sqlalchemy.dialects import sqlite

from deskd.domain.ticket import Agent
from deskd.store import views
from deskd.store.database import Database

ADA = Agent("0" * 32, "Ada", "agent", ("transfers",), (), True)


@pytest.mark.parametrize(
    ("found", "index"),
    [
        (views.mine(ADA), "ix_tickets_mine"),
        (views.waiting(ADA), "ix_tickets_waiting"),
        (views.spam(ADA), "ix_tickets_spam"),
        (views.unresolved(ADA), "ix_deliveries_stuck"),
    ],
)
def test_each_list_is_read_from_its_index(sqlite_template: Path, found: Select[Any], index: str) -> None:
    statement = found.compile(dialect=sqlite.dialect(), compile_kwargs={"literal_binds": True})
    database = Database(f"sqlite:///{sqlite_template}")  # PostgreSQL reads an empty table whole, whatever its indexes
    with closing(database), database.read() as connection:
        plan = [row[3] for row in connection.execute(text(f"EXPLAIN QUERY PLAN {statement}"))]
    assert any(index in step for step in plan), plan
    assert not any("TEMP B-TREE" in step for step in plan), plan
