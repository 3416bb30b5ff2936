"""The tests on what is known of a message besides its words: channel, address, level, hour and the like."""

from collections.abc import Iterator
from datetime import UTC, datetime, time, timedelta
from fnmatch import fnmatchcase
from zoneinfo import ZoneInfo

from router.conditions import DAYS, Condition, TimeOfWeek
from router.tree import Ask, Node, View


def fact_tests(when: Condition) -> Iterator[Node]:
    """Cheap ones first: they stand before words and patterns in a rule's tree."""
    for name in ("channel", "account", "address"):
        if (globs := getattr(when, name)) is not None:
            yield Node(name, ", ".join(globs), _glob(name, tuple(glob.casefold() for glob in globs)))
    for name in ("language", "level", "previous_category", "wished_category"):
        if (values := getattr(when, name)) is not None:
            yield Node(name, ", ".join(values), _one_of(name, frozenset(values)))
    if when.known_customer is not None:
        yield Node("known_customer", str(when.known_customer).lower(), _equals("known_customer", when.known_customer))
    if when.found is not None:
        yield Node("found", ", ".join(when.found), _found(frozenset(when.found)))
    if when.attachments is not None:
        yield Node("attachments", ", ".join(when.attachments), _attached(when.attachments))
    if when.time is not None:
        yield Node("time", f"{when.time.zone} {when.time.start:%H:%M}-{when.time.end:%H:%M}", _at(when.time))


def _glob(name: str, globs: tuple[str, ...]) -> Ask:
    def run(view: View) -> str | None:
        value = getattr(view.facts, name).casefold()
        return "" if any(fnmatchcase(value, glob) for glob in globs) else None

    return run


def _one_of(name: str, values: frozenset[str]) -> Ask:
    def run(view: View) -> str | None:
        return "" if getattr(view.facts, name) in values else None

    return run


def _equals(name: str, value: bool) -> Ask:
    def run(view: View) -> str | None:
        return "" if getattr(view.facts, name) == value else None

    return run


def _found(kinds: frozenset[str]) -> Ask:
    def run(view: View) -> str | None:
        return "" if kinds & view.facts.found else None

    return run


def _attached(globs: tuple[str, ...]) -> Ask:
    def run(view: View) -> str | None:
        return "" if any(fnmatchcase(kind, glob) for kind in view.facts.attachments for glob in globs) else None

    return run


def _at(span: TimeOfWeek) -> Ask:
    zone = ZoneInfo(span.zone)
    days = frozenset(DAYS.index(day) for day in span.days)
    whole_day = span.start == span.end

    def run(view: View) -> str | None:
        local = datetime.fromtimestamp(view.facts.at / 1_000_000, UTC).astimezone(zone)
        now, today = local.time(), local.weekday()
        if whole_day:
            return "" if today in days else None
        if span.end == time(0) or span.start < span.end:
            return "" if today in days and span.start <= now and (now < span.end or span.end == time(0)) else None
        yesterday = (local - timedelta(days=1)).weekday()
        return "" if (now >= span.start and today in days) or (now < span.end and yesterday in days) else None

    return run
