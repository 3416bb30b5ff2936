"""Every table of the desk. Ids are 32 hex digits of a UUIDv7, times are integer microseconds UTC.

Ids are text and not a native uuid: one representation on both databases, in logs and in JSON, and no conversion on
the hot path. Enumerations are text; what each value means and who moves it next stands in deskd/domain/states.py.
"""

from sqlalchemy import (
    JSON,
    BigInteger,
    Boolean,
    Column,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    String,
    Table,
    Text,
    UniqueConstraint,
    text,
)

METADATA = MetaData(
    naming_convention={
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "fk": "fk_%(table_name)s_%(column_0_name)s",
        "pk": "pk_%(table_name)s",
    }
)

Id = String(32)
Word = String(40)  # a closed vocabulary or a configured name
Micros = BigInteger


def _id() -> Column[str]:
    return Column("id", Id, primary_key=True)


keys = Table(  # what has ever been received: HMACs, kept for ever, also after the receipt is gone
    "keys",
    METADATA,
    Column("digest", LargeBinary(32), primary_key=True),
    Column("receipt_id", Id, nullable=False),
)

receipts = Table(
    "receipts",
    METADATA,
    _id(),
    Column("channel", Word, nullable=False),
    Column("account", Word, nullable=False),
    Column("partition", Integer, nullable=False),  # 0..63, of the lane
    Column("lane", LargeBinary(16), nullable=False),
    Column("state", Word, nullable=False),
    Column("attempts", Integer, nullable=False),  # counted before the work begins
    Column("step", Word, nullable=False),  # where it was parked
    Column("reason", Text, nullable=False),
    Column("received_at", Micros, nullable=False),
    Column("settled_at", Micros),
    Column("size", Integer, nullable=False),
    Column("envelope", LargeBinary),  # sealed with the same data key
    Column("body", LargeBinary),  # sealed; null when it is a file or gone
    Column("file", Text),  # name below data/receipts/ of a sealed body over 256 KiB
    Column("data_key", LargeBinary),  # wrapped by the key ring; dropped: the body cannot be read any more
    Column("outcome", Text, nullable=False),  # in one word what came of it: ticket, note, echo, bounce, ...
    Column("ticket_id", Id),
    Index(
        "ix_receipts_waiting",
        "partition",
        "id",
        sqlite_where=text("state = 'kept'"),
        postgresql_where=text("state = 'kept'"),
    ),
    Index(
        "ix_receipts_settled",
        "settled_at",
        sqlite_where=text("data_key IS NOT NULL"),
        postgresql_where=text("data_key IS NOT NULL"),
    ),
    Index("ix_receipts_parked", "id", sqlite_where=text("state = 'parked'"), postgresql_where=text("state = 'parked'")),
)

customers = Table(
    "customers",
    METADATA,
    _id(),
    Column("name", Text, nullable=False),
    Column("language", Word, nullable=False),
    Column("created_at", Micros, nullable=False),
)

identities = Table(
    "identities",
    METADATA,
    _id(),
    Column("customer_id", Id, ForeignKey("customers.id"), nullable=False, index=True),
    Column("kind", Word, nullable=False),  # email, phone, telegram, ...
    Column("address", Text, nullable=False),  # normalised
    Column("level", Word, nullable=False),
    Column("blocked", Boolean, nullable=False),  # a blocked sender's mail is spam
    Column("created_at", Micros, nullable=False),
    UniqueConstraint("kind", "address"),
)

