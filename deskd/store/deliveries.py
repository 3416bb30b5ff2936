"""Deliveries and their attempts: leasing, the guarded steps, and the reads of a worker, the sweeper and the lists.

Every step names the holder and the fence it was leased under, so that a worker that was overtaken changes nothing.
"""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Connection,
    and_,
    bindparam,
    exists,
    func,
    insert,
    literal_column,
    or_,
    select,
    text,
    tuple_,
    update,
)

from deskd.domain.ports import Micros
from deskd.domain.states import DeliveryState
from deskd.domain.words import Direction
from deskd.store.plan import Row
from deskd.store.tables import attachments, attempts, deliveries, messages, receipts, tickets

UNDER_WAY = (DeliveryState.LEASED, DeliveryState.WIRE)
LIST_LIMIT = 200  # rows of a page; a list is never unbounded
REFERENCES = 10  # of a thread's message ids: the first and the last ones (some clients cut longer headers)
PERSON = "person"  # the code of an attempt that is a person's decision

# Partial indexes are used only where the query says the same words: a bound parameter would not do.
_QUEUED = deliveries.c.state == literal_column("'queued'")
_LEASED = text("deliveries.state IN ('leased', 'wire')")

_AMONG_US = (Direction.NOTE, Direction.NOTICE)
_NOBODY = {"holder": "", "lease_until": 0}
_RECORD = insert(attempts)


def _free() -> ColumnElement[bool]:
    """None of the same conversation (ticket and address) is under way, and no elder one of it is waiting."""
    other = deliveries.alias("other")
    elder = or_(
        other.c.created_at < deliveries.c.created_at,
        and_(other.c.created_at == deliveries.c.created_at, other.c.id < deliveries.c.id),
    )
    under_way = text("other.state IN ('leased', 'wire')")
    blocks = or_(under_way, and_(other.c.state == DeliveryState.QUEUED, elder))
    same = and_(other.c.ticket_id == deliveries.c.ticket_id, other.c.address == deliveries.c.address)
    return ~exists().where(same, other.c.id != deliveries.c.id, blocks)


_LEASABLE = (
    select(deliveries.c.id)
    .where(
        deliveries.c.account == bindparam("b_account"),
        _QUEUED,
        deliveries.c.due_at <= bindparam("b_now"),
        _free(),
    )
    .order_by(deliveries.c.due_at, deliveries.c.created_at, deliveries.c.id)
    .limit(bindparam("b_limit"))
    .with_for_update(skip_locked=True)  # says nothing on SQLite, where a writer is alone
    .cte("leasable")  # as a plain subquery PostgreSQL may run it once a row, each time with other rows: seen here
)
_LEASE = (
    update(deliveries)
    .where(deliveries.c.id.in_(select(_LEASABLE.c.id)), deliveries.c.state == DeliveryState.QUEUED)
    .values(
        state=DeliveryState.LEASED,
        holder=bindparam("b_holder"),
        fence=deliveries.c.fence + 1,
        lease_until=bindparam("b_until"),
        attempts=deliveries.c.attempts + 1,
    )
    .returning(*deliveries.c)
)
_DUE = select(deliveries.c.account).where(_QUEUED, deliveries.c.due_at <= bindparam("b_now")).distinct()


def lease(
    connection: Connection, account: str, holder: str, *, now: Micros, until: Micros, limit: int
) -> list[dict[str, Any]]:
    """Takes up to `limit` due deliveries, one a conversation at most, each with a new fence; the rows as they are."""
    values = {"b_account": account, "b_now": now, "b_limit": limit, "b_holder": holder, "b_until": until}
    return [dict(row) for row in connection.execute(_LEASE, values).mappings()]


def renew(connection: Connection, holder: str, ids: Collection[str], until: Micros) -> None:
    """Puts off the end of this holder's leases."""
    mine = (deliveries.c.id.in_(list(ids)), deliveries.c.holder == holder, deliveries.c.state.in_(UNDER_WAY))
    connection.execute(update(deliveries).where(*mine).values(lease_until=until))


