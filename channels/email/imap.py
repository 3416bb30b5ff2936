"""Mail fetched from a mailbox by IMAP: looked at, kept, and only then taken out of the way (CHANNELS 1.1, X1).

A look opens the folder anew, searches above the mark, fetches without marking as read, keeps, moves, and notes the
mark. IDLE only hints that it is time for the next one, which comes at the latest after `poll_s`. Killed anywhere, the
next look finds the same mails again, and their keys tell which of them are there already.
"""

import asyncio
import ssl
from collections.abc import Mapping, Sequence

import structlog

from channels import Tools
from channels.email import dates
from channels.email.config import MailAccount, MailImap
from channels.email.imap_client import About, Mailbox
from channels.email.imap_grammar import string
from channels.email.imap_mark import Mark, read_mark
from channels.email.imap_wire import Answer, Wire, connected
from channels.email.receipt import key_of, lane_of
from deskd.domain.crash import reach
from deskd.domain.errors import DeskError, Off
from deskd.domain.ports import Clock, Cursor, Keep, Micros, Receipt

LARGEST = 36 * 1024 * 1024  # bytes of a mail that is fetched whole (ES1)
BEGINNING = 512 * 1024  # bytes of a larger one (ES2)
BATCH = 50  # mails that are kept in one commit and moved by one command …
BATCH_BYTES = 16 * 1024 * 1024  # … or so many bytes of them …
BATCH_SECONDS = 2.0  # … or what came in that time: a connection that breaks often must not lose what it brought
TRIES = 8  # after which a mail that can't be had whole is had by its beginning; with the pauses, minutes
REFUSALS = 3  # log-ins that are refused before we stop: providers lock whoever goes on (EI9)
LATER = frozenset({"UNAVAILABLE", "INUSE", "LIMIT", "SERVERBUG", "ALERT"})  # RFC 5530: says nothing of the password

_log = structlog.get_logger("deskd.imap")


def poller(account: MailAccount, tools: Tools) -> "ImapPoller | None":
    """None: the account has no mailbox to fetch from. Off: its password is not there."""
    if not account.imap.host:
        return None
    password = tools.secret(account.imap.password)
    if not password:
        raise Off(f"Nothing is fetched for {account.name}: the secret {account.imap.password} is not there.")
    return ImapPoller(account, password, tools.clock)


class ImapPoller:
    """One mailbox, for as long as the process lives: it remembers how often the log-in was refused.

    `password` is the mailbox's, already read from where the settings name it; `tls` for a server with an authority of
    its own. A deskd.domain.ports.Poller.
    """

    def __init__(self, account: MailAccount, password: str, clock: Clock, tls: ssl.SSLContext | None = None) -> None:
        self._account, self._imap, self._password, self._clock = account.name, account.imap, password, clock
        self._tls = tls or (ssl.create_default_context() if account.imap.security == "tls" else None)
        self._place = f"The mailbox of {account.name} at {account.imap.host}"
        self._refused: list[str] = []

    async def run(self, keep: Keep, cursor: Cursor) -> None:
        """Ends by DeskError or by being cancelled. After REFUSALS refused log-ins in a row it ends before it begins."""
        self._stop_if_refused()
        mark = read_mark(await cursor.load())
        async with connected(self._imap.host, self._imap.port, self._tls, self._place) as wire:
            await self._enter(wire)
            mailbox = Mailbox(wire)
            await mailbox.learn()
            visit = _Visit(self._account, self._imap, mailbox, keep, cursor, self._clock, mark)
            while True:
                await visit.look()
                await mailbox.wait(self._imap.poll_s)

    async def _enter(self, wire: Wire) -> None:
        greeting = await wire.greeting()
        if greeting.last.kind == "PREAUTH":
            return
        if not greeting.ok:
            raise wire.broken(f"does not greet: {greeting.said}")
        answer = await wire.command(b"LOGIN ", string(self._imap.user), b" ", string(self._password))
        if answer.ok:
            self._refused.clear()
            return
        if not _comes_back(answer):
            self._refused.append(answer.said)
            self._stop_if_refused()
        raise wire.broken(f"refuses the log-in: {answer.said}")

    def _stop_if_refused(self) -> None:
        if len(self._refused) >= REFUSALS:
            raise DeskError(
                f"{self._place} has refused the log-in {REFUSALS} times ({self._refused[-1]}) and is not asked again, "
                "so that it locks nobody out: set user and password in [mail.accounts.imap], then start deskd again."
            )


def _comes_back(answer: Answer) -> bool:
    """Whether a refused log-in may do better by itself later."""
    return answer.last.code.partition(" ")[0].upper() in LATER


