"""`deskd inspect due`: when a promise falls due, and how that follows, from values alone."""

import datetime as dt
from collections.abc import Iterator, Mapping, Sequence
from itertools import islice

from deskd.domain.ports import MINUTE, Micros
from deskd.domain.words import ClockKind
from sla.calendar import Calendar, windows
from sla.clocks import Act, Clock, Entry, pause, resume, start
from sla.config import MOST_MINUTES
from sla.policy import Policy, SlaBook, defaults

MOST_PAUSES = 1_000
MOST_ROWS = 1_000  # windows listed in the ledger: four years of office days, mornings and afternoons
_KNOWN = frozenset({"id", "kind", "calendar", "start", "minutes", "pauses"})
_EPOCH = dt.datetime(1970, 1, 1, tzinfo=dt.UTC)
_ASKED = "asked"
Stretch = tuple[Micros, Micros | None]


def due(request: Mapping[str, object]) -> dict[str, object]:
    """{"due": ISO 8601 in the calendar's zone, or null while a pause has no end; "ledger": rows in order of time}.

    request: calendar (`zone`, `hours`, `holidays`, `workdays`, `always`; or the name of a shipped one), start (ISO 8601
    with its offset), minutes (working minutes), pauses ([[from, to or null], ...]). Rows have at, act, due and why;
    those with the act "work" are the windows counted, with until and seconds. Raises ValueError or SettingsError.
    """
    unknown = sorted(set(request) - _KNOWN)
    if unknown:
        raise ValueError(f"{unknown[0]}: no such field; known are calendar, start, minutes and pauses.")
    calendar = _calendar(request.get("calendar"))
    since = _instant(request.get("start"), "start")
    minutes = _minutes(request.get("minutes"))
    clock, entries = _run(calendar, since, minutes, _pauses(request.get("pauses"), since))
    rows = [_row(entry, calendar) for entry in entries]
    rows += [_worked(window, calendar) for window in _counted(entries, clock, calendar)]
    rows.sort(key=lambda row: row[0])
    return {"due": _iso(clock.due_at, calendar), "ledger": [row for _, row in rows[:MOST_ROWS]]}


def _calendar(raw: object) -> Calendar:
    if isinstance(raw, str):
        return defaults().calendar(raw)
    if not isinstance(raw, Mapping):
        raise ValueError("calendar: is missing; give its zone, hours and holidays, or the name of a shipped one.")
    return Calendar(_ASKED, dict(raw), "calendar")


def _instant(raw: object, place: str) -> Micros:
    try:
        when = dt.datetime.fromisoformat(raw) if isinstance(raw, str) else None
    except ValueError:
        when = None
    if when is None:
        raise ValueError(f"{place}: write a time as 2026-03-06T16:30:00+08:00.")
    if when.tzinfo is None:
        raise ValueError(f"{place}: {raw} has no offset, so it names no instant; add one, such as +08:00 or Z.")
    at = (when - _EPOCH) // dt.timedelta(microseconds=1)
    if at < 0 or when.year > 2299:
        raise ValueError(f"{place}: {raw} is outside the years 1970 to 2299; correct it.")
    return at


def _minutes(raw: object) -> int:
    if isinstance(raw, bool) or not isinstance(raw, int | float) or raw != raw // 1 or not 0 <= raw <= MOST_MINUTES:
        raise ValueError(f"minutes: write a whole number from 0 to {MOST_MINUTES}.")
    return int(raw)


def _pauses(raw: object, since: Micros) -> list[Stretch]:
    """In order, joined where they overlap, from `since` on."""
    if raw is None:
        return []
    if not isinstance(raw, Sequence) or isinstance(raw, str) or len(raw) > MOST_PAUSES:
        raise ValueError(f"pauses: write a list of at most {MOST_PAUSES} pairs [from, to].")
    joined: list[Stretch] = []
    for first, last in sorted((_pause(one, f"pauses.{n}") for n, one in enumerate(raw)), key=lambda one: one[0]):
        if last is not None and last <= since:
            continue
        if joined and (joined[-1][1] is None or first <= joined[-1][1]):
            ends = joined[-1][1]
            joined[-1] = (joined[-1][0], None if ends is None or last is None else max(ends, last))
        else:
            joined.append((max(first, since), last))
    return joined


def _pause(raw: object, place: str) -> Stretch:
    if not isinstance(raw, Sequence) or isinstance(raw, str) or len(raw) != 2:
        raise ValueError(f"{place}: write it as [from, to]; to is null while it lasts.")
    first = _instant(raw[0], place)
    last = None if raw[1] is None else _instant(raw[1], place)
    if last is not None and last < first:
        raise ValueError(f"{place}: it ends before it begins; exchange the two.")
    return first, last


def _run(calendar: Calendar, since: Micros, minutes: int, pauses: list[Stretch]) -> tuple[Clock, list[Entry]]:
    policy = Policy(_ASKED, _ASKED, minutes, minutes, minutes, minutes, 0.0, (), frozenset(), frozenset())
    book = SlaBook({_ASKED: policy}, {_ASKED: calendar})
    clock, (first,) = start(book, ClockKind.RESOLUTION, _ASKED, False, since)
    entries = [Entry(since, Act.START, first.due_at, f"{minutes} working minutes are promised.")]
    for begins, ends in pauses:
        if clock.due_at is None or begins >= clock.due_at:
            break
        clock, paused = pause(book, clock, begins, f"Paused with {_left(clock, begins, calendar)} to go.")
        entries += paused
        if ends is None:
            break
        clock, resumed = resume(book, clock, ends, "The pause is over.")
        entries += resumed
    return clock, entries


def _left(clock: Clock, at: Micros, calendar: Calendar) -> str:
    stretch = sum(closes - opens for opens, closes in windows(calendar, clock.since or at, at))
    return _duration(clock.target_us - clock.ran_us - stretch)


def _duration(span: Micros) -> str:
    minutes, rest = divmod(span, MINUTE)
    return f"{minutes} min {rest / 1_000_000:g} s" if rest else f"{minutes} min"


def _counted(entries: list[Entry], clock: Clock, calendar: Calendar) -> Iterator[tuple[Micros, Micros]]:
    """The business time between each start or resume and the pause or deadline after it."""
    ends = [entry.at for entry in entries if entry.act is Act.PAUSE] + [clock.due_at]
    begins = [entry.at for entry in entries if entry.act is not Act.PAUSE]
    pairs = ((since, until) for since, until in zip(begins, ends, strict=False) if until is not None)
    return islice((window for pair in pairs for window in windows(calendar, *pair)), MOST_ROWS)


Row = tuple[tuple[Micros, int], dict[str, object]]
"""The order of rows of one instant: what changes the clock, then the window that it opens."""


def _row(entry: Entry, calendar: Calendar) -> Row:
    return (entry.at, 0), {
        "at": _iso(entry.at, calendar),
        "act": str(entry.act),
        "due": _iso(entry.due_at, calendar),
        "why": entry.why,
    }


def _worked(window: tuple[Micros, Micros], calendar: Calendar) -> Row:
    opens, closes = window
    return (opens, 1), {
        "at": _iso(opens, calendar),
        "act": "work",
        "until": _iso(closes, calendar),
        "seconds": (closes - opens) / 1_000_000,
        "due": None,
        "why": f"{_duration(closes - opens)} count.",
    }


def _iso(at: Micros | None, calendar: Calendar) -> str | None:
    if at is None:
        return None
    return (_EPOCH + dt.timedelta(microseconds=at)).astimezone(calendar.zone).isoformat()
