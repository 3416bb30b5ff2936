"""The obligation of one ticket as the acts below a person's hand change it: opened, accepted, come back.

What people do with it is in feedback.py, which says how it works.
"""

from dataclasses import replace

from deskd.acts.desk import DESKD, Desk
from deskd.acts.matter import Matter
from deskd.domain.ports import Micros
from deskd.domain.states import OBLIGATION, ClockState, ObligationState, TicketState, step
from deskd.domain.ticket import Ticket
from deskd.domain.words import Category, ClockKind
from deskd.store import obligations, tables
from deskd.store.obligations import Obligation
from deskd.store.plan import Plan
from deskd.store.threads import Sent
from sla import clocks

OWED = ClockKind.OBLIGATION
STANDS = frozenset({ClockState.RUNNING, ClockState.PAUSED})


def is_feedback(ticket: Ticket) -> bool:
    """Complaint, suggestion or praise: the category, or a complaint about another matter."""
    return not ticket.spam and (ticket.category is Category.FEEDBACK or "complaint" in ticket.tags)


def owe(desk: Desk, plan: Plan, matter: Matter, at: Micros) -> None:
    """Opens the obligation of a ticket that has become feedback. One that has one keeps it."""
    if OWED in matter.clocks or not is_feedback(matter.ticket):
        return
    matter.turn(desk, OWED, clocks.start(desk.book, OWED, matter.ticket.policy, False, at))
    plan.add(
        tables.obligations,
        {
            "ticket_id": matter.ticket.id,
            "state": ObligationState.OPEN,
            "verdict": "",
            "why": "",
            "delivery_id": "",
            "intent_by": "",
            "intent_at": 0,
            "opened_at": at,
            "settled_at": None,
        },
    )
    matter.event(desk, "obligation.opened", DESKD, at)


def accepted(desk: Desk, matter: Matter, owed: Obligation | None, delivery_id: str, at: Micros) -> None:
    """The provider has the words that decide: what is ours is done. Told is told when they arrive."""
    if owed is None or owed.delivery_id != delivery_id or matter.ticket.state is not TicketState.HELD:
        return
    held = matter.clocks.get(ClockKind.RESOLUTION)
    if held is not None and held.clock.state in STANDS:
        why = "The provider accepted the answer that resolves it."
        matter.turn(desk, ClockKind.RESOLUTION, clocks.meet(desk.book, held.clock, at, why))


def came_back(desk: Desk, plan: Plan, matter: Matter, owed: Obligation | None, sent: Sent, at: Micros) -> None:
    """The words that were to tell the customer did not arrive: the answer is owed as before."""
    if owed is None or owed.delivery_id != sent.id or owed.state not in {ObligationState.DECIDED, ObligationState.TOLD}:
        return
    new = replace(owed, verdict="", why="", delivery_id="", intent_by="", intent_at=0, settled_at=None)
    change(plan, owed, replace(new, state=ObligationState.OPEN))
    held = matter.clocks.get(OWED)
    if held is not None and held.clock.state is ClockState.MET:
        matter.turn(desk, OWED, clocks.unmeet(desk.book, held.clock, at, "The answer came back."))
    matter.event(desk, "obligation.owed_again", DESKD, at, delivery=sent.id)


def change(plan: Plan, old: Obligation, new: Obligation) -> None:
    """Everything of it that is another now; Lost where somebody else was faster."""
    if new.state is not old.state:
        step(OBLIGATION, old.state, new.state)
    names = ("verdict", "why", "delivery_id", "intent_by", "intent_at", "settled_at")
    values = {name: getattr(new, name) for name in names} | {"state": new.state}
    plan.change(obligations.CHANGE, values | {"b_id": old.ticket_id, "b_state": old.state})
