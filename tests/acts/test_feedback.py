"""Feedback is not let go of until its customer has heard back."""

from typing import Any

import pytest
from world import World

from deskd.acts import feedback, verbs
from deskd.domain.errors import Denied, Refused
from deskd.domain.states import DeliveryState, TicketState
from deskd.domain.words import Role
from deskd.store import tables

WISH = "I have a suggestion: please add a dark mode to the app"
DAY = 24


def _owed(world: World, code: str) -> Any:
    [ticket] = [row for row in world.rows(tables.tickets) if row["code"] == code]
    return next(row for row in world.rows(tables.obligations) if row["ticket_id"] == ticket["id"])


def _ticket(world: World, code: str) -> Any:
    return next(row for row in world.rows(tables.tickets) if row["code"] == code)


def _resolve(world: World, code: str, text: str = "We will build it in March.", **more: Any) -> str:
    """An answer that resolves; its delivery."""
    world.pass_by(minutes=10)
    return world.act(verbs.reply, world.agent(), code, text, then=TicketState.RESOLVED, **more)


def _tell(world: World) -> int:
    return world.act(feedback.tell)


@pytest.fixture
def code(world: World) -> str:
    """A customer's wish; they write on `talk`, whose provider reports what arrived."""
    return world.ticket("a", WISH, channel="talk")


@pytest.fixture
def silent(world: World) -> str:
    """The same on a channel that reports nothing."""
    return world.ticket("a", WISH, channel="mute")


def test_a_wish_opens_an_obligation_with_a_clock_of_its_own(world: World, code: str) -> None:
    assert (_owed(world, code)["state"], world.clock(code, "obligation")["state"]) == ("open", "running")
    other = world.ticket("b", "I forgot my password")
    assert [row["ticket_id"] for row in world.rows(tables.obligations)] == [_ticket(world, code)["id"]]
    assert other != code


def test_a_complaint_about_another_matter_is_owed_an_answer_too(world: World) -> None:
    code = world.ticket("a", "My transfer is lost and I want to complain about your terrible service!")
    assert _ticket(world, code)["category"] != "feedback"
    assert _owed(world, code)["state"] == "open"


def test_so_is_one_that_comes_with_a_later_message(world: World) -> None:
    code = world.ticket("a", "My transfer did not arrive", channel="talk")
    world.write("a", "I complain about your terrible service", channel="talk")
    world.run()
    assert _owed(world, code)["state"] == "open"


def test_resolving_is_taken_at_once_and_carried_out_when_the_answer_has_arrived(world: World, code: str) -> None:
    delivery = _resolve(world, code)
    assert (_ticket(world, code)["state"], _owed(world, code)["intent_by"]) == ("held", "Ada")
    world.pass_by(minutes=1)
    world.settle(delivery)
    assert world.clock(code, "resolution")["state"] == "met"
    assert (_tell(world), _ticket(world, code)["state"]) == (0, "held")
    world.pass_by(hours=3 * DAY)  # a provider that reports has the last word, however long it takes
    assert _tell(world) == 0
    _report(world, delivery, "delivered")
    assert (_tell(world), _tell(world)) == (1, 0)
    assert (_ticket(world, code)["state"], _owed(world, code)["state"]) == ("resolved", "told")
    assert world.clock(code, "obligation")["state"] == "met"
    ticket_id = _ticket(world, code)["id"]
    mine = [row for row in world.rows(tables.events) if row["ticket_id"] == ticket_id]
    assert [row["kind"] for row in sorted(mine, key=lambda row: row["n"])][-2:] == ["obligation.told", "state.set"]


def _report(world: World, delivery: str, report: str) -> None:
    said = {"provider_id": "P1", "report": report, "delivery_id": delivery}
    world.write("", "", channel="talk", kind="status", reported=said, key=f"{delivery}:{report}")
    world.run()


def test_where_nothing_is_reported_a_day_without_failure_is_arrival(world: World, silent: str) -> None:
    delivery = _resolve(world, silent)
    world.settle(delivery)
    world.pass_by(hours=23)
    assert _tell(world) == 0
    world.pass_by(hours=2)
    assert (_tell(world), _ticket(world, silent)["state"]) == (1, "resolved")


def test_an_answer_that_comes_back_is_owed_as_before_and_gives_the_clock_back(world: World, code: str) -> None:
    delivery = _resolve(world, code)
    world.settle(delivery)
    world.pass_by(hours=1)
    _report(world, delivery, "failed")
    assert (_ticket(world, code)["state"], _owed(world, code)["state"]) == ("open", "open")
    assert _owed(world, code)["delivery_id"] == ""
    assert {world.clock(code, kind)["state"] for kind in ("resolution", "obligation")} == {"running"}
    assert _tell(world) == 0


