"""The clock next response: what starts it, what meets it, what takes it back."""

from dataclasses import replace
from typing import Any

import pytest
from world import World

from deskd.acts import outcome, verbs
from deskd.domain.ports import HOUR, MINUTE
from deskd.domain.states import DeliveryState, TicketState
from deskd.domain.ticket import THANKS, Agent
from deskd.store import people, tables, tickets
from sla import policy

CUSTOMER = "a@example.com"
TRANSFER = "My transfer of 200 has not arrived"
TEN = 5 * HOUR + 34 * MINUTE  # from the world's first moment to ten in the morning in Shanghai, all calendars at work


@pytest.fixture
def world(world: World) -> World:
    world.now += TEN
    return world


def asked(world: World, code: str, text: str = "It still has not arrived") -> int:
    """The customer writes again; when."""
    world.answer(code, CUSTOMER, text)
    return world.now


def ada(world: World) -> Agent:
    """The one who answers here."""
    with world.database.read() as connection:
        known = people.named(connection, "Ada")
    return known or world.agent()


def answer(world: World, code: str, then: TicketState = TicketState.OPEN) -> str:
    """Written, and on its way."""
    return str(world.act(verbs.reply, ada(world), code, "We ask the bank.", then=then))


def answered(world: World, code: str, then: TicketState = TicketState.OPEN) -> str:
    """Written and accepted at once."""
    sent = answer(world, code, then)
    world.settle(sent)
    return sent


def begun(world: World) -> str:
    """The code of a ticket whose first response is met."""
    code = world.ticket(CUSTOMER, TRANSFER)
    answered(world, code, TicketState.WAITING)
    return code


def clock(world: World, code: str) -> Any:
    return world.clock(code, "next_response")


def has(world: World, code: str) -> bool:
    return "next_response" in {row["kind"] for row in world.rows(tables.clocks)}


def ledger(world: World, code: str) -> list[str]:
    mine = clock(world, code)["id"]
    return [row["act"] for row in world.rows(tables.clock_ledger) if row["clock_id"] == mine]


def ticket(world: World) -> Any:
    [one] = world.rows(tables.tickets)
    return one


# What starts it


def test_it_runs_from_what_the_customer_writes_after_the_first_response(world: World) -> None:
    code = begun(world)
    assert not has(world, code)
    world.pass_by(minutes=30)
    came = asked(world, code)
    found = clock(world, code)
    assert (found["state"], found["began_at"], found["due_at"]) == ("running", came, came + 2 * HOUR)
    assert (found["policy"], found["calendar"]) == ("transfer", "late")


def test_before_the_first_response_only_that_one_is_owed(world: World) -> None:
    code = world.ticket(CUSTOMER, TRANSFER)
    asked(world, code)
    assert not has(world, code)


def test_a_further_message_moves_it_not(world: World) -> None:
    code = begun(world)
    came = asked(world, code)
    world.pass_by(minutes=50)
    asked(world, code, "Hello, is anybody there?")
    assert (clock(world, code)["began_at"], ledger(world, code)) == (came, ["start"])


def test_automatic_mail_and_a_third_party_start_none(world: World) -> None:
    code = begun(world)
    world.answer(code, CUSTOMER, "I am on leave", kind="automatic")
    token = f"{code.lower()}.{world.vault.ring.sign('thread', code.lower(), CUSTOMER)}"
    world.write("friend@example.com", "He is still waiting", tokens=[token])
    world.run()
    assert not has(world, code)


def test_an_acknowledgement_neither_starts_nor_meets_it(world: World) -> None:
    code = world.ticket(CUSTOMER, TRANSFER, proved=True)
    [ack] = world.rows(tables.deliveries)
    world.settle(ack["id"])
    answered(world, code)
    asked(world, code)
    world.settle(ack["id"])
    assert clock(world, code)["state"] == "running"


@pytest.mark.parametrize("state", [TicketState.WAITING, TicketState.RESOLVED, TicketState.OPEN])
def test_mere_thanks_start_none_open_nothing_and_are_shown_as_such(world: World, state: TicketState) -> None:
    code = world.ticket(CUSTOMER, TRANSFER)
    answered(world, code, state)
    before = ticket(world)["last_in_id"]
    world.answer(code, CUSTOMER, "非常感谢你们的帮助！🙏")
    assert (ticket(world)["state"], ticket(world)["last_in_id"], has(world, code)) == (state, before, False)
    [thanks] = [row for row in world.rows(tables.messages) if row["n"] == 3]
    assert thanks["warnings"] == [THANKS]
    assert world.rows(tables.events)[-1]["kind"] == "message.thanks"


def test_thanks_with_a_question_open_the_ticket_and_start_it(world: World) -> None:
    code = world.ticket(CUSTOMER, TRANSFER)
    answered(world, code, TicketState.RESOLVED)
    asked(world, code, "Thanks, but it still has not arrived")
    assert (ticket(world)["state"], clock(world, code)["state"]) == ("open", "running")


