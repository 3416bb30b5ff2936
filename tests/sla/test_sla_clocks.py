"""The life of one clock: what runs, what stands still, and what is stamped when."""

from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from deskd.domain.errors import IllegalTransition
from deskd.domain.ports import DAY, HOUR, MINUTE, SECOND, Micros
from deskd.domain.states import CLOCK, ClockState, TicketState
from deskd.domain.words import ClockKind
from sla.calendar import after, worked
from sla.clocks import (
    Act,
    Clock,
    Entry,
    again,
    backdate,
    cancel,
    meet,
    pause,
    ran,
    reopen,
    resume,
    retarget,
    start,
    tick,
    unmeet,
)
from sla.policy import load_text

BOOK = load_text("""
[calendars.day]
zone = "UTC"
hours = { mon-fri = ["09:00-12:00", "13:00-18:00"] }
[calendars.always]
always = true

[[policies]]
name = "quick"
calendar = "always"
first_response_live = 5
first_response = 20
resolution = 120
escalate_after = 10
[[policies]]
name = "slow"
calendar = "day"
first_response = 240
resolution = 960
[[policies]]
name = "stepped"
calendar = "always"
first_response = 100
resolution = 100
steps = [
  { after_breach = 20, to = "ops" },
  { at_share = 0.5 },
  { after_breach = 0, to = "supervisor" },
  { after_warning = 10, to = "supervisor" },
]
[[policies]]
name = "quiet"
calendar = "always"
first_response = 60
resolution = 60
warn_before = 0
escalate_after = 0
""")
FIRST, SOLVED = ClockKind.FIRST_RESPONSE, ClockKind.RESOLUTION
MONDAY: Micros = 1_767_600_000 * SECOND  # 2026-01-05 08:00 UTC
NINE = MONDAY + HOUR


def acts(entries: tuple[Entry, ...]) -> list[tuple[Micros, str]]:
    return [(entry.at, str(entry.act)) for entry in entries]


def quick(kind: ClockKind = FIRST) -> Clock:
    return start(BOOK, kind, "quick", False, NINE)[0]


def test_a_clock_starts_with_its_deadline_its_warning_and_one_row() -> None:
    clock, (entry,) = start(BOOK, FIRST, "quick", False, NINE)
    assert (clock.state, clock.due_at, clock.warn_at) == ("running", NINE + 20 * MINUTE, NINE + 15 * MINUTE)
    assert clock.next_at == clock.warn_at
    assert entry == Entry(NINE, Act.START, clock.due_at, "Policy quick: 20 min of always.")


def test_who_waits_in_a_chat_is_promised_more() -> None:
    assert start(BOOK, FIRST, "quick", True, NINE)[0].due_at == NINE + 5 * MINUTE
    assert start(BOOK, FIRST, "slow", True, NINE)[0].due_at == NINE + 5 * HOUR


def test_a_clock_started_before_opening_runs_from_the_opening() -> None:
    assert start(BOOK, FIRST, "slow", False, MONDAY)[0].due_at == NINE + 5 * HOUR  # four hours and the lunch break


def test_nothing_happens_before_the_warning_is_due() -> None:
    clock = quick()
    assert tick(BOOK, clock, NINE + 15 * MINUTE - 1) == (clock, ())


def test_the_warning_comes_once() -> None:
    clock, entries = tick(BOOK, quick(), NINE + 16 * MINUTE)
    assert acts(entries) == [(NINE + 15 * MINUTE, "warn")]
    assert entries[0].why == "5 min until the deadline of first_response."
    assert clock.next_at == clock.due_at
    assert tick(BOOK, clock, NINE + 17 * MINUTE) == (clock, ())


def test_a_breach_bears_its_deadline_however_late_it_is_noticed() -> None:
    clock, entries = tick(BOOK, quick(), NINE + 29 * MINUTE)
    assert acts(entries) == [(NINE + 20 * MINUTE, "breach")]
    assert clock.breached_at == clock.due_at == NINE + 20 * MINUTE
    assert clock.next_at == NINE + 30 * MINUTE


