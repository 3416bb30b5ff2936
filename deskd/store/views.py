"""What the pages and the metrics read: whole answers, no change."""

from collections.abc import Collection
from typing import Any

from sqlalchemy import Connection, Select, func, select

from deskd.domain.ports import Micros
from deskd.domain.states import ClockState
from deskd.store.tables import (
    agents,
    attachments,
    claims,
    clocks,
    decisions,
    deliveries,
    facts,
    keys,
    messages,
    tickets,
)


def last_decision(connection: Connection, ticket_id: str) -> dict[str, Any] | None:
    found = select(decisions).where(decisions.c.ticket_id == ticket_id).order_by(decisions.c.id.desc()).limit(1)
    row = connection.execute(found).mappings().first()
    return dict(row) if row else None


def facts_of(connection: Connection, ticket_id: str) -> list[tuple[str, str]]:
    """(kind, short form): the whole value stays sealed."""
    found = select(facts.c.kind, facts.c.short).where(facts.c.ticket_id == ticket_id).distinct()
    return [(kind, short) for kind, short in connection.execute(found.order_by(facts.c.kind, facts.c.short))]


def files_of(connection: Connection, ticket_id: str) -> dict[str, list[tuple[str, int]]]:
    """(name, bytes) of the attachments, by message."""
    found = (
        select(attachments.c.message_id, attachments.c.filename, attachments.c.size)
        .join(messages, messages.c.id == attachments.c.message_id)
        .where(messages.c.ticket_id == ticket_id)
        .order_by(attachments.c.id)
    )
    by_message: dict[str, list[tuple[str, int]]] = {}
    for message_id, filename, size in connection.execute(found):
        by_message.setdefault(message_id, []).append((filename, size))
    return by_message


def deliveries_of(connection: Connection, ticket_id: str) -> dict[str, tuple[str, str]]:
    """(state, or what was reported after it; note) by message."""
    found = select(deliveries.c.message_id, deliveries.c.state, deliveries.c.report, deliveries.c.note)
    rows = connection.execute(found.where(deliveries.c.ticket_id == ticket_id))
    return {message_id: (report or state, note) for message_id, state, report, note in rows}


def holders(connection: Connection, customer_ids: Collection[str], now: Micros) -> dict[str, str]:
    """The name of the agent who holds each customer."""
    found = (
        select(claims.c.customer_id, agents.c.name)
        .join(agents, agents.c.id == claims.c.agent_id)
        .where(claims.c.customer_id.in_(list(customer_ids)), claims.c.until > now)
    )
    return {row.customer_id: row.name for row in connection.execute(found)}


def receipt_of(connection: Connection, digest: bytes) -> str | None:
    """The receipt that was kept under this key, now or ever."""
    found: str | None = connection.scalar(select(keys.c.receipt_id).where(keys.c.digest == digest))
    return found


def first_due(connection: Connection, ticket_id: str) -> Micros | None:
    """By when the running first response is owed."""
    found: Micros | None = connection.scalar(
        select(clocks.c.due_at).where(
            clocks.c.ticket_id == ticket_id, clocks.c.kind == "first_response", clocks.c.state == ClockState.RUNNING
        )
    )
    return found


def counts(connection: Connection, now: Micros) -> dict[str, dict[str, int]]:
    """For metrics, each from rows: tickets by category, messages by direction, clocks."""
    by: dict[str, Select[Any]] = {
        "tickets": select(tickets.c.category, func.count()).group_by(tickets.c.category),
        "messages": select(messages.c.direction, func.count()).group_by(messages.c.direction),
    }
    found = {name: {str(key): int(n) for key, n in connection.execute(query)} for name, query in by.items()}
    due = select(func.count()).select_from(clocks).where(clocks.c.next_at <= now)
    breached = select(func.count()).select_from(clocks).where(clocks.c.breached_at.is_not(None))
    found["clocks"] = {"due": connection.scalar(due) or 0, "breached": connection.scalar(breached) or 0}
    return found
