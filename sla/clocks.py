"""One SLA clock of a ticket as a value, and the verbs that turn it into its next value with the ledger rows it owes.

    running --pause--> paused --resume--> running --meet--> met --unmeet or reopen--> running
       any of them --retarget--> the same, with another promise; running or paused --cancel--> cancelled --reopen-->
       met or cancelled --again--> running, for the next promise of the same kind

A clock has a target in business time. `ran_us` is what had passed when the present stretch began at `since`; the
moments of warning, breach and escalation follow from the two and the calendar, so a pause never loses or invents time.
Time has run out at `due_at` itself: whoever meets a clock then is late. A breach is a fact and is stamped with
its deadline by whatever looks first, the tick or a later verb. Warnings and escalations are notices: a tick gives
each at most once, and a warning never after the breach.

Every verb takes the book first, returns (clock, entries), and leaves storing both to its caller in one transaction.
"""

from dataclasses import replace

from deskd.domain.errors import IllegalTransition
from deskd.domain.ports import Micros
from deskd.domain.states import CLOCK, ClockState, step
from deskd.domain.words import ClockKind
from sla.calendar import worked
from sla.clock import Act, Clock, Entry, Turn, aim, notice, passed, settle, span
from sla.policy import SlaBook

__all__ = ["Act", "Clock", "Entry", "Turn"]  # and the verbs below


def start(book: SlaBook, kind: ClockKind, policy: str, live: bool, at: Micros) -> Turn:
    """A new clock, running from `at`. live: the customer waits in a chat or a call."""
    promise = book.policy(policy)
    clock = Clock(
        kind=kind,
        state=ClockState.RUNNING,
        policy=promise.name,
        calendar=promise.calendar,
        target_us=promise.target(kind, live),
        ran_us=0,
        since=at,
        due_at=None,
        warn_at=None,
        began_at=at,
    )
    clock = aim(book, clock)
    return clock, (Entry(at, Act.START, clock.due_at, _promise(clock)),)


def again(book: SlaBook, clock: Clock, policy: str, live: bool, at: Micros, *, why: str) -> Turn:
    """The same is owed once more, from `at` and in full; what it says of the last time goes, but for its breach."""
    if clock.state not in {ClockState.MET, ClockState.CANCELLED}:
        raise IllegalTransition(f"A {clock.state} clock is owed already.")
    fresh, (entry,) = start(book, clock.kind, policy, live, at)
    return replace(fresh, missed=clock.missed + (clock.breached_at is not None)), (
        replace(entry, why=f"{why} {entry.why}"),
    )


def backdate(book: SlaBook, clock: Clock, policy: str, live: bool, at: Micros, *, why: str) -> Turn:
    """A running clock turns out to have been owed since `at`, before it began: it is counted from there, in full."""
    if clock.state is not ClockState.RUNNING or at >= clock.began_at:
        raise IllegalTransition(f"A {clock.state} clock that began at {clock.began_at} did not begin at {at}.")
    fresh, (entry,) = start(book, clock.kind, policy, live, at)
    return replace(fresh, missed=clock.missed), (replace(entry, why=f"{why} {entry.why}"),)


def pause(book: SlaBook, clock: Clock, at: Micros, why: str) -> Turn:
    """Stands still from `at`; what ran is kept. A breach before `at` is stamped first."""
    state = step(CLOCK, clock.state, ClockState.PAUSED)
    clock, found = settle(book, clock, at)
    clock = replace(_stop(book, clock, at), state=state, due_at=None, warn_at=None, next_at=None)
    return clock, (*found, Entry(at, Act.PAUSE, None, why))


def resume(book: SlaBook, clock: Clock, at: Micros, why: str) -> Turn:
    """Runs on from `at`. To take a pause back altogether, resume at the time at which it began."""
    if clock.state is not ClockState.PAUSED:
        raise IllegalTransition(f"Only a paused clock can be resumed; this one is {clock.state}.")
    clock = aim(book, replace(clock, state=step(CLOCK, clock.state, ClockState.RUNNING), since=at))
    return clock, (Entry(at, Act.RESUME, clock.due_at, why),)


