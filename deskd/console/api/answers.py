"""What is answered: shapes, and how rows become them. Addresses are shown short: who needs one sees it on the console.

Times are RFC 3339 in UTC.
"""

import datetime as dt
from collections.abc import Mapping
from typing import Any

from pydantic import BaseModel, ConfigDict, Field
from sqlalchemy import RowMapping

from deskd.domain import code as public_code
from deskd.domain.ports import Micros
from deskd.domain.states import DeliveryState, Report, TicketState
from deskd.domain.ticket import FAR, Identity, Ticket
from deskd.domain.words import Category, Direction, Language, Level, Priority

_EPOCH = dt.datetime(1970, 1, 1, tzinfo=dt.UTC)


class Answer(BaseModel):
    model_config = ConfigDict(extra="forbid", defer_build=True)  # a start need not wait for schemas


class TicketHead(Answer):
    code: str
    state: TicketState
    spam: bool
    category: Category
    topic: str
    queue: str
    priority: Priority
    tags: list[str]
    also: list[str]
    language: Language
    channel: str
    subject: str
    customer: str = Field(description="The customer's id")
    agent: str | None = Field(description="Whom it is assigned to")
    messages: int
    last_message: str | None = Field(description="Id of the customer's last message: what `read` of a reply names")
    created: dt.datetime
    due: dt.datetime | None = Field(description="The earliest deadline of its running clocks")
    answered: dt.datetime | None
    resolved: dt.datetime | None
    closed: dt.datetime | None


class Sender(Answer):
    kind: str
    address: str = Field(description="Shortened")
    level: Level = Field(description="How far it is proved")


class Reason(Answer):
    rule: str
    en: str
    zh: str
    matched: str


class Fact(Answer):
    kind: str
    short: str


class Clock(Answer):
    kind: str
    state: str
    due: dt.datetime | None
    breached: dt.datetime | None
    met: dt.datetime | None


class TicketWhole(Answer):
    ticket: TicketHead
    sender: Sender
    holder: str | None = Field(description="The agent who holds the customer now")
    follows: str | None = Field(description="Code of the closed ticket that this one follows")
    spam_why: str
    no_acknowledgement_why: str
    reasons: list[Reason]
    facts: list[Fact]
    clocks: list[Clock]


class File(Answer):
    id: str
    filename: str
    content_type: str
    size: int
    there: bool


class Message(Answer):
    id: str
    n: int
    direction: Direction
    author: str = Field(description="customer, third party, an agent's name, or deskd")
    at: dt.datetime
    subject: str
    text: str
    reply: str = Field(description="The new words only, without what was quoted")
    language: str
    automatic: bool
    level: str
    trust: str
    warnings: list[str]
    files: list[File]
    delivery: str | None = Field(description="Of an answer: its state, or what was reported later")


class Claimed(Answer):
    tickets: list[TicketHead] = Field(description="The one taken, then the customer's other open ones")


class Replied(Answer):
    delivery: str = Field(description="The delivery's id")
    ticket: TicketHead


class Customer(Answer):
    id: str
    name: str
    language: str
    created: dt.datetime
    addresses: list[Sender]


class Queue(Answer):
    name: str
    depth: int = Field(description="Open tickets")
    oldest: dt.datetime | None = Field(description="When the eldest of them came")


class Delivery(Answer):
    id: str
    ticket: str
    channel: str
    kind: str
    address: str = Field(description="Shortened")
    state: DeliveryState
    report: Report
    attempts: int
    note: str
    created: dt.datetime
    due: dt.datetime | None = Field(description="While it is queued")
    settled: dt.datetime | None


class Parked(Answer):
    id: str
    channel: str
    account: str
    step: str
    reason: str
    attempts: int
    size: int
    received: dt.datetime
    parked: dt.datetime | None
    raw: bool = Field(description="Whether its raw form is still kept; it can be read on the machine alone")


class ReceiptState(Answer):
    id: str
    state: str


class Condition(Answer):
    depth: int
    asks: str
    held: bool
    said: str


