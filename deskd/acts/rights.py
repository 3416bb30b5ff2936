"""Who may do what: asked in the transaction of the act itself, of what is stored then."""

from sqlalchemy import Connection

from deskd.domain.errors import Denied, Refused
from deskd.domain.ports import MINUTE, Micros
from deskd.domain.ticket import Agent, Ticket
from deskd.domain.words import Role
from deskd.store import people

CLAIM: Micros = 15 * MINUTE  # an agent's hold on a customer; each act of theirs on the ticket renews it
OVERRIDES = frozenset({Role.SUPERVISOR, Role.ADMIN})
"""Who may act on a ticket while a colleague holds its customer. Nobody answers over another: two would have written."""


def present(connection: Connection, agent: Agent) -> Agent:
    """The agent with the role and queues of this moment. Denied to whoever was switched off since they logged in."""
    found = people.by_id(connection, agent.id)
    if found is None or not found.active:
        raise Denied(f"{agent.name} is switched off and can do nothing here; an admin can change that.")
    return found


def may(agent: Agent, *roles: Role) -> None:
    """Denied unless the agent has one of the roles; admins have all."""
    if agent.role not in {*roles, Role.ADMIN}:
        raise Denied(f"This needs the role {' or '.join(roles)}; {agent.name} is {agent.role}.")


def hold(connection: Connection, agent: Agent, ticket: Ticket, now: Micros, *, overrides: bool = False) -> None:
    """Takes the customer, or renews the claim; refused with the name of whoever holds them.

    overrides: for an act that a supervisor may do over a colleague's claim, which then stays the colleague's.
    """
    if people.claim(connection, ticket.customer_id, agent.id, ticket.id, now, now + CLAIM):
        return
    if not (overrides and agent.role in OVERRIDES):
        raise taken(people.holder(connection, ticket.customer_id, now))


def respect(connection: Connection, agent: Agent, ticket: Ticket, now: Micros) -> None:
    """As `hold` with `overrides`, but takes nobody who is free: a note makes no claim, it only renews one's own."""
    if people.claimed_by(connection, ticket.customer_id, now) is not None:
        hold(connection, agent, ticket, now, overrides=True)


def taken(holder: str | None) -> Refused:
    return Refused(
        f"{holder or 'Another agent'} is with this customer. Take the next ticket, or wait until it is released."
    )
