"""What a ticket's new state does to its resolution clock, whoever brings it about."""

from deskd.acts import next_response
from deskd.acts.desk import Desk
from deskd.acts.matter import Matter
from deskd.domain.ports import Micros
from deskd.domain.states import TICKET, ClockState, TicketState, step
from deskd.domain.words import ClockKind
from sla import clocks

FINAL = frozenset({TicketState.RESOLVED, TicketState.CLOSED})


def move_to(desk: Desk, matter: Matter, state: TicketState, by: str, now: Micros) -> None:
    """The new state, and what it does to the resolution clock: waiting and held pause by policy, resolved meets.

    What was resolved and is taken up again is owed again.
    """
    old = matter.ticket.state
    if old is not state:
        step(TICKET, old, state)
    matter.change(
        state=state,
        resolved_at=now if state is TicketState.RESOLVED else None,
        closed_at=now if state is TicketState.CLOSED else None,
    )
    held, why, final = matter.clocks.get(ClockKind.RESOLUTION), why_set(by, state), state in FINAL
    if held is None or matter.ticket.spam:
        return
    if old in FINAL and not final:
        next_response.taken_up(desk, matter, now, why)
    if held.clock.state is ClockState.MET and not final:
        matter.turn(desk, ClockKind.RESOLUTION, clocks.reopen(desk.book, held.clock, now, why))
    running, paused = held.clock.state is ClockState.RUNNING, held.clock.state is ClockState.PAUSED
    pauses = desk.book.policy(held.clock.policy).pauses(ClockKind.RESOLUTION, state)
    if final and (running or paused):
        matter.turn(desk, ClockKind.RESOLUTION, clocks.meet(desk.book, held.clock, now, why))
    elif pauses and running:
        matter.turn(desk, ClockKind.RESOLUTION, clocks.pause(desk.book, held.clock, now, why))
    elif not pauses and paused:
        matter.turn(desk, ClockKind.RESOLUTION, clocks.resume(desk.book, held.clock, now, why))


def why_set(by: str, state: TicketState) -> str:
    return f"{by} set the ticket to {state}."
