"""Who may do what to whose ticket: the table of verb, role, claim and queue, walked whole."""

from collections.abc import Callable
from typing import Any

import pytest
from world import World

from deskd.acts import names, verbs
from deskd.domain.errors import Denied, NotFound, Refused
from deskd.domain.states import TicketState
from deskd.domain.ticket import Agent
from deskd.domain.words import Role
from deskd.store import people, tables

Verb = Callable[[World, Agent, str], Any]

VERBS: dict[str, Verb] = {
    "claim": lambda world, who, code: world.act(verbs.claim, who, code),
    "release": lambda world, who, code: world.act(verbs.release, who, code),
    "reply": lambda world, who, code: world.act(verbs.reply, who, code, "Hello."),
    "note": lambda world, who, code: world.act(verbs.note, who, code, "He called."),
    "move": lambda world, who, code: world.act(verbs.move, who, code, TicketState.RESOLVED),
    "assign": lambda world, who, code: world.act(verbs.assign, who, code, ""),
    "correct": lambda world, who, code: world.act(verbs.correct, who, code, field="priority", new="high", why="So."),
    "spam": lambda world, who, code: world.act(verbs.spam, who, code, is_spam=True),
}
NOT_OVER_A_COLLEAGUE = {"claim", "reply"}  # two agents never hold or answer one person
QUEUES = {"own": ("accounts",), "foreign": ("security",)}


def expected(verb: str, role: Role, claim: str, queue: str) -> str:
    if queue == "foreign":
        return "not found"
    if claim == "a colleague's":
        over = role in {Role.SUPERVISOR, Role.ADMIN} and verb not in NOT_OVER_A_COLLEAGUE
        return "done" if over else "refused with the name"
    return "nobody holds" if (verb, claim) == ("release", "nobody's") else "done"


def tried(world: World, verb: str, who: Agent, code: str) -> str:
    try:
        VERBS[verb](world, who, code)
    except NotFound:
        return "not found"
    except Refused as refusal:
        return "refused with the name" if "Bob is with this customer" in str(refusal) else "nobody holds"
    return "done"


@pytest.mark.parametrize("verb", VERBS)
@pytest.mark.parametrize("role", Role)
def test_a_verb_respects_queue_and_claim(world: World, verb: str, role: Role) -> None:
    bob, found, wanted = world.agent("Bob"), {}, {}
    for queue, served in QUEUES.items():
        for n, claim in enumerate(("own", "a colleague's", "nobody's")):
            who = world.agent(f"{queue} {n}", served, role)
            code = world.ticket(f"{queue}{n}@example.com")
            if claim == "a colleague's" or (claim == "own" and queue == "own"):
                world.act(verbs.claim, bob if claim == "a colleague's" else who, code)
            wanted[queue, claim] = expected(verb, role, claim, queue)
            found[queue, claim] = tried(world, verb, who, code)
    assert found == wanted


OTHERS: dict[str, Verb] = {
    "next": lambda world, who, _code: world.act(verbs.next_ticket, who),
    "new": lambda world, who, _code: world.act(verbs.open_by_hand, who, "+8613800000000", "I forgot it", "a call"),
}


@pytest.mark.parametrize("verb", [*VERBS, *OTHERS])
def test_who_was_switched_off_can_do_nothing_whatever_they_still_hold_in_hand(world: World, verb: str) -> None:
    code, ada = world.ticket(), world.agent(role=Role.ADMIN)
    world.database.transact(lambda connection: people.switch_off(connection, "Ada"))
    before = [world.rows(table) for table in (tables.tickets, tables.events, tables.claims)]
    with pytest.raises(Denied, match="Ada is switched off"):
        (VERBS | OTHERS)[verb](world, ada, code)
    assert [world.rows(table) for table in (tables.tickets, tables.events, tables.claims)] == before