class RuleTrace(Answer):
    rule: str
    strength: str
    held: bool
    said: str = Field(description="The words on which it held")
    conditions: list[Condition]


class Explained(Answer):
    rule_set: int
    category: Category
    topic: str
    queue: str
    priority: Priority
    tags: list[str]
    also: list[str]
    rules: list[RuleTrace]


class Page(Answer):
    next: str | None = Field(description="`cursor` of the next page; null: this is the last")


class TicketPage(Page):
    items: list[TicketHead]


class MessagePage(Page):
    items: list[Message]


class QueuePage(Page):
    items: list[Queue]


class DeliveryPage(Page):
    items: list[Delivery]


class ParkedPage(Page):
    items: list[Parked]


def time(at: Micros) -> dt.datetime:
    return _EPOCH + dt.timedelta(microseconds=at)


def maybe(at: Micros | None) -> dt.datetime | None:
    return None if at is None or at >= FAR else time(at)


def short(kind: str, address: str) -> str:
    """a***@example.com; of anything else the last four characters, where there are more than eight."""
    if kind == "email":
        name, _, domain = address.rpartition("@")
        return f"{name[:1]}***@{domain}"
    return f"***{address[-4:]}" if len(address) > 8 else "***" if address else ""


def sender(one: Identity) -> Sender:
    return Sender(kind=one.kind, address=short(one.kind, one.address), level=Level(one.level))


def head(ticket: Ticket, names: Mapping[str, str]) -> TicketHead:
    """names: of agents by id."""
    return TicketHead(
        code=public_code.shown(ticket.code),
        state=ticket.state,
        spam=ticket.spam,
        category=ticket.category,
        topic=ticket.topic,
        queue=ticket.queue,
        priority=list(Priority)[ticket.priority],
        tags=list(ticket.tags),
        also=list(ticket.also),
        language=ticket.language,
        channel=ticket.channel,
        subject=ticket.subject,
        customer=ticket.customer_id,
        agent=names.get(ticket.agent_id or ""),
        messages=ticket.messages,
        last_message=ticket.last_in_id,
        created=time(ticket.created_at),
        due=maybe(ticket.due_at),
        answered=maybe(ticket.answered_at),
        resolved=maybe(ticket.resolved_at),
        closed=maybe(ticket.closed_at),
    )


def message(
    row: RowMapping,
    files: Mapping[str, list[dict[str, Any]]],
    sent: Mapping[str, tuple[str, str]],
) -> Message:
    """files, sent: by message id, as deskd/store/views.py reads them."""
    came = "third party" if row["third_party"] else "customer"
    return Message(
        id=row["id"],
        n=row["n"],
        direction=Direction(row["direction"]),
        author=came if row["direction"] == Direction.IN else row["author"],
        at=time(row["at"]),
        subject=row["subject"],
        text=row["text"],
        reply=row["reply"],
        language=row["language"],
        automatic=bool(row["automatic"]),
        level=row["level"],
        trust=row["trust"],
        warnings=list(row["warnings"]),
        files=[File(**file) for file in files.get(row["id"], [])],
        delivery=sent[row["id"]][0] if row["id"] in sent else None,
    )


def delivery(row: Mapping[str, Any]) -> Delivery:
    """The row with the code of its ticket."""
    return Delivery(
        id=row["id"],
        ticket=public_code.shown(row["ticket_code"]),
        channel=row["channel"],
        kind=row["kind"],
        address=short(row["channel"], row["address"]),
        state=DeliveryState(row["state"]),
        report=Report(row["report"]),
        attempts=row["attempts"],
        note=row["note"],
        created=time(row["created_at"]),
        due=maybe(row["due_at"]) if row["state"] == DeliveryState.QUEUED else None,
        settled=maybe(row["settled_at"]),
    )


def parked(row: RowMapping) -> Parked:
    return Parked(
        id=row["id"],
        channel=row["channel"],
        account=row["account"],
        step=row["step"],
        reason=row["reason"],
        attempts=row["attempts"],
        size=row["size"],
        received=time(row["received_at"]),
        parked=maybe(row["settled_at"]),
        raw=row["data_key"] is not None,
    )
