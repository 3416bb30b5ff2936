"""Tickets: rows, the one guarded update, and the reads by which they are found."""

from collections.abc import Collection, Iterable
from dataclasses import fields
from typing import Any

from sqlalchemy import Connection, RowMapping, Select, bindparam, func, select, text, update

from deskd.domain.ports import Micros
from deskd.domain.states import TicketState
from deskd.domain.ticket import NOBODY, Identity, Ticket
from deskd.domain.words import Category, Direction, Language
from deskd.store.plan import Row
from deskd.store.tables import claims, customers, identities, messages, tickets

_COLUMNS = tuple(f.name for f in fields(Ticket))
_LISTS = ("tags", "also", "set_by_person")
_FIXED = ("id", "code", "customer_id", "channel", "account", "created_at")
LIST_LIMIT = 200  # rows of a page; a list is never unbounded

WAITS = text("state = 'open' AND NOT spam")  # to the letter, or SQLite does not see that the partial index fits
_RESTS = text("state = 'resolved'")

SAVE = (  # guarded by the ticket's own count of events
    update(tickets)
    .where(tickets.c.id == bindparam("b_id"), tickets.c.events == bindparam("b_events"))
    .values({name: bindparam(name) for name in _COLUMNS if name not in _FIXED})
)


def row_of(ticket: Ticket) -> Row:
    row = {name: getattr(ticket, name) for name in _COLUMNS}
    for name in _LISTS:
        row[name] = list(row[name])
    return row


def saving(ticket: Ticket, read_at: int) -> Row:
    """The values of SAVE for a ticket that had `read_at` events when it was read."""
    row = row_of(ticket)
    for name in _FIXED:
        del row[name]
    return row | {"b_id": ticket.id, "b_events": read_at}


def ticket_of(row: RowMapping) -> Ticket:
    values = {name: row[name] for name in _COLUMNS}
    for name in _LISTS:
        values[name] = tuple(values[name])
    values["state"] = TicketState(values["state"])
    values["category"] = Category(values["category"])
    values["language"] = Language(values["language"])
    return Ticket(**values)


def by_ids(connection: Connection, ids: Collection[str]) -> list[Ticket]:
    if not ids:
        return []
    return _tickets(connection, select(tickets).where(tickets.c.id.in_(list(ids))).order_by(tickets.c.id))


def by_codes(connection: Connection, codes: Collection[str]) -> list[Ticket]:
    if not codes:
        return []
    return _tickets(connection, select(tickets).where(tickets.c.code.in_(list(codes))).order_by(tickets.c.id))


def by_code(connection: Connection, code: str, *, lock: bool = False) -> Ticket | None:
    found = select(tickets).where(tickets.c.code == code)
    rows = _tickets(connection, found.with_for_update() if lock else found)
    return rows[0] if rows else None


def resolved(connection: Connection, until: Micros, limit: int) -> list[Ticket]:
    """Resolved by then, the eldest first."""
    found = select(tickets).where(_RESTS, tickets.c.resolved_at <= until).order_by(tickets.c.resolved_at).limit(limit)
    return _tickets(connection, found)


def of_customer(connection: Connection, customer_id: str) -> list[Ticket]:
    """The newest first."""
    found = select(tickets).where(tickets.c.customer_id == customer_id)
    return _tickets(connection, found.order_by(tickets.c.id.desc()).limit(LIST_LIMIT))


def conversations(connection: Connection, identity_ids: Collection[str], channels: Collection[str]) -> list[Ticket]:
    """The tickets of these identities on these channels that are not closed and no spam, the eldest first."""
    if not identity_ids or not channels:
        return []
    found = select(tickets).where(
        tickets.c.identity_id.in_(list(identity_ids)),
        tickets.c.channel.in_(list(channels)),
        tickets.c.state != TicketState.CLOSED,
        ~tickets.c.spam,
    )
    return _tickets(connection, found.order_by(tickets.c.created_at, tickets.c.id))


def known_customers(connection: Connection, customer_ids: Collection[str]) -> set[str]:
    """Those with a ticket that is not spam."""
    if not customer_ids:
        return set()
    found = select(tickets.c.customer_id).where(tickets.c.customer_id.in_(list(customer_ids)), ~tickets.c.spam)
    return set(connection.scalars(found.distinct()))


def identities_at(connection: Connection, kind: str, addresses: Collection[str]) -> list[Identity]:
    if not addresses:
        return []
    found = select(identities).where(identities.c.kind == kind, identities.c.address.in_(list(addresses)))
    return [identity_of(row) for row in connection.execute(found).mappings()]


def block(connection: Connection, identity_id: str, *, blocked: bool) -> None:
    """What comes from this address opens spam from now on, or does so no more."""
    connection.execute(update(identities).where(identities.c.id == identity_id).values(blocked=blocked))


def identities_by_id(connection: Connection, ids: Collection[str]) -> list[Identity]:
    if not ids:
        return []
    found = select(identities).where(identities.c.id.in_(list(ids)))
    return [identity_of(row) for row in connection.execute(found).mappings()]


def identity_of(row: RowMapping) -> Identity:
    address = "" if row["kind"] == NOBODY else row["address"]  # the row has the receipt's id there, to be unique
    return Identity(row["id"], row["customer_id"], row["kind"], address, row["level"], bool(row["blocked"]))


def queued(queues: Iterable[str], now: Micros, agent_id: str, limit: int, *, claimed: bool = False) -> Select[Any]:
    """Open tickets of these queues (none: all), most urgent first: priority, then the earliest deadline.

    `claimed`: also those whose customer another agent holds.
    """
    names = list(queues)
    held = select(claims.c.customer_id).where(claims.c.until > now, claims.c.agent_id != agent_id)
    found = select(tickets).where(WAITS)
    if names:
        found = found.where(tickets.c.queue.in_(names))
    if not claimed:
        found = found.where(tickets.c.customer_id.not_in(held))
    return found.order_by(tickets.c.priority, tickets.c.due_at, tickets.c.id).limit(min(limit, LIST_LIMIT))


def listed(connection: Connection, found: Select[Any]) -> list[Ticket]:
    return _tickets(connection, found)


def thread(connection: Connection, ticket_id: str) -> list[dict[str, Any]]:
    """What was said, the eldest first; notices to us are none of it."""
    said = (messages.c.ticket_id == ticket_id, messages.c.direction != Direction.NOTICE)
    found = select(messages).where(*said).order_by(messages.c.n).limit(1000)
    return [dict(row) for row in connection.execute(found).mappings()]


def customer_name(connection: Connection, customer_id: str) -> str:
    return str(connection.scalar(select(customers.c.name).where(customers.c.id == customer_id)) or "")


def depths(connection: Connection) -> list[tuple[str, int, Micros]]:
    """(queue, open tickets, when the oldest came) for metrics and the queue page."""
    found = (
        select(tickets.c.queue, func.count(), func.min(tickets.c.created_at))
        .where(WAITS)
        .group_by(tickets.c.queue)
        .order_by(tickets.c.queue)
    )
    return [(queue, count, oldest) for queue, count, oldest in connection.execute(found)]


def _tickets(connection: Connection, found: Select[Any]) -> list[Ticket]:
    return [ticket_of(row) for row in connection.execute(found).mappings()]
