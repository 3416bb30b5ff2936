"""Programs at the desk: tokens, clients that carry them, a customer who writes on, and one row of each kind."""

import re
from typing import Any

from console_world import ConsoleWorld
from starlette.testclient import TestClient

from deskd.acts import tokens
from deskd.acts.intake import Said, append
from deskd.acts.verbs import find
from deskd.domain.ports import HOUR, Receipt
from deskd.domain.ticket import Agent
from deskd.domain.words import Level, Scope
from deskd.store import people, receipts, tables
from deskd.store import tickets as rows
from deskd.store.plan import Plan, write

V1 = "/api/v1"
NONE, NO_ID = "UP-0000-0000", "0" * 32
BODIES: dict[str, dict[str, Any]] = {
    "/tickets": {"address": "new@example.com", "text": "My transfer is late", "reason": "call"},
    "/tickets/{code}/set": {"field": "priority", "new": "high", "why": "they wait"},
    "/tickets/{code}/assign": {"to": "Agent A"},
    "/tickets/{code}/state": {"state": "held"},
    "/tickets/{code}/replies": {"text": "We looked into it."},
    "/tickets/{code}/notes": {"text": "Rang them."},
    "/deliveries/{delivery}/decide": {"verdict": "accepted", "why": "the customer rang"},
    "/parked/{receipt}/dismiss": {"why": "a scanner"},
    "/rules/explain": {"text": "My transfer has not arrived"},
}


def token(world: ConsoleWorld, *scopes: Scope, name: str = "Agent A", days: int = 90) -> str:
    with world.database.write() as connection:
        return tokens.issue(world.desk, connection, name, scopes or list(Scope), days)


def client(world: ConsoleWorld, *scopes: Scope, name: str = "Agent A") -> TestClient:
    """As this agent, with a token of these scopes; none named: of all."""
    return world.client(authorization=f"Bearer {token(world, *scopes, name=name)}")


def filled(path: str, code: str = NONE, one: str = NO_ID) -> str:
    return re.sub(r"{\w+}", one, path.replace("{code}", code))


def problem(answer: Any, status: int, kind: str) -> str:
    """The one sentence of a problem of this kind."""
    said = answer.json()
    assert (answer.status_code, said["type"]) == (status, f"urn:deskd:problem:{kind}"), answer.text
    assert answer.headers["content-type"] == "application/problem+json"
    assert said["status"] == status
    assert "\n" not in said["detail"]
    assert said["detail"].endswith(".")
    return str(said["detail"])


def writes_on(world: ConsoleWorld, code: str, text: str) -> str:
    """The ticket's customer writes again; the message's id."""
    with world.database.write() as connection:
        agent = people.named(connection, "Agent A")
        assert agent
        matter, plan, words = find(connection, agent, code), Plan(), dict.fromkeys(("subject", "trust_why"), "")
        [who] = rows.identities_by_id(connection, [matter.ticket.identity_id])
        said = Said(
            receipt_id=world.ids(),
            at=world.now,
            text=text,
            reply=text,
            language="en",
            level=Level.CLAIMED,
            no_ack_why="",
            **words,
        )
        append(world.desk, plan, matter, said, who)
        write(connection, [plan])
    return str(matter.ticket.last_in_id)


def parked(world: ConsoleWorld, key: str = "k") -> str:
    """A receipt that was set aside; its id."""
    sealed = receipts.seal(Receipt("form", "help", key, key, b"{}", world.now - HOUR), world.ids, world.vault)
    with world.database.write() as connection:
        receipts.keep(connection, [sealed])
        values = {"state": "parked", "step": "look", "reason": "RuntimeError in parse.py:88.", "settled_at": world.now}
        connection.execute(tables.receipts.update().where(tables.receipts.c.id == sealed[1]["id"]).values(values))
    return str(sealed[1]["id"])


def unknown(world: ConsoleWorld, code: str) -> str:
    """A delivery of this ticket of which nobody knows what became; its id."""
    made = client(world, Scope.REPLIES_WRITE).post(f"{V1}/tickets/{code}/replies", json={"text": "We looked into it."})
    delivery = str(made.json()["delivery"])
    with world.database.write() as connection:
        changed = tables.deliveries.update().where(tables.deliveries.c.id == delivery)
        connection.execute(changed.values(state="unknown", note="451 try later"))
    return delivery


def served(world: ConsoleWorld, name: str, *queues: str) -> Agent:
    """A further agent, of these queues alone."""
    agent = Agent(world.ids(), name, "agent", queues, (), active=True)
    with world.database.write() as connection:
        assert people.add(connection, agent, "", world.now)
    return agent