def meet(book: SlaBook, clock: Clock, at: Micros, why: str) -> Turn:
    """Kept at `at`: late if that is the deadline or after it. A breach noted before it was learnt is withdrawn."""
    state = step(CLOCK, clock.state, ClockState.MET)
    clock, found = settle(book, clock, at)
    if clock.breached_at is not None and at < clock.breached_at:
        found = (Entry(at, Act.WITHDRAW, clock.due_at, "It was met before the deadline, as was learnt afterwards."),)
        clock = replace(clock, breached_at=None, escalated_at=None)
    clock = replace(_stop(book, clock, at), state=state, met_at=at, next_at=None)
    return clock, (*found, Entry(at, Act.MEET, clock.due_at, why))


def unmeet(book: SlaBook, clock: Clock, at: Micros, why: str) -> Turn:
    """The stop is taken back: it runs on as if it had never been met, which may mean that it was breached long ago."""
    if clock.state is not ClockState.MET:
        raise IllegalTransition(f"Only a met clock can be taken back; this one is {clock.state}.")
    state = step(CLOCK, clock.state, ClockState.RUNNING)
    clock = aim(book, replace(clock, state=state, since=clock.met_at, met_at=None))
    taken_back = Entry(at, Act.UNMEET, clock.due_at, why)
    clock, found = settle(book, clock, at)
    return clock, (taken_back, *found)


def reopen(book: SlaBook, clock: Clock, at: Micros, why: str) -> Turn:
    """A met or cancelled clock is owed again from `at`, with what had run before and nothing of the time between."""
    if clock.state is ClockState.PAUSED:
        raise IllegalTransition("A paused clock is still owed; resume it.")
    clock = replace(clock, state=step(CLOCK, clock.state, ClockState.RUNNING), since=at, met_at=None)
    clock = aim(book, clock)
    return clock, (Entry(at, Act.REOPEN, clock.due_at, why),)


def cancel(book: SlaBook, clock: Clock, at: Micros, why: str) -> Turn:
    """Nothing is owed any more: spam, a merge."""
    state = step(CLOCK, clock.state, ClockState.CANCELLED)
    clock, found = settle(book, clock, at)
    clock = replace(_stop(book, clock, at), state=state, due_at=None, warn_at=None, next_at=None)
    return clock, (*found, Entry(at, Act.CANCEL, None, why))


def retarget(book: SlaBook, clock: Clock, policy: str, live: bool, at: Micros, *, why: str) -> Turn:
    """Another promise for the same matter: what ran under the old one counts, in the old one's calendar.

    The new deadline never lies before `at`: nobody can keep a promise made after it was due. If it lies in the
    future, warning, breach and escalation of the old promise stay in the ledger and leave the clock.
    """
    if clock.state not in {ClockState.RUNNING, ClockState.PAUSED}:
        raise IllegalTransition(f"A {clock.state} clock has no promise to change; reopen it first.")
    clock, found = settle(book, clock, at)
    running = clock.state is ClockState.RUNNING
    promise = book.policy(policy)
    clock = replace(
        _stop(book, clock, at),
        policy=promise.name,
        calendar=promise.calendar,
        target_us=promise.target(clock.kind, live),
        since=at if running else None,
    )
    if clock.ran_us < clock.target_us:
        clock = replace(clock, warned_at=None, breached_at=None, escalated_at=None, steps=0)
    else:
        clock = replace(clock, steps=passed(book, clock) if clock.steps else 0)
    if running:
        clock = aim(book, clock)
    changed = Entry(at, Act.RETARGET, clock.due_at, f"{why} {_promise(clock)}".strip())
    clock, run_out = settle(book, clock, at)
    return clock, (*found, changed, *run_out)


def tick(book: SlaBook, clock: Clock, now: Micros) -> Turn:
    """What is due by `now`: the warning, the breach, steps of escalation, in the order of their moments. Idempotent."""
    found: tuple[Entry, ...] = ()
    while clock.state is ClockState.RUNNING and clock.next_at is not None and now >= clock.next_at:
        clock, entries = notice(book, clock, now)
        found += entries
    return clock, found


def ran(book: SlaBook, clock: Clock, now: Micros) -> Micros:
    """Business time that has run by `now`; more than the target once it is breached."""
    return clock.ran_us + _stretch(book, clock, now)


def _stretch(book: SlaBook, clock: Clock, at: Micros) -> Micros:
    return 0 if clock.since is None else worked(book.calendar(clock.calendar), clock.since, at)


def _stop(book: SlaBook, clock: Clock, at: Micros) -> Clock:
    return replace(clock, ran_us=ran(book, clock, at), since=None)


def _promise(clock: Clock) -> str:
    return f"Policy {clock.policy}: {span(clock.target_us)} of {clock.calendar}."
