"""What one contact and one account of ours have said to each other, over all tickets, as the contact may see it.

The order is that of the events' gapless `seq`, so nothing that commits late is passed over. Towards the outside a line
is counted within its conversation: how much the desk has to do is nobody's business.
"""

import json
from collections.abc import Collection
from dataclasses import asdict, dataclass
from typing import Any

from sqlalchemy import Connection, bindparam, func, literal, select, union_all

from deskd.domain.ports import Micros
from deskd.domain.states import Report
from deskd.domain.ticket import Ticket
from deskd.store.tables import deliveries, events, identities, messages, tickets
from deskd.store.tickets import LIST_LIMIT, ticket_of

_IN = ("ticket.opened", "message.received")
_OUT = "delivery.accepted"
SHOWN = (*_IN, _OUT)
"""The events by which a message stands in the conversation; of all others, notes first, nothing is ever shown."""
_TOUCHING = (*SHOWN, "state.set", "ticket.closed")


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


_OF = (
    identities.c.kind == bindparam("kind"),
    identities.c.address == bindparam("address"),
    tickets.c.channel == bindparam("channel"),
    tickets.c.account == bindparam("account"),
)
_ALL = (
    select(events.c.kind, events.c.data)
    .join(tickets, tickets.c.id == events.c.ticket_id)
    .join(identities, identities.c.id == tickets.c.identity_id)
    .where(*_OF, events.c.seq.is_not(None), events.c.kind.in_(SHOWN))
)
_SHOWN = _ALL.order_by(events.c.seq).offset(bindparam("b_after")).limit(bindparam("b_limit"))
_COUNT = select(func.count()).select_from(_ALL.subquery())
_NEWEST = (
    select(tickets)
    .join(identities, identities.c.id == tickets.c.identity_id)
    .where(*_OF)
    .order_by(tickets.c.created_at.desc(), tickets.c.id.desc())
    .limit(1)
)
_SAID = (messages.c.id, messages.c.provider_id, messages.c.text, messages.c.at, messages.c.automatic)
_MESSAGES = union_all(  # not one statement with an OR: that would read the whole table
    select(*_SAID, literal("").label("delivery_id")).where(messages.c.id.in_(bindparam("b_message", expanding=True))),
    select(*_SAID, deliveries.c.id)
    .join(deliveries, deliveries.c.message_id == messages.c.id)
    .where(deliveries.c.id.in_(bindparam("b_delivery", expanding=True))),
)


def lines(connection: Connection, talk: Conversation, after: int, limit: int = LIST_LIMIT) -> list[Line]:
    """The lines behind the `after`-th, in their order."""
    rows = _events(connection, talk, after, limit)
    if not rows:
        return []
    wanted = {"message": [one["message"] for one in rows if "message" in one]}
    wanted["delivery"] = [one["delivery"] for one in rows if "delivery" in one]
    said: dict[str, Any] = {}
    for row in connection.execute(_MESSAGES, {f"b_{kind}": ids for kind, ids in wanted.items()}).mappings():
        said[row["delivery_id"] or row["id"]] = row
    made = []
    for n, one in enumerate(rows, after + 1):
        delivery = one.get("delivery", "")
        row = said[delivery or one["message"]]
        key = "" if delivery else row["provider_id"]
        made.append(Line(n, bool(delivery), key, row["text"], row["at"], bool(row["automatic"]), delivery))
    return made


def count(connection: Connection, talk: Conversation) -> int:
    """How many lines there are."""
    return connection.scalar(_COUNT, asdict(talk)) or 0


def unreported(connection: Connection, talk: Conversation, upto: int, weaker: Collection[Report]) -> list[str]:
    """The deliveries among the first `upto` lines of which no more than `weaker` is known."""
    ids = [one["delivery"] for one in _events(connection, talk, 0, upto) if "delivery" in one]
    found = select(deliveries.c.id).where(deliveries.c.id.in_(ids), deliveries.c.report.in_(list(weaker)))
    return list(connection.scalars(found))


def newest(connection: Connection, talk: Conversation) -> Ticket | None:
    """The ticket that the conversation is about by now."""
    row = connection.execute(_NEWEST, asdict(talk)).mappings().first()
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
        .where(events.c.seq > since, events.c.seq <= last, tickets.c.channel == channel, events.c.kind.in_(_TOUCHING))
    )
    return last, {(row.account, row.address) for row in connection.execute(found.distinct())}


def _events(connection: Connection, talk: Conversation, after: int, limit: int) -> list[dict[str, str]]:
    """What each shown event is about: {"message": id} of the customer's words, {"delivery": id} of ours."""
    found = connection.execute(_SHOWN, asdict(talk) | {"b_after": after, "b_limit": limit})
    rows = [(row.kind, json.loads(row.data)) for row in found]
    return [{name: data[name]} for kind, data in rows for name in ("delivery" if kind == _OUT else "message",)]