tickets = Table(
    "tickets",
    METADATA,
    _id(),
    Column("code", String(8), nullable=False, unique=True),
    Column("customer_id", Id, ForeignKey("customers.id"), nullable=False),
    Column("identity_id", Id, ForeignKey("identities.id"), nullable=False),
    Column("channel", Word, nullable=False),
    Column("account", Word, nullable=False),
    Column("subject", Text, nullable=False),
    Column("state", Word, nullable=False),
    Column("spam", Boolean, nullable=False),  # in no queue, no clock, no figure until released
    Column("category", Word, nullable=False),
    Column("topic", Word, nullable=False),
    Column("queue", Word, nullable=False),
    Column("priority", Integer, nullable=False),  # rank: 0 urgent .. 3 low
    Column("policy", Word, nullable=False),
    Column("language", Word, nullable=False),
    Column("tags", JSON, nullable=False),
    Column("also", JSON, nullable=False),
    Column("set_by_person", JSON, nullable=False),  # names of the fields that a person set
    Column("rule_set", Integer, nullable=False),
    Column("agent_id", Id, ForeignKey("agents.id")),
    Column("linked_id", Id, ForeignKey("tickets.id")),  # the closed ticket that this one follows
    Column("messages", Integer, nullable=False),
    Column("events", Integer, nullable=False),  # the ticket's own count of events; guards every update
    Column("last_in_at", Micros),
    Column("last_in_id", Id),
    Column("last_out_at", Micros),
    Column("answered_at", Micros),
    Column("ack", Text, nullable=False),  # why no acknowledgement went, or empty
    Column("due_at", Micros, nullable=False),  # the earliest deadline of its running clocks; ranks the queue
    Column("created_at", Micros, nullable=False),
    Column("resolved_at", Micros),
    Column("closed_at", Micros),
    Index("ix_tickets_customer_id", "customer_id"),
    Index("ix_tickets_identity_id", "identity_id"),
    Index(
        "ix_tickets_next",
        "queue",
        "priority",
        "due_at",
        "id",
        sqlite_where=text("state = 'open' AND NOT spam"),
        postgresql_where=text("state = 'open' AND NOT spam"),
    ),
    Index(
        "ix_tickets_next_any",
        "priority",
        "due_at",
        "id",
        sqlite_where=text("state = 'open' AND NOT spam"),
        postgresql_where=text("state = 'open' AND NOT spam"),
    ),
    Index(  # the three lists beside the queue; nothing that comes in touches any of them
        "ix_tickets_mine",
        "agent_id",
        "due_at",
        "id",
        sqlite_where=text("agent_id IS NOT NULL AND state IN ('open', 'waiting', 'held')"),
        postgresql_where=text("agent_id IS NOT NULL AND state IN ('open', 'waiting', 'held')"),
    ),
    Index(
        "ix_tickets_waiting",
        "last_out_at",
        "id",
        sqlite_where=text("state IN ('waiting', 'held')"),
        postgresql_where=text("state IN ('waiting', 'held')"),
    ),
    Index("ix_tickets_spam", "id", sqlite_where=text("spam"), postgresql_where=text("spam")),
    Index(
        "ix_tickets_resolved",
        "resolved_at",
        sqlite_where=text("state = 'resolved'"),
        postgresql_where=text("state = 'resolved'"),
    ),
)

messages = Table(
    "messages",
    METADATA,
    _id(),
    Column("ticket_id", Id, ForeignKey("tickets.id"), nullable=False),
    Column("n", Integer, nullable=False),  # its place in the ticket
    Column("direction", Word, nullable=False),
    Column("author", Text, nullable=False),  # identity id, agent name, or deskd
    Column("receipt_id", Id, unique=True),
    Column("provider_id", Text, nullable=False),
    Column("at", Micros, nullable=False),
    Column("sent_at", Micros),
    Column("subject", Text, nullable=False),
    Column("text", Text, nullable=False),  # masked, whole
    Column("reply", Text, nullable=False),  # masked, the new words only
    Column("language", Word, nullable=False),
    Column("automatic", Boolean, nullable=False),
    Column("third_party", Boolean, nullable=False),  # a valid token from an address that is not the customer's
    Column("level", Word, nullable=False),
    Column("trust", Text, nullable=False),  # the sentence beside the level
    Column("found", JSON, nullable=False),  # kinds that masking met
    Column("warnings", JSON, nullable=False),
    UniqueConstraint("ticket_id", "n"),
)

attachments = Table(
    "attachments",
    METADATA,
    _id(),
    Column("message_id", Id, ForeignKey("messages.id"), nullable=False, index=True),
    Column("filename", Text, nullable=False),
    Column("content_type", Text, nullable=False),
    Column("size", Integer, nullable=False),
    Column("sha256", String(64), nullable=False),
    Column("file", Text, nullable=False),  # name below data/attachments/, sealed
    Column("data_key", LargeBinary),
)

