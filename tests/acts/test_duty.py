"""Who is called for an urgent security ticket that nobody takes, and how it ends."""

import hashlib
import json
from dataclasses import replace
from typing import Any

import pytest
from world import World

from deskd.acts import duty, verbs
from deskd.acts.desk import Staff
from deskd.domain.errors import NotFound, Refused
from deskd.domain.states import TicketState
from deskd.domain.ticket import Agent
from deskd.domain.words import Role
from deskd.store import people, tables
from sla.config import checked
from sla.duty import Duty, roster

URGENT = "A thief is taking money out of my account right now, I did not make this transfer"
URL = "https://desk.example"


@pytest.fixture
def world(world: World) -> World:
    """Ada is on duty around the clock, then Bob; both can be written to."""
    people = [{"agent": name, "calendar": "always"} for name in ("Ada", "Bob")]
    made = roster(checked(Duty, {"people": people}, "duty"), world.desk.book.calendars)
    world.desk = replace(world.desk, staff=Staff("main", "Asia/Shanghai", URL, made))
    for name in ("Ada", "Bob"):
        world.agent(name, mail=f"{name.lower()}@staff.example", languages=("en",))
    return world


def agent(world: World, name: str) -> Agent:
    with world.database.read() as connection:
        found = people.named(connection, name)
    assert found
    return found


def calls(world: World, minutes: float = 0) -> int:
    world.pass_by(minutes=minutes)
    return world.act(duty.call)


def called(world: World) -> list[str]:
    names = {agent(world, name).id: name for name in ("Ada", "Bob")}
    rows = sorted(world.rows(tables.pages), key=lambda row: row["n"])
    return [names.get(row["agent_id"], "nobody") for row in rows]


def token(world: World) -> str:
    """Of the last call."""
    last = max(world.rows(tables.pages), key=lambda row: row["n"])
    return duty.token_of(world.vault.ring, last["id"])


def ticket(world: World) -> Any:
    return world.rows(tables.tickets)[0]


def test_one_night_until_somebody_takes_it(world: World) -> None:
    world.ticket(text=URGENT)
    assert calls(world, minutes=2) == 0  # somebody at work may still take it
    assert calls(world, minutes=1) == 1
    assert calls(world) == calls(world, minutes=4) == 0
    assert [calls(world, minutes=5) for _ in range(3)] == [1, 1, 1]
    assert called(world) == ["Ada", "Ada", "Bob", "Bob"]
    world.act(duty.accept, token(world))
    assert ticket(world)["agent_id"] == agent(world, "Bob").id
    assert [calls(world, minutes=5) for _ in range(5)] == [0] * 5
    told = [row["kind"] for row in world.rows(tables.events) if row["kind"].startswith("page.")]
    assert told == ["page.sent"] * 4 + ["page.accepted"]


def test_what_is_not_urgent_or_not_about_security_calls_nobody(world: World) -> None:
    world.ticket(text="My transfer has not arrived")
    code = world.ticket("b@example.com", "I lost my phone")
    boss = world.agent("Boss", (), Role.SUPERVISOR)
    world.act(verbs.correct, boss, code, field="priority", new="high", why="It is locked.")
    assert calls(world, minutes=30) == 0


@pytest.mark.parametrize("end", ["next", "claim", "assign", "answer", "resolve", "spam"])
def test_whoever_takes_the_ticket_ends_the_calls(world: World, end: str) -> None:
    code, boss = world.ticket(text=URGENT), world.agent("Boss", (), Role.SUPERVISOR)
    assert calls(world, minutes=3) == 1
    if end == "next":
        world.act(verbs.next_ticket, boss)
    elif end == "claim":
        world.act(verbs.claim, boss, code)
    elif end == "assign":
        world.act(verbs.assign, boss, code, "Ada")
    elif end == "answer":
        world.settle(world.act(verbs.reply, boss, code, "We have stopped it.", then=TicketState.OPEN))
    elif end == "resolve":
        world.act(verbs.move, boss, code, TicketState.RESOLVED)
    else:
        world.act(verbs.spam, boss, code, is_spam=True)
    assert calls(world, minutes=6) == 0


