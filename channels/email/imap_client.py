"""A mailbox over IMAP: the few commands that fetching needs, and what their answers say.

RFC 3501, with ID (RFC 2971), IDLE (RFC 2177), UIDPLUS (RFC 4315) and MOVE (RFC 6851) where the server has them; a bare
IMAP4rev1 is enough. No envelope, subject or name is asked for in quoted form: servers quote them wrongly (CHANNELS A6).
"""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass

from channels.email.imap_grammar import fields_of, folder_name, number_in, string
from channels.email.imap_wire import Answer, Wire
from deskd.domain.errors import DeskError

MAIL_SECONDS = 120.0  # for one mail, however slowly it comes (A11) …
MAIL_BYTES_A_SECOND = 100_000  # … and the time that its size needs at this pace


@dataclass(frozen=True, slots=True)
class Folder:
    """What SELECT says: a UID names a mail only together with `validity`; `next`: the lowest that the next may have."""

    validity: int
    next: int


@dataclass(frozen=True, slots=True)
class About:
    """A mail's bytes (Exchange only estimates them), and its INTERNALDATE as the server writes it, or ""."""

    size: int
    date: str


@dataclass(frozen=True, slots=True)
class Fetched:
    body: bytes
    whole: bool


class Mailbox:
    """On a connection that is logged in."""

    def __init__(self, wire: Wire) -> None:
        self._wire, self._can = wire, frozenset[str]()

    async def learn(self) -> None:
        """Asks what the server can. After the log-in: before it and in its answer servers say other things (A7)."""
        answer = await self._wire.command(b"CAPABILITY", wanted={"CAPABILITY"})
        words = [word for response in answer.seen for word in response.data if isinstance(word, bytes)]
        self._can = frozenset(word.decode("ascii", "replace").upper() for word in words)
        if "ID" in self._can:  # NetEase opens no folder without it, and takes it in this spelling only (EI11)
            await self._wire.command(b'ID ("name" "deskd" "version" "1")')

    async def select(self, folder: str) -> Folder:
        """Opens a folder, or opens it again: some servers show new mail no other way. DeskError when it can't."""
        answer = await self._wire.command(b"SELECT ", string(folder_name(folder)), wanted={"OK"})
        if not answer.ok:
            raise DeskError(f'{self._wire.place} does not open the folder "{folder}": {answer.said}.')
        codes = dict(_code(response.code) for response in answer.seen)
        validity = codes.get("UIDVALIDITY")
        if not validity:
            raise DeskError(f'{self._wire.place} gives the folder "{folder}" no UIDVALIDITY: no mail in it has a name.')
        return Folder(validity, codes.get("UIDNEXT") or max(await self.search(1), default=0) + 1)

    async def search(self, first: int) -> list[int]:
        """The UIDs from `first` on, ascending. `n:*` always holds the last mail, even when it lies below n (EI1)."""
        self._wire.news = False
        answer = await self._wire.command(b"UID SEARCH UID %d:*" % first, wanted={"SEARCH"})
        if not answer.ok:
            raise self._wire.broken(f"refuses to search: {answer.said}")
        found = {number for response in answer.seen for word in response.data if (number := number_in(word))}
        return sorted(uid for uid in found if uid >= first)

    async def about(self, uids: Sequence[int]) -> dict[int, About]:
        """Of those that are still there; of none when the server says NO."""
        words = (b"UID FETCH ", _set(uids), b" (UID RFC822.SIZE INTERNALDATE)")
        answer = await self._wire.command(*words, wanted={"FETCH"})
        found: dict[int, About] = {}
        for said in map(fields_of, answer.seen):
            uid, size, date = number_in(said.get("UID")), number_in(said.get("RFC822.SIZE")), said.get("INTERNALDATE")
            if uid is not None and uid in uids and size is not None:
                found[uid] = About(size, date.decode("ascii", "replace") if isinstance(date, bytes) else "")
        return found

    async def fetch(self, uid: int, size: int, most: int, *, begin: bool = False) -> Fetched | None:
        """A mail of about `size` bytes, not marked as read; None when the server gives none.

        What is beyond `most` bytes is left out, or with `begin` not even asked for (ES2).
        """
        what = b"BODY.PEEK[]<0.%d>" % most if begin else b"BODY.PEEK[]"
        seconds = MAIL_SECONDS + (most if begin else size) / MAIL_BYTES_A_SECOND
        words = (b"UID FETCH %d (UID " % uid, what, b")")
        answer = await self._wire.command(*words, wanted={"FETCH"}, seconds=seconds, room=most + 1)
        for said in map(fields_of, answer.seen):
            body = next((said[name] for name in ("BODY[]", "BODY[]<0>") if name in said), None)
            if number_in(said.get("UID")) == uid and isinstance(body, bytes):
                return Fetched(body[:most], len(body) < most + (not begin))
        return None

    async def take_away(self, uids: Sequence[int], folder: str) -> Answer | None:
        """Moves mails to a folder, which is made if need be. None: the server can do it in no way that is safe.

        Never a plain EXPUNGE, which takes away whatever others have marked (EI5).
        """
        there = string(folder_name(folder))
        if "MOVE" in self._can:
            return await self._made_if_missing(b"MOVE", uids, there)
        if "UIDPLUS" not in self._can:
            return None
        copied = await self._made_if_missing(b"COPY", uids, there)
        if not copied.ok:
            return copied
        marked = await self._wire.command(b"UID STORE ", _set(uids), b" +FLAGS.SILENT (\\Deleted)")
        return await self._wire.command(b"UID EXPUNGE ", _set(uids)) if marked.ok else marked

    async def _made_if_missing(self, verb: bytes, uids: Sequence[int], there: tuple[bytes, bool]) -> Answer:
        words = (b"UID " + verb + b" ", _set(uids), b" ", there)
        answer = await self._wire.command(*words)
        if answer.last.kind == "NO" and (await self._wire.command(b"CREATE ", there)).ok:
            answer = await self._wire.command(*words)
        return answer

    async def wait(self, seconds: float) -> None:
        """Until the server hints at new mail, but no longer than that; without IDLE, that long."""
        if self._wire.news:
            return
        if "IDLE" not in self._can:
            await asyncio.sleep(seconds)
        elif not await self._wire.idle(seconds):
            self._can -= {"IDLE"}  # it promised more than it does
            await asyncio.sleep(seconds)


def _code(code: str) -> tuple[str, int]:
    """`UIDNEXT 7` → its name and number; 0 where it has none."""
    name, _, value = code.partition(" ")
    return name.upper(), number_in(value.encode()) or 0


def _set(uids: Sequence[int]) -> bytes:
    return ",".join(map(str, uids)).encode()