facts = Table(  # what the agent needs and masking must not take
    "facts",
    METADATA,
    _id(),
    Column("ticket_id", Id, ForeignKey("tickets.id"), nullable=False, index=True),
    Column("message_id", Id, ForeignKey("messages.id"), nullable=False),
    Column("kind", Word, nullable=False),
    Column("short", Text, nullable=False),
    Column("sealed", LargeBinary, nullable=False),
    Column("digest", LargeBinary(32), nullable=False, index=True),  # HMAC, to look up by value
)

rule_sets = Table(
    "rule_sets",
    METADATA,
    Column("version", Integer, primary_key=True, autoincrement=False),
    Column("hash", String(64), nullable=False, unique=True),
    Column("text", Text, nullable=False),
    Column("author", Text, nullable=False),
    Column("reason", Text, nullable=False),
    Column("created_at", Micros, nullable=False),
    Column("active", Boolean, nullable=False),
    Column("activated_at", Micros),  # the last time; NULL: never in force
    Index("ix_rule_sets_active", "active", "version", sqlite_where=text("active"), postgresql_where=text("active")),
)

decisions = Table(
    "decisions",
    METADATA,
    _id(),
    Column("ticket_id", Id, ForeignKey("tickets.id"), nullable=False, index=True),
    Column("message_id", Id, ForeignKey("messages.id"), nullable=False),
    Column("at", Micros, nullable=False),
    Column("rule_set", Integer, ForeignKey("rule_sets.version"), nullable=False),
    Column("category", Word, nullable=False),
    Column("topic", Word, nullable=False),
    Column("queue", Word, nullable=False),
    Column("priority", Word, nullable=False),
    Column("policy", Word, nullable=False),
    Column("tags", JSON, nullable=False),
    Column("also", JSON, nullable=False),
    Column("reasons", JSON, nullable=False),
    Column("changed", JSON, nullable=False),  # the ticket's fields that are by it what they were not before
)

corrections = Table(
    "corrections",
    METADATA,
    _id(),
    Column("ticket_id", Id, ForeignKey("tickets.id"), nullable=False, index=True),
    Column("at", Micros, nullable=False),
    Column("field", Word, nullable=False),
    Column("old", Text, nullable=False),
    Column("new", Text, nullable=False),
    Column("by", Text, nullable=False),
    Column("why", Text, nullable=False),
    Column("rule_set", Integer, ForeignKey("rule_sets.version"), nullable=False),
)

obligations = Table(  # the answer that is owed to a customer who gave feedback
    "obligations",
    METADATA,
    Column("ticket_id", Id, ForeignKey("tickets.id"), primary_key=True),
    Column("state", Word, nullable=False),
    Column("verdict", Word, nullable=False),  # '', answered, declined
    Column("why", Text, nullable=False),  # of a decline, or the evidence that nobody can be reached
    Column("delivery_id", Id, nullable=False),  # the words that tell the customer, or empty
    Column("intent_by", Text, nullable=False),  # who said that it is resolved once they have arrived
    Column("intent_at", Micros, nullable=False),
    Column("opened_at", Micros, nullable=False),
    Column("settled_at", Micros),
    Index(
        "ix_obligations_decided",
        "delivery_id",
        sqlite_where=text("state = 'decided'"),
        postgresql_where=text("state = 'decided'"),
    ),
)

clocks = Table(
    "clocks",
    METADATA,
    _id(),
    Column("ticket_id", Id, ForeignKey("tickets.id"), nullable=False),
    Column("kind", Word, nullable=False),
    Column("state", Word, nullable=False),
    Column("policy", Word, nullable=False),
    Column("calendar", Word, nullable=False),
    Column("target_us", Micros, nullable=False),
    Column("ran_us", Micros, nullable=False),
    Column("since", Micros),
    Column("due_at", Micros),
    Column("warn_at", Micros),
    Column("warned_at", Micros),
    Column("breached_at", Micros),
    Column("escalated_at", Micros),
    Column("met_at", Micros),
    Column("next_at", Micros),  # when it must be looked at again; null: never
    Column("began_at", Micros, nullable=False, server_default=text("0")),  # since when this promise is owed
    Column("missed", Integer, nullable=False, server_default=text("0")),  # promises before it that were broken
    Column("steps", Integer, nullable=False, server_default=text("0")),  # of escalation that were taken
    Column("version", Integer, nullable=False),  # guards every update
    UniqueConstraint("ticket_id", "kind"),
    Index(
        "ix_clocks_next_at",
        "next_at",
        sqlite_where=text("next_at IS NOT NULL"),
        postgresql_where=text("next_at IS NOT NULL"),
    ),
)

