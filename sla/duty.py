"""Who is called when an urgent matter is taken by nobody: the duty roster, and whose turn it is."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field

from deskd.domain.errors import SettingsError
from deskd.domain.ports import MINUTE, Micros
from deskd.domain.words import Category
from sla.calendar import Calendar, worked

MOST_PEOPLE = 50  # of a roster; the last of them would be called hours later
Wait = Annotated[int, Field(strict=True, ge=1, le=24 * 60)]


class Way(StrEnum):
    """How somebody is called."""

    MAIL = "mail"


class DutyPerson(BaseModel):
    """Somebody on the roster."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    agent: str = Field(description="The name by which they log in")
    calendar: str = Field(description="When they are on duty: a name under [calendars]")
    way: Way = Field(Way.MAIL, description="mail, to the address of `deskd agents mail`")


class Duty(BaseModel):
    """Who is paged for urgent tickets that nobody has taken, in the order of people; none: nobody is."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    after: Wait = Field(3, description="Minutes until the first page")
    repeat: Wait = Field(5, description="Minutes between two pages")
    times: Annotated[int, Field(strict=True, ge=1, le=20)] = Field(2, description="Pages to one person in a row")
    categories: list[Category] = Field([Category.SECURITY], description="Of which categories")
    people: list[DutyPerson] = Field(
        default_factory=list,
        max_length=MOST_PEOPLE,
        description='Such as { agent = "ada", calendar = "always", way = "mail" }: on duty while the calendar works',
    )


@dataclass(frozen=True, slots=True)
class Roster:
    """people: (name, when they are on duty, how they are called), in the order in which they are."""

    after: Micros = 0
    repeat: Micros = 0
    times: int = 1
    categories: frozenset[str] = frozenset()
    people: tuple[tuple[str, Calendar, Way], ...] = ()


def roster(config: Duty, calendars: Mapping[str, Calendar], place: str = "duty") -> Roster:
    """Raises SettingsError for a calendar that is not there."""
    for person in config.people:
        if person.calendar not in calendars:
            known = ", ".join(calendars) or "none"
            raise SettingsError(f"{place}: {person.agent} has the calendar {person.calendar!r}; there are {known}.")
    people = tuple((person.agent, calendars[person.calendar], person.way) for person in config.people)
    after, repeat = config.after * MINUTE, config.repeat * MINUTE
    return Roster(after, repeat, config.times, frozenset(map(str, config.categories)), people)


def whose_turn(roster: Roster, at: Micros, called: Sequence[str], able: Collection[str]) -> tuple[str, Way] | None:
    """Whom to call at `at`: the last one again until they were called `times` in a row, then the next, in a circle.

    called: the names of those who were called for this matter, the eldest first; able: who can be called at all. None:
    nobody who can be called is on duty.
    """
    there = [(name, way) for name, calendar, way in roster.people if name in able and worked(calendar, at, at + 1)]
    names = [name for name, _ in there]
    if not there:
        return None
    last = called[-1] if called else ""
    if last not in names:
        return there[0]
    in_a_row = next((n for n, name in enumerate(reversed(called)) if name != last), len(called))
    place = names.index(last)
    return there[place if in_a_row < roster.times else (place + 1) % len(there)]
