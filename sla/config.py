"""What ops write about time: calendars and policies, as they stand in settings.toml, checked where they are read."""

import datetime as dt
import re
from collections.abc import Mapping, Sequence
from itertools import pairwise
from typing import Annotated, Any, Self, TypeVar
from zoneinfo import ZoneInfo

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, ValidationError, field_validator, model_validator

from deskd.domain.errors import SettingsError
from deskd.domain.states import TicketState
from sla.escalation import MOST_STEPS, Step, StepMinutes

WEEKDAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
FULL_NAMES = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
MOST_DATES = 2_000  # holidays written out in one calendar: five years of nothing but holidays
FIRST_YEAR, LAST_YEAR = 1970, 2199
MOST_MINUTES = 10 * 366 * 24 * 60  # ten years: a longer promise is a typing error

_TIME = re.compile(r"([0-9]{1,2}):([0-9]{2})")
_COUNTRY = re.compile(r"[A-Z]{2}(-[A-Z0-9]{1,3})?")

Span = tuple[int, int]
"""Minutes of the local day, from and to; to <= 1440."""
Week = tuple[tuple[Span, ...], ...]
"""Seven days, Monday first."""


def minute_of(text: str, *, end: bool) -> int:
    """Minutes since local midnight of "HH:MM"; "24:00" only as an end."""
    found = _TIME.fullmatch(text.strip())
    if found:
        minute = int(found[1]) * 60 + int(found[2])
        if int(found[2]) < 60 and minute <= (1440 if end else 1439):
            return minute
    raise ValueError(f"{text!r} is not a time of day; write it as 09:00{' or 24:00' if end else ''}.")


def span_of(raw: object) -> Span:
    """One interval, "09:00-12:00" or ["09:00", "12:00"]."""
    parts = re.split(r"[-–]", raw) if isinstance(raw, str) else raw
    if not isinstance(parts, Sequence) or len(parts) != 2 or not all(isinstance(part, str) for part in parts):
        raise ValueError(f"{raw!r} is not an interval; write it as 09:00-12:00.")
    start, end = minute_of(parts[0], end=False), minute_of(parts[1], end=True)
    if start >= end:
        raise ValueError(
            f"{clock_face(start)}-{clock_face(end)} ends before it begins; "
            "a night is written as 22:00-24:00 and 00:00-06:00 of the next day."
        )
    return start, end


def spans_of(raw: object) -> tuple[Span, ...]:
    """The intervals of one day, in order; those that overlap are refused."""
    if isinstance(raw, str):
        raw = [part for part in raw.split(",") if part.strip()]
    if not isinstance(raw, Sequence):
        raise ValueError(f"{raw!r} is no list of intervals; write it as ['09:00-12:00', '13:00-18:00'].")
    if len(raw) == 2 and all(isinstance(part, str) and _TIME.fullmatch(part.strip()) for part in raw):
        raw = [raw]  # one bare pair, ["09:00", "12:00"]
    spans = sorted(span_of(part) for part in raw)
    for one, two in pairwise(spans):
        if two[0] < one[1]:
            raise ValueError(f"{_face(one)} and {_face(two)} overlap; write them apart.")
    return tuple(spans)


def clock_face(minute: int) -> str:
    return f"{minute // 60:02}:{minute % 60:02}"


def _face(span: Span) -> str:
    return f"{clock_face(span[0])}-{clock_face(span[1])}"


def _day(word: str) -> int:
    word = word.strip().lower()
    for names in (WEEKDAYS, FULL_NAMES):
        if word in names:
            return names.index(word)
    raise ValueError(f"{word!r} is not a weekday; write mon, tue, wed, thu, fri, sat, sun, mon-fri or daily.")


def days_of(key: object) -> list[int]:
    """The weekdays that a key of `hours` names: mon, monday, mon-fri, sat-mon, daily."""
    if not isinstance(key, str):
        raise ValueError(f"{key!r} is not a weekday; write mon, tue, wed, thu, fri, sat, sun, mon-fri or daily.")
    if key.strip().lower() == "daily":
        return list(range(7))
    first, dash, last = key.partition("-")
    start = _day(first)
    end = _day(last) if dash else start
    return [(start + step) % 7 for step in range((end - start) % 7 + 1)]


