"""What an agent has read of a ticket, where they do not say so themselves."""

from sqlalchemy import Connection

from deskd.acts.desk import Desk
from deskd.acts.rights import CLAIM
from deskd.acts.verbs import find
from deskd.domain.ticket import Agent
from deskd.store import people, tickets


def seen(desk: Desk, connection: Connection, agent: Agent, code: str, number: int | None = None) -> str:
    """The id of the customer's last message that the agent has read; "" for none.

    Up to `number`; without one, up to the agent's last act on the ticket, and where there was none, the only message.
    """
    ticket = find(connection, agent, code).ticket
    came = [m for m in tickets.thread(connection, ticket.id) if m["direction"] == "in"]
    until = people.claimed_until(connection, ticket.customer_id, agent.id, desk.clock())
    if number is not None:
        came = [m for m in came if m["n"] <= number]
    elif until is not None:
        came = [m for m in came if m["at"] <= until - CLAIM]
    elif len(came) > 1:
        came = []
    return str(came[-1]["id"]) if came else ""
