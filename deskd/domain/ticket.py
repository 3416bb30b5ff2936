"""A ticket as values: one matter of one customer."""

from dataclasses import dataclass

from deskd.domain.ports import Micros
from deskd.domain.states import TicketState
from deskd.domain.words import Category, Language

FAR: Micros = 1 << 62
"""A due time for a ticket without a running clock: behind all others."""


@dataclass(frozen=True, slots=True)
class Ticket:
    """The columns of the table `tickets`; what each means stands there (deskd/store/tables.py)."""

    id: str
    code: str
    customer_id: str
    identity_id: str
    channel: str
    account: str
    subject: str
    state: TicketState
    spam: bool
    category: Category
    topic: str
    queue: str
    priority: int
    policy: str
    language: Language
    tags: tuple[str, ...]
    also: tuple[str, ...]
    set_by_person: tuple[str, ...]
    rule_set: int
    agent_id: str | None
    linked_id: str | None
    messages: int
    events: int
    last_in_at: Micros | None
    last_in_id: str | None
    last_out_at: Micros | None
    answered_at: Micros | None
    ack: str
    due_at: Micros
    created_at: Micros
    resolved_at: Micros | None
    closed_at: Micros | None


THANKS = "It only thanks: no answer is needed."
"""The warning of a customer's message that changes no state and starts no clock."""

NOBODY = "nobody"
"""The kind of an identity that named no address: one for each receipt, so that no two strangers are one customer."""


@dataclass(frozen=True, slots=True)
class Identity:
    """An address of a customer on a channel, and how far it is proved. No address: nothing can be sent to them."""

    id: str
    customer_id: str
    kind: str
    address: str
    level: str
    blocked: bool


@dataclass(frozen=True, slots=True)
class Agent:
    """A person who works at the desk. No queues named: all of them. `mail`: where notices go; "": none do."""

    id: str
    name: str
    role: str
    queues: tuple[str, ...]
    languages: tuple[str, ...]
    active: bool
    mail: str = ""

    def sees(self, queue: str) -> bool:
        return not self.queues or queue in self.queues
