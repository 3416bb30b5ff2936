"""One SLA clock as a value, its ledger rows, and the moments ahead of it: warning, deadline, steps of escalation."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from enum import StrEnum

from deskd.domain.errors import IllegalTransition
from deskd.domain.ports import MINUTE, Micros
from deskd.domain.states import ClockState
from deskd.domain.words import ClockKind
from sla.calendar import Calendar, after
from sla.escalation import Step
from sla.policy import SlaBook


class Act(StrEnum):
    START = "start"
    PAUSE = "pause"
    RESUME = "resume"
    MEET = "meet"
    UNMEET = "unmeet"  # the reply that met it did not arrive: the time since then ran as well
    REOPEN = "reopen"  # owed again: the time in between did not run
    CANCEL = "cancel"
    RETARGET = "retarget"
    WARN = "warn"
    BREACH = "breach"
    WITHDRAW = "withdraw"  # it was met before the deadline, which was learnt afterwards
    ESCALATE = "escalate"


@dataclass(frozen=True, slots=True)
class Entry:
    """One row of the ledger. at: when it was so, not when it was noticed; due_at: the deadline from then on.

    to: the role that a step of escalation tells.
    """

    at: Micros
    act: Act
    due_at: Micros | None
    why: str
    to: str = ""


@dataclass(frozen=True, slots=True)
class Clock:
    """One promise under way. due_at and warn_at: None while paused; next_at: when to tick next, None for never.

    began_at: since when this promise has been owed; missed: how many that the clock kept before it were broken; steps:
    how many steps of escalation were taken, the last one at escalated_at.
    """

    kind: ClockKind
    state: ClockState
    policy: str
    calendar: str
    target_us: Micros
    ran_us: Micros
    since: Micros | None
    due_at: Micros | None
    warn_at: Micros | None
    warned_at: Micros | None = None
    breached_at: Micros | None = None
    escalated_at: Micros | None = None
    met_at: Micros | None = None
    next_at: Micros | None = None
    began_at: Micros = 0
    missed: int = 0
    steps: int = 0


Turn = tuple[Clock, tuple[Entry, ...]]


def aim(book: SlaBook, clock: Clock) -> Clock:
    """The clock with the moments ahead of it, as it runs from `since` with `ran_us` behind it."""
    calendar, since = book.calendar(clock.calendar), clock.since or 0
    if clock.breached_at is not None:
        return _look(book, replace(clock, due_at=clock.breached_at, warn_at=None))
    due_at = _moment(calendar, since, clock.target_us - clock.ran_us)
    before = round(clock.target_us * book.policy(clock.policy).warn_before)
    warn_at = _moment(calendar, since, clock.target_us - before - clock.ran_us) if before else None
    return _look(book, replace(clock, due_at=due_at, warn_at=warn_at))


def settle(book: SlaBook, clock: Clock, at: Micros) -> Turn:
    """A deadline that has passed by `at` is stamped as a breach."""
    due = clock.due_at
    if clock.state is not ClockState.RUNNING or clock.breached_at is not None or due is None or at < due:
        return clock, ()
    clock = _look(book, replace(clock, breached_at=due))
    return clock, (Entry(due, Act.BREACH, due, f"The time for {clock.kind} has run out."),)


def notice(book: SlaBook, clock: Clock, now: Micros) -> Turn:
    """What is ahead first of a clock whose `next_at` has come: the warning, a step or the breach.

    A warning that was missed is not given after the breach; a step is.
    """
    due, warn_at, step_at = clock.due_at, clock.warn_at, _step_at(book, clock)
    if clock.breached_at is None and due is not None:
        warns = clock.warned_at is None and warn_at is not None and now < due
        if warns and warn_at is not None and (step_at is None or warn_at <= step_at):
            left = f"{span(due - warn_at)} until the deadline of {clock.kind}."
            warned = _look(book, replace(clock, warned_at=warn_at))
            return warned, (Entry(warn_at, Act.WARN, due, left),)
        if step_at is None or due < step_at:
            return settle(book, clock, now)
    if step_at is None:
        raise IllegalTransition(f"Nothing of this {clock.kind} clock is due.")
    return _take_step(book, clock, step_at)


def passed(book: SlaBook, clock: Clock) -> int:
    """How many steps of its policy lie before what has run."""
    return sum(offset <= clock.ran_us for offset, _ in _steps(book, clock))


def span(duration: Micros) -> str:
    minutes, rest = divmod(duration, MINUTE)
    return f"{minutes} min {rest / 1_000_000:.0f} s" if rest else f"{minutes} min"


def _take_step(book: SlaBook, clock: Clock, at: Micros) -> Turn:
    offset, step = _steps(book, clock)[clock.steps]
    late = offset - clock.target_us
    where = f"{span(abs(late))} {'after' if late > 0 else 'before'}" if late else "at"
    why = f"Told to {step.to}: {where} the deadline of {clock.kind}."
    taken = _look(book, replace(clock, steps=clock.steps + 1, escalated_at=at))
    return taken, (Entry(at, Act.ESCALATE, clock.due_at, why, str(step.to)),)


def _look(book: SlaBook, clock: Clock) -> Clock:
    return replace(clock, next_at=min(_ahead(book, clock), default=None))


def _ahead(book: SlaBook, clock: Clock) -> Iterator[Micros]:
    if clock.breached_at is None and clock.due_at is not None:
        yield clock.due_at
        if clock.warned_at is None and clock.warn_at is not None:
            yield clock.warn_at
    step_at = _step_at(book, clock)
    if step_at is not None:
        yield step_at


def _step_at(book: SlaBook, clock: Clock) -> Micros | None:
    """When the next step is to be taken. Those after the breach are counted on from it, pauses left out."""
    steps = _steps(book, clock)
    if clock.steps >= len(steps):
        return None
    offset, calendar, since = steps[clock.steps][0], book.calendar(clock.calendar), clock.since or 0
    patience = offset - clock.target_us
    if patience >= 0 and clock.breached_at is None:
        return None
    if patience >= 0 and clock.breached_at is not None and clock.breached_at >= since:
        return after(calendar, clock.breached_at, patience)
    return _moment(calendar, since, offset - clock.ran_us)


def _steps(book: SlaBook, clock: Clock) -> list[tuple[Micros, Step]]:
    """In the order in which they come."""
    policy = book.policy(clock.policy)
    offsets = [(step.offset(clock.target_us, policy.warn_before), step) for step in policy.steps]
    return sorted(offsets, key=lambda one: one[0])


def _moment(calendar: Calendar, since: Micros, work: Micros) -> Micros:
    return after(calendar, since, max(work, 0))
