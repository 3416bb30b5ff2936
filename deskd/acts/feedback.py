"""Feedback is owed an answer, and deskd does not let go of it until its customer has heard back.

    opened with the ticket ──reply, or decline with a reason──> decided ──it has arrived──> told
    Resolving is taken at once, as an intent: the ticket leaves the queue and is resolved when the words have arrived.
    Words that come back make it owed again, and the ticket is open.

*Arrived* is delivered or read, or, where the channel reports neither, accepted and not failed for a day. The obligation
has a clock of its own, which nothing pauses; it is met when the customer has heard, not when an agent is done.
"""

from dataclasses import replace

from sqlalchemy import Connection

from deskd.acts.desk import DESKD, Desk
from deskd.acts.matter import Matter, held_of
from deskd.acts.moves import move_to
from deskd.acts.obligation import OWED, STANDS, accepted, change, is_feedback, owe
from deskd.domain.errors import Denied, Refused
from deskd.domain.ports import DAY, Micros
from deskd.domain.states import ClockState, DeliveryState, ObligationState, Report, TicketState
from deskd.domain.ticket import Agent
from deskd.domain.words import Role
from deskd.store import clocks as clock_rows
from deskd.store import obligations, threads, tickets
from deskd.store.obligations import Obligation
from deskd.store.plan import Plan, write
from deskd.store.threads import Sent
from sla import clocks

ARRIVED_AFTER: Micros = DAY
TRIES = 3  # answers that did not arrive, before a customer may be called unreachable
ANSWERED, DECLINED = "answered", "declined"


def decide(
    desk: Desk, plan: Plan, matter: Matter, owed: Obligation, delivery_id: str, by: str, declined: str, now: Micros
) -> None:
    """These words tell the customer; the ticket is resolved when they have arrived, and leaves the queue now."""
    verdict = DECLINED if declined else ANSWERED
    new = replace(
        owed, verdict=verdict, why=declined, delivery_id=delivery_id, intent_by=by, intent_at=now, settled_at=None
    )
    change(plan, owed, replace(new, state=ObligationState.DECIDED))
    matter.event(desk, "obligation.decided", by, now, verdict=verdict, delivery=delivery_id)
    if matter.ticket.state is not TicketState.HELD:
        move_to(desk, matter, TicketState.HELD, by, now)


def resolve(
    desk: Desk, connection: Connection, plan: Plan, matter: Matter, owed: Obligation, by: str, now: Micros
) -> None:
    """Without further words: by the last ones that a person sent. Refused where there are none."""
    sent = threads.sent_in(connection, [matter.ticket.id]).get(matter.ticket.id, [])
    words = [one for one in sent if one.by_person and _may_arrive(one)]
    if not words:
        raise Refused(
            "This feedback is owed an answer. Reply to the customer, or decline with a reason; "
            "the ticket is resolved by itself when that has arrived."
        )
    if owed.state is ObligationState.DECIDED and matter.ticket.state is TicketState.HELD:
        raise Refused("It is resolved by itself as soon as the answer has arrived.")
    decide(desk, plan, matter, owed, words[-1].id, by, owed.why if owed.verdict == DECLINED else "", now)
    if words[-1].state is DeliveryState.ACCEPTED:
        accepted(desk, matter, replace(owed, delivery_id=words[-1].id), words[-1].id, now)


def tell(desk: Desk, connection: Connection, limit: int = 500) -> int:
    """Carries out what waits for words to arrive that have arrived by now; how many customers were told."""
    now, plans = desk.clock(), []
    reporting = [name for name, one in desk.channels.items() if one.receipts_of_delivery]
    found = {one.ticket_id: one for one in obligations.arrived(connection, reporting, now - ARRIVED_AFTER, limit)}
    rows = clock_rows.of_tickets(connection, list(found))
    for ticket in tickets.by_ids(connection, list(found)):
        held = dict(held_of(row) for row in rows if row["ticket_id"] == ticket.id)
        matter, plan, owed = Matter(ticket, held, read_at=ticket.events), Plan(), found[ticket.id]
        change(plan, owed, replace(owed, state=ObligationState.TOLD, settled_at=now))
        if OWED in held and held[OWED].clock.state in STANDS:
            matter.turn(desk, OWED, clocks.meet(desk.book, held[OWED].clock, now, "The customer has heard back."))
        matter.event(desk, "obligation.told", DESKD, now, verdict=owed.verdict)
        if ticket.state is TicketState.HELD and (ticket.last_in_at or 0) <= owed.intent_at:
            move_to(desk, matter, TicketState.RESOLVED, owed.intent_by, now)
            matter.event(desk, "state.set", owed.intent_by, now, old=str(ticket.state), new="resolved")
        matter.save(plan)
        plans.append(plan)
    write(connection, plans)
    return len(plans)


def unreachable(
    desk: Desk, connection: Connection, agent: Agent, plan: Plan, matter: Matter, why: str, now: Micros
) -> None:
    """A supervisor's word, with the evidence: no address at all, or three answers that came back."""
    if agent.role not in {Role.SUPERVISOR, Role.ADMIN}:
        raise Denied("Only a supervisor says that a customer cannot be reached.")
    owed = obligations.of_ticket(connection, matter.ticket.id)
    if owed is None or owed.state is not ObligationState.OPEN:
        raise Refused("No answer is owed here.")
    if not why.strip():
        raise Refused("Say what was tried: it stays with the ticket.")
    [who] = tickets.identities_by_id(connection, [matter.ticket.identity_id])
    sent = threads.sent_in(connection, [matter.ticket.id]).get(matter.ticket.id, [])
    failed = sum(one.by_person and not _may_arrive(one) for one in sent)
    if who.address and failed < TRIES:
        raise Refused(f"The customer has an address, and {failed} of {TRIES} answers came back: try again first.")
    change(plan, owed, replace(owed, state=ObligationState.UNREACHABLE, why=desk.cover(why), settled_at=now))
    _stop(desk, matter, now, "The customer cannot be reached.")
    matter.event(desk, "obligation.unreachable", agent.name, now)


def corrected(desk: Desk, connection: Connection, plan: Plan, matter: Matter, by: str, now: Micros) -> None:
    """After a person has said what the ticket is, or that it is spam or none."""
    owed = obligations.of_ticket(connection, matter.ticket.id)
    if owed is None:
        owe(desk, plan, matter, matter.ticket.created_at)
    elif owed.owed and not is_feedback(matter.ticket):
        change(plan, owed, replace(owed, state=ObligationState.WITHDRAWN, settled_at=now))
        _stop(desk, matter, now, "It is no feedback.")
        matter.event(desk, "obligation.withdrawn", by, now)
    elif owed.state is ObligationState.WITHDRAWN and is_feedback(matter.ticket):
        change(plan, owed, replace(owed, state=ObligationState.OPEN, settled_at=None))
        held = matter.clocks[OWED].clock
        if held.state is ClockState.CANCELLED:
            matter.turn(desk, OWED, clocks.reopen(desk.book, held, now, "It is feedback after all."))
        matter.event(desk, "obligation.owed_again", by, now)


def _may_arrive(sent: Sent) -> bool:
    dead = {DeliveryState.REJECTED, DeliveryState.DROPPED}
    return sent.report is not Report.FAILED and sent.state not in dead


def _stop(desk: Desk, matter: Matter, now: Micros, why: str) -> None:
    held = matter.clocks.get(OWED)
    if held is not None and held.clock.state in STANDS:
        matter.turn(desk, OWED, clocks.cancel(desk.book, held.clock, now, why))
