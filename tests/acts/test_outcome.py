"""What the provider's answer and the passing of time mean for a ticket."""

import json

import pytest
from sqlalchemy import select
from world import World

from deskd.acts import outcome, verbs
from deskd.domain.states import DeliveryState, TicketState
from deskd.store import tables

URGENT = "A thief is taking money out of my account right now, I did not make this transfer"


def acts(world: World, code: str, kind: str) -> list[tuple[str, int]]:
    clock_id = world.clock(code, kind)["id"]
    return [(row["act"], row["at"]) for row in world.rows(tables.clock_ledger) if row["clock_id"] == clock_id]


def told(world: World, prefix: str) -> list[tuple[str, int]]:
    return [(row["kind"], row["at"]) for row in world.rows(tables.events) if row["kind"].startswith(prefix)]


# What meets the first response


def test_the_first_response_is_met_when_the_provider_accepts_and_not_before(world: World) -> None:
    code, ada = world.ticket(), world.agent()
    delivery = world.act(verbs.reply, ada, code, "Use the link on the log-in page.")
    assert world.clock(code, "first_response")["state"] == "running"
    world.pass_by(minutes=3)
    world.settle(delivery)
    met = world.clock(code, "first_response")
    assert (met["state"], met["met_at"], met["next_at"]) == ("met", world.now, None)
    [ticket] = world.rows(tables.tickets)
    assert ticket["answered_at"] == world.now


def test_an_acknowledgement_meets_nothing(world: World) -> None:
    code = world.ticket(proved=True)
    [ack] = world.rows(tables.deliveries)
    assert ack["kind"] == "ack"
    world.settle(ack["id"])
    assert world.clock(code, "first_response")["state"] == "running"
    [ticket] = world.rows(tables.tickets)
    assert ticket["answered_at"] is None


@pytest.mark.parametrize("state", [DeliveryState.REJECTED, DeliveryState.UNKNOWN])
def test_an_answer_that_may_not_have_left_meets_nothing(world: World, state: DeliveryState) -> None:
    code, ada = world.ticket(), world.agent()
    world.settle(world.act(verbs.reply, ada, code, "Hello."), state)
    assert world.clock(code, "first_response")["state"] == "running"
    assert told(world, "delivery.") == [(f"delivery.{state}", world.now)]


def test_the_second_answer_moves_neither_the_time_of_the_first_nor_its_clock(world: World) -> None:
    code, ada = world.ticket(), world.agent()
    world.settle(world.act(verbs.reply, ada, code, "Hello."))
    first = world.clock(code, "first_response")
    answered = world.now
    world.pass_by(minutes=5)
    world.settle(world.act(verbs.reply, ada, code, "And more."))
    assert world.clock(code, "first_response") == first
    [ticket] = world.rows(tables.tickets)
    assert ticket["answered_at"] == answered


def test_a_late_answer_is_met_and_stays_breached(world: World) -> None:
    code, ada = world.ticket(text=URGENT), world.agent()
    due = world.clock(code, "first_response")["due_at"]
    world.pass_by(minutes=16)
    world.settle(world.act(verbs.reply, ada, code, "We have stopped it."))
    met = world.clock(code, "first_response")
    assert (met["state"], met["breached_at"]) == ("met", due)
    assert [act for act, _ in acts(world, code, "first_response")] == ["start", "breach", "meet"]


# What time does


def test_a_clock_warns_breaches_at_its_deadline_and_escalates_step_by_step(world: World) -> None:
    code = world.ticket(text=URGENT)
    came, clock = world.now, world.clock(code, "first_response")
    assert world.tick() == {}
    world.now = clock["warn_at"]
    assert world.tick() == {"warn": 1}
    assert world.tick() == {}
    world.now = clock["due_at"] + 2 * 60_000_000
    assert world.tick() == {"breach": 1}
    world.pass_by(minutes=5)
    assert world.tick() == {"escalate": 1}
    world.pass_by(minutes=60)
    assert world.tick() == {"escalate": 1}
    world.pass_by(minutes=600)
    assert world.tick() == {}
    minute = 60_000_000
    assert acts(world, code, "first_response") == [
        ("start", came),
        ("warn", came + 9 * minute),
        ("breach", came + 15 * minute),
        ("escalate", came + 20 * minute),
        ("escalate", came + 30 * minute),
    ]
    assert told(world, "clock.") == [
        ("clock.warn", came + 9 * minute),
        ("clock.breach", came + 15 * minute),
        ("clock.escalate", came + 20 * minute),
        ("clock.escalate", came + 30 * minute),
    ]


def test_a_breach_is_stamped_with_its_deadline_however_late_it_is_noticed(world: World) -> None:
    code = world.ticket(text=URGENT)
    due = world.clock(code, "first_response")["due_at"]
    world.pass_by(hours=5)
    assert world.tick() == {"breach": 1, "escalate": 2}
    late = world.clock(code, "first_response")
    assert (late["breached_at"], late["warned_at"]) == (due, None)
    [event] = [row for row in world.rows(tables.events) if row["kind"] == "clock.breach"]
    assert (event["at"], json.loads(event["data"])) == (due, {"clock": "first_response", "due": due})


def test_a_paused_clock_is_never_due(world: World) -> None:
    code, ada = world.ticket(), world.agent()
    world.settle(world.act(verbs.reply, ada, code, "Which phone is it?", then=TicketState.WAITING))
    world.pass_by(hours=1000)
    assert world.tick() == {}
    assert world.clock(code, "resolution")["breached_at"] is None


def test_a_breached_ticket_still_ranks_by_its_deadline(world: World) -> None:
    calm = world.ticket("a@example.com", URGENT)
    world.pass_by(hours=5)
    late = world.ticket("b@example.com", URGENT)
    world.tick()
    given = [world.act(verbs.next_ticket, world.agent(name))[0].code for name in ("Ada", "Bob")]
    assert given == [calm, late]


def test_many_are_ticked_in_portions_and_none_twice(world: World) -> None:
    for n in range(5):
        world.ticket(f"c{n}@example.com", URGENT)
    world.pass_by(minutes=10)
    warned = [world.act(outcome.tick, limit=2) for _ in range(4)]
    assert warned == [{"warn": 2}, {"warn": 2}, {"warn": 1}, {}]


def test_the_events_of_a_ticket_are_counted_without_a_gap(world: World) -> None:
    code, ada = world.ticket(text=URGENT), world.agent()
    world.act(verbs.next_ticket, ada)
    world.pass_by(minutes=10)
    world.tick()
    world.settle(world.act(verbs.reply, ada, code, "We have stopped it.", then=TicketState.RESOLVED))
    world.answer(code, "a@example.com", "Thank you")
    with world.database.read() as connection:
        counts = connection.scalars(select(tables.events.c.n).order_by(tables.events.c.n)).all()
    [ticket] = world.rows(tables.tickets)
    assert list(counts) == list(range(1, ticket["events"] + 1))
