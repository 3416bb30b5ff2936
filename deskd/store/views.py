"""What the pages read: whole answers, no change."""

import json
from collections.abc import Collection
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, Select, TextClause, func, select, text

from deskd.domain.ports import Micros
from deskd.domain.states import ClockState
from deskd.domain.ticket import Agent
from deskd.store.tables import (
    agents,
    attachments,
    claims,
    clocks,
    corrections,
    decisions,
    deliveries,
    events,
    facts,
    keys,
    messages,
    receipts,
    tickets,
)
from deskd.store.tickets import LIST_LIMIT

OPENING = 140  # characters
_STUCK = "deliveries.state IN ('unknown', 'rejected')"
_NOT_DONE = "state IN ('open', 'waiting', 'held')"


def standing_decisions(connection: Connection, ticket_id: str) -> list[dict[str, Any]]:
    """Those that made the ticket what it is, the first one first; a message that changed nothing decided nothing."""
    found = select(decisions).where(decisions.c.ticket_id == ticket_id).order_by(decisions.c.id)
    return [dict(row) for row in connection.execute(found).mappings() if row["changed"]]


def spam_why(connection: Connection, ticket_id: str) -> str:
    """The sentence with which it was last called spam; "" for none."""
    kinds = ("ticket.opened", "ticket.spam")
    found = select(events.c.data).where(events.c.ticket_id == ticket_id, events.c.kind.in_(kinds))
    said: str | None = connection.scalar(found.order_by(events.c.n.desc()).limit(1))
    return str(json.loads(said).get("spam") or "") if said else ""


@dataclass(frozen=True, slots=True)
class Fact:
    """What masking took out of the words, as it is shown; the whole value stays sealed. `id`: of its first mention."""

    id: str
    kind: str
    short: str


def facts_of(connection: Connection, ticket_id: str) -> list[Fact]:
    """Each value once, however often it was said."""
    found = select(func.min(facts.c.id), facts.c.kind, facts.c.short).where(facts.c.ticket_id == ticket_id)
    rows = connection.execute(found.group_by(facts.c.digest, facts.c.kind, facts.c.short))
    return sorted((Fact(*row) for row in rows), key=lambda fact: (fact.kind, fact.short, fact.id))


def sealed_fact(connection: Connection, ticket_id: str, fact_id: str) -> tuple[Fact, bytes] | None:
    """A fact of this ticket with its sealed value."""
    found = select(facts.c.id, facts.c.kind, facts.c.short, facts.c.sealed)
    row = connection.execute(found.where(facts.c.id == fact_id, facts.c.ticket_id == ticket_id)).first()
    return (Fact(row.id, row.kind, row.short), bytes(row.sealed)) if row else None


def files_of(connection: Connection, ticket_id: str) -> dict[str, list[dict[str, Any]]]:
    """id, filename, content_type, size and whether it can still be opened, by message."""
    found = _files(ticket_id).order_by(attachments.c.id)
    by_message: dict[str, list[dict[str, Any]]] = {}
    for row in connection.execute(found).mappings():
        there = {"there": row["data_key"] is not None}
        shown = {name: row[name] for name in ("id", "filename", "content_type", "size")}
        by_message.setdefault(row["message_id"], []).append(shown | there)
    return by_message


def file_of(connection: Connection, ticket_id: str, file_id: str) -> dict[str, Any] | None:
    """The row of an attachment, if it belongs to this ticket."""
    row = connection.execute(_files(ticket_id).where(attachments.c.id == file_id)).mappings().first()
    return dict(row) if row else None


def _files(ticket_id: str) -> Select[Any]:
    return (
        select(attachments)
        .join(messages, messages.c.id == attachments.c.message_id)
        .where(messages.c.ticket_id == ticket_id)
    )


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


def response_due(connection: Connection, ticket_id: str) -> Micros | None:
    """By when the next answer of a person is owed, the first or a later one."""
    running = (clocks.c.kind.in_(("first_response", "next_response")), clocks.c.state == ClockState.RUNNING)
    found: Micros | None = connection.scalar(
        select(func.min(clocks.c.due_at)).where(clocks.c.ticket_id == ticket_id, *running)
    )
    return found