def to_wire(connection: Connection, holder: str, leased: Collection[tuple[str, int]]) -> set[str]:
    """Moves (id, fence) pairs that are still ours to `wire`; the ids that moved."""
    if not leased:
        return set()
    moved = (
        update(deliveries)
        .where(
            tuple_(deliveries.c.id, deliveries.c.fence).in_(list(leased)),
            deliveries.c.holder == holder,
            deliveries.c.state == DeliveryState.LEASED,
        )
        .values(state=DeliveryState.WIRE)
        .returning(deliveries.c.id)
    )
    return set(connection.scalars(moved))


def move(
    connection: Connection, row: Mapping[str, Any], old: Collection[DeliveryState], values: Row
) -> dict[str, Any] | None:
    """Ends the lease under which `row` was read and sets `values`; the new row, or None if it is not ours any more."""
    moved = (
        update(deliveries)
        .where(
            deliveries.c.id == row["id"],
            deliveries.c.fence == row["fence"],
            deliveries.c.state.in_(list(old)),
        )
        .values(_NOBODY | values)
        .returning(*deliveries.c)
    )
    found = connection.execute(moved).mappings().first()
    return dict(found) if found else None


def end(connection: Connection, row: Mapping[str, Any], now: Micros, values: Row) -> dict[str, Any] | None:
    """As `move`, for whoever does not hold the lease: only if it has not been renewed since `row` was read."""
    moved = (
        update(deliveries)
        .where(
            deliveries.c.id == row["id"],
            deliveries.c.fence == row["fence"],
            deliveries.c.state == row["state"],
            deliveries.c.lease_until <= now,
        )
        .values({"lease_until": 0} | values)
        .returning(*deliveries.c)
    )
    found = connection.execute(moved).mappings().first()
    return dict(found) if found else None


def record(connection: Connection, rows: Sequence[Row]) -> None:
    """Writes attempts."""
    if rows:
        connection.execute(_RECORD, list(rows))


def tried(connection: Connection, delivery_id: str) -> tuple[int, Micros | None]:
    """How many attempts there were since a person last decided, and when the first of them was."""
    last = select(func.max(attempts.c.n)).where(attempts.c.delivery_id == delivery_id, attempts.c.code == PERSON)
    found = select(func.count(), func.min(attempts.c.at)).where(
        attempts.c.delivery_id == delivery_id,
        attempts.c.n > func.coalesce(last.scalar_subquery(), 0),
    )
    count, first = connection.execute(found).one()
    return int(count), first


def pause(connection: Connection, account: str, until: Micros, note: str) -> int:
    """Puts off all that is queued on the account and due before `until`; how many."""
    later = (
        update(deliveries)
        .where(deliveries.c.account == account, _QUEUED, deliveries.c.due_at < until)
        .values(due_at=until, note=note)
    )
    return int(connection.execute(later).rowcount)


def due_accounts(connection: Connection, now: Micros) -> list[str]:
    return sorted(connection.scalars(_DUE, {"b_now": now}))


def ended(connection: Connection, now: Micros, limit: int) -> list[dict[str, Any]]:
    """Rows whose lease has run out, in the order in which their tickets are locked."""
    found = (
        select(deliveries)
        .where(_LEASED, deliveries.c.lease_until <= now)
        .order_by(deliveries.c.lease_until)
        .limit(limit)
    )
    return sorted((dict(r) for r in connection.execute(found).mappings()), key=lambda row: str(row["ticket_id"]))


def by_id(connection: Connection, delivery_id: str) -> dict[str, Any] | None:
    found = connection.execute(select(deliveries).where(deliveries.c.id == delivery_id)).mappings().first()
    return dict(found) if found else None


def provider_id(connection: Connection, delivery_id: str) -> str:
    """The provider's own id; "" while it has not spoken of it."""
    return str(connection.scalar(select(deliveries.c.provider_id).where(deliveries.c.id == delivery_id)) or "")


def listed(connection: Connection, states: Iterable[DeliveryState], limit: int = LIST_LIMIT) -> list[dict[str, Any]]:
    """Deliveries in these states, newest first, each with the code of its ticket."""
    found = (
        select(deliveries, tickets.c.code.label("ticket_code"))
        .join(tickets, tickets.c.id == deliveries.c.ticket_id)
        .where(deliveries.c.state.in_(list(states)))
        .order_by(deliveries.c.created_at.desc(), deliveries.c.id.desc())
        .limit(min(limit, LIST_LIMIT))
    )
    return [dict(row) for row in connection.execute(found).mappings()]


