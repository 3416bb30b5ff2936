"""The clock *next response*: from the eldest message that no answer has reached, to the answer that reaches it.

It begins once the first response is over. An answer reaches the messages that stood in the ticket when it was written,
not those that came while it was on its way.
"""

from collections.abc import Iterable, Sequence

from deskd.acts.desk import Desk
from deskd.acts.matter import Matter
from deskd.domain.ports import Micros
from deskd.domain.states import ClockState, TicketState
from deskd.domain.words import ClockKind
from deskd.store.threads import NOT_NEEDED
from sla import clocks
from sla.clocks import Clock, Turn

NEXT = ClockKind.NEXT_RESPONSE
RESPONSES = (ClockKind.FIRST_RESPONSE, NEXT)
OWED = frozenset({ClockState.RUNNING, ClockState.PAUSED})
WROTE = "The customer wrote again."
ANSWERED = "The provider accepted a person's answer."

Asked = Sequence[tuple[int, Micros]]
"""(n, at) of the messages that want an answer, the eldest first."""


def asked_now(desk: Desk, matter: Matter, at: Micros) -> None:
    """The customer wrote at `at`: an answer is owed, unless one is owed already or the first one still is."""
    if not matter.ticket.spam and _first_is_over(matter) and not _owed(matter):
        _begin(desk, matter, at, WROTE)


def settle(
    desk: Desk, matter: Matter, asked: Asked, answers: Iterable[tuple[int, Micros]], at: Micros, why: str
) -> None:
    """The clock as it must be, given what was asked and which answers arrived: (n, accepted at), in any order.

    at, why: of what has brought the news. Without news nothing changes.
    """
    if matter.ticket.spam or matter.ticket.state is TicketState.CLOSED:
        return
    if not _first_is_over(matter):
        if _owed(matter):
            _turn(desk, matter, clocks.cancel(desk.book, _clock(matter), at, "The first response is owed still."))
        return
    arrived = sorted(answers)
    until = arrived[-1][0] if arrived else 0
    since = next((when for n, when in asked if n > until), None)
    if NEXT in matter.clocks:
        _unmeet(desk, matter, since, arrived, at, why)
    if _owed(matter) and since != _clock(matter).began_at:
        _correct(desk, matter, asked, arrived, since, at, why)
    if since is not None and not _owed(matter):
        _begin(desk, matter, since, WROTE)


def dismiss(desk: Desk, matter: Matter, by: str, now: Micros) -> None:
    """A person says that what was written needs no answer."""
    kinds = [kind for kind in RESPONSES if kind in matter.clocks and matter.clocks[kind].clock.state in OWED]
    for kind in kinds:
        why = f"{by} resolved it without an answer."
        matter.turn(desk, kind, clocks.cancel(desk.book, matter.clocks[kind].clock, now, why))
    if kinds:
        matter.event(desk, NOT_NEEDED, by, now, clocks=[str(kind) for kind in kinds])


def taken_up(desk: Desk, matter: Matter, now: Micros, why: str) -> None:
    """What was dismissed is owed after all: the younger one of the two responses, which is the one that was."""
    for kind in reversed(RESPONSES):
        held = matter.clocks.get(kind)
        if held is not None:
            if held.clock.state is ClockState.CANCELLED:
                matter.turn(desk, kind, clocks.reopen(desk.book, held.clock, now, why))
            return


def stand(desk: Desk, matter: Matter, now: Micros, why: str) -> None:
    """Still or running, as the policy has it for the ticket's state."""
    if matter.ticket.spam or not _owed(matter):
        return
    clock = _clock(matter)
    pauses = desk.book.policy(clock.policy).pauses(NEXT, matter.ticket.state)
    if pauses and clock.state is ClockState.RUNNING:
        _turn(desk, matter, clocks.pause(desk.book, clock, now, why))
    elif not pauses and clock.state is ClockState.PAUSED:
        _turn(desk, matter, clocks.resume(desk.book, clock, now, why))


def _unmeet(
    desk: Desk,
    matter: Matter,
    since: Micros | None,
    arrived: Sequence[tuple[int, Micros]],
    at: Micros,
    why: str,
) -> None:
    """The answer that met it is not among those that arrived: it is owed, or a later one met it."""
    clock = _clock(matter)
    lost = clock.met_at not in {when for _, when in arrived} and any(when >= clock.began_at for _, when in arrived)
    if clock.state is ClockState.MET and (since == clock.began_at or lost):
        _turn(desk, matter, clocks.unmeet(desk.book, clock, at, why))


def _correct(
    desk: Desk,
    matter: Matter,
    asked: Asked,
    arrived: Sequence[tuple[int, Micros]],
    since: Micros | None,
    at: Micros,
    why: str,
) -> None:
    """It began with another message than the eldest unanswered one: with a younger one, or one that is answered."""
    clock, live = _clock(matter), desk.live(matter.ticket.channel)
    if since is not None and since < clock.began_at:
        if clock.state is ClockState.PAUSED:
            _turn(desk, matter, clocks.resume(desk.book, clock, at, why))
        backdated = clocks.backdate(desk.book, _clock(matter), matter.ticket.policy, live, since, why=why)
        _turn(desk, matter, backdated)
        return
    first = max((n for n, when in asked if when <= clock.began_at), default=0)
    reached = [when for n, when in arrived if n > first and when >= clock.began_at]
    if reached:
        _turn(desk, matter, clocks.meet(desk.book, clock, min(reached), ANSWERED))


def _begin(desk: Desk, matter: Matter, at: Micros, why: str) -> None:
    policy, live = matter.ticket.policy, desk.live(matter.ticket.channel)
    if NEXT in matter.clocks:
        _turn(desk, matter, clocks.again(desk.book, _clock(matter), policy, live, at, why=why))
    else:
        _turn(desk, matter, clocks.start(desk.book, NEXT, policy, live, at))


def _first_is_over(matter: Matter) -> bool:
    first = matter.clocks.get(ClockKind.FIRST_RESPONSE)
    return first is not None and first.clock.state not in OWED


def _owed(matter: Matter) -> bool:
    return NEXT in matter.clocks and _clock(matter).state in OWED


def _clock(matter: Matter) -> Clock:
    return matter.clocks[NEXT].clock


def _turn(desk: Desk, matter: Matter, turned: Turn) -> None:
    matter.turn(desk, NEXT, turned)