def test_a_role_and_queues_are_those_of_now_and_not_of_the_log_in(world: World) -> None:
    code, sam, bob = world.ticket(), world.agent("Sam", role=Role.SUPERVISOR), world.agent("Bob")
    world.act(verbs.claim, bob, code)
    with world.database.write() as connection:
        connection.execute(tables.agents.update().where(tables.agents.c.name == "Sam").values(role="agent"))
    with pytest.raises(Refused, match="Bob is with this customer"):
        world.act(verbs.spam, sam, code, is_spam=True)
    with world.database.write() as connection:
        connection.execute(tables.agents.update().where(tables.agents.c.name == "Sam").values(queues=["security"]))
    with pytest.raises(NotFound):
        world.act(verbs.claim, sam, code)


def test_a_supervisor_who_acts_over_a_claim_leaves_it_where_it_is(world: World) -> None:
    code, sam, bob = world.ticket(), world.agent("Sam", role=Role.SUPERVISOR), world.agent("Bob")
    world.act(verbs.claim, bob, code)
    for verb in ("note", "move", "assign", "correct"):
        VERBS[verb](world, sam, code)
    assert [row["agent_id"] for row in world.rows(tables.claims)] == [bob.id]


def test_a_supervisor_takes_a_claim_away_and_an_event_says_whose(world: World) -> None:
    code, sam, bob = world.ticket(), world.agent("Sam", role=Role.SUPERVISOR), world.agent("Bob")
    world.act(verbs.claim, bob, code)
    world.act(verbs.release, sam, code)
    assert world.rows(tables.claims) == []
    last = world.rows(tables.events)[-1]
    assert (last["kind"], last["by"], last["data"]) == ("claim.released", "Sam", f'{{"of":"{bob.id}"}}')


def test_a_note_takes_no_claim_and_renews_ones_own(world: World) -> None:
    code, ada = world.ticket(), world.agent()
    world.act(verbs.note, ada, code, "He called.")
    assert world.rows(tables.claims) == []
    world.act(verbs.claim, ada, code)
    [before] = world.rows(tables.claims)
    world.pass_by(minutes=5)
    world.act(verbs.note, ada, code, "He called again.")
    [after] = world.rows(tables.claims)
    assert after["until"] - before["until"] == 5 * 60_000_000


# The names that a correction may use


@pytest.mark.parametrize(
    ("field", "new", "named"),
    [
        ("category", "weather", "account, transfer, security, feedback, other"),
        ("priority", "0", "urgent, high, normal, low"),
        ("queue", "acounts", "accounts, complaints, feedback, security, transfers, triage"),
        ("topic", "refund", "locked"),
        ("state", "closed", "category, topic, queue, priority"),
    ],
)
def test_a_correction_to_what_does_not_exist_is_refused_with_what_does(
    world: World, field: str, new: str, named: str
) -> None:
    code, ada = world.ticket(), world.agent("Ada", queues=("accounts", "complaints"))
    before = world.rows(tables.tickets)
    with pytest.raises(Refused) as refusal:
        world.act(verbs.correct, ada, code, field=field, new=new, why="It was wrong.")
    assert named in str(refusal.value)
    assert world.rows(tables.tickets) == before
    assert world.rows(tables.corrections) == []


def test_each_topic_of_the_category_may_be_set_and_each_queue(world: World) -> None:
    code, ada = world.ticket(), world.agent()
    with world.database.read() as connection:
        ticket = verbs.find(connection, ada, code).ticket
        queues = sorted(names.queues(world.desk, connection))
    topics = sorted(names.topics(world.desk, ticket.category))
    assert len(topics) > 5
    for topic in topics:
        world.act(verbs.correct, ada, code, field="topic", new=topic, why="So.")
    for queue in queues:
        world.act(verbs.correct, ada, code, field="queue", new=queue, why="So.")


def test_a_topic_goes_with_its_category(world: World) -> None:
    code, ada = world.ticket(), world.agent()
    assert world.rows(tables.tickets)[0]["topic"] == "password"
    world.act(verbs.correct, ada, code, field="category", new="security", why="The phone was stolen.")
    assert world.rows(tables.tickets)[0]["topic"] == ""
    world.act(verbs.correct, ada, code, field="topic", new="lost_phone", why="The phone was stolen.")
    assert world.rows(tables.tickets)[0]["topic"] == "lost_phone"
