"""Pages of the API: rows behind a position that no later row changes, at most so many.

A position is the id, or the place in its ticket, of the last row that was given: rows that are added while somebody
pages neither shift nor repeat the ones that were there.
"""

from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, Connection, RowMapping, exists, select, text

from deskd.domain.ticket import Agent, Identity, Ticket
from deskd.store.tables import customers, deliveries, identities, messages, receipts, tickets
from deskd.store.tickets import identity_of, ticket_of

_PARKED = text("receipts.state = 'parked'")  # to the letter, as the partial index says it


@dataclass(frozen=True, slots=True)
class Wanted:
    """What a list of tickets is narrowed to; what is empty narrows nothing. priorities: ranks."""

    states: tuple[str, ...] = ()
    queues: tuple[str, ...] = ()
    categories: tuple[str, ...] = ()
    priorities: tuple[int, ...] = ()
    agent_id: str = ""
    customer_id: str = ""
    spam: bool = False


def of_tickets(connection: Connection, agent: Agent, wanted: Wanted, before: str, limit: int) -> list[Ticket]:
    """What the agent sees, the newest first."""
    found = select(tickets).where(tickets.c.spam if wanted.spam else ~tickets.c.spam, *_seen(agent))
    for column, values in (
        (tickets.c.state, wanted.states),
        (tickets.c.queue, wanted.queues),
        (tickets.c.category, wanted.categories),
        (tickets.c.priority, wanted.priorities),
    ):
        if values:
            found = found.where(column.in_(values))
    if wanted.agent_id:
        found = found.where(tickets.c.agent_id == wanted.agent_id)
    if wanted.customer_id:
        found = found.where(tickets.c.customer_id == wanted.customer_id)
    if before:
        found = found.where(tickets.c.id < before)
    return [ticket_of(row) for row in connection.execute(found.order_by(tickets.c.id.desc()).limit(limit)).mappings()]


def of_messages(connection: Connection, ticket_id: str, after: int, limit: int) -> list[RowMapping]:
    """The first one first."""
    found = select(messages).where(messages.c.ticket_id == ticket_id, messages.c.n > after)
    return list(connection.execute(found.order_by(messages.c.n).limit(limit)).mappings())


def message(connection: Connection, message_id: str) -> RowMapping | None:
    return connection.execute(select(messages).where(messages.c.id == message_id)).mappings().first()


def of_deliveries(
    connection: Connection, agent: Agent, states: tuple[str, ...], before: str, limit: int
) -> list[dict[str, Any]]:
    """Those of tickets that the agent sees, the newest first, each with the code of its ticket."""
    found = select(deliveries, tickets.c.code.label("ticket_code")).join(
        tickets, tickets.c.id == deliveries.c.ticket_id
    )
    found = found.where(*_seen(agent))
    if states:
        found = found.where(deliveries.c.state.in_(states))
    if before:
        found = found.where(deliveries.c.id < before)
    found = found.order_by(deliveries.c.id.desc()).limit(limit)
    return [dict(row) for row in connection.execute(found).mappings()]


def of_parked(connection: Connection, after: str, limit: int) -> list[RowMapping]:
    """The eldest first."""
    found = select(receipts).where(_PARKED, receipts.c.id > after)
    return list(connection.execute(found.order_by(receipts.c.id).limit(limit)).mappings())


def parked(connection: Connection, receipt_id: str) -> RowMapping | None:
    return connection.execute(select(receipts).where(_PARKED, receipts.c.id == receipt_id)).mappings().first()


def customer(connection: Connection, agent: Agent, customer_id: str) -> RowMapping | None:
    """Nobody is seen but through a ticket that is."""
    ticket = exists().where(tickets.c.customer_id == customers.c.id, *_seen(agent))
    return connection.execute(select(customers).where(customers.c.id == customer_id, ticket)).mappings().first()


def identities_of(connection: Connection, customer_id: str) -> list[Identity]:
    found = select(identities).where(identities.c.customer_id == customer_id).order_by(identities.c.id)
    return [identity_of(row) for row in connection.execute(found).mappings()]


def _seen(agent: Agent) -> list[ColumnElement[bool]]:
    return [tickets.c.queue.in_(agent.queues)] if agent.queues else []