clock_ledger = Table(
    "clock_ledger",
    METADATA,
    _id(),
    Column("clock_id", Id, ForeignKey("clocks.id"), nullable=False, index=True),
    Column("at", Micros, nullable=False),
    Column("act", Word, nullable=False),  # start, pause, resume, retarget, warn, breach, escalate, meet, unmeet, cancel
    Column("due_at", Micros),
    Column("why", Text, nullable=False),
)

deliveries = Table(
    "deliveries",
    METADATA,
    _id(),
    Column("message_id", Id, ForeignKey("messages.id"), nullable=False, unique=True),
    Column("ticket_id", Id, ForeignKey("tickets.id"), nullable=False, index=True),
    Column("channel", Word, nullable=False),
    Column("account", Word, nullable=False),
    Column("address", Text, nullable=False),
    Column("kind", Word, nullable=False),  # reply, ack
    Column("state", Word, nullable=False),
    Column("report", Word, nullable=False),  # forward only: '', failed, delivered, read
    Column("due_at", Micros, nullable=False),
    Column("attempts", Integer, nullable=False),
    Column("holder", Text, nullable=False),
    Column("fence", Integer, nullable=False),  # counts leases; a holder whose fence is old changes nothing
    Column("lease_until", Micros, nullable=False),
    Column("mail_id", Text, nullable=False, unique=True),  # the Message-ID, fixed when queued
    Column("provider_id", Text, nullable=False),
    Column("note", Text, nullable=False),
    Column("meets_clock", Boolean, nullable=False),  # a person's words: its acceptance meets the response clock
    Column("created_at", Micros, nullable=False),
    Column("settled_at", Micros),
    Index(
        "ix_deliveries_due",
        "account",
        "due_at",
        "id",
        sqlite_where=text("state = 'queued'"),
        postgresql_where=text("state = 'queued'"),
    ),
    Index(  # what a person has to look at
        "ix_deliveries_stuck",
        "created_at",
        "id",
        sqlite_where=text("state IN ('unknown', 'rejected')"),
        postgresql_where=text("state IN ('unknown', 'rejected')"),
    ),
    Index(  # what a provider speaks of
        "ix_deliveries_provider_id",
        "provider_id",
        sqlite_where=text("provider_id <> ''"),
        postgresql_where=text("provider_id <> ''"),
    ),
    Index(
        "ix_deliveries_leased",
        "lease_until",
        sqlite_where=text("state IN ('leased', 'wire')"),
        postgresql_where=text("state IN ('leased', 'wire')"),
    ),
)

attempts = Table(
    "attempts",
    METADATA,
    _id(),
    Column("delivery_id", Id, ForeignKey("deliveries.id"), nullable=False, index=True),
    Column("n", Integer, nullable=False),
    Column("at", Micros, nullable=False),
    Column("state", Word, nullable=False),
    Column("code", Text, nullable=False),
    Column("note", Text, nullable=False),
)

events = Table(
    "events",
    METADATA,
    _id(),
    Column("ticket_id", Id, ForeignKey("tickets.id"), nullable=False),
    Column("n", Integer, nullable=False),  # the ticket's own count
    Column("kind", Word, nullable=False),
    Column("at", Micros, nullable=False),
    Column("by", Text, nullable=False),
    Column("data", Text, nullable=False),  # canonical JSON: ids and states, no personal words
    Column("seq", BigInteger, unique=True),  # gapless, given once by the sequencer
    Column("hash", LargeBinary(32)),  # SHA-256(previous hash, row)
    UniqueConstraint("ticket_id", "n"),
    Index("ix_events_unnumbered", "id", sqlite_where=text("seq IS NULL"), postgresql_where=text("seq IS NULL")),
)