def openings(connection: Connection, ticket_ids: Collection[str]) -> dict[str, str]:
    """The first words of each ticket, for lists in which many have no subject."""
    found = select(messages.c.ticket_id, func.substr(messages.c.reply, 1, OPENING)).where(
        messages.c.ticket_id.in_(list(ticket_ids)), messages.c.n == 1
    )
    return {row[0]: row[1] for row in connection.execute(found)}


def corrections_of(connection: Connection, ticket_id: str) -> list[dict[str, Any]]:
    """What people set otherwise than the rules, oldest first."""
    found = select(corrections).where(corrections.c.ticket_id == ticket_id).order_by(corrections.c.id)
    return [dict(row) for row in connection.execute(found).mappings()]


def last_answer(connection: Connection, ticket_id: str) -> dict[str, Any] | None:
    """The newest message to the customer that a person wrote."""
    where = (messages.c.ticket_id == ticket_id, messages.c.direction == "out", ~messages.c.automatic)
    row = connection.execute(select(messages).where(*where).order_by(messages.c.n.desc()).limit(1)).mappings().first()
    return dict(row) if row else None


def stuck(connection: Connection, agent: Agent) -> list[dict[str, Any]]:
    """Deliveries that a person has to look at, newest first, with the code of the ticket."""
    return [dict(row) for row in connection.execute(unresolved(agent)).mappings()]


def unresolved(agent: Agent) -> Select[Any]:
    return _deliveries(agent, _STUCK).order_by(deliveries.c.created_at.desc(), deliveries.c.id.desc())


def under_way(connection: Connection, agent: Agent) -> list[dict[str, Any]]:
    """Deliveries that leave by themselves: those with a worker, then those that wait for one, the earliest first."""
    leased = _deliveries(agent, "deliveries.state IN ('leased', 'wire')").order_by(deliveries.c.lease_until)
    queued = _deliveries(agent, "deliveries.state = 'queued'").order_by(deliveries.c.due_at, deliveries.c.id)
    return [dict(row) for found in (leased, queued) for row in connection.execute(found).mappings()]


def in_trouble(connection: Connection) -> dict[str, int]:
    """How many receipts are parked and how many outcomes unknown."""
    parked = select(func.count()).select_from(receipts).where(text("receipts.state = 'parked'"))
    unknown = select(func.count()).select_from(deliveries).where(text(_STUCK), deliveries.c.state == "unknown")
    return {"parked": connection.scalar(parked) or 0, "unknown": connection.scalar(unknown) or 0}


def mine(agent: Agent) -> Select[Any]:
    """What is assigned to the agent and not done, the earliest deadline first."""
    where = text(f"agent_id IS NOT NULL AND {_NOT_DONE}")
    return _of_queues(agent, where).where(tickets.c.agent_id == agent.id).order_by(tickets.c.due_at, tickets.c.id)


def waiting(agent: Agent) -> Select[Any]:
    """What the customer or somebody else owes, the longest silent first."""
    return _of_queues(agent, text("state IN ('waiting', 'held')")).order_by(tickets.c.last_out_at, tickets.c.id)


def spam(agent: Agent) -> Select[Any]:
    """The newest first."""
    return _of_queues(agent, text("spam")).order_by(tickets.c.id.desc())


def _deliveries(agent: Agent, where: str) -> Select[Any]:
    found = select(deliveries, tickets.c.code.label("ticket_code")).join(
        tickets, tickets.c.id == deliveries.c.ticket_id
    )
    found = found.where(text(where)).limit(LIST_LIMIT)
    return found.where(tickets.c.queue.in_(agent.queues)) if agent.queues else found


def _of_queues(agent: Agent, where: TextClause) -> Select[Any]:
    """`where` says, to the letter, what a partial index of the table says."""
    found = select(tickets).where(where).limit(LIST_LIMIT)
    return found.where(tickets.c.queue.in_(agent.queues)) if agent.queues else found