class _Visit:
    """What one connection fetches. `mark` is noted after every batch."""

    def __init__(
        self, account: str, imap: MailImap, mailbox: Mailbox, keep: Keep, cursor: Cursor, clock: Clock, mark: Mark
    ) -> None:
        self._account, self._imap, self._mailbox = account, imap, mailbox
        self._keep, self._cursor, self._clock, self._mark = keep, cursor, clock, mark
        self._again_at = 0.0  # on the loop's clock: when those that could not be had are tried again
        self._moves = bool(imap.processed)

    async def look(self) -> None:
        folder = await self._mailbox.select(self._imap.folder)
        place = f"{self._imap.user} at {self._imap.host}: {self._imap.folder}"
        every = self._imap.import_existing
        here = self._mark.in_folder(place, folder.validity, folder.next, self._clock(), everything=every)
        if here != self._mark:
            _log.info("imap.folder", account=self._account, validity=folder.validity, before=self._mark.validity)
            await self._note(here)
        self._mark, new, pending = self._mark.due(await self._mailbox.search(self._mark.first))
        for start in range(0, len(new), BATCH):
            await self._fetch(new[start : start + BATCH])
        loop = asyncio.get_running_loop()
        if pending and loop.time() >= self._again_at:
            for uid in pending:
                await self._fetch([uid])
            self._again_at = loop.time() + self._imap.poll_s

    async def _fetch(self, uids: Sequence[int]) -> None:
        """Fetches in order, and keeps whenever a batch is full. What can't be had is pending from then on."""
        loop = asyncio.get_running_loop()
        about, batch, left, began = await self._mailbox.about(uids), dict[int, Receipt](), list[int](), loop.time()
        for uid in uids:
            if uid in about and self._stays(uid, about[uid]):
                left.append(uid)
                continue
            receipt = await self._receipt(uid, about[uid]) if uid in about else None
            if receipt is None:
                await self._missed([uid], "the server gives none")
                continue
            batch[uid] = receipt
            size = sum(len(one.body) for one in batch.values())
            if size >= BATCH_BYTES or loop.time() - began >= BATCH_SECONDS:
                await self._commit(batch, left)
                batch, left, began = {}, [], loop.time()
        await self._commit(batch, left)

    def _stays(self, uid: int, about: About) -> bool:
        """Lay there before we came, and was not to be imported: found only since all numbers have changed."""
        date = dates.read(about.date)
        return uid <= self._mark.old and date is not None and date[0] < self._mark.since

    async def _receipt(self, uid: int, about: About) -> Receipt | None:
        """None: the server gives none. DeskError: the connection broke over it, which is noted."""
        begin = about.size > LARGEST or self._mark.pending.get(uid, 0) >= TRIES
        try:
            mail = await self._mailbox.fetch(uid, about.size, BEGINNING if begin else LARGEST, begin=begin)
        except DeskError as error:
            await self._missed([uid], str(error))
            raise
        if mail is None:
            return None
        now = self._clock()
        date = dates.read(about.date)
        envelope: dict[str, object] = {"protocol": "imap", "authserv_id": self._imap.authserv_id}
        if uid <= self._mark.old:
            envelope["old"] = True
        if not mail.whole:
            envelope["cut_from"] = about.size
        at: Micros = date[0] if date and 0 < date[0] < now else now
        return Receipt("email", self._account, key_of(mail.body), lane_of(mail.body, ""), mail.body, at, envelope)

    async def _commit(self, batch: Mapping[int, Receipt], left: Sequence[int] = ()) -> None:
        """Keeps, notes, moves. StoreAway ends the visit with everything as it was; another fault is one mail's own."""
        if batch and not await self._kept(batch):
            for uid, receipt in batch.items() if len(batch) > 1 else ():
                await self._commit({uid: receipt})
            batch = {}
        if batch or left:
            await self._note(self._mark.kept(list(batch), left, to_move=self._moves))
        if self._mark.unmoved:
            await self._take_away()

    async def _kept(self, batch: Mapping[int, Receipt]) -> bool:
        reach("imap:after-fetch")
        try:
            await self._keep(list(batch.values()))
        except DeskError:
            raise
        except Exception as error:  # noqa: BLE001 - no mail may stand in the way of the others (X6)
            if len(batch) == 1:
                await self._missed(list(batch), type(error).__name__, had=True)
            return False
        reach("imap:after-keep")
        return True

    async def _take_away(self) -> None:
        """Out of the way, for people's sake: the mark alone keeps a mail from being fetched twice."""
        answer = await self._mailbox.take_away(self._mark.unmoved, self._imap.processed)
        self._mark = self._mark.moved()
        if answer is None or not answer.ok:
            self._moves = False
            said = answer.said if answer else "it has neither MOVE nor UIDPLUS"
            _log.warning("imap.not-moved", account=self._account, folder=self._imap.processed, reason=said)

    async def _missed(self, uids: Sequence[int], why: str, *, had: bool = False) -> None:
        await self._note(self._mark.failed(uids, had=had))
        tries = {uid: self._mark.pending[uid] for uid in uids}
        _log.warning("imap.missed", account=self._account, uids=tries, reason=why)

    async def _note(self, mark: Mark) -> None:
        await self._cursor.save(mark.text())
        self._mark = mark