def test_no_warning_is_given_after_the_breach() -> None:
    clock, _ = tick(BOOK, quick(), NINE + 20 * MINUTE)
    assert clock.warned_at is None
    assert tick(BOOK, clock, NINE + 21 * MINUTE) == (clock, ())


def test_a_breach_is_escalated_once() -> None:
    clock, entries = tick(BOOK, quick(), NINE + DAY)
    assert acts(entries) == [(NINE + 20 * MINUTE, "breach"), (NINE + 30 * MINUTE, "escalate")]
    assert (clock.escalated_at, clock.next_at) == (NINE + 30 * MINUTE, None)
    assert tick(BOOK, clock, NINE + 2 * DAY) == (clock, ())


def test_escalation_waits_for_somebody_to_be_there() -> None:
    clock, _ = start(BOOK, FIRST, "slow", False, NINE + 4 * HOUR + 45 * MINUTE)  # 13:45, due 17:45
    clock, _ = tick(BOOK, clock, NINE + 9 * HOUR)
    assert clock.breached_at == NINE + 8 * HOUR + 45 * MINUTE
    assert clock.next_at == NINE + DAY + 15 * MINUTE


def test_a_policy_without_warning_gives_none_and_may_escalate_at_once() -> None:
    clock, _ = start(BOOK, FIRST, "quiet", False, NINE)
    assert (clock.warn_at, clock.next_at) == (None, NINE + HOUR)
    _, entries = tick(BOOK, clock, NINE + HOUR)
    assert acts(entries) == [(NINE + HOUR, "breach"), (NINE + HOUR, "escalate")]


def test_a_pause_keeps_what_ran_and_shows_no_deadline() -> None:
    clock, entries = pause(BOOK, quick(SOLVED), NINE + HOUR, "The customer was asked.")
    assert (clock.state, clock.ran_us, clock.due_at, clock.next_at) == ("paused", HOUR, None, None)
    assert entries == (Entry(NINE + HOUR, Act.PAUSE, None, "The customer was asked."),)
    assert tick(BOOK, clock, NINE + 30 * DAY) == (clock, ())


def test_a_resumed_clock_has_exactly_the_rest_ahead() -> None:
    clock, _ = pause(BOOK, quick(SOLVED), NINE + HOUR, "asked")
    clock, entries = resume(BOOK, clock, NINE + DAY, "answered")
    assert clock.due_at == NINE + DAY + HOUR
    assert entries == (Entry(NINE + DAY, Act.RESUME, clock.due_at, "answered"),)


def test_a_pause_taken_back_never_was() -> None:
    clock = quick(SOLVED)
    paused, _ = pause(BOOK, clock, NINE + HOUR, "asked")
    again, _ = resume(BOOK, paused, NINE + HOUR, "the question bounced")
    assert (again.due_at, again.warn_at) == (clock.due_at, clock.warn_at)


def test_a_pause_after_the_deadline_stamps_the_breach_first() -> None:
    clock, entries = pause(BOOK, quick(SOLVED), NINE + 3 * HOUR, "asked")
    assert acts(entries) == [(NINE + 2 * HOUR, "breach"), (NINE + 3 * HOUR, "pause")]
    clock, _ = resume(BOOK, clock, NINE + DAY, "answered")
    assert (clock.due_at, clock.breached_at) == (NINE + 2 * HOUR, NINE + 2 * HOUR)


def test_escalation_of_a_breached_clock_waits_while_it_is_paused() -> None:
    clock, _ = pause(BOOK, quick(SOLVED), NINE + 2 * HOUR + 4 * MINUTE, "asked")  # four of ten minutes over
    clock, _ = resume(BOOK, clock, NINE + DAY, "answered")
    assert clock.next_at == NINE + DAY + 6 * MINUTE


def test_a_clock_that_has_warned_is_looked_at_next_when_it_is_due_also_after_a_pause() -> None:
    clock, _ = tick(BOOK, quick(SOLVED), NINE + 100 * MINUTE)
    clock, _ = pause(BOOK, clock, NINE + 110 * MINUTE, "asked")
    clock, _ = resume(BOOK, clock, NINE + DAY, "answered")
    assert clock.next_at == clock.due_at == NINE + DAY + 10 * MINUTE