def attempts_of(connection: Connection, delivery_id: str) -> list[dict[str, Any]]:
    found = select(attempts).where(attempts.c.delivery_id == delivery_id).order_by(attempts.c.n, attempts.c.id)
    return [dict(row) for row in connection.execute(found).mappings()]


def counts(connection: Connection) -> dict[str, int]:
    """How many deliveries are in each state, for metrics."""
    found = select(deliveries.c.state, func.count()).group_by(deliveries.c.state)
    return {row[0]: row[1] for row in connection.execute(found)}


@dataclass(frozen=True, slots=True)
class Content:
    """What a delivery carries: its message, the thread it belongs to, the rows of its attachments."""

    subject: str
    text: str
    automatic: bool
    ticket_code: str
    in_reply_to: str
    references: tuple[str, ...]
    files: tuple[Mapping[str, Any], ...] = field(default=())


def contents(connection: Connection, rows: Collection[Mapping[str, Any]]) -> dict[str, Content]:
    """By delivery id. One read a table for the whole batch."""
    if not rows:
        return {}
    found = (
        select(messages, tickets.c.code, tickets.c.channel.label("ticket_channel"))
        .join(tickets, tickets.c.id == messages.c.ticket_id)
        .where(messages.c.id.in_([row["message_id"] for row in rows]))
    )
    written = {row["id"]: row for row in connection.execute(found).mappings()}
    files: dict[str, list[Mapping[str, Any]]] = {}
    attached = select(attachments).where(attachments.c.message_id.in_(list(written))).order_by(attachments.c.id)
    for file in connection.execute(attached).mappings():
        files.setdefault(file["message_id"], []).append(dict(file))
    threads = _threads(connection, {row["ticket_id"] for row in rows})
    made = {}
    for row in rows:
        message = written[row["message_id"]]
        of_customer = message["direction"] != Direction.NOTICE
        thread = [entry for entry in threads.get(row["ticket_id"], ()) if of_customer and entry.n < message["n"]]
        replied, references = _threading(thread, row["channel"], message["ticket_channel"])
        made[row["id"]] = Content(
            subject=message["subject"],
            text=message["text"],
            automatic=bool(message["automatic"]),
            ticket_code=message["code"],
            in_reply_to=replied,
            references=references,
            files=tuple(files.get(message["id"], ())),
        )
    return made


def _threads(connection: Connection, ticket_ids: Collection[str]) -> dict[str, list[Any]]:
    """What was said and sent in these tickets, oldest first: n, id as its channel knows it, channel, came in or not."""
    found = (
        select(
            messages.c.ticket_id,
            messages.c.n,
            messages.c.direction,
            messages.c.provider_id,
            receipts.c.channel.label("came_by"),
            deliveries.c.mail_id,
            deliveries.c.channel.label("left_by"),
            deliveries.c.state,
        )
        .outerjoin(receipts, receipts.c.id == messages.c.receipt_id)
        .outerjoin(deliveries, deliveries.c.message_id == messages.c.id)
        .where(messages.c.ticket_id.in_(list(ticket_ids)), messages.c.direction.not_in(_AMONG_US))
        .order_by(messages.c.n)
    )
    threads: dict[str, list[Any]] = {}
    for row in connection.execute(found):
        threads.setdefault(row.ticket_id, []).append(row)
    return threads


def _threading(thread: Sequence[Any], channel: str, ticket_channel: str) -> tuple[str, tuple[str, ...]]:
    """(the id that is answered, the ids of the thread). An id means something only on the channel it was given on."""
    ids: list[str] = []
    replied = ""
    for entry in thread:
        if entry.direction == "in" and entry.provider_id and (entry.came_by or ticket_channel) == channel:
            replied = entry.provider_id
            ids.append(replied)
        elif entry.direction == "out" and entry.left_by == channel and entry.state == DeliveryState.ACCEPTED:
            ids.append(entry.mail_id)
    if len(ids) > REFERENCES:
        ids = [ids[0], *ids[-(REFERENCES - 1) :]]
    return replied, tuple(dict.fromkeys(ids))
