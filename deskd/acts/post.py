"""A message out and its delivery: always two rows of one transaction."""

from channels.email.ids import message_id as mail_id
from deskd.acts.desk import Desk
from deskd.acts.matter import Matter
from deskd.domain.ports import Micros
from deskd.domain.states import DeliveryState
from deskd.domain.ticket import Identity
from deskd.store import tables
from deskd.store.plan import Plan

MAIL_ID_DOMAIN = "deskd.invalid"  # the right side of our Message-IDs names no host that could be asked


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
    account: str = "",
) -> str:
    """Queues `text` to the address of `who`; returns the delivery's id.

    kind: reply (a person's words), ack, or notice (to one of us). account: by which it leaves; "": the channel's own.
    """
    ticket, message_id, delivery_id = matter.ticket, desk.ids(), desk.ids()
    matter.change(messages=ticket.messages + 1)
    plan.add(
        tables.messages,
        {
            "id": message_id,
            "ticket_id": ticket.id,
            "n": ticket.messages + 1,
            "direction": "notice" if kind == "notice" else "out",
            "author": author,
            "receipt_id": None,
            "provider_id": "",
            "at": at,
            "sent_at": None,
            "subject": subject,
            "text": text,
            "reply": text,
            "language": str(ticket.language),
            "automatic": kind != "reply",
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
            "channel": who.kind,
            "account": account or desk.answers_by.get(ticket.channel, ticket.account),
            "address": who.address,
            "kind": kind,
            "state": DeliveryState.QUEUED,
            "report": "",
            "due_at": due_at if due_at is not None else at,
            "attempts": 0,
            "holder": "",
            "fence": 0,
            "lease_until": 0,
            "mail_id": mail_id(delivery_id, who.address, desk.vault.ring.sign, MAIL_ID_DOMAIN),
            "provider_id": "",
            "note": "",
            "meets_clock": kind == "reply",
            "created_at": at,
            "settled_at": None,
        },
    )
    return delivery_id
