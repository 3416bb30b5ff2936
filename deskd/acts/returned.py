"""A mail of ours that did not arrive: what its acceptance had stopped runs again, and the ticket is ours again.

The same whether the provider refused it at the door or a mail server reported it later (CHANNELS ED1, ED2). Who calls
has proved that the report is about this delivery.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple

from deskd.acts import next_response
from deskd.acts.desk import DESKD, Desk
from deskd.acts.matter import Matter
from deskd.acts.obligation import came_back
from deskd.domain.ports import Micros
from deskd.domain.states import DELIVERY, REPORT, TICKET, ClockState, DeliveryState, Report, TicketState, step
from deskd.domain.words import ClockKind
from deskd.store import tables, threads
from deskd.store.obligations import Obligation
from deskd.store.plan import Plan
from deskd.store.threads import Sent
from sla import clocks

LEFT = frozenset({DeliveryState.WIRE, DeliveryState.ACCEPTED, DeliveryState.UNKNOWN})
"""What a report of the provider's can be about: it may have left, and nobody has said no yet."""

BOUNCE = "bounce"  # the code of the attempt that keeps the report

_SUBJECTS = {  # RFC 3463 section 3: what the second number of a status is about
    "1": ("address", "the address does not exist or cannot be used"),
    "2": ("mailbox", "the mailbox is full, closed or takes no such mail"),
    "3": ("system", "the mail system there does not take it"),
    "4": ("network", "no way to the mail system there was found in time"),
    "5": ("protocol", "the mail systems did not understand each other"),
    "6": ("content", "the contents could not be conveyed"),
    "7": ("policy", "a policy there does not let it in"),
}
_UNSAID = ("other", "no reason that we know is given")


class Why(NamedTuple):
    """Its class; the same for a person; the code that the other side gave, or ""."""

    reason: str
    words: str
    status: str


@dataclass(frozen=True, slots=True)
class Talk:
    """What went to and fro in a ticket: all its deliveries, what its customer asked as (n, at), each the eldest first,
    when its resolution clock was last paused, and the answer that its feedback is owed."""

    sent: Sequence[Sent]
    asked: Sequence[tuple[int, Micros]]
    paused_at: Micros | None
    owed: Obligation | None = None


def why_of(status: str) -> Why:
    """Of a mail server's status such as "5.1.1"."""
    return Why(*_SUBJECTS.get(status.split(".")[1] if status.count(".") == 2 else "", _UNSAID), status)


def returned(desk: Desk, plan: Plan, matter: Matter, sent: Sent, talk: Talk, why: Why, at: Micros) -> None:
    """A permanent failure was reported of `sent`, which is one of LEFT and has not failed before.

    An accepted one keeps its state and is reported as failed; of an unknown one it is the evidence that was missing.
    """
    note = f"It came back: {why.words}{f' ({why.status})' if why.status else ''}."
    unknown = sent.state is DeliveryState.UNKNOWN
    state = step(DELIVERY, sent.state, DeliveryState.REJECTED) if unknown else sent.state
    report = sent.report if unknown else step(REPORT, sent.report, Report.FAILED)
    guard = {"b_id": sent.id, "b_state": sent.state, "b_report": sent.report}
    settled_at = at if unknown else sent.settled_at
    values = {"state": state, "report": report, "note": note, "provider_id": sent.provider_id, "settled_at": settled_at}
    plan.change(threads.REPORTED, guard | values)
    row = {"id": desk.ids(), "delivery_id": sent.id, "n": sent.attempts, "at": at}
    plan.add(tables.attempts, row | {"state": state, "code": BOUNCE, "note": note})
    take_back(desk, matter, sent, talk, at, note)
    came_back(desk, plan, matter, talk.owed, sent, at)
    sent.state, sent.report, sent.settled_at = state, report, settled_at
    data = {"delivery": sent.id, "reason": why.reason, "status": why.status, "state": str(matter.ticket.state)}
    matter.event(desk, "delivery.failed", DESKD, at, **data)
    matter.save(plan)


def take_back(desk: Desk, matter: Matter, sent: Sent, talk: Talk, at: Micros, why: str) -> None:
    """Ticket and clocks as they are without `sent`, whose state is still what it was. Writes no event.

    A closed ticket is final and spam has no clocks: nothing of theirs changes.
    """
    ticket = matter.ticket
    if not sent.by_person:
        matter.change(ack=why)
        return
    if ticket.state is TicketState.CLOSED or ticket.spam:
        return
    if sent.state is DeliveryState.ACCEPTED:
        _unanswered(desk, matter, sent, talk.sent, at, why)
    if ticket.state is not TicketState.OPEN:
        matter.change(state=step(TICKET, ticket.state, TicketState.OPEN), resolved_at=None)
        _unresolved(desk, matter, sent, talk.paused_at, at, why)
        next_response.stand(desk, matter, at, why)
    if sent.state is DeliveryState.ACCEPTED:
        next_response.settle(desk, matter, talk.asked, arrived(talk.sent, but=sent.id), at, why)


def arrives(sent: Sent) -> bool:
    """A person's words that the provider took and of which nobody has said that they came back."""
    return sent.by_person and sent.state is DeliveryState.ACCEPTED and sent.report is not Report.FAILED


def arrived(sent: Sequence[Sent], *, but: str = "") -> list[tuple[int, Micros]]:
    """(n, when it was accepted) of the answers that arrived, one of them left out."""
    return [(one.n, one.settled_at) for one in sent if one.id != but and arrives(one) and one.settled_at is not None]


def _unanswered(desk: Desk, matter: Matter, sent: Sent, others: Sequence[Sent], at: Micros, why: str) -> None:
    """The first response was this one's, unless an elder answer stands; a younger one that arrived meets it instead."""
    first = min((when for _, when in arrived(others, but=sent.id)), default=None)
    if first is not None and sent.settled_at is not None and first <= sent.settled_at:
        return
    matter.change(answered_at=first)
    held = matter.clocks.get(ClockKind.FIRST_RESPONSE)
    if held is None or held.clock.state is not ClockState.MET:
        return
    matter.turn(desk, ClockKind.FIRST_RESPONSE, clocks.unmeet(desk.book, held.clock, at, why))
    if first is not None:
        met = clocks.meet(desk.book, held.clock, first, "A later answer arrived.")
        matter.turn(desk, ClockKind.FIRST_RESPONSE, met)


def _unresolved(desk: Desk, matter: Matter, sent: Sent, paused_at: Micros | None, at: Micros, why: str) -> None:
    """What stopped when this answer was written runs as if it had not; what stopped for another reason, from now."""
    held = matter.clocks.get(ClockKind.RESOLUTION)
    if held is None:
        return
    if held.clock.state is ClockState.PAUSED:
        since = sent.created_at if paused_at is not None and paused_at <= sent.created_at else at
        matter.turn(desk, ClockKind.RESOLUTION, clocks.resume(desk.book, held.clock, since, why))
    elif held.clock.state is ClockState.MET:
        again = clocks.unmeet if held.clock.met_at in {sent.created_at, sent.settled_at} else clocks.reopen
        matter.turn(desk, ClockKind.RESOLUTION, again(desk.book, held.clock, at, why))
