"""The shapes of what is answered. Addresses are shown short: who needs one whole sees it on the console.

Times are RFC 3339 in UTC.
"""

import datetime as dt

from pydantic import BaseModel, ConfigDict, Field

from deskd.domain.states import DeliveryState, ObligationState, Report, TicketState
from deskd.domain.words import Category, Direction, Language, Level, Priority


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


class Owed(Answer):
    state: ObligationState
    verdict: str = Field(description="answered, declined, or empty while nobody has decided")
    why: str = Field(description="Of a decline, or of a customer who cannot be reached")
    resolved_by: str = Field(description="Who resolved it, which is carried out when the answer has arrived; or empty")


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
    feedback: Owed | None = Field(description="The answer that is owed to feedback; null: it is none")


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
