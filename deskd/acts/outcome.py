"""What the provider's answer means for the ticket, in the transaction that settles the delivery.

The first response is met by a person's public message when the provider has accepted it, never before.
"""

from collections.abc import Mapping
from typing import Any

from sqlalchemy import Connection

from deskd.acts.desk import Desk
from deskd.acts.intake import DESKD
from deskd.acts.matter import Matter, held_of
from deskd.domain.states import ClockState, DeliveryState
from deskd.domain.words import ClockKind
from deskd.store import clocks as clock_rows
from deskd.store import tickets
from deskd.store.plan import Plan, write
from sla import clocks


def settle(desk: Desk, connection: Connection, delivery: Mapping[str, Any], state: DeliveryState) -> None:
    [ticket] = tickets.by_ids(connection, [delivery["ticket_id"]])
    held = dict(held_of(row) for row in clock_rows.of_tickets(connection, [ticket.id]))
    matter, now = Matter(ticket, held, read_at=ticket.events), desk.clock()
    first = held.get(ClockKind.FIRST_RESPONSE)
    if state is DeliveryState.ACCEPTED and delivery["meets_clock"]:
        matter.change(answered_at=ticket.answered_at or now)
        if first is not None and first.clock.state in {ClockState.RUNNING, ClockState.PAUSED}:
            why = "The provider accepted a person's answer."
            matter.turn(desk, ClockKind.FIRST_RESPONSE, clocks.meet(desk.book, first.clock, now, why))
    by = delivery.get("by") or DESKD
    matter.event(desk, f"delivery.{state}", by, now, delivery=delivery["id"])
    plan = Plan()
    matter.save(plan)
    write(connection, [plan])


def tick(desk: Desk, connection: Connection, limit: int = 500) -> dict[str, int]:
    """Looks at the clocks that are due: warns, stamps breaches, takes the one step of escalation. Acts by name."""
    now, done = desk.clock(), dict[str, int]()
    found = clock_rows.due(connection, now, limit)
    rows = clock_rows.of_tickets(connection, found)
    plans = []
    for ticket in tickets.by_ids(connection, found):
        held = dict(held_of(row) for row in rows if row["ticket_id"] == ticket.id)
        matter, plan = Matter(ticket, held, read_at=ticket.events), Plan()
        for kind, one in held.items():
            turned = clocks.tick(desk.book, one.clock, now)
            if turned[0] == one.clock:
                continue
            matter.turn(desk, kind, turned)
            for entry in turned[1]:
                matter.event(desk, f"clock.{entry.act}", DESKD, entry.at, clock=str(kind), due=entry.due_at)
                done[str(entry.act)] = done.get(str(entry.act), 0) + 1
        matter.save(plan)
        plans.append(plan)
    write(connection, plans)
    return done