def test_a_clock_that_has_been_escalated_is_never_looked_at_again_also_after_a_pause() -> None:
    clock, _ = tick(BOOK, quick(SOLVED), NINE + DAY)
    clock, _ = pause(BOOK, clock, NINE + 2 * DAY, "asked")
    clock, _ = resume(BOOK, clock, NINE + 3 * DAY, "answered")
    assert clock.next_at is None


def test_an_answer_in_time_meets_the_clock() -> None:
    clock, entries = meet(BOOK, quick(), NINE + 20 * MINUTE - 1, "answered")
    assert (clock.state, clock.met_at, clock.breached_at) == ("met", NINE + 20 * MINUTE - 1, None)
    assert acts(entries) == [(NINE + 20 * MINUTE - 1, "meet")]
    assert clock.next_at is None


def test_an_answer_at_the_deadline_is_late() -> None:
    clock, entries = meet(BOOK, quick(), NINE + 20 * MINUTE, "answered")
    assert acts(entries) == [(NINE + 20 * MINUTE, "breach"), (NINE + 20 * MINUTE, "meet")]
    assert clock.breached_at == NINE + 20 * MINUTE


def test_an_answer_that_is_learnt_late_to_have_been_in_time_withdraws_the_breach() -> None:
    clock, _ = tick(BOOK, quick(), NINE + HOUR)
    clock, entries = meet(BOOK, clock, NINE + 19 * MINUTE, "the provider's list shows it")
    assert acts(entries) == [(NINE + 19 * MINUTE, "withdraw"), (NINE + 19 * MINUTE, "meet")]
    assert (clock.breached_at, clock.escalated_at) == (None, None)


def test_a_failed_delivery_takes_the_stop_back_with_the_time_that_ran() -> None:
    clock = quick()
    met, _ = meet(BOOK, clock, NINE + 5 * MINUTE, "answered")
    again, entries = unmeet(BOOK, met, NINE + 8 * MINUTE, "the mail bounced")
    assert (again.due_at, again.met_at) == (clock.due_at, None)
    assert ran(BOOK, again, NINE + 8 * MINUTE) == 8 * MINUTE
    assert acts(entries) == [(NINE + 8 * MINUTE, "unmeet")]


def test_a_failure_learnt_after_the_deadline_is_a_breach_at_the_deadline() -> None:
    met, _ = meet(BOOK, quick(), NINE + 5 * MINUTE, "answered")
    clock, entries = unmeet(BOOK, met, NINE + DAY, "the mail bounced")
    assert acts(entries) == [(NINE + DAY, "unmeet"), (NINE + 20 * MINUTE, "breach")]
    assert clock.breached_at == NINE + 20 * MINUTE


def test_a_reopened_matter_does_not_count_the_time_it_was_solved() -> None:
    clock, _ = meet(BOOK, quick(SOLVED), NINE + HOUR, "solved")
    clock, entries = reopen(BOOK, clock, NINE + 7 * DAY, "the customer wrote again")
    assert clock.due_at == NINE + 7 * DAY + HOUR
    assert acts(entries) == [(NINE + 7 * DAY, "reopen")]


def test_a_cancelled_clock_is_silent_until_it_is_reopened() -> None:
    clock, entries = cancel(BOOK, quick(), NINE + MINUTE, "spam")
    assert (clock.state, clock.next_at, acts(entries)) == ("cancelled", None, [(NINE + MINUTE, "cancel")])
    assert tick(BOOK, clock, NINE + DAY) == (clock, ())
    assert reopen(BOOK, clock, NINE + DAY, "released")[0].due_at == NINE + DAY + 19 * MINUTE


def test_another_policy_keeps_what_ran() -> None:
    clock, _ = start(BOOK, SOLVED, "slow", False, NINE)
    clock, entries = retarget(BOOK, clock, "quick", False, NINE + HOUR, why="It is about security.")
    assert (clock.target_us, clock.ran_us, clock.due_at) == (2 * HOUR, HOUR, NINE + 2 * HOUR)
    assert entries[0].why == "It is about security. Policy quick: 120 min of always."
    assert (clock.policy, clock.calendar) == ("quick", "always")


