"""Everything that deskd raises on purpose.

DeskError                   one sentence for a person: what is wrong, where, what to do
├── SettingsError           settings, rules, calendars or texts that cannot be used; stops the start
│   └── Off                 an account whose secret is not there; it alone does not work
├── Refused                 an act that the desk's rules forbid
│   ├── NotFound            no such thing, or not yours to see: the two look alike
│   ├── Denied              the role does not allow it
│   ├── IllegalTransition   the state does not allow it
│   ├── Lost                somebody else changed it first
│   └── Stale               a newer message of the customer has not been read
├── StoreAway               the database cannot be reached or is full; the peer is told to try again
├── Forged                  a request that is not proved to be the provider's it names
├── AlreadyRunning          another daemon holds this data folder
└── ChannelError            what a provider did to an outbound message
"""

from enum import StrEnum


class DeskError(Exception):
    """Its text is shown to a person as it stands."""


class SettingsError(DeskError):
    pass


class Off(SettingsError):
    pass


class Refused(DeskError):
    pass


class NotFound(Refused):
    pass


class Denied(Refused):
    pass


class IllegalTransition(Refused):
    pass


class Lost(Refused):
    pass


class Stale(Refused):
    """`text` is the message that the answer would have missed."""

    def __init__(self, sentence: str, text: str) -> None:
        super().__init__(sentence)
        self.text = text


class StoreAway(DeskError):
    pass


class Forged(DeskError):
    pass


class AlreadyRunning(DeskError):
    pass


class Fate(StrEnum):
    NEVER_LEFT = "never-left"  # safe to try again
    REJECTED = "rejected"  # the provider said no
    AMBIGUOUS = "ambiguous"  # it may have left: never tried again by itself


class ChannelError(DeskError):
    """A send that did not end well, in the three kinds that decide what may follow.

    `retry_after` seconds until the next try where one makes sense, else None. `customer` what an outsider may be
    told. The text itself is what the log and the agent may see: a code and a reason, no address and no contents.
    `ours`: the fault is ours (credentials, blocked sender): the whole account pauses.
    """

    def __init__(
        self,
        fate: Fate,
        note: str,
        *,
        code: str = "",
        retry_after: float | None = None,
        customer: str = "",
        ours: bool = False,
    ) -> None:
        super().__init__(note)
        self.fate = fate
        self.code = code
        self.retry_after = retry_after
        self.customer = customer
        self.ours = ours
