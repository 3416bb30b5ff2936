"""What every act is given: time, ids, the rules and promises in force, and where sealed things lie."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from deskd.domain import code
from deskd.domain.ports import Clock, Ids, Random
from deskd.store.receipts import Vault
from router.rules import RuleSet
from sla.duty import Roster
from sla.policy import SlaBook


@dataclass(frozen=True, slots=True)
class Staff:
    """How the desk writes to its own people. account: the mail account by which it does; "": it writes to nobody."""

    account: str = ""
    zone: str = "Asia/Shanghai"
    public_url: str = ""  # as they reach the console; "": no link
    duty: Roster = field(default_factory=Roster)


@dataclass(frozen=True, slots=True)
class Desk:
    clock: Clock
    ids: Ids
    random: Random
    rules: RuleSet
    rule_version: int
    book: SlaBook
    vault: Vault
    cover: Callable[[str], str]  # what a person wrote, a mark in the place of each secret
    answers_by: Mapping[str, str] = field(default_factory=dict)  # channel → the mail account that answers for it
    sends: frozenset[str] = frozenset({"email"})  # kinds of address that an answer can go to
    staff: Staff = field(default_factory=Staff)
    live_channels: frozenset[str] = frozenset({"chat", "voice"})  # where the customer waits while we think

    def new_code(self) -> str:
        """The public code of a new ticket; the table's constraint finds the rare second use."""
        return code.code_of(int.from_bytes(self.random(5), "big") >> 5)
