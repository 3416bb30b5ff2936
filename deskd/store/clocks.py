"""Clocks and their ledger: rows, the guarded update, what is due."""

from collections.abc import Collection

from sqlalchemy import Connection, RowMapping, bindparam, func, select, update

from deskd.domain.ports import Micros
from deskd.domain.words import ClockKind
from deskd.store.tables import clock_ledger, clocks, tickets

_VALUES = (
    "state",
    "policy",
    "calendar",
    "target_us",
    "ran_us",
    "since",
    "due_at",
    "warn_at",
    "warned_at",
    "breached_at",
    "escalated_at",
    "met_at",
    "next_at",
    "began_at",
    "missed",
    "steps",
    "version",
)
SAVE = (
    update(clocks)
    .where(clocks.c.id == bindparam("b_id"), clocks.c.version == bindparam("b_version"))
    .values({name: bindparam(name) for name in _VALUES})
)


def of_tickets(connection: Connection, ticket_ids: Collection[str]) -> list[RowMapping]:
    if not ticket_ids:
        return []
    found = select(clocks).where(clocks.c.ticket_id.in_(list(ticket_ids)))
    return list(connection.execute(found).mappings())


def paused_at(connection: Connection, ticket_ids: Collection[str]) -> dict[str, Micros]:
    """When the resolution clock of each ticket was last paused; a ticket that is not there: never."""
    if not ticket_ids:
        return {}
    found = (
        select(clocks.c.ticket_id, func.max(clock_ledger.c.at).label("at"))
        .join(clock_ledger, clock_ledger.c.clock_id == clocks.c.id)
        .where(
            clocks.c.ticket_id.in_(list(ticket_ids)),
            clocks.c.kind == ClockKind.RESOLUTION,
            clock_ledger.c.act == "pause",
        )
        .group_by(clocks.c.ticket_id)
    )
    return {row.ticket_id: row.at for row in connection.execute(found)}


def due(connection: Connection, now: Micros, limit: int) -> list[str]:
    """Tickets with a clock that must be looked at, urgent first, at most `limit` clocks."""
    found = (
        select(clocks.c.ticket_id, tickets.c.priority, clocks.c.next_at)
        .join(tickets, tickets.c.id == clocks.c.ticket_id)
        .where(clocks.c.next_at.is_not(None), clocks.c.next_at <= now)
        .order_by(clocks.c.next_at)
        .limit(limit)
    )
    rows = sorted(connection.execute(found), key=lambda row: (row.priority, row.next_at))
    return list(dict.fromkeys(row.ticket_id for row in rows))


def ledger(connection: Connection, clock_id: str) -> list[RowMapping]:
    found = select(clock_ledger).where(clock_ledger.c.clock_id == clock_id).order_by(clock_ledger.c.id)
    return list(connection.execute(found).mappings())
