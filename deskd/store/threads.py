"""What we sent, by which answers and bounces find their ticket."""

from collections.abc import Collection
from dataclasses import dataclass

from sqlalchemy import Connection, RowMapping, bindparam, func, select, text, update

from deskd.domain.ports import Micros
from deskd.domain.states import DeliveryState, Report
from deskd.domain.ticket import THANKS
from deskd.domain.words import Direction
from deskd.store.tables import deliveries, events, messages

_TO_CUSTOMERS = deliveries.c.kind != "notice"
NOT_NEEDED = "answer.not_needed"  # the event by which a person says that what was written wants no answer


@dataclass(slots=True)
class Sent:
    """A delivery as a report of the provider's meets it. `n`: of its message. `by_person`: it meets response clocks."""

    id: str
    n: int
    ticket_id: str
    mail_id: str
    provider_id: str
    address: str
    by_person: bool
    attempts: int
    state: DeliveryState
    report: Report
    created_at: Micros
    settled_at: Micros | None


REPORTED = (  # guarded: a worker may be writing its outcome, and a report only ever goes forward
    update(deliveries)
    .where(
        deliveries.c.id == bindparam("b_id"),
        deliveries.c.state == bindparam("b_state"),
        deliveries.c.report == bindparam("b_report"),
    )
    .values(
        state=bindparam("state"),
        report=bindparam("report"),
        note=bindparam("note"),
        provider_id=bindparam("provider_id"),
        settled_at=bindparam("settled_at"),
    )
)


def sent_as(connection: Connection, mail_ids: Collection[str]) -> dict[str, tuple[str, str]]:
    """Our Message-ID → (the one address it went to, its ticket). An id that no customer was sent is not there."""
    if not mail_ids:
        return {}
    found = select(deliveries.c.mail_id, deliveries.c.address, deliveries.c.ticket_id).where(_TO_CUSTOMERS)
    rows = connection.execute(found.where(deliveries.c.mail_id.in_(list(mail_ids))))
    return {mail_id: (address, ticket_id) for mail_id, address, ticket_id in rows}


def sent_in(connection: Connection, ticket_ids: Collection[str]) -> dict[str, list[Sent]]:
    """All deliveries of these tickets to their customers, the eldest first, by ticket."""
    if not ticket_ids:
        return {}
    found = select(deliveries, messages.c.n).join(messages, messages.c.id == deliveries.c.message_id)
    found = found.where(deliveries.c.ticket_id.in_(list(ticket_ids)), _TO_CUSTOMERS)
    sent: dict[str, list[Sent]] = {}
    for row in connection.execute(found.order_by(deliveries.c.created_at, deliveries.c.id)).mappings():
        sent.setdefault(row["ticket_id"], []).append(_sent(row))
    return sent


def tickets_of(connection: Connection, ids: Collection[str], provider_ids: Collection[str]) -> set[str]:
    """The tickets of deliveries by our id or the provider's."""
    found = select(deliveries.c.ticket_id)
    ours = set(connection.scalars(found.where(deliveries.c.id.in_(list(ids))))) if ids else set()
    if not provider_ids:
        return ours
    theirs = deliveries.c.provider_id.in_(list(provider_ids))
    return ours | set(connection.scalars(found.where(text("provider_id <> ''"), theirs)))


def _sent(row: RowMapping) -> Sent:
    return Sent(
        row["id"],
        row["n"],
        row["ticket_id"],
        row["mail_id"],
        row["provider_id"],
        row["address"],
        bool(row["meets_clock"]),
        row["attempts"],
        DeliveryState(row["state"]),
        Report(row["report"]),
        row["created_at"],
        row["settled_at"],
    )


def asked_in(connection: Connection, ticket_ids: Collection[str]) -> dict[str, list[tuple[int, Micros]]]:
    """(n, at) of each message that wants an answer, the eldest first, by ticket.

    Those are the customer's own words, but for mere thanks and what a person has said needs none.
    """
    if not ticket_ids:
        return {}
    mine = events.c.ticket_id.in_(list(ticket_ids))
    settled = select(events.c.ticket_id, func.max(events.c.at)).where(mine, events.c.kind == NOT_NEEDED)
    done = {row[0]: row[1] for row in connection.execute(settled.group_by(events.c.ticket_id))}
    found = select(messages.c.ticket_id, messages.c.n, messages.c.at, messages.c.warnings).where(
        messages.c.ticket_id.in_(list(ticket_ids)),
        messages.c.direction == Direction.IN,
        ~messages.c.automatic,
        ~messages.c.third_party,
    )
    asked: dict[str, list[tuple[int, Micros]]] = {}
    for ticket_id, n, at, warnings in connection.execute(found.order_by(messages.c.n)):
        if THANKS not in warnings and at > done.get(ticket_id, -1):
            asked.setdefault(ticket_id, []).append((n, at))
    return asked