def test_a_shorter_promise_that_is_over_already_is_due_when_it_is_made() -> None:
    clock, _ = start(BOOK, SOLVED, "slow", False, NINE)
    clock, entries = retarget(BOOK, clock, "quick", False, NINE + 3 * HOUR, why="security")
    assert acts(entries) == [(NINE + 3 * HOUR, "retarget"), (NINE + 3 * HOUR, "breach")]
    assert clock.due_at == NINE + 3 * HOUR


def test_a_longer_promise_takes_the_breach_off_the_clock_and_leaves_it_in_the_ledger() -> None:
    clock, entries = retarget(BOOK, quick(), "slow", False, NINE + HOUR, why="a wish")
    assert acts(entries) == [(NINE + 20 * MINUTE, "breach"), (NINE + HOUR, "retarget")]
    assert (clock.breached_at, clock.due_at) == (None, NINE + 5 * HOUR)


def test_a_paused_clock_is_retargeted_and_stays_paused() -> None:
    clock, _ = pause(BOOK, quick(SOLVED), NINE + HOUR, "asked")
    clock, _ = retarget(BOOK, clock, "slow", False, NINE + DAY, why="a wish")
    assert (clock.state, clock.ran_us, clock.due_at) == ("paused", HOUR, None)
    assert resume(BOOK, clock, NINE + DAY, "answered")[0].due_at == NINE + 2 * DAY + 8 * HOUR  # 15 of 16 hours left


def test_what_is_owed_once_more_is_owed_in_full_and_the_broken_promise_before_is_counted() -> None:
    late, _ = meet(BOOK, quick(), NINE + HOUR, "answered")
    clock, (entry,) = again(BOOK, late, "quick", False, NINE + DAY, why="The customer wrote again.")
    assert (clock.state, clock.began_at, clock.due_at) == ("running", NINE + DAY, NINE + DAY + 20 * MINUTE)
    assert (clock.ran_us, clock.breached_at, clock.met_at, clock.missed) == (0, None, None, 1)
    assert entry == Entry(
        NINE + DAY, Act.START, clock.due_at, "The customer wrote again. Policy quick: 20 min of always."
    )
    kept, _ = meet(BOOK, clock, NINE + DAY + MINUTE, "answered")
    assert again(BOOK, kept, "quick", False, NINE + 2 * DAY, why="")[0].missed == 1


def test_what_has_been_owed_for_longer_is_counted_from_there() -> None:
    clock, _ = backdate(BOOK, quick(), "quick", False, NINE - HOUR, why="The answer before it came back.")
    assert (clock.began_at, clock.due_at) == (NINE - HOUR, NINE - 40 * MINUTE)
    _, entries = tick(BOOK, clock, NINE)
    assert acts(entries) == [(NINE - 40 * MINUTE, "breach"), (NINE - 30 * MINUTE, "escalate")]
    with pytest.raises(IllegalTransition):
        backdate(BOOK, quick(), "quick", False, NINE, why="")


def test_each_step_is_taken_once_at_its_moment_and_names_whom_it_tells() -> None:
    clock, entries = tick(BOOK, start(BOOK, FIRST, "stepped", False, NINE)[0], NINE + DAY)
    assert [(entry.at - NINE, str(entry.act), entry.to) for entry in entries] == [
        (50 * MINUTE, "escalate", "supervisor"),  # half of the target
        (85 * MINUTE, "escalate", "supervisor"),  # ten minutes after the warning, which nobody was there to give
        (100 * MINUTE, "breach", ""),
        (100 * MINUTE, "escalate", "supervisor"),
        (120 * MINUTE, "escalate", "ops"),
    ]
    assert [entry.why for entry in entries if entry.to][1:] == [
        "Told to supervisor: 15 min before the deadline of first_response.",
        "Told to supervisor: at the deadline of first_response.",
        "Told to ops: 20 min after the deadline of first_response.",
    ]
    assert (clock.steps, clock.next_at) == (4, None)


