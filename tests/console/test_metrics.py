"""Each value of /metrics is what the rows say, and each lag is what somebody would have to wait."""

import re

import pytest
from console_world import ConsoleWorld, act

from deskd.acts import outcome
from deskd.console import health
from deskd.domain.errors import StoreAway
from deskd.domain.ports import HOUR, MINUTE, SECOND
from deskd.store import events, tables

LINE = re.compile(r"^(\w+)(?:\{(.*)\})? ([0-9.e+-]+)$", re.MULTILINE)
STEPS = ("pipeline", "sequencer", "clocks", "outbox", "sweeper")


def read(world: ConsoleWorld) -> dict[str, float]:
    """By name and labels: step_lag_seconds/pipeline."""
    found = LINE.findall(world.client().get("/metrics").text)
    parts = ((name.removeprefix("deskd_"), *re.findall(r'"([^"]*)"', labels)) for name, labels, _ in found)
    return {"/".join(part): float(n) for part, (_, _, n) in zip(parts, found, strict=True)}


def test_an_empty_desk_says_zero_where_an_alarm_would_look(world: ConsoleWorld) -> None:
    values = read(world)
    for name in (
        "receipts/kept",
        "receipts/parked",
        "routed_total/security",
        "tickets/transfer",
        "deliveries/unknown",
        "clocks_breached/first_response",
        "clocks_breached/next_response",
        *(f"step_{what}/{step}" for what in ("waiting", "lag_seconds") for step in STEPS),
    ):
        assert values[name] == 0, name


def test_what_was_received_routed_and_opened_is_counted(world: ConsoleWorld) -> None:
    world.ticket("我的转账三天还没到账")
    world.ticket("我的转账还没到账", email="b@example.com")
    world.ticket("I like your app very much, thank you", email="c@example.com")
    values = read(world)
    assert values["received_total/form"] == 3
    assert values["receipts/done"] == 3
    assert values["ticketed_total/form"] == 3
    assert (values["routed_total/transfer"], values["routed_total/feedback"]) == (2, 1)
    assert (values["tickets/transfer"], values["tickets/feedback"]) == (2, 1)
    assert values["messages_total/in"] == 3


def test_spam_is_counted_apart(world: ConsoleWorld) -> None:
    code, client = world.ticket(), world.logged_in()
    act(client, f"/console/t/{code}/spam", spam="yes")
    values = read(world)
    assert (values["tickets/spam"], values["tickets/transfer"], values["ticketed_total/form"]) == (1, 0, 1)
    assert "queue_depth/transfers" not in values


def test_queues_say_how_many_wait_and_how_long_the_oldest_has(world: ConsoleWorld) -> None:
    world.ticket()
    world.now += HOUR
    world.ticket(email="b@example.com")
    values = read(world)
    assert (values["queue_depth/transfers"], values["queue_oldest_seconds/transfers"]) == (2, 3600)


def test_what_is_kept_and_not_read_yet_is_the_pipelines_lag(world: ConsoleWorld) -> None:
    world.at_once = False
    world.ticket()
    world.now += 90 * SECOND
    world.ticket(email="b@example.com")
    values = read(world)
    assert (values["receipts/kept"], values["step_waiting/pipeline"], values["step_lag_seconds/pipeline"]) == (2, 2, 90)
    world.run()
    values = read(world)
    assert (values["receipts/kept"], values["step_waiting/pipeline"], values["step_lag_seconds/pipeline"]) == (0, 0, 0)


def test_events_without_a_number_are_the_sequencers_lag(world: ConsoleWorld) -> None:
    world.ticket()
    world.now += MINUTE
    values = read(world)
    count = len(world.rows(tables.events))
    assert (values["step_waiting/sequencer"], values["step_lag_seconds/sequencer"]) == (count, 60)
    world.database.transact(lambda c: events.number(c, events.last(c)))
    assert read(world)["step_waiting/sequencer"] == 0


def test_clocks_that_nobody_looked_at_are_their_keepers_lag_and_breaches_are_counted(world: ConsoleWorld) -> None:
    world.ticket()
    [first] = [c for c in world.rows(tables.clocks) if c["kind"] == "first_response"]
    world.now = first["next_at"] + 5 * SECOND
    values = read(world)
    assert (values["step_waiting/clocks"], values["step_lag_seconds/clocks"]) == (1, 5)
    assert values["clocks/first_response/running"] == 1
    world.now = first["due_at"]
    world.database.transact(lambda c: outcome.tick(world.desk, c))
    values = read(world)
    assert (values["step_waiting/clocks"], values["clocks_breached/first_response"]) == (0, 1)


def test_each_answer_that_came_too_late_is_counted_also_when_the_clock_runs_for_the_next_one(
    world: ConsoleWorld,
) -> None:
    world.ticket()
    late = {"kind": "next_response", "missed": 2, "breached_at": world.now}
    first = tables.clocks.c.kind == "first_response"
    world.database.transact(lambda c: c.execute(tables.clocks.update().where(first).values(late)))
    assert read(world)["clocks_breached/next_response"] == 3


def test_what_is_due_to_leave_is_the_outboxs_lag_and_what_will_be_is_not(world: ConsoleWorld) -> None:
    code, client = world.ticket(), world.logged_in()
    act(client, f"/console/t/{code}/reply", reply="We looked into it.")
    world.now += 20 * SECOND
    values = read(world)
    assert (values["deliveries/queued"], values["step_waiting/outbox"], values["step_lag_seconds/outbox"]) == (1, 1, 20)
    later = tables.deliveries.update().values(due_at=world.now + HOUR)
    world.database.transact(lambda c: c.execute(later))
    values = read(world)
    assert (values["deliveries/queued"], values["step_waiting/outbox"], values["step_lag_seconds/outbox"]) == (1, 0, 0)


def test_a_lease_that_ran_out_is_the_sweepers_lag(world: ConsoleWorld) -> None:
    code, client = world.ticket(), world.logged_in()
    act(client, f"/console/t/{code}/reply", reply="We looked into it.")
    for state in ("leased", "wire"):
        held = tables.deliveries.update().values(state=state, lease_until=world.now + MINUTE)
        world.database.transact(lambda c, held=held: c.execute(held))
        assert read(world)["step_waiting/sweeper"] == 0
        world.now += MINUTE + 15 * SECOND
        values = read(world)
        assert (values["step_waiting/sweeper"], values["step_lag_seconds/sweeper"]) == (1, 15)


def test_alive_and_ready_say_what_they_looked_at(world: ConsoleWorld) -> None:
    client = world.client()
    assert client.get("/healthz").text == "alive: this process answers; nothing else was asked\n"
    ready = client.get("/readyz")
    assert ready.status_code == 200
    assert "database: ok" in ready.text
    assert "data folder: ok, writable" in ready.text


def test_a_store_that_is_away_and_a_full_disk_are_not_ready_and_say_so(
    world: ConsoleWorld, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(health, "LEAST_FREE", 1 << 80)
    full = world.client().get("/readyz")
    assert full.status_code == 503
    assert "data folder: full" in full.text

    def away() -> None:
        raise StoreAway("The database is away.")

    monkeypatch.setattr(type(world.database), "read", lambda _self: away())
    answer = world.client().get("/readyz")
    assert answer.status_code == 503
    assert "database: away" in answer.text
