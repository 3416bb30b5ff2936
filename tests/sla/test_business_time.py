"""Business time against a table with names, and against a person who counts minutes on a wall clock."""

import datetime as dt
import random
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sla_oracle import DAYS, Wall

from deskd.domain.errors import SettingsError
from deskd.domain.ports import DAY, HOUR, MINUTE, SECOND
from sla.calendar import Calendar, add, after, windows, worked

OFFICE = {"mon-fri": ["09:00-12:00", "13:00-18:00"]}
NIGHT = {"daily": ["22:00-24:00", "00:00-06:00"]}
ROUND = {"daily": ["00:00-24:00"]}


def at(text: str) -> int:
    when = dt.datetime.fromisoformat(text)
    assert when.tzinfo is not None
    return (when - dt.datetime(1970, 1, 1, tzinfo=dt.UTC)) // dt.timedelta(microseconds=1)


def seen(micros: int, zone: str) -> str:
    return dt.datetime.fromtimestamp(micros // SECOND, ZoneInfo(zone)).isoformat(timespec="minutes")


TABLE = [
    ("within a morning", "Asia/Shanghai", OFFICE, "2026-03-04T09:30+08:00", 60, "2026-03-04T10:30+08:00"),
    ("across the lunch break", "Asia/Shanghai", OFFICE, "2026-03-04T11:30+08:00", 60, "2026-03-04T13:30+08:00"),
    ("starts in the break", "Asia/Shanghai", OFFICE, "2026-03-04T12:20+08:00", 60, "2026-03-04T14:00+08:00"),
    ("starts before opening", "Asia/Shanghai", OFFICE, "2026-03-04T03:00+08:00", 60, "2026-03-04T10:00+08:00"),
    ("starts at the very opening", "Asia/Shanghai", OFFICE, "2026-03-04T09:00+08:00", 60, "2026-03-04T10:00+08:00"),
    ("starts at the very closing", "Asia/Shanghai", OFFICE, "2026-03-04T18:00+08:00", 60, "2026-03-05T10:00+08:00"),
    ("ends at the closing and not at the next opening", "Asia/Shanghai", OFFICE, "2026-03-06T17:00+08:00", 60,
     "2026-03-06T18:00+08:00"),
    ("spills over the weekend", "Asia/Shanghai", OFFICE, "2026-03-06T17:30+08:00", 60, "2026-03-09T09:30+08:00"),
    ("one working day later, same time", "Asia/Shanghai", OFFICE, "2026-03-06T10:15+08:00", 480,
     "2026-03-09T10:15+08:00"),
    ("over a leap day that works", "UTC", OFFICE, "2028-02-28T17:00+00:00", 540, "2028-02-29T18:00+00:00"),
    ("over a leap day of a full week", "UTC", ROUND, "2028-02-28T12:00+00:00", 2 * 1440, "2028-03-01T12:00+00:00"),
    ("28 February of a common year", "UTC", ROUND, "2026-02-28T12:00+00:00", 1440, "2026-03-01T12:00+00:00"),
    ("over New Year", "UTC", OFFICE, "2026-12-31T17:30+00:00", 60, "2027-01-01T09:30+00:00"),
    ("a weekend that the clocks change in, New York in spring", "America/New_York", OFFICE,
     "2026-03-06T17:30-05:00", 60, "2026-03-09T09:30-04:00"),
    ("a weekend that the clocks change in, New York in autumn", "America/New_York", OFFICE,
     "2026-10-30T17:30-04:00", 60, "2026-11-02T09:30-05:00"),
    ("spans the clock change in New York, spring: a night of seven hours", "America/New_York", NIGHT,
     "2026-03-07T22:00-05:00", 7 * 60, "2026-03-08T06:00-04:00"),
    ("spans the clock change in New York, autumn: a night of nine hours", "America/New_York", NIGHT,
     "2026-10-31T22:00-04:00", 9 * 60, "2026-11-01T06:00-05:00"),
    ("around the clock in Berlin, spring: 24 hours end an hour later", "Europe/Berlin", ROUND,
     "2026-03-28T12:00+01:00", 1440, "2026-03-29T13:00+02:00"),
    ("around the clock in Berlin, autumn: 24 hours end an hour earlier", "Europe/Berlin", ROUND,
     "2026-10-24T12:00+02:00", 1440, "2026-10-25T11:00+01:00"),
    ("opens at a local time that does not exist", "America/New_York", {"sun": ["02:30-04:00"]},
     "2026-03-08T00:00-05:00", 30, "2026-03-08T03:30-04:00"),
    ("open only in the hour that does not exist", "America/New_York", {"sun": ["02:00-03:00"]},
     "2026-03-08T00:00-05:00", 30, "2026-03-15T02:30-04:00"),
    ("open in the hour that comes twice, which counts twice", "America/New_York", {"sun": ["01:00-02:00"]},
     "2026-11-01T00:00-04:00", 120, "2026-11-01T02:00-05:00"),
    ("starts in the second of the two hours", "America/New_York", {"sun": ["01:00-02:00"]},
     "2026-11-01T01:30-05:00", 30, "2026-11-01T02:00-05:00"),
    ("half an hour of summer time on Lord Howe", "Australia/Lord_Howe", ROUND,
     "2026-10-03T12:00+10:30", 1440, "2026-10-04T12:30+11:00"),
    ("midnight itself does not exist in Beirut", "Asia/Beirut", {"sun": ["00:00-03:00"]},
     "2026-03-28T12:00+02:00", 60, "2026-03-29T02:00+03:00"),
    ("the day that Apia left out", "Pacific/Apia", OFFICE, "2011-12-29T17:30-10:00", 60, "2012-01-02T09:30+14:00"),
    ("southern summer time in Sydney", "Australia/Sydney", NIGHT, "2026-04-04T22:00+11:00", 9 * 60,
     "2026-04-05T06:00+10:00"),
]  # fmt: skip


@pytest.mark.parametrize(
    ("zone", "hours", "start", "minutes", "due"), [row[1:] for row in TABLE], ids=[r[0] for r in TABLE]
)
def test_a_promise_falls_due(zone: str, hours: dict[str, object], start: str, minutes: int, due: str) -> None:
    calendar = Calendar("c", {"zone": zone, "hours": hours})
    assert seen(add(calendar, at(start), minutes), zone) == seen(at(due), zone)
    assert worked(calendar, at(start), at(due)) == minutes * MINUTE


def holiday_calendar(**more: object) -> Calendar:
    return Calendar("c", {"zone": "Asia/Shanghai", "hours": OFFICE, **more})


def test_starts_on_a_holiday() -> None:
    calendar = holiday_calendar(holidays=["2026-03-04"])
    assert add(calendar, at("2026-03-04T10:00+08:00"), 60) == at("2026-03-05T10:00+08:00")


def test_the_golden_week_of_china_is_not_worked() -> None:
    calendar = holiday_calendar(holidays=["CN"])
    assert add(calendar, at("2026-09-30T17:00+08:00"), 120) == at("2026-10-08T10:00+08:00")


def test_an_official_make_up_saturday_is_worked_like_a_weekday() -> None:
    calendar = holiday_calendar(holidays=["CN"], workdays=["CN"])
    assert add(calendar, at("2026-10-09T17:00+08:00"), 120) == at("2026-10-10T10:00+08:00")


def test_a_written_extra_workday_is_worked_and_wins_over_the_country() -> None:
    calendar = holiday_calendar(holidays=["CN"], workdays=["2026-10-01", "2026-10-11"])
    assert add(calendar, at("2026-09-30T17:30+08:00"), 60) == at("2026-10-01T09:30+08:00")
    assert worked(calendar, at("2026-10-11T00:00+08:00"), at("2026-10-12T00:00+08:00")) == 8 * HOUR


def test_a_written_holiday_wins_over_an_official_make_up_day() -> None:
    calendar = holiday_calendar(holidays=["2026-10-10"], workdays=["CN"])
    assert worked(calendar, at("2026-10-10T00:00+08:00"), at("2026-10-11T00:00+08:00")) == 0


def test_holidays_of_a_state_count_only_there() -> None:
    day = at("2026-03-31T00:00-07:00"), at("2026-04-01T00:00-07:00")  # Cesar Chavez Day
    for country, work in (("US", 8 * HOUR), ("US-CA", 0)):
        calendar = Calendar("c", {"zone": "America/Los_Angeles", "hours": OFFICE, "holidays": [country]})
        assert worked(calendar, *day) == work


def test_always_counts_every_second() -> None:
    calendar = Calendar("c", {"always": True})
    assert add(calendar, at("2026-03-08T00:00Z"), 1441) == at("2026-03-09T00:01Z")
    assert worked(calendar, 5, 12) == 7
    assert list(windows(calendar, 5, 12)) == [(5, 12)]


def test_no_minutes_are_over_at_once_even_at_night() -> None:
    night = at("2026-03-04T03:00+08:00")
    assert add(holiday_calendar(), night, 0) == night


def test_time_the_wrong_way_round_is_no_time() -> None:
    assert worked(holiday_calendar(), at("2026-03-04T11:00+08:00"), at("2026-03-04T10:00+08:00")) == 0


def test_microseconds_are_kept() -> None:
    start = at("2026-03-04T11:59:59.999999+08:00")
    assert after(holiday_calendar(), start, 2) == at("2026-03-04T13:00:00.000001+08:00")


def test_between_an_instant_and_itself_lies_no_window() -> None:
    noon = at("2026-03-04T11:00+08:00")
    assert list(windows(holiday_calendar(), noon, noon)) == []
    assert list(windows(Calendar("c", {"always": True}), noon, noon)) == []


def test_windows_are_whole_across_the_edges_of_the_cache() -> None:
    calendar = Calendar("c", {"zone": "UTC", "hours": ROUND})
    assert list(windows(calendar, 0, 5 * 128 * DAY)) == [(0, 5 * 128 * DAY)]


def test_work_that_ends_with_the_last_window_of_a_cached_block_ends_there() -> None:
    calendar = Calendar("c", {"zone": "UTC", "hours": {"daily": "09:00-18:00"}})
    last_day = 161 * 128 * DAY - DAY
    assert add(calendar, last_day + 17 * HOUR, 60) == last_day + 18 * HOUR


@pytest.mark.parametrize("when", [-1, at("2300-01-01T00:00Z")])
def test_times_nobody_means_are_refused(when: int) -> None:
    with pytest.raises(ValueError, match="1970 to 2299"):
        add(holiday_calendar(), when, 1)


def test_counting_backwards_is_refused() -> None:
    with pytest.raises(ValueError, match="backwards"):
        add(holiday_calendar(), 0, -1)


def test_a_promise_of_a_century_is_refused_with_one_sentence() -> None:
    calendar = Calendar("c", {"zone": "UTC", "hours": {"mon": ["09:00-09:01"]}})
    with pytest.raises(SettingsError, match=r"calendars\.c: .* century"):
        add(calendar, 0, 6_000)


def test_a_calendar_that_rests_for_400_days_is_refused() -> None:
    day = dt.date(2026, 1, 1)
    off = [(day + dt.timedelta(days=n)).isoformat() for n in range(401)]
    with pytest.raises(SettingsError, match=r"^calendars\.c: no working time in 400 days; take out some holidays\.$"):
        holiday_calendar(holidays=off)
    assert holiday_calendar(holidays=off[:395])


def test_a_second_question_about_the_same_months_reads_no_day_again(monkeypatch: pytest.MonkeyPatch) -> None:
    calendar = holiday_calendar(holidays=["CN"])
    start = at("2026-09-30T17:00+08:00")
    add(calendar, start, 9_600)
    monkeypatch.setattr(calendar, "spans", None)  # looking at a day would raise
    assert seen(add(calendar, start, 9_600), "Asia/Shanghai") == "2026-11-04T17:00+08:00"


ZONES = (
    "America/New_York", "Europe/Berlin", "Australia/Lord_Howe", "America/St_Johns", "America/Havana", "Asia/Beirut",
    "Africa/Casablanca", "Asia/Shanghai", "Pacific/Chatham",
)  # fmt: skip
CHANGES = (  # days around which clocks change somewhere, and a leap day
    "2026-03-07T00:00Z", "2026-03-28T00:00Z", "2026-04-04T00:00Z", "2026-10-03T00:00Z", "2026-10-24T00:00Z",
    "2026-10-31T00:00Z", "2028-02-28T00:00Z", "2026-02-14T00:00Z", "2026-12-31T00:00Z",
)  # fmt: skip


def face(quarter: int) -> str:
    return f"{quarter // 4:02}:{quarter % 4 * 15:02}"


def random_wall(seed: int) -> tuple[Wall, int]:
    """A calendar on quarters of an hour and a start near a change of clocks, from a seed."""
    dice = random.Random(seed)
    hours: dict[str, list[tuple[str, str]]] = {}
    for name in DAYS:
        edges = sorted(dice.sample(range(97), 2 * dice.randint(0, 3)))
        hours[name] = [(face(edges[n]), face(edges[n + 1])) for n in range(0, len(edges), 2)]
    if not any(hours.values()):
        hours["sun"] = [("00:00", "04:00")]
    start = at(dice.choice(CHANGES)) + dice.randint(0, 5 * 96) * 15 * MINUTE
    days = [seen(start + n * DAY, "UTC")[:10] for n in dice.sample(range(12), 4)]
    return Wall(dice.choice(ZONES), hours, tuple(days[:2]), tuple(days[2:]), grid=15), start


def agrees(seed: int) -> bool:
    wall, start = random_wall(seed)
    calendar = Calendar("c", wall.config())
    minutes = random.Random(seed).randint(1, 96) * 15
    due = wall.add(start, minutes)
    return (
        add(calendar, start, minutes) == due
        and worked(calendar, start, due) == minutes * MINUTE
        and sum(closes - opens for opens, closes in windows(calendar, start, due)) == minutes * MINUTE
    )


@settings(max_examples=150)
@given(st.integers(min_value=0, max_value=2**32))
def test_any_calendar_agrees_with_who_counts_on_a_wall_clock(seed: int) -> None:
    assert agrees(seed)


@settings(max_examples=25)
@given(
    zone=st.sampled_from(ZONES),
    edges=st.lists(st.integers(0, 1440), min_size=2, max_size=6, unique=True).filter(lambda one: len(one) % 2 == 0),
    change=st.sampled_from(CHANGES),
    offset=st.integers(0, 2 * 1440),
    minutes=st.integers(1, 300),
)
def test_any_minute_agrees_too(zone: str, edges: list[int], change: str, offset: int, minutes: int) -> None:
    ticks = [f"{edge // 60:02}:{edge % 60:02}" for edge in sorted(edges)]
    wall = Wall(zone, {day: list(zip(ticks[::2], ticks[1::2], strict=True)) for day in DAYS})
    start = at(change) + offset * MINUTE
    due = wall.add(start, min(minutes, 60))
    assert add(Calendar("c", wall.config()), start, min(minutes, 60)) == due


@settings(max_examples=100)
@given(seed=st.integers(0, 2**32), a=st.integers(0, 9 * DAY), b=st.integers(0, 9 * DAY), c=st.integers(0, 9 * DAY))
def test_business_time_adds_up_and_never_runs_back(seed: int, a: int, b: int, c: int) -> None:
    wall, start = random_wall(seed)
    calendar = Calendar("c", wall.config())
    one, two, three = sorted((start + a, start + b, start + c))
    assert worked(calendar, one, two) + worked(calendar, two, three) == worked(calendar, one, three)
    work = worked(calendar, one, three)
    assert after(calendar, one, work) <= three
    assert work == 0 or worked(calendar, one, after(calendar, one, work)) == work


if __name__ == "__main__":
    import sys

    wrong = [seed for seed in range(int(sys.argv[1])) if not agrees(seed)]
    sys.stdout.write(f"{sys.argv[1]} calendars, {len(wrong)} differences {wrong[:5]}\n")
