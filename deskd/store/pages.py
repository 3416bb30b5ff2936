"""Calls of the duty roster: each is a row, with the digest of the token by which it is accepted once."""

from collections.abc import Collection

from sqlalchemy import Connection, RowMapping, bindparam, exists, select, update

from deskd.domain.ports import Micros
from deskd.domain.ticket import Ticket
from deskd.domain.words import Priority
from deskd.store import tickets as ticket_rows
from deskd.store.tables import claims, pages, tickets

ACCEPT = (  # guarded: one press of one button
    update(pages)
    .where(pages.c.id == bindparam("b_id"), pages.c.accepted_at.is_(None))
    .values(accepted_at=bindparam("accepted_at"))
)


def untaken(
    connection: Connection, categories: Collection[str], now: Micros, *, since: Micros, called: Micros, limit: int
) -> list[Ticket]:
    """Urgent tickets of these categories that came until `since`, for which nobody was called after `called`.

    Nobody has taken them: they are assigned to nobody, unanswered, and no agent holds the customer.
    """
    held = exists().where(claims.c.customer_id == tickets.c.customer_id, claims.c.until > now)
    lately = exists().where(pages.c.ticket_id == tickets.c.id, pages.c.at > called)
    found = (
        select(tickets)
        .where(ticket_rows.WAITS, tickets.c.priority == Priority.URGENT.rank, tickets.c.category.in_(list(categories)))
        .where(tickets.c.agent_id.is_(None), tickets.c.answered_at.is_(None), tickets.c.created_at <= since)
        .where(~held, ~lately)
        .order_by(tickets.c.due_at, tickets.c.id)
        .limit(limit)
    )
    return ticket_rows.listed(connection, found)


def of_tickets(connection: Connection, ticket_ids: Collection[str]) -> list[RowMapping]:
    """The eldest first."""
    if not ticket_ids:
        return []
    found = select(pages).where(pages.c.ticket_id.in_(list(ticket_ids))).order_by(pages.c.at, pages.c.n)
    return list(connection.execute(found).mappings())


def by_digest(connection: Connection, digest: bytes) -> RowMapping | None:
    return connection.execute(select(pages).where(pages.c.digest == digest)).mappings().first()