def _hours(raw: object) -> object:
    """Any of the spellings of `hours` → {"mon": ("09:00-12:00", ...)} with one entry a weekday that works."""
    if not isinstance(raw, Mapping):
        raise ValueError('write hours as a table of weekdays, such as {"mon-fri" = ["09:00-12:00", "13:00-18:00"]}.')
    week: dict[str, tuple[str, ...]] = {}
    for key, value in raw.items():
        spans = spans_of(value)
        for day in days_of(key):
            if WEEKDAYS[day] in week:
                raise ValueError(f"{WEEKDAYS[day]} is given twice; put all its intervals in one line.")
            week[WEEKDAYS[day]] = tuple(_face(span) for span in spans)
    return {name: week[name] for name in WEEKDAYS if week.get(name)}


def _dates(raw: object) -> object:
    """Dates and country codes, as a list or a single one; TOML's own dates are taken too."""
    entries = [raw] if isinstance(raw, str | dt.date) else raw
    if not isinstance(entries, Sequence):
        raise ValueError('write a list of dates and countries, such as ["CN", "2026-12-24"].')
    if len(entries) > MOST_DATES:
        raise ValueError(f"{len(entries)} dates are more than the {MOST_DATES} that a calendar may hold.")
    return tuple(_date(entry) for entry in entries)


def _date(entry: object) -> str:
    if isinstance(entry, dt.date) and not isinstance(entry, dt.datetime):
        entry = entry.isoformat()
    if not isinstance(entry, str):
        raise ValueError(f"{entry!r} is neither a date such as 2026-12-24 nor a country such as CN.")
    if _COUNTRY.fullmatch(entry):
        return entry
    try:
        day = dt.datetime.strptime(entry, "%Y-%m-%d").replace(tzinfo=dt.UTC).date()
    except ValueError:
        raise ValueError(f"{entry!r} is neither a date such as 2026-12-24 nor a country such as CN.") from None
    if not FIRST_YEAR <= day.year <= LAST_YEAR:
        raise ValueError(f"{entry} is outside the years {FIRST_YEAR} to {LAST_YEAR}.")
    return day.isoformat()


Dates = Annotated[tuple[str, ...], BeforeValidator(_dates)]
Minutes = Annotated[int, Field(strict=True, gt=0, le=MOST_MINUTES)]