def test_in_a_chat_and_by_mail_the_target_is_the_policys(world: World) -> None:
    targets = {name: world.desk.book.policy(name).next_response for name in world.desk.book.names}
    assert targets == {
        "security-moving": 15,
        "security": 60,
        "transfer": 120,
        "account": 120,
        "feedback": 480,
        "complaint": 240,
        "other": 480,
    }


# What meets it


def test_it_is_met_when_the_provider_accepts_a_persons_answer_and_not_before(world: World) -> None:
    code = begun(world)
    asked(world, code)
    sent = answer(world, code)
    assert clock(world, code)["state"] == "running"
    world.pass_by(minutes=4)
    world.settle(sent)
    found = clock(world, code)
    assert (found["state"], found["met_at"], found["next_at"]) == ("met", world.now, None)


@pytest.mark.parametrize("state", [DeliveryState.REJECTED, DeliveryState.UNKNOWN])
def test_an_answer_that_may_not_have_left_meets_it_not(world: World, state: DeliveryState) -> None:
    code = begun(world)
    asked(world, code)
    world.settle(answer(world, code), state)
    assert clock(world, code)["state"] == "running"


def test_each_question_has_its_own_time_and_the_broken_promises_before_are_counted(world: World) -> None:
    code = begun(world)
    asked(world, code)
    world.pass_by(hours=3)
    answered(world, code, TicketState.WAITING)
    assert clock(world, code)["breached_at"] is not None
    world.pass_by(minutes=10)
    came = asked(world, code, "And now?")
    found = clock(world, code)
    assert (found["state"], found["due_at"], found["breached_at"]) == ("running", came + 2 * HOUR, None)
    assert (found["missed"], found["ran_us"], found["met_at"]) == (1, 0, None)
    assert ledger(world, code) == ["start", "breach", "meet", "start"]


def test_what_came_while_the_answer_was_on_its_way_is_unanswered_and_counts_from_when_it_came(world: World) -> None:
    code = begun(world)
    asked(world, code)
    sent = answer(world, code)
    world.pass_by(minutes=1)
    came = asked(world, code, "One more thing: it was to the wrong person")
    world.pass_by(minutes=1)
    world.settle(sent)
    found = clock(world, code)
    assert (found["state"], found["began_at"]) == ("running", came)
    assert ledger(world, code) == ["start", "meet", "start"]


def test_what_came_while_the_very_first_answer_was_on_its_way_is_unanswered_too(world: World) -> None:
    code = world.ticket(CUSTOMER, TRANSFER)
    sent = answer(world, code)
    world.pass_by(minutes=1)
    came = asked(world, code)
    assert not has(world, code)
    world.settle(sent)
    assert (clock(world, code)["state"], clock(world, code)["began_at"]) == ("running", came)


def test_a_second_answer_changes_nothing(world: World) -> None:
    code = begun(world)
    asked(world, code)
    answered(world, code)
    met = clock(world, code)
    world.pass_by(minutes=5)
    answered(world, code)
    assert clock(world, code) == met


# What takes it back


def failed(world: World, delivery_id: str) -> None:
    """A mail server reports that our mail did not arrive."""
    [row] = [row for row in world.rows(tables.deliveries) if row["id"] == delivery_id]
    given = {"references": [row["mail_id"]], "failed": [(CUSTOMER, "5.1.1", True)]}
    world.write("mailer-daemon@mx.example", "Undelivered.", kind="bounce", **given)
    world.run()


def test_a_failed_answer_takes_the_stop_back_with_the_time_that_ran(world: World) -> None:
    code = begun(world)
    asked(world, code)
    due = clock(world, code)["due_at"]
    world.pass_by(minutes=30)
    sent = answered(world, code, TicketState.WAITING)
    world.pass_by(hours=5)
    failed(world, sent)
    found = clock(world, code)
    assert (found["state"], found["due_at"], found["breached_at"]) == ("running", due, due)
    assert ledger(world, code) == ["start", "meet", "unmeet", "breach"]
    assert ticket(world)["state"] == "open"
    assert world.clock(code, "first_response")["state"] == "met"


def test_a_younger_answer_that_arrived_meets_it_instead(world: World) -> None:
    code = begun(world)
    asked(world, code)
    first = answered(world, code)
    world.pass_by(minutes=5)
    answered(world, code)
    second_at = world.now
    failed(world, first)
    assert (clock(world, code)["state"], clock(world, code)["met_at"]) == ("met", second_at)


def test_when_a_newer_question_waits_already_it_counts_from_the_elder_one_again(world: World) -> None:
    code = begun(world)
    first = asked(world, code)
    sent = answered(world, code)
    world.pass_by(minutes=20)
    asked(world, code, "And the fee?")
    failed(world, sent)
    found = clock(world, code)
    assert (found["state"], found["began_at"], found["due_at"]) == ("running", first, first + 2 * HOUR)


def test_when_the_first_answer_of_all_fails_the_first_response_is_owed_and_not_the_next(world: World) -> None:
    code = world.ticket(CUSTOMER, TRANSFER)
    sent = answered(world, code)
    asked(world, code)
    failed(world, sent)
    states = [world.clock(code, kind)["state"] for kind in ("first_response", "next_response")]
    assert states == ["running", "cancelled"]
    answered(world, code)
    assert [world.clock(code, kind)["state"] for kind in ("first_response", "next_response")] == ["met", "cancelled"]
    came = asked(world, code, "Is it there now?")
    assert (clock(world, code)["state"], clock(world, code)["began_at"]) == ("running", came)


