"""What every act is given: time, ids, the rules and promises in force, and where sealed things lie."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from deskd.domain import code
from deskd.domain.ports import Capabilities, Clock, Ids, Random
from deskd.store.receipts import Vault
from router.rules import RuleSet
from sla.duty import Roster
from sla.policy import SlaBook

DESKD = "deskd"
"""Who did what no person did."""

BY_HAND = "hand"
"""The channel of a ticket that a person wrote down: a call, a visit."""


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
    channels: Mapping[str, Capabilities] = field(default_factory=dict)
    accounts: Mapping[str, tuple[str, ...]] = field(default_factory=dict)  # channel → those that send, the first best
    staff: Staff = field(default_factory=Staff)

    def identity(self, channel: str) -> str:
        """The kind of address that the senders on a channel have."""
        known = self.channels.get(channel)
        return known.identity if known else channel

    def live(self, channel: str) -> bool:
        """Whether customers wait there while we think."""
        known = self.channels.get(channel)
        return known is not None and known.live

    def way(self, channel: str, account: str, kind: str) -> tuple[str, str] | None:
        """(channel, account) by which an answer leaves to an address of that kind; None: nothing of ours goes there.

        The way that the customer came by, where it leads back; else the first that does.
        """
        came = self.channels.get(channel)
        there = [came.replies_by] if came else [name for name, one in self.channels.items() if one.identity == kind]
        for name in there:
            known, accounts = self.channels.get(name), self.accounts.get(name, ())
            if known is not None and known.identity == kind and accounts:
                return name, account if name == channel and account in accounts else accounts[0]
        return None

    def reaches(self, kind: str) -> bool:
        """Whether any account of ours writes to addresses of that kind."""
        return self.way("", "", kind) is not None

    def new_code(self) -> str:
        """The public code of a new ticket; the table's constraint finds the rare second use."""
        return code.code_of(int.from_bytes(self.random(5), "big") >> 5)
