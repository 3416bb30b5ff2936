"""A plan: what one act wants to write. Many plans are written by one statement a table.

Inserts go first, in the order of the foreign keys, then the guarded updates in the order in which they were planned.
An update names the state it was read in; if fewer rows change than were planned, somebody else won: `Lost`. So they
have when a row is there already: the next number of a ticket's events and messages is given to one.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import Connection, Table, Update, insert
from sqlalchemy.exc import IntegrityError

from deskd.domain.errors import Lost
from deskd.store import tables

Row = dict[str, Any]

ORDER: tuple[Table, ...] = (
    tables.customers,
    tables.identities,
    tables.tickets,
    tables.messages,
    tables.attachments,
    tables.facts,
    tables.decisions,
    tables.corrections,
    tables.obligations,
    tables.clocks,
    tables.clock_ledger,
    tables.deliveries,
    tables.attempts,
    tables.events,
    tables.limits,
    tables.pages,
)
_UNIQUE = "23505"  # PostgreSQL's unique_violation
_LOST = "Somebody else changed this first; look at it again."
_INSERTS = {table.name: insert(table) for table in ORDER}


@dataclass(slots=True)
class Plan:
    rows: dict[str, list[Row]] = field(default_factory=dict)
    updates: list[tuple[Update, Row]] = field(default_factory=list)

    def add(self, table: Table, row: Row) -> None:
        self.rows.setdefault(table.name, []).append(row)

    def change(self, statement: Update, values: Mapping[str, Any]) -> None:
        """`statement`: a named guarded update of this package, by `b_id`; each must change exactly one row."""
        self.updates.append((statement, dict(values)))


def write(connection: Connection, plans: Iterable[Plan]) -> None:
    """All plans, in one transaction of the caller's. Raises Lost when a guard misses; nothing may be kept then."""
    rows: dict[str, list[Row]] = {}
    updates: dict[int, tuple[Update, list[Row]]] = {}
    for plan in plans:
        for name, some in plan.rows.items():
            rows.setdefault(name, []).extend(some)
        for statement, values in plan.updates:
            updates.setdefault(id(statement), (statement, []))[1].append(values)
    for table in ORDER:
        if table.name in rows:
            _insert(connection, table, rows[table.name])
    for statement, many in updates.values():
        many.sort(key=_guarded)  # stable: two batches lock the rows they share in one order
        changed = connection.execute(statement, many).rowcount
        if changed != len(many):
            raise Lost(_LOST)


def _guarded(values: Row) -> str:
    """The id of the row that a guarded update names."""
    return str(values["b_id"])


def _insert(connection: Connection, table: Table, rows: list[Row]) -> None:
    try:
        connection.execute(_INSERTS[table.name], rows)
    except IntegrityError as error:
        if getattr(error.orig, "sqlstate", "") == _UNIQUE or "UNIQUE constraint failed" in str(error.orig):
            raise Lost(_LOST) from error
        raise