def test_the_steps_before_the_deadline_keep_their_order_with_the_warning() -> None:
    clock, found = start(BOOK, FIRST, "stepped", False, NINE)[0], []
    while clock.next_at is not None:
        clock, entries = tick(BOOK, clock, clock.next_at)
        found += acts(entries)
    assert [act for _, act in found] == ["escalate", "warn", "escalate", "breach", "escalate", "escalate"]


def test_a_step_waits_while_the_clock_stands_still_and_comes_never_after_it_is_met() -> None:
    clock, _ = start(BOOK, SOLVED, "stepped", False, NINE)
    clock, _ = pause(BOOK, clock, NINE + 40 * MINUTE, "asked")
    clock, _ = resume(BOOK, clock, NINE + DAY, "answered")
    assert clock.next_at == NINE + DAY + 10 * MINUTE
    clock, _ = meet(BOOK, clock, NINE + DAY + MINUTE, "done")
    assert tick(BOOK, clock, NINE + 9 * DAY) == (clock, ())


def test_the_next_promise_has_its_steps_again_and_one_that_is_taken_back_has_not() -> None:
    clock, _ = tick(BOOK, start(BOOK, FIRST, "stepped", False, NINE)[0], NINE + 55 * MINUTE)
    met, _ = meet(BOOK, clock, NINE + HOUR, "answered")
    assert (met.steps, unmeet(BOOK, met, NINE + HOUR, "came back")[0].steps) == (1, 1)
    assert again(BOOK, met, "stepped", False, NINE + DAY, why="")[0].steps == 0


def test_another_policys_steps_that_have_passed_already_are_not_taken_again() -> None:
    late, _ = tick(BOOK, quick(), NINE + DAY)
    clock, _ = retarget(BOOK, late, "stepped", False, NINE + DAY, why="")
    assert (clock.steps, clock.next_at) == (4, None)


def test_a_clock_set_back_neither_loses_nor_invents_time() -> None:
    clock, _ = pause(BOOK, quick(SOLVED), NINE - 5 * MINUTE, "asked")
    assert clock.ran_us == 0


def test_only_the_resolution_pauses_and_only_as_the_policy_says() -> None:
    policy = BOOK.policy("quick")
    assert {state for state in TicketState if policy.pauses(SOLVED, state)} == {"waiting", "held"}
    assert not any(policy.pauses(FIRST, state) for state in TicketState)


VERBS = {
    "pause": lambda clock: pause(BOOK, clock, NINE + MINUTE, "w"),
    "resume": lambda clock: resume(BOOK, clock, NINE + MINUTE, "w"),
    "meet": lambda clock: meet(BOOK, clock, NINE + MINUTE, "w"),
    "unmeet": lambda clock: unmeet(BOOK, clock, NINE + MINUTE, "w"),
    "reopen": lambda clock: reopen(BOOK, clock, NINE + MINUTE, "w"),
    "cancel": lambda clock: cancel(BOOK, clock, NINE + MINUTE, "w"),
    "retarget": lambda clock: retarget(BOOK, clock, "slow", False, NINE + MINUTE, why="w"),
    "again": lambda clock: again(BOOK, clock, "slow", False, NINE + MINUTE, why="w"),
    "backdate": lambda clock: backdate(BOOK, clock, "quick", False, NINE - MINUTE, why="w"),
}
ALLOWED = {
    "running": {"pause", "meet", "cancel", "retarget", "backdate"},
    "paused": {"resume", "meet", "cancel", "retarget"},
    "met": {"unmeet", "reopen", "again"},
    "cancelled": {"reopen", "again"},
}


def in_state(state: ClockState) -> Clock:
    if state is ClockState.RUNNING:
        return quick()
    verb = {ClockState.PAUSED: "pause", ClockState.MET: "meet", ClockState.CANCELLED: "cancel"}[state]
    return VERBS[verb](quick())[0]


@pytest.mark.parametrize("state", list(ClockState))
@pytest.mark.parametrize("verb", VERBS)
def test_every_verb_works_in_the_states_it_is_meant_for_and_is_refused_in_the_others(
    verb: str, state: ClockState
) -> None:
    clock = in_state(state)
    if verb not in ALLOWED[state]:
        with pytest.raises(IllegalTransition):
            VERBS[verb](clock)
        return
    turned, _ = VERBS[verb](clock)
    assert turned.state == state or turned.state in CLOCK[state]


