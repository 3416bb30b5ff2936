"""All that an agent sees of one ticket, read in one transaction, as plain values for the template."""

from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import Connection

from deskd.acts import verbs
from deskd.domain import code
from deskd.domain.ports import Micros
from deskd.domain.ticket import FAR, Agent, Ticket
from deskd.domain.words import Priority
from deskd.store import clocks, people, tickets, views


@dataclass(frozen=True, slots=True)
class Line:
    """One row of the queue."""

    ticket: Ticket
    code: str
    priority: str
    due_at: Micros | None
    holder: str


@dataclass(frozen=True, slots=True)
class TicketView:
    ticket: Ticket
    code: str
    priority: str
    address: str
    customer: str
    holder: str
    messages: list[dict[str, Any]]
    decision: dict[str, Any] | None
    clocks: list[dict[str, Any]]
    facts: list[tuple[str, str]]
    others: list[Line] = field(default_factory=list)

    @property
    def last(self) -> dict[str, Any]:
        """The customer's last message: its level and its sentence stand beside the sender."""
        came = [m for m in self.messages if m["direction"] == "in"]
        return came[-1] if came else {}


def queue(connection: Connection, agent: Agent, now: Micros, limit: int = 100) -> list[Line]:
    """Open tickets of the agent's queues, most urgent first, also those that colleagues hold."""
    found = tickets.listed(connection, tickets.queued(agent.queues, now, agent.id, limit, claimed=True))
    held = views.holders(connection, {ticket.customer_id for ticket in found}, now)
    return [_line(ticket, held.get(ticket.customer_id, "")) for ticket in found]


def read(connection: Connection, agent: Agent, typed: str, now: Micros) -> TicketView:
    """Raises NotFound alike for a ticket of a foreign queue and for none."""
    ticket = verbs.find(connection, agent, typed).ticket
    [who] = tickets.identities_by_id(connection, [ticket.identity_id])
    files, sent = views.files_of(connection, ticket.id), views.deliveries_of(connection, ticket.id)
    messages = tickets.thread(connection, ticket.id)
    for message in messages:
        message["files"], message["delivery"] = files.get(message["id"], []), sent.get(message["id"])
    turning = [dict(row) for row in clocks.of_tickets(connection, [ticket.id])]
    for clock in turning:
        clock["ledger"] = clocks.ledger(connection, clock["id"])
    others = [t for t in tickets.of_customer(connection, ticket.customer_id) if t.id != ticket.id]
    return TicketView(
        ticket=ticket,
        code=code.shown(ticket.code),
        priority=list(Priority)[ticket.priority].value,
        address=who.address,
        customer=tickets.customer_name(connection, ticket.customer_id),
        holder=people.holder(connection, ticket.customer_id, now) or "",
        messages=messages,
        decision=views.last_decision(connection, ticket.id),
        clocks=sorted(turning, key=lambda clock: clock["kind"]),
        facts=views.facts_of(connection, ticket.id),
        others=[_line(t, "") for t in others if agent.sees(t.queue)],
    )


def _line(ticket: Ticket, holder: str) -> Line:
    due = None if ticket.due_at >= FAR else ticket.due_at
    return Line(ticket, code.shown(ticket.code), list(Priority)[ticket.priority].value, due, holder)
