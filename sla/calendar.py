"""Business time: which instants count, when n minutes of them have passed, how many lie between two instants.

An instant counts when the wall clock of the calendar's zone shows a working time on a working day. That one sentence
settles both changes of the clock: a local hour that does not exist has no instants and so does not count, one that
is repeated counts twice, as it is worked twice. Intervals are half open: 12:00 is no longer in 09:00-12:00.

The windows are turned to UTC once, in blocks of 128 days kept in a bounded cache; all else is bisection over integers.
"""

import datetime as dt
from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Iterator
from functools import lru_cache
from zoneinfo import ZoneInfo

import holidays as public

from deskd.domain.errors import SettingsError
from deskd.domain.ports import DAY, HOUR, MINUTE, SECOND, Micros
from sla.config import CalendarConfig, Span, checked

BLOCK = 128 * DAY  # most promises end in the block they begin in, and it is built in a millisecond
KEPT_BLOCKS = 64  # 22 years of one calendar, some 400 kB
MOST_BLOCKS = 300  # a century: whatever is due later than that is a mistake in the calendar
IDLE_DAYS = 400  # a calendar that rests longer than that is refused when it is loaded
PROBE = 6 * HOUR  # no zone has changed its offset twice within six hours and back
LATEST = (dt.date(2300, 1, 1).toordinal() - dt.date(1970, 1, 1).toordinal()) * DAY
_EPOCH = dt.date(1970, 1, 1).toordinal()
_LOOK_FROM = dt.date(2025, 1, 1)  # where the check for a year without work begins if no date is written out


class _Block:
    """The working windows within one block of UTC: edges, and the work done up to the end of each."""

    __slots__ = ("done", "ends", "starts", "total")

    def __init__(self, windows: Iterable[tuple[Micros, Micros]]) -> None:
        self.starts: list[Micros] = []
        self.ends: list[Micros] = []
        self.done: list[Micros] = []
        self.total: Micros = 0
        for start, end in windows:
            self.total += end - start
            if self.ends and self.ends[-1] == start:
                self.ends[-1], self.done[-1] = end, self.total
            else:
                self.starts.append(start)
                self.ends.append(end)
                self.done.append(self.total)

    def upto(self, at: Micros) -> Micros:
        """Work within the block before `at`."""
        place = bisect_right(self.ends, at)
        if place == len(self.ends):
            return self.total
        return self.done[place] - (self.ends[place] - max(at, self.starts[place]))

    def between(self, since: Micros, until: Micros) -> Iterator[tuple[Micros, Micros]]:
        for place in range(bisect_right(self.ends, since), bisect_left(self.starts, until)):
            yield max(self.starts[place], since), min(self.ends[place], until)