# What a person does without a word


def test_resolving_without_a_word_says_that_no_answer_is_needed(world: World) -> None:
    code = begun(world)
    asked(world, code)
    world.act(verbs.move, ada(world), code, TicketState.RESOLVED)
    assert clock(world, code)["state"] == "cancelled"
    assert "answer.not_needed" in [row["kind"] for row in world.rows(tables.events)]
    came = asked(world, code, "But I do want an answer")
    assert (clock(world, code)["state"], clock(world, code)["began_at"]) == ("running", came)
    sent = answered(world, code)
    assert clock(world, code)["state"] == "met"
    failed(world, sent)
    assert clock(world, code)["began_at"] == came


def test_a_first_response_that_was_not_needed_is_owed_no_more_and_the_next_word_has_its_own_clock(world: World) -> None:
    code = world.ticket(CUSTOMER, TRANSFER)
    world.act(verbs.move, ada(world), code, TicketState.RESOLVED)
    assert world.clock(code, "first_response")["state"] == "cancelled"
    world.pass_by(hours=30)
    assert world.tick() == {}
    came = asked(world, code)
    assert (clock(world, code)["state"], clock(world, code)["began_at"]) == ("running", came)


def test_what_was_dismissed_and_is_taken_up_again_runs_on(world: World) -> None:
    code = world.ticket(CUSTOMER, TRANSFER)
    world.pass_by(minutes=10)
    world.act(verbs.move, ada(world), code, TicketState.RESOLVED)
    world.pass_by(minutes=20)
    world.act(verbs.move, ada(world), code, TicketState.OPEN)
    first = world.clock(code, "first_response")
    assert (first["state"], first["due_at"]) == ("running", world.now + 50 * MINUTE)


def test_resolving_while_the_answer_is_on_its_way_dismisses_nothing(world: World) -> None:
    code = begun(world)
    asked(world, code)
    sent = answer(world, code)
    world.act(verbs.move, ada(world), code, TicketState.RESOLVED)
    assert clock(world, code)["state"] == "running"
    world.settle(sent)
    assert clock(world, code)["state"] == "met"


def test_it_stands_still_where_the_policy_says_so_and_not_by_default(world: World) -> None:
    code = begun(world)
    asked(world, code)
    world.act(verbs.move, ada(world), code, TicketState.HELD)
    assert clock(world, code)["state"] == "running"
    paused = policy.defaults_text().replace("first_response =", 'next_paused_in = ["held"]\nfirst_response =')
    world.desk = replace(world.desk, book=policy.load_text(paused))
    world.act(verbs.move, ada(world), code, TicketState.WAITING)
    world.act(verbs.move, ada(world), code, TicketState.HELD)
    assert clock(world, code)["state"] == "paused"
    world.pass_by(hours=2)
    asked(world, code, "Hello?")
    assert ledger(world, code) == ["start", "pause", "resume"]


def test_a_ticket_closed_by_time_has_no_clock_left(world: World) -> None:
    code = begun(world)
    asked(world, code)
    world.settle(answer(world, code, TicketState.RESOLVED), DeliveryState.UNKNOWN)
    world.pass_by(hours=24 * 15)
    assert world.act(outcome.close) == 1
    assert {row["state"] for row in world.rows(tables.clocks)} <= {"met", "cancelled"}


def test_spam_cancels_it_and_the_release_has_it_run_from_the_message(world: World) -> None:
    code = begun(world)
    came = asked(world, code)
    world.act(verbs.spam, ada(world), code, is_spam=True)
    assert clock(world, code)["state"] == "cancelled"
    world.pass_by(hours=1)
    world.act(verbs.spam, ada(world), code, is_spam=False)
    assert (clock(world, code)["state"], clock(world, code)["began_at"]) == ("running", came)


# What it is for


def test_the_queue_ranks_by_it(world: World) -> None:
    early = begun(world)
    world.answer(early, CUSTOMER, "It still has not arrived")
    world.pass_by(minutes=5)
    late = world.ticket("b@example.com", TRANSFER)  # due in an hour: before the two hours of the next response
    with world.database.read() as connection:
        found = tickets.listed(connection, tickets.queued((), world.now, "", 10, claimed=True))
    assert [one.code for one in found] == [late, early]
    assert next(one.due_at for one in found if one.code == early) == clock(world, early)["due_at"]


def test_it_warns_breaches_and_escalates_as_any_clock(world: World) -> None:
    code = begun(world)
    came = asked(world, code)
    world.pass_by(minutes=95)
    assert world.tick() == {"warn": 1}
    world.pass_by(minutes=25)
    assert world.tick() == {"breach": 1}
    world.pass_by(minutes=30)
    assert world.tick() == {"escalate": 1}
    assert clock(world, code)["breached_at"] == came + 2 * HOUR