def test_a_claim_that_ran_out_without_a_word_begins_the_calls_again(world: World) -> None:
    code, boss = world.ticket(text=URGENT), world.agent("Boss", (), Role.SUPERVISOR)
    world.act(verbs.claim, boss, code)
    assert calls(world, minutes=10) == 0
    assert calls(world, minutes=6) == 1


def test_where_nobody_can_be_called_the_ticket_keeps_that_and_it_is_tried_again(world: World) -> None:
    world.ticket(text=URGENT)
    for name in ("Ada", "Bob"):
        world.database.transact(lambda connection, name=name: people.set_mail(connection, name, ""))
    assert calls(world, minutes=3) == calls(world, minutes=1) == 0
    assert called(world) == ["nobody"]
    world.database.transact(lambda connection: people.set_mail(connection, "Bob", "bob@staff.example"))
    assert calls(world, minutes=5) == 1
    assert called(world) == ["nobody", "Bob"]


def test_the_mail_says_no_word_of_the_customers_and_its_token_is_kept_nowhere(world: World) -> None:
    world.ticket(text=URGENT)
    calls(world, minutes=3)
    [page] = world.rows(tables.pages)
    [message] = [row for row in world.rows(tables.messages) if row["direction"] == "notice"]
    made = token(world)
    assert page["digest"] == hashlib.sha256(made.encode()).digest()
    kept = "".join(
        str(dict(row)) for table in (tables.messages, tables.deliveries, tables.events) for row in world.rows(table)
    )
    assert made not in kept + str({**page, "digest": ""})
    leaves = duty.filled(world.desk, page["id"], message["text"])
    assert f"{URL}/duty/{made}" in leaves
    assert "thief" not in leaves + message["subject"]
    assert "for 3 min" in leaves
    [row] = [row for row in world.rows(tables.deliveries) if row["id"] == page["id"]]
    assert (row["kind"], row["address"], row["meets_clock"]) == ("notice", "ada@staff.example", False)


def test_a_link_accepts_once_and_for_an_hour(world: World) -> None:
    world.ticket(text=URGENT)
    calls(world, minutes=3)
    link = token(world)
    with pytest.raises(NotFound, match="not valid"):
        world.act(duty.accept, "A" * 22)
    world.act(duty.accept, link)
    with pytest.raises(Refused, match="Ada has taken it already"):
        world.act(duty.accept, link)
    world.pass_by(minutes=60)
    with pytest.raises(NotFound, match="not valid"):
        world.act(duty.look, link)


def test_looking_changes_nothing(world: World) -> None:
    world.ticket(text=URGENT)
    calls(world, minutes=3)
    before = [world.rows(table) for table in (tables.pages, tables.tickets, tables.events, tables.claims)]
    with world.database.read() as connection:
        assert duty.look(world.desk, connection, token(world)).agent.name == "Ada"
    assert [world.rows(table) for table in (tables.pages, tables.tickets, tables.events, tables.claims)] == before


def test_who_comes_second_is_told_who_was_first(world: World) -> None:
    world.ticket(text=URGENT)
    calls(world, minutes=3)
    first = token(world)
    calls(world, minutes=5)
    calls(world, minutes=5)
    assert called(world) == ["Ada", "Ada", "Bob"]
    world.act(duty.accept, token(world))
    with pytest.raises(Refused, match="Bob has taken it already"):
        world.act(duty.accept, first)


def test_who_was_switched_off_accepts_nothing(world: World) -> None:
    world.ticket(text=URGENT)
    calls(world, minutes=3)
    world.database.transact(lambda connection: people.switch_off(connection, "Ada"))
    with pytest.raises(NotFound):
        world.act(duty.accept, token(world))


def test_an_empty_roster_calls_nobody(world: World) -> None:
    world.desk = replace(world.desk, staff=Staff("main"))
    world.ticket(text=URGENT)
    assert calls(world, minutes=30) == 0
    assert world.rows(tables.pages) == []


def test_the_call_is_an_event_that_says_whom_and_how(world: World) -> None:
    world.ticket(text=URGENT)
    calls(world, minutes=3)
    [said] = [json.loads(row["data"]) for row in world.rows(tables.events) if row["kind"] == "page.sent"]
    [page] = world.rows(tables.pages)
    assert said == {"to": agent(world, "Ada").id, "way": "mail", "n": 1, "page": page["id"]}