class CalendarConfig(BaseModel):
    """One calendar: when somebody is there to answer."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    zone: str = Field(default="", description="IANA time zone in which the hours are read, such as Asia/Shanghai.")
    hours: Annotated[dict[str, tuple[str, ...]], BeforeValidator(_hours)] = Field(
        default_factory=dict,
        description="Working intervals by weekday (mon … sun, mon-fri, daily); 24:00 is allowed as an end.",
    )
    always: bool = Field(default=False, description="Around the clock, every day; then no hours and no holidays.")
    holidays: Dates = Field(default=(), description="Days off: ISO dates, and countries (CN, US-CA) whose days count.")
    workdays: Dates = Field(
        default=(),
        description="Extra working days: ISO dates, and countries whose official make-up days count. A day that has "
        "no hours of its own takes those of the first weekday that has some.",
    )

    @field_validator("zone")
    @classmethod
    def _known_zone(cls, zone: str) -> str:
        try:
            ZoneInfo(zone or "UTC")
        except (OSError, ValueError, KeyError):  # a folder of the zone tree, a path, an unknown name
            raise ValueError(f"{zone!r} is no time zone; write an IANA name such as Asia/Shanghai.") from None
        return zone

    @model_validator(mode="after")
    def _whole(self) -> Self:
        if self.always and (self.hours or self.holidays or self.workdays):
            raise ValueError("always = true leaves no room for hours, holidays or workdays; remove one or the other.")
        if not self.always and not self.zone:
            raise ValueError("the zone is missing; write the IANA name in which the hours are meant.")
        if not self.always and not self.hours:
            raise ValueError("no weekday has working hours; give hours, or always = true.")
        both = sorted(set(self.holidays) & set(self.workdays) - {d for d in self.holidays if _COUNTRY.fullmatch(d)})
        if both:
            raise ValueError(f"{both[0]} is both a holiday and a workday; remove one.")
        return self

    def week(self) -> Week:
        return tuple(tuple(span_of(text) for text in self.hours.get(name, ())) for name in WEEKDAYS)


class PolicyConfig(BaseModel):
    """One policy: what a kind of matter is promised. All minutes are working minutes of its calendar."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    name: str = Field(min_length=1, max_length=64, pattern=r"^[a-z0-9][a-z0-9_-]*$")
    calendar: str = Field(description="A name under [calendars].")
    first_response: Minutes = Field(description="Minutes until a person's first word.")
    first_response_live: Minutes | None = Field(
        default=None, description="The same on live channels (chat, voice); left out: as everywhere."
    )
    next_response: Minutes | None = Field(
        default=None,
        description="Minutes until a person answers what the customer wrote after that; left out: as first_response.",
    )
    resolution: Minutes = Field(description="Minutes until it is solved.")
    warn_before: float = Field(
        default=0.25, ge=0, le=1, description="The last part of a target in which agents are warned; 0: no warning."
    )
    escalate_after: StepMinutes = Field(
        default=30, description="Minutes after a breach until a supervisor is told, where that is the only step."
    )
    steps: tuple[Step, ...] = Field(
        default=(), max_length=MOST_STEPS, description="Who is told when, in place of escalate_after."
    )
    paused_in: frozenset[TicketState] = Field(
        default=frozenset({TicketState.WAITING, TicketState.HELD}),
        description="Ticket states in which the resolution clock stands still.",
    )
    next_paused_in: frozenset[TicketState] = Field(
        default=frozenset(),
        description="The same of the next response, where a person sets the state without a word to the customer.",
    )

    @field_validator("paused_in", "next_paused_in")
    @classmethod
    def _open_runs(cls, states: frozenset[TicketState]) -> frozenset[TicketState]:
        for state in sorted(states - {TicketState.WAITING, TicketState.HELD}):
            raise ValueError(f"no clock pauses in {state}; only waiting and held can be named.")
        return states

    @model_validator(mode="after")
    def _one_way_to_escalate(self) -> Self:
        if self.steps and "escalate_after" in self.model_fields_set:
            raise ValueError("escalate_after is one step by itself; write it as the step { after_breach = … } too.")
        if not self.warn_before and any(step.after_warning is not None for step in self.steps):
            raise ValueError("a step waits for a warning, but warn_before = 0 gives none; take out one of the two.")
        return self


class SlaConfig(BaseModel):
    """The two tables of settings.toml that this package reads."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    calendars: dict[str, CalendarConfig] = Field(default_factory=dict)
    policies: tuple[PolicyConfig, ...] = ()


M = TypeVar("M", bound=BaseModel)


def checked(model: type[M], raw: object, place: str = "") -> M:
    """`raw` as `model`, or a SettingsError of one sentence: the place, what is wrong, what to do."""
    try:
        return model.model_validate(raw)
    except ValidationError as error:
        first: Any = error.errors()[0]
        where = ".".join(part for part in (place, *map(str, first["loc"])) if part) or "settings"
        raise SettingsError(f"{where}: {_sentence(first)}") from None


def _sentence(error: Mapping[str, Any]) -> str:
    if error["type"] == "extra_forbidden":
        return "no such setting; remove it or correct its name."
    if error["type"] == "missing":
        return "is missing; add it."
    if error["type"] == "value_error":
        return str(error["ctx"]["error"])
    return f"{error['msg'][0].lower()}{error['msg'][1:]}; it is {str(error['input'])[:60]!r}."