class Calendar:
    """A calendar ready to count with. Raises SettingsError if it cannot be used.

    config: a `CalendarConfig`, or the mapping to read one from; `place` names it in errors.
    """

    def __init__(self, name: str, config: CalendarConfig | dict[str, object], place: str = "") -> None:
        self.name = name
        self.place = place or f"calendars.{name}"
        self.config = config if isinstance(config, CalendarConfig) else checked(CalendarConfig, config, self.place)
        self.always = self.config.always
        self.zone = ZoneInfo(self.config.zone or "UTC")
        self._week = self.config.week()
        self._makeup_hours = next((spans for spans in self._week if spans), ())
        self._off, self._off_countries = self._split(self.config.holidays, "holidays")
        self._on, self._on_countries = self._split(self.config.workdays, "workdays")
        for country in self._on_countries:
            if not _has_makeup_days(country):
                raise SettingsError(
                    f"{self.place}.workdays: {country.country} is not known to have any; write the dates."
                )
        self.block = lru_cache(maxsize=KEPT_BLOCKS)(self._build)
        if not self.always:
            self._refuse_idle()

    def spans(self, day: dt.date) -> tuple[Span, ...]:
        """The working intervals of a local date, in minutes of that day. Written dates win over countries."""
        if self.always:
            return ((0, 1440),)
        own = self._week[day.weekday()]
        if day in self._on:
            return own or self._makeup_hours
        if day in self._off:
            return ()
        if self._off_countries and any(day in country for country in self._off_countries):
            return ()
        if self._on_countries and any(_makes_up(country, day) for country in self._on_countries):
            return own or self._makeup_hours
        return own

    def _split(self, entries: tuple[str, ...], key: str) -> tuple[frozenset[dt.date], list[public.HolidayBase]]:
        dates, countries = set(), []
        for entry in entries:
            if entry[0].isdigit():
                dates.add(dt.date.fromisoformat(entry))
            else:
                countries.append(self._country(entry, key))
        return frozenset(dates), countries

    def _country(self, code: str, key: str) -> public.HolidayBase:
        country, _, part = code.partition("-")
        try:
            return public.country_holidays(country, subdiv=part or None)
        except NotImplementedError:
            raise SettingsError(
                f"{self.place}.{key}: no holidays of {code} are known; write their dates instead."
            ) from None

    def _refuse_idle(self) -> None:
        written = self._off or {_LOOK_FROM}
        rest = 0
        for ordinal in range(min(written).toordinal(), max(written).toordinal() + IDLE_DAYS + 1):
            rest = 0 if self.spans(dt.date.fromordinal(ordinal)) else rest + 1
            if rest > IDLE_DAYS:
                raise SettingsError(f"{self.place}: no working time in {IDLE_DAYS} days; take out some holidays.")

    def _build(self, number: int) -> _Block:
        start = number * BLOCK
        return _Block(self._windows(start, start + BLOCK))

    def _windows(self, start: Micros, end: Micros) -> Iterator[tuple[Micros, Micros]]:
        """The working windows between two instants, cut at changes of the zone's offset."""
        for since, until, offset in _stretches(self.zone, start, end):
            for day in range((since + offset) // DAY, (until + offset - 1) // DAY + 1):
                midnight = day * DAY - offset
                for first, last in self.spans(dt.date.fromordinal(_EPOCH + day)):
                    opens, closes = max(midnight + first * MINUTE, since), min(midnight + last * MINUTE, until)
                    if opens < closes:
                        yield opens, closes


def _makes_up(country: public.HolidayBase, day: dt.date) -> bool:
    # Asking for any day of a year makes the package fill that year in.
    return day in country or day in getattr(country, "weekend_workdays", ())


def _has_makeup_days(country: public.HolidayBase) -> bool:
    for year in range(_LOOK_FROM.year, _LOOK_FROM.year + 3):
        _makes_up(country, dt.date(year, 1, 1))
    return bool(getattr(country, "weekend_workdays", ()))


def _offset(zone: ZoneInfo, at: Micros) -> Micros:
    offset = dt.datetime.fromtimestamp(at // SECOND, zone).utcoffset()
    return 0 if offset is None else offset // dt.timedelta(microseconds=1)


def _stretches(zone: ZoneInfo, start: Micros, end: Micros) -> Iterator[tuple[Micros, Micros, Micros]]:
    """(from, to, offset) of the stretches of constant UTC offset, to the second."""
    since, offset, probe = start, _offset(zone, start), start
    while probe < end:
        ahead = min(probe + PROBE, end)
        if _offset(zone, ahead) == offset:
            probe = ahead
            continue
        low, high = probe, ahead  # the offset holds at low and no longer at high
        while high - low > SECOND:
            middle = (low + high) // (2 * SECOND) * SECOND
            low, high = (middle, high) if _offset(zone, middle) == offset else (low, middle)
        if high < end:
            yield since, high, offset
            since, offset = high, _offset(zone, high)
        probe = high
    yield since, end, offset


def _in_range(at: Micros) -> None:
    if not 0 <= at < LATEST:
        raise ValueError("The time is outside the years 1970 to 2299; correct it.")


def after(calendar: Calendar, start: Micros, work: Micros) -> Micros:
    """The first instant at which `work` microseconds of business time have passed since `start`.

    Ends with a window when the work does (12:00, not 13:00). With no work left it is `start` itself.
    """
    _in_range(start)
    if work < 0:
        raise ValueError("Business time cannot be counted backwards.")
    if calendar.always or not work:
        return start + work
    number = start // BLOCK
    block = calendar.block(number)
    work += block.upto(start)
    last = number + MOST_BLOCKS
    while work > block.total:
        work -= block.total
        number += 1
        if number > last:
            raise SettingsError(f"{calendar.place}: what is promised would take a century; widen the hours.")
        block = calendar.block(number)
    place = bisect_left(block.done, work)
    return block.ends[place] - (block.done[place] - work)


def add(calendar: Calendar, start: Micros, minutes: int) -> Micros:
    """When `minutes` of business time from `start` are over."""
    return after(calendar, start, minutes * MINUTE)


def worked(calendar: Calendar, since: Micros, until: Micros) -> Micros:
    """Business time between two instants; 0 if they are the wrong way round, as after a clock was set back."""
    if until <= since:
        return 0
    _in_range(since)
    _in_range(until)
    if calendar.always:
        return until - since
    first, last = since // BLOCK, until // BLOCK
    between = sum(calendar.block(number).total for number in range(first, last))
    return between + calendar.block(last).upto(until) - calendar.block(first).upto(since)


def windows(calendar: Calendar, since: Micros, until: Micros) -> Iterator[tuple[Micros, Micros]]:
    """The stretches of business time between two instants, oldest first, neighbours joined."""
    _in_range(since)
    _in_range(until)
    if until <= since:
        return
    if calendar.always:
        yield since, until
        return
    held: tuple[Micros, Micros] | None = None
    for number in range(since // BLOCK, -(-until // BLOCK)):
        for opens, closes in calendar.block(number).between(since, until):
            if held and held[1] == opens:  # a window that a block's edge had cut
                held = (held[0], closes)
                continue
            if held:
                yield held
            held = (opens, closes)
    if held:
        yield held
