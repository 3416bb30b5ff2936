"""All that an agent sees of one ticket, and of many in a list, read in one transaction, as plain values."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, Select

from deskd.acts import names as correctable
from deskd.acts import verbs
from deskd.acts.desk import Desk
from deskd.acts.matter import held_of
from deskd.domain import code
from deskd.domain.ports import Micros
from deskd.domain.states import ClockState, TicketState
from deskd.domain.ticket import FAR, THANKS, Agent, Ticket
from deskd.domain.words import Category, Priority
from deskd.store import clocks, events, obligations, people, tickets, views
from deskd.store.obligations import Obligation
from sla.clocks import ran
from sla.policy import SlaBook

LIMIT = 100  # lines of a list
SOON: Micros = 30 * 60 * 1_000_000  # before a deadline: when it is shown as near

LISTS: Mapping[str, Callable[[Agent, Micros], Select[Any]]] = {
    "open": lambda agent, now: tickets.queued(agent.queues, now, agent.id, LIMIT, claimed=True),
    "mine": lambda agent, _now: views.mine(agent),
    "waiting": lambda agent, _now: views.waiting(agent),
    "spam": lambda agent, _now: views.spam(agent),
}


@dataclass(frozen=True, slots=True)
class Line:
    """One row of a list. opening: the first words. heat: late, soon or "" by its deadline. news: fresh (never
    answered), again (the customer wrote after our last word) or ""."""

    ticket: Ticket
    code: str
    priority: str
    opening: str
    due_at: Micros | None
    heat: str
    news: str
    holder: str
    owner: str


@dataclass(frozen=True, slots=True)
class TicketView:
    """kind, address, level: of the identity that an answer goes to. trust: the sentence beside the sender's level.
    topics (by category), queues: the names that a correction may use."""

    ticket: Ticket
    code: str
    priority: str
    kind: str
    address: str
    level: str
    trust: str
    spam_why: str
    customer: str
    holder: str
    held_by_me: bool
    owner: str
    colleagues: list[str]
    messages: list[dict[str, Any]]
    last_answer: str
    decisions: list[dict[str, Any]]
    corrections: list[dict[str, Any]]
    clocks: list[dict[str, Any]]
    owed: Obligation | None
    facts: list[views.Fact]
    history: list[dict[str, Any]]
    follows: str
    others: list[Line]
    topics: dict[Category, list[str]]
    queues: list[str]

    @property
    def others_open(self) -> list[Line]:
        return [line for line in self.others if line.ticket.state is TicketState.OPEN and not line.ticket.spam]


def listed(connection: Connection, agent: Agent, name: str, now: Micros) -> list[Line]:
    """A list of LISTS; the open ones are most urgent first, also those that colleagues hold."""
    found = tickets.listed(connection, LISTS[name](agent, now))
    held = views.holders(connection, {ticket.customer_id for ticket in found}, now)
    names = {person.id: person.name for person in people.everybody(connection)}
    openings = views.openings(connection, [ticket.id for ticket in found])
    return [_line(ticket, now, openings, names, held) for ticket in found]


def read(desk: Desk, connection: Connection, agent: Agent, typed: str, now: Micros) -> TicketView:
    """Raises NotFound alike for a ticket of a foreign queue and for none."""
    ticket = verbs.find(connection, agent, typed).ticket
    [who] = tickets.identities_by_id(connection, [ticket.identity_id])
    everybody = people.everybody(connection)
    names = {person.id: person.name for person in everybody}
    holder = people.holder(connection, ticket.customer_id, now) or ""
    messages = _messages(connection, ticket)
    answer = views.last_answer(connection, ticket.id)
    came = [m for m in messages if m["direction"] == "in" and not m["third_party"]]
    mine = [t for t in tickets.of_customer(connection, ticket.customer_id) if t.id != ticket.id and agent.sees(t.queue)]
    openings = views.openings(connection, [t.id for t in mine])
    followed = tickets.by_ids(connection, [ticket.linked_id] if ticket.linked_id else [])
    return TicketView(
        ticket=ticket,
        code=code.shown(ticket.code),
        priority=list(Priority)[ticket.priority].value,
        kind=who.kind,
        address=who.address,
        level=came[-1]["level"] if came else who.level,
        trust=came[-1]["trust"] if came else "",
        spam_why=views.spam_why(connection, ticket.id) if ticket.spam else "",
        customer=tickets.customer_name(connection, ticket.customer_id),
        holder=holder,
        held_by_me=holder == agent.name,
        owner=names.get(ticket.agent_id or "", ""),
        colleagues=[person.name for person in everybody if person.active and person.sees(ticket.queue)],
        messages=messages,
        last_answer=answer["id"] if answer else "",
        decisions=_decisions(connection, ticket),
        corrections=views.corrections_of(connection, ticket.id),
        clocks=_clocks(desk.book, connection, ticket, now),
        owed=obligations.of_ticket(connection, ticket.id),
        facts=views.facts_of(connection, ticket.id),
        history=events.of_ticket(connection, ticket.id),
        follows=code.shown(followed[0].code) if followed and agent.sees(followed[0].queue) else "",
        others=[_line(t, now, openings, names) for t in mine],
        topics={category: sorted(correctable.topics(desk, category)) for category in Category},
        queues=sorted(correctable.queues(desk, connection)),
    )


def _decisions(connection: Connection, ticket: Ticket) -> list[dict[str, Any]]:
    """What made the ticket what it is, each reason once: a rule that gives a category and a tag says the same twice."""
    made = views.standing_decisions(connection, ticket.id)
    for decision in made:
        decision["reasons"] = list({(r["rule"], r["en"]): r for r in decision["reasons"]}.values())
    return made


def _messages(connection: Connection, ticket: Ticket) -> list[dict[str, Any]]:
    """Each with its files, its delivery, and whether it came after our last word."""
    files, sent = views.files_of(connection, ticket.id), views.deliveries_of(connection, ticket.id)
    messages = tickets.thread(connection, ticket.id)
    for message in messages:
        message["files"], message["delivery"] = files.get(message["id"], []), sent.get(message["id"])
        came = message["direction"] == "in" and not message["automatic"] and not message["third_party"]
        came = came and THANKS not in message["warnings"]
        message["unread"] = came and ticket.state is TicketState.OPEN and message["at"] > (ticket.last_out_at or 0)
    return messages


def _clocks(book: SlaBook, connection: Connection, ticket: Ticket, now: Micros) -> list[dict[str, Any]]:
    """Rows of clocks with `left_us`, what remains of the target in its calendar's time, `always`, heat and ledger."""
    turning = sorted((dict(row) for row in clocks.of_tickets(connection, [ticket.id])), key=lambda row: row["kind"])
    for clock in turning:
        value = held_of(clock)[1].clock
        running = clock["state"] == ClockState.RUNNING
        clock["left_us"] = value.target_us - ran(book, value, now)
        clock["always"] = book.calendar(value.calendar).always
        clock["heat"] = "late" if clock["breached_at"] else _heat(clock["due_at"], now) if running else ""
        clock["ledger"] = clocks.ledger(connection, clock["id"])
    return turning


def _line(
    ticket: Ticket,
    now: Micros,
    openings: Mapping[str, str],
    names: Mapping[str, str],
    held: Mapping[str, str] | None = None,
) -> Line:
    due = None if ticket.due_at >= FAR else ticket.due_at
    return Line(
        ticket=ticket,
        code=code.shown(ticket.code),
        priority=list(Priority)[ticket.priority].value,
        opening=openings.get(ticket.id, ""),
        due_at=due,
        heat=_heat(due, now),
        news=_news(ticket),
        holder=(held or {}).get(ticket.customer_id, ""),
        owner=names.get(ticket.agent_id or "", ""),
    )


def _heat(due: Micros | None, now: Micros) -> str:
    if due is None:
        return ""
    return "late" if due <= now else "soon" if due <= now + SOON else ""


def _news(ticket: Ticket) -> str:
    if ticket.state is not TicketState.OPEN or ticket.last_in_at is None:
        return ""
    if ticket.last_out_at is None:
        return "fresh"
    return "again" if ticket.last_in_at > ticket.last_out_at else ""
