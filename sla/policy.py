"""What is promised to whom: policies and their calendars, read from TOML into one book that the clocks work by."""

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field
from importlib.resources import files

from deskd.domain.errors import SettingsError
from deskd.domain.ports import MINUTE, Micros
from deskd.domain.states import TicketState
from deskd.domain.words import ClockKind
from sla.calendar import Calendar
from sla.config import PolicyConfig, SlaConfig, checked
from sla.escalation import Step


@dataclass(frozen=True, slots=True)
class Policy:
    """Targets in working minutes of `calendar`. `warn_before`: the last part of a target in which agents are warned."""

    name: str
    calendar: str
    first_response: int
    first_response_live: int
    next_response: int
    resolution: int
    warn_before: float
    steps: tuple[Step, ...]
    paused_in: frozenset[TicketState]
    next_paused_in: frozenset[TicketState]

    def target(self, kind: ClockKind, live: bool) -> Micros:
        """Business time promised. live: the customer waits in a chat or a call."""
        if kind in {ClockKind.RESOLUTION, ClockKind.OBLIGATION}:
            return self.resolution * MINUTE
        if kind is ClockKind.NEXT_RESPONSE:
            return self.next_response * MINUTE
        return (self.first_response_live if live else self.first_response) * MINUTE

    def pauses(self, kind: ClockKind, state: TicketState) -> bool:
        """Whether a clock of that kind stands still while the ticket is in that state. A first word never waits."""
        if kind is ClockKind.NEXT_RESPONSE:
            return state in self.next_paused_in
        return kind is ClockKind.RESOLUTION and state in self.paused_in


@dataclass(frozen=True, slots=True)
class SlaBook:
    """All policies and calendars of one version of the settings."""

    policies: Mapping[str, Policy]
    calendars: Mapping[str, Calendar] = field(repr=False)

    @property
    def names(self) -> tuple[str, ...]:
        """The policies, in the order in which they were written."""
        return tuple(self.policies)

    def policy(self, name: str) -> Policy:
        try:
            return self.policies[name]
        except KeyError:
            raise SettingsError(
                f"No SLA policy is called {name!r}; there are {', '.join(self.policies) or 'none'}."
            ) from None

    def calendar(self, name: str) -> Calendar:
        try:
            return self.calendars[name]
        except KeyError:
            raise SettingsError(
                f"No calendar is called {name!r}; there are {', '.join(self.calendars) or 'none'}."
            ) from None


def load_text(toml: str, place: str = "") -> SlaBook:
    """The book that a TOML text with [calendars.*] and [[policies]] makes. Raises SettingsError."""
    try:
        raw = tomllib.loads(toml)
    except tomllib.TOMLDecodeError as error:
        raise SettingsError(f"{place or 'settings'}: not TOML: {error}.") from None
    return load(raw, place)


def load(raw: Mapping[str, object], place: str = "") -> SlaBook:
    """The same from the tables `calendars` and `policies`; `place` goes before the place named in errors."""
    return book(checked(SlaConfig, raw, place), place)


def book(config: SlaConfig, place: str = "") -> SlaBook:
    """The book of a checked config: names resolved, every calendar proved to have working time."""
    before = f"{place}." if place else ""
    calendars = {name: Calendar(name, one, f"{before}calendars.{name}") for name, one in config.calendars.items()}
    policies: dict[str, Policy] = {}
    for one in config.policies:
        where = f"{before}policies.{one.name}"
        if one.name in policies:
            raise SettingsError(f"{where}: the name is taken; give one of the two another.")
        if one.calendar not in calendars:
            known = ", ".join(calendars) or "none"
            raise SettingsError(f"{where}.calendar: there is no calendar {one.calendar!r}; there are {known}.")
        policies[one.name] = _policy(one)
    return SlaBook(policies, calendars)


def defaults_text() -> str:
    """The shipped calendars and policies with their reasons, as they go into settings.toml."""
    return files("sla").joinpath("defaults.toml").read_text("utf-8")


def defaults() -> SlaBook:
    return load_text(defaults_text(), "sla/defaults.toml")


def _policy(config: PolicyConfig) -> Policy:
    live = config.first_response if config.first_response_live is None else config.first_response_live
    return Policy(
        name=config.name,
        calendar=config.calendar,
        first_response=config.first_response,
        first_response_live=live,
        next_response=config.first_response if config.next_response is None else config.next_response,
        resolution=config.resolution,
        warn_before=config.warn_before,
        steps=config.steps or (Step(after_breach=config.escalate_after),),
        paused_in=config.paused_in,
        next_paused_in=config.next_paused_in,
    )
