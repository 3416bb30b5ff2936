"""Where fetching stands in a mailbox, as a value that deskd keeps between runs.

What was fetched is known by UID alone, never by a flag or a date, which others change (CHANNELS EI3). The high-water
mark is min(highest committed, lowest pending - 1), EI4: a mail that could not be had holds back no other, and is had
later.
"""

import json
from collections.abc import Collection, Mapping, Sequence
from dataclasses import asdict, dataclass, field, replace
from typing import Any

from deskd.domain.errors import DeskError
from deskd.domain.ports import MINUTE, Micros

SKEW: Micros = 10 * MINUTE  # by which the server's clock may be behind ours
MAX_PENDING = 200  # mails that could not be had; with more, it is not the mails
MAX_UNMOVED = 100  # mails that are moved by one command; of more, the first stay where they are


@dataclass(frozen=True, slots=True)
class Mark:
    """validity: the UIDVALIDITY under which the numbers hold, in the folder `place`; 0: nothing was ever fetched.

    done: every mail up to it is committed, or pending, or was to be left. pending: UID → how often it could not be had
    from the server; 0: it was had, and could not be kept.
    old: mails up to it lay there when we came, and get no automatic answer. since: those of them that are older are
    left alone, 0: none is. unmoved: committed, and perhaps still where they were.
    """

    validity: int = 0
    place: str = ""
    done: int = 0
    pending: Mapping[int, int] = field(default_factory=dict)
    old: int = 0
    since: Micros = 0
    unmoved: tuple[int, ...] = ()

    @property
    def first(self) -> int:
        """The lowest UID that has to be looked for."""
        return min([self.done, *(uid - 1 for uid in self.pending)]) + 1

    def in_folder(self, place: str, validity: int, upcoming: int, at: Micros, *, everything: bool) -> "Mark":
        """The mark in a folder as it is now. `upcoming`: its UIDNEXT; `everything`: fetch what lies there as well.

        With another UIDVALIDITY, or in another folder, whose UIDVALIDITY may well be the same, the numbers say nothing
        any more: all is fetched again, and known by its key (EI2).
        """
        if (place, validity) == (self.place, self.validity):
            return self
        if self.validity == 0 and not everything:
            return Mark(validity, place, done=upcoming - 1, since=at - SKEW)  # EI14
        return Mark(validity, place, old=upcoming - 1, since=self.since)

    def due(self, found: Sequence[int]) -> tuple["Mark", list[int], list[int]]:
        """(the mark without those that are gone, new mails, pending ones), of the UIDs from `first` on."""
        pending = {uid: tries for uid, tries in self.pending.items() if uid in set(found)}
        new = [uid for uid in found if uid > self.done and uid not in pending]
        return replace(self, pending=pending), new, sorted(pending, key=lambda uid: (pending[uid], uid))

    def kept(self, committed: Sequence[int], left: Collection[int] = (), *, to_move: bool) -> "Mark":
        """Of those that `due` gave, in that order: committed, or left alone."""
        pending = {uid: tries for uid, tries in self.pending.items() if uid not in committed}
        unmoved = (*self.unmoved, *committed)[-MAX_UNMOVED:] if to_move else ()
        return replace(self, done=max([self.done, *committed, *left]), pending=pending, unmoved=unmoved)

    def moved(self) -> "Mark":
        return replace(self, unmoved=())

    def failed(self, uids: Collection[int], *, had: bool) -> "Mark":
        """Not committed this time. DeskError when that has become the rule."""
        pending = dict(self.pending) | {uid: self.pending.get(uid, 0) + (not had) for uid in uids}
        if len(pending) > MAX_PENDING:
            raise DeskError(f"More than {MAX_PENDING} mails of one folder can't be fetched; the log names the reasons.")
        return replace(self, pending=pending)

    def text(self) -> str:
        return json.dumps({name: value for name, value in asdict(self).items() if value}, separators=(",", ":"))


def read_mark(text: str) -> Mark:
    """What `text` made; "" is the beginning. DeskError when it is not one: to begin anew could leave mail behind."""
    if not text:
        return Mark()
    try:
        given: dict[str, Any] = json.loads(text)
        pending = {int(uid): int(tries) for uid, tries in dict(given.pop("pending", {})).items()}
        unmoved = tuple(int(uid) for uid in given.pop("unmoved", ()))
        place = str(given.pop("place", ""))
        numbers = {name: int(value) for name, value in given.items()}
        return Mark(place=place, pending=pending, unmoved=unmoved, **numbers)
    except (ValueError, TypeError, AttributeError, RecursionError, OverflowError) as error:
        raise DeskError("What is noted of a mailbox can't be read; restore it from a backup.") from error
