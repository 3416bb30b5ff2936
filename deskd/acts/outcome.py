"""What the provider's answer means for the ticket, in the transaction that settles the delivery.

First and next response are met by a person's public message when the provider has accepted it, never before.
"""

from collections.abc import Mapping
from typing import Any

from sqlalchemy import Connection

from deskd.acts import next_response, notice
from deskd.acts.desk import Desk
from deskd.acts.intake import DESKD
from deskd.acts.matter import Matter, held_of
from deskd.acts.returned import Talk, arrived, take_back
from deskd.domain.ports import DAY, Micros
from deskd.domain.states import TICKET, DeliveryState, Report, TicketState, step
from deskd.domain.words import ClockKind, Role
from deskd.store import clocks as clock_rows
from deskd.store import threads, tickets
from deskd.store.plan import Plan, write
from sla import clocks

CLOSED_AFTER: Micros = 14 * DAY  # a resolved ticket of which the customer says nothing more; DESIGN section 2


def settle(desk: Desk, connection: Connection, delivery: Mapping[str, Any], state: DeliveryState) -> None:
    """`delivery`: its row as it is now. A mail server's report may be here before the provider's own answer."""
    [ticket] = tickets.by_ids(connection, [delivery["ticket_id"]])
    held = dict(held_of(row) for row in clock_rows.of_tickets(connection, [ticket.id]))
    matter, now = Matter(ticket, held, read_at=ticket.events), desk.clock()
    if state is DeliveryState.ACCEPTED and delivery["meets_clock"] and delivery["report"] != Report.FAILED:
        _answered(desk, connection, matter, delivery, now)
    if state is DeliveryState.REJECTED:
        _refused(desk, connection, matter, delivery["id"], now)
    by = delivery.get("by") or DESKD
    matter.event(desk, f"delivery.{state}", by, now, delivery=delivery["id"], state=str(matter.ticket.state))
    plan = Plan()
    matter.save(plan)
    write(connection, [plan])


def _answered(desk: Desk, connection: Connection, matter: Matter, delivery: Mapping[str, Any], now: Micros) -> None:
    at = delivery["settled_at"] or now
    matter.change(answered_at=matter.ticket.answered_at or at)
    first, why = matter.clocks.get(ClockKind.FIRST_RESPONSE), next_response.ANSWERED
    if first is not None and first.clock.state in next_response.OWED:
        matter.turn(desk, ClockKind.FIRST_RESPONSE, clocks.meet(desk.book, first.clock, at, why))
    ticket_id = matter.ticket.id
    sent, asked = threads.sent_in(connection, [ticket_id])[ticket_id], threads.asked_in(connection, [ticket_id])
    answers = [*arrived(sent, but=delivery["id"]), *((one.n, at) for one in sent if one.id == delivery["id"])]
    next_response.settle(desk, matter, asked.get(ticket_id, []), answers, now, why)


def _refused(desk: Desk, connection: Connection, matter: Matter, delivery_id: str, now: Micros) -> None:
    """The customer has not got it: what the answer had paused or met is owed again."""
    ticket_id = matter.ticket.id
    sent = threads.sent_in(connection, [ticket_id]).get(ticket_id, [])
    asked = threads.asked_in(connection, [ticket_id]).get(ticket_id, [])
    paused_at = clock_rows.paused_at(connection, [ticket_id]).get(ticket_id)
    why = "It was refused and has not reached the customer."
    for one in sent:
        if one.id == delivery_id:
            take_back(desk, matter, one, Talk(sent, asked, paused_at), now, why)


def tick(desk: Desk, connection: Connection, limit: int = 500) -> dict[str, int]:
    """Looks at the clocks that are due: warns, stamps breaches, takes steps of escalation and tells those they name.

    Returns how many of each act there were, and of notices.
    """
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
                said: dict[str, Any] = {"clock": str(kind), "due": entry.due_at}
                if entry.to:
                    told = notice.escalated(desk, connection, plan, matter, Role(entry.to), kind, entry.due_at or now)
                    said |= {"to": entry.to, "told": told.agents, "withheld": told.withheld}
                    done["notice"] = done.get("notice", 0) + len(told.agents)
                matter.event(desk, f"clock.{entry.act}", DESKD, entry.at, **said)
                done[str(entry.act)] = done.get(str(entry.act), 0) + 1
        matter.save(plan)
        plans.append(plan)
    write(connection, plans)
    return {act: count for act, count in done.items() if count}


def close(desk: Desk, connection: Connection, limit: int = 500) -> int:
    """Closes what was resolved 14 days ago and has rested since; how many. What comes after is a new, linked ticket."""
    now, plans = desk.clock(), []
    resting = tickets.resolved(connection, now - CLOSED_AFTER, limit)
    rows = clock_rows.of_tickets(connection, [ticket.id for ticket in resting])
    for ticket in resting:
        held = dict(held_of(row) for row in rows if row["ticket_id"] == ticket.id)
        matter, plan = Matter(ticket, held, read_at=ticket.events), Plan()
        for kind, one in held.items():
            if one.clock.state in next_response.OWED:  # of an answer whose outcome nobody has ever learnt
                matter.turn(desk, kind, clocks.cancel(desk.book, one.clock, now, "The ticket was closed."))
        matter.change(state=step(TICKET, ticket.state, TicketState.CLOSED), closed_at=now)
        matter.event(desk, "ticket.closed", DESKD, now)
        matter.save(plan)
        plans.append(plan)
    write(connection, plans)
    return len(plans)
