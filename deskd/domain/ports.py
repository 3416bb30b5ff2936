"""What the parts hand each other at the borders: receipts, time, ids, incoming words, outgoing words."""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Protocol

from deskd.domain.states import Report
from deskd.domain.words import Direction, Level

Micros = int
"""Microseconds since 1970-01-01T00:00:00Z. Local time exists only in sla/ and in the faces."""

SECOND: Micros = 1_000_000
MINUTE: Micros = 60 * SECOND
HOUR: Micros = 60 * MINUTE
DAY: Micros = 24 * HOUR


class Clock(Protocol):
    """Where time comes from; only the composition root has the real one."""

    def __call__(self) -> Micros: ...


class Ids(Protocol):
    """A new id, 32 hexadecimal digits of a UUIDv7. Never an order, never shown outside."""

    def __call__(self) -> str: ...


class Random(Protocol):
    """`n` random bytes, fit for keys and tokens."""

    def __call__(self, n: int) -> bytes: ...


@dataclass(frozen=True, slots=True)
class Receipt:
    """The raw thing as the provider gave it.

    key: what makes it unique within (channel, account); kept for ever as an HMAC. lane: what keeps order,
    derived without parsing the whole. envelope: what the transport said (mail_from, rcpt_to, peer, ...).
    """

    channel: str
    account: str
    key: str
    lane: str
    body: bytes
    received_at: Micros
    envelope: Mapping[str, object] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Kept:
    """The answer to one receipt: its id, and whether it was there before."""

    receipt_id: str
    repeated: bool


Keep = Callable[[Sequence[Receipt]], Awaitable[list[Kept]]]
"""Returns when the receipts are committed; only then may a listener acknowledge. Raises StoreAway."""


@dataclass(frozen=True, slots=True)
class Address:
    name: str
    address: str


@dataclass(frozen=True, slots=True)
class File:
    """An attachment on its way in or out; `data` decoded."""

    filename: str
    content_type: str
    data: bytes
    inline: bool = False
    content_id: str = ""


class IncomingKind(StrEnum):
    MESSAGE = "message"
    ECHO = "echo"  # our own mail come back: stops here
    AUTOMATIC = "automatic"  # an out-of-office, a newsletter: opens nothing by itself on a known thread
    BOUNCE = "bounce"
    REPORT = "report"  # complaint report
    STATUS = "status"  # what a provider says later of something that we sent
    NOTICE = "notice"  # nobody said it to us: opens nothing, is shown where its sender's conversation is under way


@dataclass(frozen=True, slots=True)
class Reported:
    """What a provider says of a delivery after it took it. delivery_id: ours, where the provider gave it back.

    report: NONE where it only says that it has it. code and note: the provider's, in our words.
    """

    provider_id: str
    report: Report
    delivery_id: str = ""
    code: str = ""
    note: str = ""


@dataclass(frozen=True, slots=True)
class Incoming:
    """What a channel makes of one receipt, before masking.

    text: what an agent reads; reply: the new words only (what rules read); tokens: signed thread tokens found in the
    envelope; references: message ids the sender points at, newest first; fields: what a form asked for; found: kinds
    of secrets that were destroyed before the receipt was kept; trust_why: the sentence an agent sees beside the level;
    no_ack_why: why no acknowledgement may go, or empty.
    """

    kind: IncomingKind
    sender: Address
    subject: str
    text: str
    reply: str
    level: Level
    trust_why: str
    no_ack_why: str
    provider_id: str = ""
    sent_at: Micros | None = None
    reply_to: str = ""
    tokens: tuple[str, ...] = ()
    references: tuple[str, ...] = ()
    files: tuple[File, ...] = ()
    fields: Mapping[str, str] = field(default_factory=dict)
    spam_why: str = ""
    failed: tuple[tuple[str, str, bool], ...] = ()
    warnings: tuple[str, ...] = ()
    language: str = ""
    found: tuple[str, ...] = ()
    reported: Reported | None = None  # of a STATUS, and of nothing else


@dataclass(frozen=True, slots=True)
class Outgoing:
    """One message to one address, as the outbox hands it to a channel's `send`.

    message_id is fixed when the message is queued and is the same on every try. automatic: nobody wrote it.
    """

    delivery_id: str
    account: str
    address: str
    subject: str
    text: str
    message_id: str
    in_reply_to: str = ""
    references: tuple[str, ...] = ()
    thread_token: str = ""
    automatic: bool = False
    files: tuple[File, ...] = ()
    created_at: Micros = 0


@dataclass(frozen=True, slots=True)
class Outcome:
    """The provider took it: its own id and words, for the record."""

    provider_id: str
    note: str


class Sender(Protocol):
    """A channel's way out. `on_wire` is awaited at the last moment before the message may leave; ChannelError else."""

    async def send(self, message: Outgoing, on_wire: Callable[[], Awaitable[None]]) -> Outcome: ...

    async def close(self) -> None: ...


@dataclass(frozen=True, slots=True)
class Hooked:
    """One HTTP request of a provider. url: the public one, its query to the letter; path: what follows the account."""

    method: str
    url: str
    path: str
    headers: Mapping[str, str]  # names in lower case
    body: bytes
    at: Micros


@dataclass(frozen=True, slots=True)
class Heard:
    """What of a request is to be kept, and what the provider is told once it is."""

    receipts: tuple[Receipt, ...]
    status: int = 200
    content_type: str = "text/plain"
    body: bytes = b""


class Hook(Protocol):
    """A channel's way in over HTTP: pure. Raises Forged unless the request is proved to be the provider's."""

    def hear(self, request: Hooked) -> Heard: ...


class Cursor(Protocol):
    """Where a poller stands, kept by deskd; "" at first."""

    async def load(self) -> str: ...

    async def save(self, value: str) -> None: ...


class Poller(Protocol):
    """Fetches from a provider until cancelled: keeps, then acknowledges there.

    It is the only one of its account at a time: deskd holds a lease. What it raises is logged, and it is started anew
    after a growing pause; of a DeskError the sentence is shown.
    """

    async def run(self, keep: Keep, cursor: Cursor) -> None: ...


@dataclass(frozen=True, slots=True)
class Capabilities:
    """What the core may ask of a channel instead of its name."""

    name: str
    identity: str  # the kind of address that its senders have: email, phone, telegram
    texts: str  # the variant of our texts that is said there: email, form, sms, chat
    secrets_in_receipt: bool  # small text receipts: secrets are destroyed before the receipt is kept
    one_conversation: bool  # one open conversation per contact and account, or many tickets
    acknowledges_in_place: bool  # the acknowledgement is the answer itself (a page, JSON), not a message
    replies_by: str  # the channel an agent's reply leaves by
    receipts_of_delivery: bool  # the provider reports delivered or failed later
    lookup_of_sent: bool  # an unknown outcome can be looked up
    redelivery_horizon_days: int
    ack_deadline_s: float
    text_limit: int  # UTF-16 units of one message
    proves: Level  # the level a plain message on it proves by itself
    live: bool = False  # the customer waits while we think
    directions: tuple[Direction, ...] = (Direction.IN, Direction.OUT)
