"""What the provider's answer means for the ticket, in the transaction that settles the delivery.

First and next response are met by a person's public message when the provider has accepted it, never before.
"""

from collections.abc import Mapping
from typing import Any

from sqlalchemy import Connection

from deskd.acts import next_response, notice
from deskd.acts.desk import DESKD, Desk
from deskd.acts.matter import Matter, held_of
from deskd.acts.obligation import accepted, came_back
from deskd.acts.returned import Talk, arrived, take_back
from deskd.domain.ports import DAY, Micros
from deskd.domain.states import TICKET, DeliveryState, Report, TicketState, step
from deskd.domain.words import ClockKind, Role
from deskd.store import clocks as clock_rows
from deskd.store import obligations, threads, tickets
from deskd.store.plan import Plan, write
from sla import clocks

CLOSED_AFTER: Micros = 14 * DAY  # a resolved ticket of which the customer says nothing more; DESIGN section 2


def settle(desk: Desk, connection: Connection, delivery: Mapping[str, Any], state: DeliveryState) -> None:
    """`delivery`: its row as it is now. A mail server's report may be here before the provider's own answer."""
    [ticket] = tickets.by_ids(connection, [delivery["ticket_id"]])
    held = dict(held_of(row) for row in clock_rows.of_tickets(connection, [ticket.id]))
    matter, plan, now = Matter(ticket, held, read_at=ticket.events), Plan(), desk.clock()
    if state is DeliveryState.ACCEPTED and delivery["meets_clock"] and delivery["report"] != Report.FAILED:
        talk = _talk(connection, ticket.id)
        answered(desk, matter, talk, delivery["id"], delivery["settled_at"] or now, now)
    if state is DeliveryState.REJECTED:
        _refused(desk, connection, plan, matter, delivery["id"], now)
    by = delivery.get("by") or DESKD
    matter.event(desk, f"delivery.{state}", by, now, delivery=delivery["id"], state=str(matter.ticket.state))
    matter.save(plan)
    write(connection, [plan])


def answered(desk: Desk, matter: Matter, talk: Talk, delivery_id: str, at: Micros, now: Micros) -> None:
    """The provider took a person's words at `at`: the responses that they are have been given."""
    matter.change(answered_at=matter.ticket.answered_at or at)
    first, why = matter.clocks.get(ClockKind.FIRST_RESPONSE), next_response.ANSWERED
    if first is not None and first.clock.state in next_response.OWED:
        matter.turn(desk, ClockKind.FIRST_RESPONSE, clocks.meet(desk.book, first.clock, at, why))
    answers = [*arrived(talk.sent, but=delivery_id), *((one.n, at) for one in talk.sent if one.id == delivery_id)]
    next_response.settle(desk, matter, talk.asked, answers, now, why)
    accepted(desk, matter, talk.owed, delivery_id, at)


def _talk(connection: Connection, ticket_id: str) -> Talk:
    sent, asked = threads.sent_in(connection, [ticket_id]), threads.asked_in(connection, [ticket_id])
    paused_at = clock_rows.paused_at(connection, [ticket_id]).get(ticket_id)
    owed = obligations.of_ticket(connection, ticket_id)
    return Talk(sent.get(ticket_id, []), asked.get(ticket_id, []), paused_at, owed)


def _refused(desk: Desk, connection: Connection, plan: Plan, matter: Matter, delivery_id: str, now: Micros) -> None:
    """The customer has not got it: what the answer had paused or met is owed again."""
    talk, why = _talk(connection, matter.ticket.id), "It was refused and has not reached the customer."
    for one in talk.sent:
        if one.id == delivery_id:
            take_back(desk, matter, one, talk, now, why)
            came_back(desk, plan, matter, talk.owed, one, now)


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