STEPS = st.lists(
    st.tuples(
        st.sampled_from(["pause", "resume", "quick", "slow", "quiet", "meet", "unmeet", "tick"]),
        st.integers(1, 3 * DAY),
    ),
    max_size=14,
)


def live(steps: list[tuple[str, int]], *, ticking: bool) -> tuple[Clock, list[Entry], Micros, Micros]:
    """A clock taken through the steps that its state allows: (clock, ledger, what must have run, now).

    Counted by hand, and while it is met as well, since a failed delivery takes the stop back with that time.
    """
    clock, entries = start(BOOK, SOLVED, "slow", False, NINE)
    ledger, now, counted, since = list(entries), NINE, 0, NINE
    for what, gap in steps:
        now += gap
        if clock.state is not ClockState.PAUSED:
            counted, since = counted + worked(BOOK.calendar(clock.calendar), since, now), now
        since = now
        if what == "tick" and ticking:
            clock, entries = tick(BOOK, clock, now)
        elif what in BOOK.names and clock.state in {ClockState.RUNNING, ClockState.PAUSED}:
            clock, entries = retarget(BOOK, clock, what, False, now, why="")
        elif what in ALLOWED[clock.state]:
            clock, entries = VERBS_AT[what](clock, now)
        else:
            entries = ()
        ledger += entries
    return clock, ledger, counted, now


VERBS_AT = {
    "pause": lambda clock, now: pause(BOOK, clock, now, "w"),
    "resume": lambda clock, now: resume(BOOK, clock, now, "w"),
    "meet": lambda clock, now: meet(BOOK, clock, now, "w"),
    "unmeet": lambda clock, now: unmeet(BOOK, clock, now, "w"),
}


@settings(max_examples=200)
@given(STEPS)
def test_no_order_of_verbs_loses_or_invents_time(steps: list[tuple[str, int]]) -> None:
    clock, _, counted, now = live(steps, ticking=True)
    if clock.state is not ClockState.MET:
        assert ran(BOOK, clock, now) == counted


@settings(max_examples=200)
@given(STEPS)
def test_what_is_ahead_follows_from_what_ran(steps: list[tuple[str, int]]) -> None:
    clock, _, _, now = live(steps, ticking=True)
    if clock.state is ClockState.RUNNING and clock.breached_at is None:
        assert clock.due_at == after(BOOK.calendar(clock.calendar), clock.since or 0, clock.target_us - clock.ran_us)
        assert now < clock.due_at or clock.next_at is not None


@settings(max_examples=200)
@given(STEPS)
def test_breaches_are_the_same_whether_or_not_anybody_looked(steps: list[tuple[str, int]]) -> None:
    seen, unseen = live(steps, ticking=True), live(steps, ticking=False)
    settled = [tick(BOOK, replace(clock), now)[0] for clock, _, _, now in (seen, unseen)]
    assert settled[0].breached_at == settled[1].breached_at
    assert settled[0].due_at == settled[1].due_at


@settings(max_examples=200)
@given(STEPS, st.lists(st.integers(0, 10 * DAY), max_size=30))
def test_ticks_are_never_early_never_twice_and_breach_at_the_deadline(
    steps: list[tuple[str, int]], looks: list[int]
) -> None:
    clock, _, _, now = live(steps, ticking=False)
    given_before = {Act.WARN: clock.warned_at, Act.BREACH: clock.breached_at, Act.ESCALATE: clock.escalated_at}
    found: list[Entry] = []
    for look in sorted(looks):
        promised = clock.next_at
        clock, entries = tick(BOOK, clock, now + look)
        assert not entries or (promised is not None and promised <= now + look)
        assert all(entry.at <= now + look for entry in entries)
        assert tick(BOOK, clock, now + look) == (clock, ())
        found += entries
    for act, before in given_before.items():
        assert sum(entry.act is act for entry in found) <= (before is None)
    assert all(entry.at == entry.due_at for entry in found if entry.act is Act.BREACH)
    assert [entry.at for entry in found] == sorted(entry.at for entry in found)