def test_one_that_is_refused_at_the_door_likewise(world: World, code: str) -> None:
    delivery = _resolve(world, code)
    world.settle(delivery, DeliveryState.REJECTED)
    assert (_ticket(world, code)["state"], _owed(world, code)["state"]) == ("open", "open")


def test_who_writes_again_before_it_arrived_is_told_and_keeps_the_ticket_open(world: World, code: str) -> None:
    delivery = _resolve(world, code)
    world.settle(delivery)
    world.pass_by(minutes=1)
    world.write("a", "And a light mode as well, please. When does it come?", channel="talk")
    world.run()
    _report(world, delivery, "read")
    assert _tell(world) == 1
    assert (_ticket(world, code)["state"], _owed(world, code)["state"]) == ("open", "told")


def test_without_a_word_to_the_customer_it_is_not_resolved(world: World, code: str) -> None:
    with pytest.raises(Refused, match="owed an answer"):
        world.act(verbs.move, world.agent(), code, TicketState.RESOLVED)
    assert _ticket(world, code)["state"] == "open"


def test_after_an_answer_it_may_be_and_waits_for_that_one_to_arrive(world: World, code: str) -> None:
    ada = world.agent()
    delivery = world.act(verbs.reply, ada, code, "We will build it in March.", then=TicketState.OPEN)
    world.settle(delivery)
    world.act(verbs.move, ada, code, TicketState.RESOLVED)
    assert (_ticket(world, code)["state"], _owed(world, code)["delivery_id"]) == ("held", delivery)
    with pytest.raises(Refused, match="resolved by itself"):
        world.act(verbs.move, ada, code, TicketState.RESOLVED)
    _report(world, delivery, "delivered")
    assert (_tell(world), _ticket(world, code)["state"]) == (1, "resolved")


def test_a_wish_is_declined_with_its_reason(world: World, code: str) -> None:
    delivery = _resolve(world, code, "We can't build it.", declined="It would hide fraud warnings")
    owed = _owed(world, code)
    assert (owed["verdict"], owed["why"]) == ("declined", "It would hide fraud warnings")
    world.settle(delivery)
    _report(world, delivery, "delivered")
    assert (_tell(world), _owed(world, code)["verdict"]) == (1, "declined")
    with pytest.raises(Refused, match="Only feedback"):
        world.act(verbs.reply, world.agent("Ben"), world.ticket("b", "I forgot my password"), "No.", declined="no")


def test_a_correction_takes_the_obligation_away_and_brings_it_back(world: World, code: str) -> None:
    ada = world.agent()
    world.act(verbs.correct, ada, code, field="category", new="account", why="it is about the log-in")
    assert (_owed(world, code)["state"], world.clock(code, "obligation")["state"]) == ("withdrawn", "cancelled")
    world.act(verbs.correct, ada, code, field="category", new="feedback", why="it is not")
    assert (_owed(world, code)["state"], world.clock(code, "obligation")["state"]) == ("open", "running")


def test_spam_is_owed_nothing_and_what_is_released_is(world: World, code: str) -> None:
    ada = world.agent()
    world.act(verbs.spam, ada, code, is_spam=True)
    assert _owed(world, code)["state"] == "withdrawn"
    world.act(verbs.spam, ada, code, is_spam=False)
    assert (_owed(world, code)["state"], world.clock(code, "obligation")["state"]) == ("open", "running")


def test_unreachable_takes_three_tries_the_evidence_and_a_supervisor(world: World, code: str) -> None:
    with pytest.raises(Denied, match="supervisor"):
        world.act(verbs.unreachable, world.agent(), code, "no answer")
    sue = world.agent("Sue", role=Role.SUPERVISOR)
    for n in range(3):
        with pytest.raises(Refused, match=f"{n} of 3"):
            world.act(verbs.unreachable, sue, code, "no answer")
        world.settle(_resolve_as(world, sue, code), DeliveryState.REJECTED)
    with pytest.raises(Refused, match="what was tried"):
        world.act(verbs.unreachable, sue, code, " ")
    world.act(verbs.unreachable, sue, code, "three answers came back")
    assert (_owed(world, code)["state"], world.clock(code, "obligation")["state"]) == ("unreachable", "cancelled")
    world.act(verbs.move, sue, code, TicketState.RESOLVED)
    assert _ticket(world, code)["state"] == "resolved"


def _resolve_as(world: World, agent: Any, code: str) -> str:
    world.pass_by(minutes=10)
    return world.act(verbs.reply, agent, code, "We will build it in March.", then=TicketState.RESOLVED)
