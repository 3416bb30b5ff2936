"""Calendars and policies as ops write them, and the sentences they get for what cannot be used."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from deskd.domain.errors import SettingsError
from deskd.domain.ports import HOUR, MINUTE
from deskd.domain.states import TicketState
from deskd.domain.words import ClockKind
from sla.calendar import Calendar, worked
from sla.policy import defaults, load, load_text

FIRST, NEXT, SOLVED, TOLD = ClockKind

PROMISED = [  # matter, calendar, first response live and else, next response, resolution
    ("security-moving", "always", 5, 15, 15, 24 * 60),
    ("security", "always", 30, 30, 60, 3 * 24 * 60),
    ("transfer", "late", 2, 60, 2 * 60, 3 * 14 * 60),
    ("account", "late", 2, 60, 2 * 60, 2 * 14 * 60),
    ("feedback", "office", 8 * 60, 8 * 60, 8 * 60, 20 * 8 * 60),
    ("complaint", "office", 4 * 60, 4 * 60, 4 * 60, 10 * 8 * 60),
    ("other", "office", 4 * 60, 4 * 60, 8 * 60, 5 * 8 * 60),
]


@pytest.mark.parametrize(("name", "calendar", "live", "first", "following", "solved"), PROMISED)
def test_the_shipped_policies_promise_what_the_product_page_says(
    name: str, calendar: str, live: int, first: int, following: int, solved: int
) -> None:
    policy = defaults().policy(name)
    assert policy.calendar == calendar
    assert policy.target(FIRST, True) == live * MINUTE
    assert policy.target(FIRST, False) == first * MINUTE
    assert policy.target(NEXT, True) == policy.target(NEXT, False) == following * MINUTE
    assert policy.target(TOLD, False) == solved * MINUTE
    assert not any(policy.pauses(TOLD, state) for state in TicketState)
    assert policy.target(SOLVED, True) == policy.target(SOLVED, False) == solved * MINUTE
    assert TicketState.WAITING in policy.paused_in


def test_the_shipped_book_has_these_policies_in_this_order_and_no_others() -> None:
    assert defaults().names == tuple(row[0] for row in PROMISED)
    assert set(defaults().calendars) == {"office", "late", "always"}


def test_money_on_the_move_does_not_wait_for_a_bank() -> None:
    book = defaults()
    assert not book.policy("security-moving").pauses(SOLVED, TicketState.HELD)
    assert book.policy("security").pauses(SOLVED, TicketState.HELD)


CALENDAR = """
[calendars.day]
zone = "UTC"
hours = { mon-fri = "09:00-12:00, 13:00-18:00" }
"""
POLICY = (
    CALENDAR
    + """
