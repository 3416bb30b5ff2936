"""What SLA arithmetic costs: one add(), and clocks started, ticked and met a second, beside bare integers.

    python bench/clocks.py [CLOCKS]

Median of three runs of CLOCKS (default 100,000) each, on the shipped policies, one core. The baseline does the same
loop with the one integer addition that is left when there is neither a calendar nor a ledger.
"""

import statistics
import sys
import time
from collections.abc import Callable
from functools import partial
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from deskd.domain.ports import MINUTE, SECOND, Micros
from deskd.domain.words import ClockKind
from sla import clocks
from sla.calendar import Calendar, add
from sla.policy import SlaBook, defaults

START: Micros = 1_790_758_800 * SECOND  # 2026-09-30 17:00 in Shanghai: the Golden Week lies ahead
SPREAD = 37 * SECOND + 11  # starts lie this far apart, so that hardly two fall into one place
RUNS = 3


def measured(work: Callable[[], object], calls: int) -> float:
    """Seconds a call, median."""
    took = []
    for _ in range(RUNS):
        begun = time.perf_counter()
        work()
        took.append((time.perf_counter() - begun) / calls)
    return statistics.median(took)


def adds(book: SlaBook, calls: int) -> list[tuple[str, float]]:
    rows = []
    for name, minutes in (("always", 1_440), ("late", 2_520), ("office", 240), ("office", 9_600)):
        rows.append(
            (f"add({name}, {minutes} min)", measured(partial(_add, book.calendar(name), minutes, calls), calls))
        )
    return rows


def _add(calendar: Calendar, minutes: int, calls: int) -> None:
    for n in range(calls):
        add(calendar, START + n * SPREAD, minutes)


def verbs(book: SlaBook, calls: int) -> list[tuple[str, float]]:
    running = _started(book, calls)
    turns: tuple[tuple[str, Callable[[clocks.Clock], object]], ...] = (
        ("tick, a breach", lambda clock: clocks.tick(book, clock, clock.due_at or 0)),
        ("tick, nothing due", lambda clock: clocks.tick(book, clock, START)),
        ("meet", lambda clock: clocks.meet(book, clock, (clock.since or 0) + 7 * MINUTE, "answered")),
        ("pause and resume", lambda clock: _paused(book, clock, (clock.since or 0) + 7 * MINUTE)),
    )
    begun = ("start", measured(lambda: _started(book, calls), calls))
    return [begun, *((name, measured(partial(_each, turn, running), calls)) for name, turn in turns)]


def _started(book: SlaBook, calls: int) -> list[clocks.Clock]:
    names = book.names
    return [
        clocks.start(book, ClockKind.RESOLUTION, names[n % len(names)], False, START + n * SPREAD)[0]
        for n in range(calls)
    ]


def _each(turn: Callable[[clocks.Clock], object], running: list[clocks.Clock]) -> None:
    for clock in running:
        turn(clock)


def _paused(book: SlaBook, clock: clocks.Clock, at: Micros) -> object:
    return clocks.resume(book, clocks.pause(book, clock, at, "asked")[0], at + 90 * MINUTE, "answered")


def baseline(calls: int) -> float:
    """A deadline as an integer and no more: what any clock costs that knows neither a calendar nor a ledger."""

    def work() -> None:
        dues = []
        for n in range(calls):
            dues.append(START + n * SPREAD + 240 * MINUTE)  # noqa: PERF401 - the loop is what is measured

    return measured(work, calls)


def main() -> None:
    calls = int(sys.argv[1]) if len(sys.argv) > 1 else 100_000
    book = defaults()
    bare = baseline(calls)
    print(f"{calls} a run, median of {RUNS}; bare integers: {bare * 1e6:.3f} us, {1 / bare:,.0f} a second")
    print(f"{'':24}{'us a call':>10}{'a second':>14}{'x bare':>8}")
    for name, took in [*adds(book, calls), *verbs(book, calls)]:
        print(f"{name:24}{took * 1e6:>10.2f}{1 / took:>14,.0f}{took / bare:>8.0f}")
    begun = time.perf_counter()
    defaults()
    print(f"shipped book read and checked again: {(time.perf_counter() - begun) * 1e3:.1f} ms")


if __name__ == "__main__":
    main()
