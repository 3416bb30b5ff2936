"""`deskd inspect due`: values in, the deadline and its explanation out."""

from contextlib import suppress

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from deskd.domain.errors import SettingsError
from sla.inspect import due

DAY = {"zone": "Asia/Shanghai", "hours": {"mon": [["09:00", "12:00"], ["13:00", "18:00"]], "tue": ["09:00-18:00"]}}
ASK = {"calendar": DAY, "start": "2026-03-02T11:30:00+08:00", "minutes": 60}  # a Monday


def test_it_answers_in_the_zone_of_the_calendar() -> None:
    assert due(ASK)["due"] == "2026-03-02T13:30:00+08:00"
    assert due({**ASK, "start": "2026-03-02T03:30:00Z"})["due"] == "2026-03-02T13:30:00+08:00"


def test_the_ledger_says_which_stretches_count() -> None:
    assert due(ASK)["ledger"] == [
        {
            "at": "2026-03-02T11:30:00+08:00",
            "act": "start",
            "due": "2026-03-02T13:30:00+08:00",
            "why": "60 working minutes are promised.",
        },
        {
            "at": "2026-03-02T11:30:00+08:00",
            "act": "work",
            "until": "2026-03-02T12:00:00+08:00",
            "seconds": 1800.0,
            "due": None,
            "why": "30 min count.",
        },
        {
            "at": "2026-03-02T13:00:00+08:00",
            "act": "work",
            "until": "2026-03-02T13:30:00+08:00",
            "seconds": 1800.0,
            "due": None,
            "why": "30 min count.",
        },
    ]


def test_a_holiday_moves_it() -> None:
    assert due({**ASK, "calendar": {**DAY, "holidays": ["2026-03-02"]}})["due"] == "2026-03-03T10:00:00+08:00"


def test_a_pause_moves_it_by_the_business_time_it_took() -> None:
    answer = due({**ASK, "pauses": [["2026-03-02T11:45:00+08:00", "2026-03-02T13:15:00+08:00"]]})
    assert answer["due"] == "2026-03-02T14:00:00+08:00"
    rows = answer["ledger"]
    assert isinstance(rows, list)
    assert [row["act"] for row in rows] == ["start", "work", "pause", "resume", "work"]
    assert rows[2]["why"] == "Paused with 45 min to go."
    assert sum(row.get("seconds", 0) for row in rows) == 3600


def test_overlapping_and_unsorted_pauses_count_once() -> None:
    pauses = [
        ["2026-03-02T11:50:00+08:00", "2026-03-02T13:15:00+08:00"],
        ["2026-03-02T11:45:00+08:00", "2026-03-02T13:00:00+08:00"],
        ["2026-03-02T11:55:00+08:00", "2026-03-02T12:00:00+08:00"],
        ["2026-03-01T11:45:00+08:00", "2026-03-01T13:00:00+08:00"],
    ]
    assert due({**ASK, "pauses": pauses})["due"] == "2026-03-02T14:00:00+08:00"


def test_a_pause_that_began_before_the_start_holds_it_back() -> None:
    pauses = [["2026-03-01T00:00:00+08:00", "2026-03-02T14:00:00+08:00"]]
    answer = due({**ASK, "pauses": pauses})
    assert answer["due"] == "2026-03-02T15:00:00+08:00"
    assert [row["at"][:16] for row in answer["ledger"]] == ["2026-03-02T11:30"] * 2 + ["2026-03-02T14:00"] * 2


def test_a_pause_without_an_end_leaves_it_open() -> None:
    assert due({**ASK, "pauses": [["2026-03-02T11:45:00+08:00", None]]})["due"] is None


def test_a_pause_after_the_deadline_changes_nothing() -> None:
    assert due({**ASK, "pauses": [["2026-03-02T13:30:00+08:00", None]]}) == due(ASK)


def test_a_shipped_calendar_may_be_named() -> None:
    assert due({**ASK, "calendar": "always"})["due"] == "2026-03-02T12:30:00+08:00"


BAD = [
    ({"calendar": 7}, "calendar: is missing"),
    ({"calendar": "nights"}, "No calendar is called 'nights'"),
    ({"calendar": {"zone": "UTC", "hours": {"mon": [["12:00", "09:00"]]}}}, "calendar.hours: 12:00-09:00 ends before"),
    ({"start": "tomorrow"}, "start: write a time as"),
    ({"start": None}, "start: write a time as"),
    ({"start": "2026-03-02T11:30:00"}, "start: 2026-03-02T11:30:00 has no offset"),
    ({"start": "1066-10-14T09:00:00Z"}, "start: 1066-10-14T09:00:00Z is outside the years 1970 to 2299"),
    ({"minutes": -1}, "minutes: write a whole number from 0"),
    ({"minutes": 1.5}, "minutes: write a whole number from 0"),
    ({"minutes": True}, "minutes: write a whole number from 0"),
    ({"minutes": float("nan")}, "minutes: write a whole number from 0"),
    ({"pauses": "none"}, "pauses: write a list"),
    ({"pauses": [["2026-03-02T11:30:00Z"]]}, "pauses.0: write it as [from, to]"),
    ({"pauses": [["2026-03-02T11:30:00Z", "2026-03-01T11:30:00Z"]]}, "pauses.0: it ends before it begins"),
    ({"hours": {}}, "hours: no such field"),
]


@pytest.mark.parametrize(("part", "sentence"), BAD)
def test_what_cannot_be_answered_gets_one_sentence(part: dict[str, object], sentence: str) -> None:
    with pytest.raises((ValueError, SettingsError)) as refused:
        due({**ASK, **part})
    assert str(refused.value).startswith(sentence)


ANY = st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=30) | st.lists(st.text(max_size=5))


@settings(max_examples=200)
@given(st.fixed_dictionaries({}, optional=dict.fromkeys(ASK, ANY) | {"pauses": ANY | st.lists(st.lists(ANY))}))
def test_no_line_of_input_raises_anything_else(part: dict[str, object]) -> None:
    with suppress(ValueError, SettingsError):
        assert set(due({**ASK, **part})) == {"due", "ledger"}