[[policies]]
name = "one"
calendar = "day"
first_response = 60
resolution = 600
"""
)


def test_a_policy_that_says_no_more_warns_in_the_last_quarter_and_pauses_while_others_owe() -> None:
    policy = load_text(POLICY).policy("one")
    assert (policy.warn_before, policy.first_response_live, policy.next_response) == (0.25, 60, 60)
    assert policy.paused_in == {TicketState.WAITING, TicketState.HELD}
    assert not any(policy.pauses(NEXT, state) for state in TicketState)
    assert [(step.after_breach, step.to) for step in policy.steps] == [(30, "supervisor")]


SPELLINGS = [
    {"mon": ["09:00-12:00", "13:00-18:00"]},
    {"mon": "09:00-12:00,13:00-18:00"},
    {"mon": [["09:00", "12:00"], ["13:00", "18:00"]]},
    {"Monday": ["13:00–18:00", "9:00 - 12:00"]},
    {"mon-mon": ["09:00-12:00", ["13:00", "18:00"]]},
]


@pytest.mark.parametrize("hours", SPELLINGS)
def test_hours_may_be_spelled_in_these_ways(hours: object) -> None:
    calendar = Calendar("c", {"zone": "UTC", "hours": hours})
    assert calendar.config.hours == {"mon": ("09:00-12:00", "13:00-18:00")}
    assert calendar.config.week()[0] == ((540, 720), (780, 1080))


def test_a_range_of_days_may_run_over_sunday() -> None:
    assert set(Calendar("c", {"zone": "UTC", "hours": {"sat-mon": "09:00-10:00"}}).config.hours) == {
        "sat",
        "sun",
        "mon",
    }


def test_one_pair_is_one_interval() -> None:
    calendar = Calendar("c", {"zone": "UTC", "hours": {"mon": ["09:00", "24:00"]}})
    assert calendar.config.week()[0] == ((540, 1440),)


def test_dates_may_be_written_without_quotes() -> None:
    book = load_text(CALENDAR + "holidays = [2026-03-04]\n")
    assert book.calendar("day").config.holidays == ("2026-03-04",)


BAD_CALENDARS = [
    ('zone = "Asia/Atlantis"\nhours = {mon="09:00-10:00"}', "calendars.c.zone: 'Asia/Atlantis' is no time zone"),
    ('zone = "Asia"\nhours = {mon="09:00-10:00"}', "calendars.c.zone: 'Asia' is no time zone"),
    ('zone = "../etc/passwd"\nhours = {mon="09:00-10:00"}', "calendars.c.zone: '../etc/passwd' is no time zone"),
    ('hours = {mon="09:00-10:00"}', "calendars.c: the zone is missing"),
    ('zone = "UTC"', "calendars.c: no weekday has working hours"),
    ('zone = "UTC"\nhours = {mon=[]}', "calendars.c: no weekday has working hours"),
    ('zone = "UTC"\nhours = "09:00-10:00"', "calendars.c.hours: write hours as a table of weekdays"),
    ('zone = "UTC"\nhours = {mon=9}', "calendars.c.hours: 9 is no list of intervals"),
    ('zone = "UTC"\nhours = {mon="9-12"}', "calendars.c.hours: '9' is not a time of day"),
    ('zone = "UTC"\nhours = {mon="09:60-12:00"}', "calendars.c.hours: '09:60' is not a time of day"),
    ('zone = "UTC"\nhours = {mon="24:00-24:00"}', "calendars.c.hours: '24:00' is not a time of day"),
    ('zone = "UTC"\nhours = {mon="09:00-24:01"}', "calendars.c.hours: '24:01' is not a time of day"),
    ('zone = "UTC"\nhours = {mon="22:00-06:00"}', "calendars.c.hours: 22:00-06:00 ends before it begins"),
    ('zone = "UTC"\nhours = {mon="09:00-09:00"}', "calendars.c.hours: 09:00-09:00 ends before it begins"),
    ('zone = "UTC"\nhours = {mon="09:00-12:00,11:00-13:00"}', "09:00-12:00 and 11:00-13:00 overlap; write them apart"),
    ('zone = "UTC"\nhours = {mon="09:00-12:00",mon-fri="09:00-12:00"}', "calendars.c.hours: mon is given twice"),
    ('zone = "UTC"\nhours = {someday="09:00-12:00"}', "calendars.c.hours: 'someday' is not a weekday"),
    ('zone = "UTC"\nhours = {mon="09:00-10:00"}\nholidays = ["2026-02-30"]', "'2026-02-30' is neither a date"),
    ('zone = "UTC"\nhours = {mon="09:00-10:00"}\nholidays = ["1066-10-14"]', "outside the years 1970 to 2199"),
    ('zone = "UTC"\nhours = {mon="09:00-10:00"}\nholidays = [7]', "7 is neither a date"),
    (
        'zone = "UTC"\nhours = {mon="09:00-10:00"}\nholidays = ["ZZ"]',
        "calendars.c.holidays: no holidays of ZZ are known",
    ),
    (
        'zone = "UTC"\nhours = {mon="09:00-10:00"}\nworkdays = ["US"]',
        "calendars.c.workdays: US is not known to have any",
    ),
    (
        'zone = "UTC"\nhours = {mon="09:00-10:00"}\nholidays = ["2026-03-04"]\nworkdays = ["2026-03-04"]',
        "calendars.c: 2026-03-04 is both a holiday and a workday",
    ),
    ('always = true\nholidays = ["CN"]', "calendars.c: always = true leaves no room"),
    ('zone = "UTC"\nhours = {mon="09:00-10:00"}\nhollidays = []', "calendars.c.hollidays: no such setting"),
]


@pytest.mark.parametrize(("toml", "sentence"), BAD_CALENDARS)
def test_a_calendar_that_cannot_be_used_is_named_with_what_to_do(toml: str, sentence: str) -> None:
    with pytest.raises(SettingsError) as refused:
        load_text(f"[calendars.c]\n{toml}\n")
    assert sentence in str(refused.value)
    assert "\n" not in str(refused.value)


BAD_POLICIES = [
    ('calendar = "day"', 'calendar = "night"', "policies.one.calendar: there is no calendar 'night'; there are day."),
    ("first_response = 60", "", "policies.0.first_response: is missing; add it."),
    ("first_response = 60", "first_response = 0", "policies.0.first_response: input should be greater than 0"),
    ("first_response = 60", 'first_response = "60"', "policies.0.first_response: input should be a valid integer"),
    ("resolution = 600", "resolution = 999999999", "policies.0.resolution: input should be less than or equal"),
    ("resolution = 600", "resolution = 600\nwarn_before = 1.5", "policies.0.warn_before: input should be less than"),
    ("resolution = 600", "resolution = 600\nwarn = 0.5", "policies.0.warn: no such setting; remove it or correct"),
    ("resolution = 600", 'resolution = 600\npaused_in = ["open"]', "policies.0.paused_in: no clock pauses in open"),
    (
        "resolution = 600",
        'resolution = 600\nnext_paused_in = ["open"]',
        "policies.0.next_paused_in: no clock pauses in",
    ),
    ("resolution = 600", "resolution = 600\nnext_response = 0", "policies.0.next_response: input should be greater"),
    ("resolution = 600", "resolution = 600\nsteps = [{}]", "policies.0.steps.0: a step has one of after_breach, after"),
    (
        "resolution = 600",
        "resolution = 600\nsteps = [{ after_breach = 1, at_share = 0.5 }]",
        "policies.0.steps.0: a step has one of after_breach",
    ),
    (
        "resolution = 600",
        'resolution = 600\nsteps = [{ after_breach = 1, to = "everybody" }]',
        "policies.0.steps.0.to: input should be",
    ),
    (
        "resolution = 600",
        "resolution = 600\nescalate_after = 5\nsteps = [{ after_breach = 1 }]",
        "policies.0: escalate_after is one step by itself; write it as the step",
    ),
    (
        "resolution = 600",
        "resolution = 600\nwarn_before = 0\nsteps = [{ after_warning = 1 }]",
        "policies.0: a step waits for a warning, but warn_before = 0 gives none",
    ),
    ("resolution = 600", 'resolution = 600\npaused_in = ["asleep"]', "policies.0.paused_in.0: input should be"),
    ('name = "one"', 'name = "One two"', "policies.0.name: string should match pattern"),
    ("[[policies]]", "[[policy]]", "policy: no such setting"),
    ("[[policies]]", "[[policies]", "not TOML"),
]


@pytest.mark.parametrize(("good", "bad", "sentence"), BAD_POLICIES)
def test_a_policy_that_cannot_be_used_is_named_with_what_to_do(good: str, bad: str, sentence: str) -> None:
    with pytest.raises(SettingsError) as refused:
        load_text(POLICY.replace(good, bad))
    assert sentence in str(refused.value)


def test_errors_name_the_file_they_were_read_from() -> None:
    with pytest.raises(SettingsError, match=r"^settings\.toml\.sla\.calendars\.c\.zone: "):
        load({"calendars": {"c": {"zone": "Moon"}}}, "settings.toml.sla")


def test_two_policies_of_one_name_are_refused() -> None:
    with pytest.raises(SettingsError, match=r"^policies\.one: the name is taken"):
        load_text(POLICY + POLICY.replace(CALENDAR, ""))


def test_a_name_that_nobody_knows_is_answered_with_those_that_exist() -> None:
    book = load_text(POLICY)
    with pytest.raises(SettingsError, match=r"No SLA policy is called 'two'; there are one\."):
        book.policy("two")
    with pytest.raises(SettingsError, match=r"No calendar is called 'night'; there are day\."):
        book.calendar("night")


JSON = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats()
    | st.text(max_size=12)
    | st.sampled_from(["mon", "09:00-12:00"]),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=6,
)
PARTS = dict.fromkeys(("zone", "hours", "always", "holidays", "workdays"), JSON)


@settings(max_examples=300)
@given(st.fixed_dictionaries({}, optional=PARTS) | JSON)
def test_whatever_is_written_gives_a_calendar_or_a_sentence(raw: object) -> None:
    said = "calendars.c: accepted"
    try:
        load({"calendars": {"c": raw}})
    except SettingsError as refused:
        said = str(refused)
    assert said.startswith("calendars.c")


def test_the_office_day_has_eight_hours_and_the_late_one_fourteen() -> None:
    book, monday = defaults(), 1_773_590_400_000_000  # 2026-03-16 00:00 in Shanghai
    for name, hours in (("office", 8), ("late", 14), ("always", 24)):
        assert worked(book.calendar(name), monday, monday + 24 * HOUR) == hours * HOUR


def test_the_saturday_that_makes_up_for_the_golden_week_is_an_office_day_and_the_week_itself_is_none() -> None:
    office, monday = defaults().calendar("office"), 1_790_524_800_000_000  # 2026-09-28 00:00 in Shanghai
    days = [worked(office, monday + n * 24 * HOUR, monday + (n + 1) * 24 * HOUR) // HOUR for n in range(14)]
    assert days == [8, 8, 8, 0, 0, 0, 0, 0, 0, 0, 8, 8, 8, 0]  # from 1 to 7 October nobody; Saturday the 10th all do
