"""A message out and its delivery: always two rows of one transaction."""

from dataclasses import dataclass

from channels.email.ids import message_id as mail_id
from deskd.acts.desk import DESKD, Desk
from deskd.acts.matter import Matter
from deskd.acts.parts import parts
from deskd.domain.errors import Refused
from deskd.domain.ports import Micros
from deskd.domain.states import DeliveryState
from deskd.domain.ticket import Identity
from deskd.store import tables
from deskd.store.plan import Plan

MAIL_ID_DOMAIN = "deskd.invalid"  # the right side of our Message-IDs names no host that could be asked


@dataclass(frozen=True, slots=True)
class _Letter:
    text: str
    author: str
    kind: str
    subject: str
    at: Micros
    due_at: Micros


def post(
    desk: Desk,
    plan: Plan,
    matter: Matter,
    who: Identity,
    text: str,
    *,
    author: str,
    kind: str,
    subject: str,
    at: Micros,
    due_at: Micros | None = None,
) -> str:
    """Queues `text` to the address of `who`; returns the delivery's id, of several the last one's.

    kind: reply (a person's words) or ack. A text that is longer than its channel takes is several messages, which
    leave in their order. Raises Refused where nothing of ours writes to such an address.
    """
    ticket = matter.ticket
    way = desk.way(ticket.channel, ticket.account, who.kind)
    if way is None:
        raise Refused(f"No account of ours writes to a {who.kind}. Call {who.address}, and note what was said.")
    delivery_id = ""
    for n, part in enumerate(parts(text, desk.channels[way[0]].text_limit)):
        letter = _Letter(part, author, kind, subject, at + n, at + n if due_at is None else due_at)
        delivery_id = _queue(desk, plan, matter, who, way, letter)
    return delivery_id


def inform(desk: Desk, plan: Plan, matter: Matter, who: Identity, account: str, *, subject: str, text: str) -> str:
    """Queues a mail to one of us by that mail account, beside the customer's thread; returns the delivery's id."""
    now = desk.clock()
    return _queue(desk, plan, matter, who, ("email", account), _Letter(text, DESKD, "notice", subject, now, now))


def _queue(desk: Desk, plan: Plan, matter: Matter, who: Identity, way: tuple[str, str], letter: _Letter) -> str:
    ticket, message_id, delivery_id = matter.ticket, desk.ids(), desk.ids()
    matter.change(messages=ticket.messages + 1)
    plan.add(
        tables.messages,
        {
            "id": message_id,
            "ticket_id": ticket.id,
            "n": ticket.messages + 1,
            "direction": "notice" if letter.kind == "notice" else "out",
            "author": letter.author,
            "receipt_id": None,
            "provider_id": "",
            "at": letter.at,
            "sent_at": None,
            "subject": letter.subject,
            "text": letter.text,
            "reply": letter.text,
            "language": str(ticket.language),
            "automatic": letter.kind != "reply",
            "third_party": False,
            "level": who.level,
            "trust": "",
            "found": [],
            "warnings": [],
        },
    )
    plan.add(
        tables.deliveries,
        {
            "id": delivery_id,
            "message_id": message_id,
            "ticket_id": ticket.id,
            "channel": way[0],
            "account": way[1],
            "address": who.address,
            "kind": letter.kind,
            "state": DeliveryState.QUEUED,
            "report": "",
            "due_at": letter.due_at,
            "attempts": 0,
            "holder": "",
            "fence": 0,
            "lease_until": 0,
            "mail_id": mail_id(delivery_id, who.address, desk.vault.ring.sign, MAIL_ID_DOMAIN),
            "provider_id": "",
            "note": "",
            "meets_clock": letter.kind == "reply",
            "created_at": letter.at,
            "settled_at": None,
        },
    )
    return delivery_id
