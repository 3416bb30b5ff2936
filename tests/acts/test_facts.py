"""Facts are shown short; the whole value is opened for a reason, by whoever works on the ticket, on the record."""

import json

import pytest
from world import World

from deskd.acts import facts, verbs
from deskd.domain.errors import Denied, NotFound, Refused
from deskd.domain.words import Role
from deskd.store import people, tables, views

NUMBER = "T202611200012345678"


def with_fact(world: World) -> tuple[str, views.Fact]:
    """(code, its transaction number as it is shown)."""
    code = world.ticket(text=f"转账没到账，交易号 {NUMBER}，还是 {NUMBER}")
    [ticket] = world.rows(tables.tickets)
    with world.database.read() as connection:
        [fact] = [one for one in views.facts_of(connection, ticket["id"]) if one.kind == "transaction"]
    return code, fact


def test_a_fact_is_opened_for_a_reason_and_the_event_has_all_but_the_value(world: World) -> None:
    (code, fact), ada = with_fact(world), world.agent()
    assert NUMBER not in fact.short
    assert world.act(facts.reveal, ada, code, fact.id, f"looking {NUMBER} up") == NUMBER
    [event] = [row for row in world.rows(tables.events) if row["kind"] == "fact.revealed"]
    assert (event["by"], json.loads(event["data"])) == (
        "Ada",
        {"fact": "transaction", "why": f"looking {fact.short} up"},
    )
    assert NUMBER not in "".join(row["data"] for row in world.rows(tables.events))


def test_without_a_reason_nothing_is_opened(world: World) -> None:
    (code, fact), ada = with_fact(world), world.agent()
    with pytest.raises(Refused, match="what you need it for"):
        world.act(facts.reveal, ada, code, fact.id, "  ")
    assert "fact.revealed" not in {row["kind"] for row in world.rows(tables.events)}


def test_a_foreign_tickets_fact_is_none_as_one_that_is_not_there(world: World) -> None:
    code, fact = with_fact(world)
    other, ada = world.ticket("b@example.com"), world.agent()
    said = set()
    for fact_id in (fact.id, "0" * 32):
        with pytest.raises(NotFound) as refused:
            world.act(facts.reveal, ada, other, fact_id, "curious")
        said.add(str(refused.value))
    assert len(said) == 1
    with pytest.raises(NotFound):
        world.act(facts.reveal, world.agent("Far", ("nowhere",)), code, fact.id, "curious")


def test_while_a_colleague_holds_the_customer_only_a_supervisor_opens(world: World) -> None:
    (code, fact), ada, ben = with_fact(world), world.agent(), world.agent("Ben")
    world.act(verbs.claim, ada, code)
    with pytest.raises(Refused, match="Ada is with this customer"):
        world.act(facts.reveal, ben, code, fact.id, "curious")
    sue = world.agent("Sue", role=Role.SUPERVISOR)
    assert world.act(facts.reveal, sue, code, fact.id, "a complaint") == NUMBER


def test_who_was_switched_off_opens_nothing(world: World) -> None:
    (code, fact), ada = with_fact(world), world.agent()
    world.database.transact(lambda connection: people.switch_off(connection, "Ada"))
    with pytest.raises(Denied):
        world.act(facts.reveal, ada, code, fact.id, "looking it up")
