"""What one contact and one account of ours have said to each other, over all tickets, as the contact may see it.

The order is that of the events' gapless `seq`, so nothing that commits late is passed over. Towards the outside a line
is counted within its conversation: how much the desk has to do is nobody's business.
"""

import json
from collections.abc import Collection
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, Select, func, select

from deskd.domain.ports import Micros
from deskd.domain.states import Report
from deskd.domain.ticket import Ticket
from deskd.store.tables import deliveries, events, identities, messages, tickets
from deskd.store.tickets import LIST_LIMIT, ticket_of

_IN = ("ticket.opened", "message.received")
_OUT = "delivery.accepted"
SHOWN = (*_IN, _OUT)
"""The events by which a message stands in the conversation; of all others, notes first, nothing is ever shown."""


@dataclass(frozen=True, slots=True)
class Conversation:
    """A contact and the account of ours that they talk with."""

    channel: str
    account: str
    kind: str
    address: str


@dataclass(frozen=True, slots=True)
class Line:
    """n: 1, 2, … within the conversation. id: the customer's own of what they wrote; "" of what we did."""

    n: int
    ours: bool
    id: str
    text: str
    at: Micros
    automatic: bool
    delivery_id: str


def lines(connection: Connection, talk: Conversation, after: int, limit: int = LIST_LIMIT) -> list[Line]:
    """The lines behind the `after`-th, in their order."""
    found = _shown(talk).offset(after).limit(limit)
    rows = [(row.kind, json.loads(row.data)) for row in connection.execute(found)]
    sent = _sent(connection, [data["delivery"] for kind, data in rows if kind == _OUT])
    wanted = [data["message"] for kind, data in rows if kind != _OUT] + [row["message_id"] for row in sent.values()]
    said = {row["id"]: row for row in connection.execute(select(messages).where(messages.c.id.in_(wanted))).mappings()}
    made = []
    for n, (kind, data) in enumerate(rows, after + 1):
        ours = kind == _OUT
        row = said[sent[data["delivery"]]["message_id"] if ours else data["message"]]
        key = "" if ours else row["provider_id"]
        delivery = data["delivery"] if ours else ""
        made.append(Line(n, ours, key, row["text"], row["at"], bool(row["automatic"]), delivery))
    return made


def count(connection: Connection, talk: Conversation) -> int:
    """How many lines there are."""
    return connection.scalar(select(func.count()).select_from(_shown(talk).order_by(None).subquery())) or 0


def unreported(connection: Connection, talk: Conversation, upto: int, weaker: Collection[Report]) -> list[str]:
    """The deliveries among the first `upto` lines of which no more than `weaker` is known."""
    found = connection.execute(_shown(talk).limit(upto))
    ids = [json.loads(row.data)["delivery"] for row in found if row.kind == _OUT]
    sent = _sent(connection, ids)
    return [one for one in ids if sent[one]["report"] in weaker]


def newest(connection: Connection, talk: Conversation) -> Ticket | None:
    """The ticket that the conversation is about by now."""
    found = select(tickets).join(identities, identities.c.id == tickets.c.identity_id).where(*_of(talk))
    newest_first = found.order_by(tickets.c.created_at.desc(), tickets.c.id.desc()).limit(1)
    row = connection.execute(newest_first).mappings().first()
    return ticket_of(row) if row else None


def touched(connection: Connection, channel: str, since: int | None) -> tuple[int, set[tuple[str, str]]]:
    """(the last seq by now, the (account, address) of the conversations that were touched behind `since`).

    None: from now on.
    """
    last = connection.scalar(select(func.max(events.c.seq))) or 0
    if since is None or last <= since:
        return last, set()
    found = (
        select(tickets.c.account, identities.c.address)
        .join(events, events.c.ticket_id == tickets.c.id)
        .join(identities, identities.c.id == tickets.c.identity_id)
        .where(events.c.seq > since, events.c.seq <= last, tickets.c.channel == channel)
    )
    return last, {(row.account, row.address) for row in connection.execute(found.distinct())}


def _of(talk: Conversation) -> tuple[Any, ...]:
    return (
        identities.c.kind == talk.kind,
        identities.c.address == talk.address,
        tickets.c.channel == talk.channel,
        tickets.c.account == talk.account,
    )


def _shown(talk: Conversation) -> Select[Any]:
    return (
        select(events.c.kind, events.c.data)
        .join(tickets, tickets.c.id == events.c.ticket_id)
        .join(identities, identities.c.id == tickets.c.identity_id)
        .where(*_of(talk), events.c.seq.is_not(None), events.c.kind.in_(SHOWN))
        .order_by(events.c.seq)
    )


def _sent(connection: Connection, ids: Collection[str]) -> dict[str, Any]:
    found = select(deliveries.c.id, deliveries.c.message_id, deliveries.c.report).where(deliveries.c.id.in_(list(ids)))
    return {row["id"]: row for row in connection.execute(found).mappings()}