agents = Table(
    "agents",
    METADATA,
    _id(),
    Column("name", Text, nullable=False, unique=True),
    Column("role", Word, nullable=False),
    Column("queues", JSON, nullable=False),  # names; empty: all
    Column("languages", JSON, nullable=False),
    Column("password", Text, nullable=False),  # argon2id, or empty: no log-in
    Column("active", Boolean, nullable=False),
    Column("created_at", Micros, nullable=False),
    Column("mail", Text, nullable=False, server_default=text("''")),  # where notices go, or empty: none do
)

sessions = Table(
    "sessions",
    METADATA,
    Column("digest", LargeBinary(32), primary_key=True),  # SHA-256 of the token in the cookie
    Column("agent_id", Id, ForeignKey("agents.id"), nullable=False, index=True),
    Column("csrf", String(43), nullable=False),
    Column("created_at", Micros, nullable=False),
    Column("seen_at", Micros, nullable=False),
)

api_tokens = Table(  # bearer tokens: who holds one acts as its agent, within its scopes
    "api_tokens",
    METADATA,
    Column("handle", String(8), primary_key=True),  # stands in the token as well: what it is called by
    Column("digest", LargeBinary(32), nullable=False, unique=True),  # SHA-256 of the whole token
    Column("agent_id", Id, ForeignKey("agents.id"), nullable=False, index=True),
    Column("scopes", JSON, nullable=False),
    Column("created_at", Micros, nullable=False),
    Column("expires_at", Micros, nullable=False),
    Column("used_at", Micros),  # to the hour
)

api_answers = Table(  # what a POST with an Idempotency-Key was answered: written in the transaction of the act
    "api_answers",
    METADATA,
    Column("digest", LargeBinary(32), primary_key=True),  # HMAC of the agent and the key
    Column("print", LargeBinary(32), nullable=False),  # HMAC of method, path and body
    Column("status", Integer, nullable=False),
    Column("sealed", LargeBinary, nullable=False),
    Column("at", Micros, nullable=False, index=True),
)

claims = Table(  # a lease over a customer: one agent at a time holds a person
    "claims",
    METADATA,
    Column("customer_id", Id, ForeignKey("customers.id"), primary_key=True),
    Column("agent_id", Id, ForeignKey("agents.id"), nullable=False, index=True),
    Column("ticket_id", Id, ForeignKey("tickets.id"), nullable=False),
    Column("until", Micros, nullable=False),
)

cursors = Table(  # where each poller stands with its provider
    "cursors",
    METADATA,
    Column("channel", Word, primary_key=True),
    Column("account", Word, primary_key=True),
    Column("value", Text, nullable=False),
    Column("at", Micros, nullable=False),
)

leases = Table(
    "leases",
    METADATA,
    Column("name", Word, primary_key=True),
    Column("holder", Text, nullable=False),
    Column("fence", Integer, nullable=False),
    Column("until", Micros, nullable=False),
)

limits = Table(  # limits that protect: one row a thing that happened
    "limits",
    METADATA,
    _id(),
    Column("kind", Word, nullable=False),
    Column("subject", LargeBinary(32), nullable=False),  # HMAC of an address, a domain, a network
    Column("at", Micros, nullable=False),
    Index("ix_limits_kind_subject_at", "kind", "subject", "at"),
)

pages = Table(  # calls of the duty roster
    "pages",
    METADATA,
    _id(),  # of its delivery, where there is one
    Column("ticket_id", Id, ForeignKey("tickets.id"), nullable=False, index=True),
    Column("agent_id", Id, ForeignKey("agents.id")),  # null: nobody could be called
    Column("way", Word, nullable=False),
    Column("n", Integer, nullable=False),  # the how manieth of its ticket
    Column("at", Micros, nullable=False),
    Column("digest", LargeBinary(32), unique=True),  # SHA-256 of the token in the link
    Column("until", Micros, nullable=False),
    Column("accepted_at", Micros),
)
