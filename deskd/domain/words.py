"""The closed vocabularies: one enumeration a word of DESIGN section 2."""

from enum import StrEnum


class Category(StrEnum):
    ACCOUNT = "account"
    TRANSFER = "transfer"
    SECURITY = "security"
    FEEDBACK = "feedback"
    OTHER = "other"


class Priority(StrEnum):
    """Ordered: `rank` 0 is served first."""

    URGENT = "urgent"
    HIGH = "high"
    NORMAL = "normal"
    LOW = "low"

    @property
    def rank(self) -> int:
        return list(Priority).index(self)


class Language(StrEnum):
    """What a text is written in; the three catalogues that customers read."""

    ZH_HANS = "zh-Hans"
    ZH_HANT = "zh-Hant"
    EN = "en"


class Level(StrEnum):
    """How far an identity is proved. A claimed sender proves nothing."""

    CLAIMED = "claimed"
    CHANNEL = "channel-proved"
    CODE = "code-verified"
    APP = "app-signed"

    @property
    def rank(self) -> int:
        return list(Level).index(self)


class Direction(StrEnum):
    IN = "in"
    OUT = "out"
    NOTE = "note"
    NOTICE = "notice"  # to one of us, about the ticket


class ClockKind(StrEnum):
    FIRST_RESPONSE = "first_response"
    NEXT_RESPONSE = "next_response"
    RESOLUTION = "resolution"
    OBLIGATION = "obligation"  # until a customer who gave feedback has heard back


class Role(StrEnum):
    AGENT = "agent"
    SUPERVISOR = "supervisor"
    OPS = "ops"
    ADMIN = "admin"


class Scope(StrEnum):
    """What a bearer token may be used for; the rights of its agent come on top of each."""

    TICKETS_READ = "tickets:read"
    TICKETS_WRITE = "tickets:write"  # open, correct, assign, state, notes, claims
    REPLIES_WRITE = "replies:write"  # words that leave the house
    CUSTOMERS_READ = "customers:read"
    QUEUES_READ = "queues:read"
    DELIVERIES_READ = "deliveries:read"
    DELIVERIES_WRITE = "deliveries:write"
    PARKED_READ = "parked:read"
    PARKED_WRITE = "parked:write"
    RULES_READ = "rules:read"


class Found(StrEnum):
    """What masking met. Secrets are destroyed where they stand; facts move into typed fields."""

    CARD = "card"
    CVV = "cvv"
    CODE = "code"
    PIN = "pin"
    PASSWORD = "password"  # noqa: S105 - the name of a kind
    SEED = "seed"
    KEY = "key"
    PHONE = "phone"
    RESIDENT_ID = "resident_id"
    TRANSACTION = "transaction"
    ORDER = "order"
    AMOUNT = "amount"
    EMAIL = "email"

    @property
    def secret(self) -> bool:
        return self in _SECRETS


_SECRETS = frozenset({Found.CARD, Found.CVV, Found.CODE, Found.PIN, Found.PASSWORD, Found.SEED, Found.KEY})
