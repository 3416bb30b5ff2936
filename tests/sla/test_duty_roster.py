"""The duty roster: who is there, and whose turn it is."""

import pytest

from deskd.domain.errors import SettingsError
from deskd.domain.ports import HOUR
from sla.config import checked
from sla.duty import Duty, Roster, roster, whose_turn
from sla.policy import load_text

BOOK = load_text("""
[calendars.day]
zone = "UTC"
hours = { daily = ["08:00-20:00"] }
[calendars.night]
zone = "UTC"
hours = { daily = ["20:00-24:00", "00:00-08:00"] }
[calendars.always]
always = true
""")
NOON, MIDNIGHT = 1_767_614_400_000_000, 1_767_571_200_000_000  # 2026-01-05 UTC
EVERYBODY = {"Ada", "Bob", "Cai"}


def made(times: int = 2) -> Roster:
    people = [("Ada", "day"), ("Bob", "night"), ("Cai", "always")]
    written = {"times": times, "people": [{"agent": name, "calendar": when} for name, when in people]}
    return roster(checked(Duty, written, "duty"), BOOK.calendars)


def turn(called: list[str], at: int = NOON, able: set[str] = EVERYBODY, times: int = 2) -> str:
    found = whose_turn(made(times), at, called, able)
    return found[0] if found else ""


@pytest.mark.parametrize(
    ("called", "whose"),
    [
        ([], "Ada"),
        (["Ada"], "Ada"),
        (["Ada", "Ada"], "Cai"),
        (["Ada", "Ada", "Cai"], "Cai"),
        (["Ada", "Ada", "Cai", "Cai"], "Ada"),
        (["Cai", "Cai", "Ada"], "Ada"),
        (["Bob", "Bob"], "Ada"),  # called in the night, and off duty by now
    ],
)
def test_one_is_called_twice_then_the_next_in_a_circle(called: list[str], whose: str) -> None:
    assert turn(called) == whose


def test_at_night_the_others_are_there() -> None:
    assert [turn([], MIDNIGHT), turn(["Bob"], MIDNIGHT, times=1), turn(["Cai"], MIDNIGHT, times=1)] == [
        "Bob",
        "Cai",
        "Bob",
    ]
    assert turn([], NOON + 8 * HOUR) == "Bob"


def test_who_cannot_be_called_is_passed_over_and_with_nobody_left_nobody_is() -> None:
    assert turn([], able={"Cai"}) == "Cai"
    assert turn([], able={"Bob"}) == ""
    assert whose_turn(Roster(), NOON, [], EVERYBODY) is None


@pytest.mark.parametrize(
    ("written", "sentence"),
    [
        ({"people": [{"agent": "Ada", "calendar": "moon"}]}, "duty: Ada has the calendar 'moon'; there are day, night"),
        (
            {"people": [{"agent": "Ada", "calendar": "day", "way": "pigeon"}]},
            "duty.people.0.way: input should be 'mail'",
        ),
        ({"repeat": 0}, "duty.repeat: input should be greater than or equal to 1"),
        ({"person": []}, "duty.person: no such setting"),
        ({"categories": ["weather"]}, "duty.categories.0: input should be"),
    ],
)
def test_a_roster_that_cannot_be_used_is_named_with_what_to_do(written: dict[str, object], sentence: str) -> None:
    with pytest.raises(SettingsError) as refused:
        roster(checked(Duty, written, "duty"), BOOK.calendars)
    assert sentence in str(refused.value)
