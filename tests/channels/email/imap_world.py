"""A poller of a mailbox on a fake server, with a real keeper on a real database, and a cursor in memory."""

import asyncio
import itertools
import os
from collections import Counter
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from fakes.imap import ImapServer
from sqlalchemy import select

from channels.email.config import MailAccount
from channels.email.imap import ImapPoller
from deskd.domain.errors import DeskError, StoreAway
from deskd.domain.ports import Kept, Receipt
from deskd.store import receipts, tables
from deskd.store.database import Database
from deskd.store.keeper import Keeper
from deskd.store.keyring import open_ring
from deskd.store.receipts import Vault, Waiting

NOW = 1_796_000_000_000_000
SECONDS = 20.0  # after which a test that waits for something has failed


def mail(n: int, words: str = "hello") -> bytes:
    head = f"Message-ID: <{n}@c.example>\r\nFrom: C <c{n}@c.example>\r\nSubject: a * b sad :(\r\n"
    return f"{head}\r\n{words} {n}\r\n".encode()


def account(server: ImapServer, **given: Any) -> MailAccount:
    imap = {"host": "127.0.0.1", "port": server.port, "security": "none", "user": server.user, "password": "env:IMAP"}
    return MailAccount.model_validate({"imap": {**imap, **given}})


@dataclass
class MemoryCursor:
    value: str = ""
    saves: int = 0

    async def load(self) -> str:
        return self.value

    async def save(self, value: str) -> None:
        self.value, self.saves = value, self.saves + 1


@dataclass
class Box:
    """What is kept, and all that a test may turn. away: the store is not there; bad: bytes that keep chokes on."""

    database: Database
    folder: Path
    server: ImapServer = field(default_factory=ImapServer)
    cursor: MemoryCursor = field(default_factory=MemoryCursor)
    settings: dict[str, Any] = field(default_factory=dict)
    password: str = "open-sesame"
    away: bool = False
    bad: bytes = b""
    repeated: int = 0
    ended: list[BaseException] = field(default_factory=list)
    now: int = NOW

    def __post_init__(self) -> None:
        count = itertools.count(1)
        self.vault = Vault(self.folder, open_ring(self.folder / "keys", os.urandom))
        self.keeper = Keeper(self.database, self.vault, lambda: f"{next(count):032x}")

    async def keep(self, some: Sequence[Receipt]) -> list[Kept]:
        if self.away:
            raise StoreAway("no disk")
        if self.bad and any(self.bad in one.body for one in some):
            raise RuntimeError("a defect")
        kept = await self.keeper.keep(some)
        self.repeated += sum(one.repeated for one in kept)
        return kept

    def poller(self) -> ImapPoller:
        return ImapPoller(account(self.server, **self.settings), self.password, lambda: self.now)

    async def once(self, poller: ImapPoller | None = None) -> str:
        """One run, to its end by itself; the sentence."""
        try:
            async with asyncio.timeout(SECONDS):
                await (poller or self.poller()).run(self.keep, self.cursor)
        except DeskError as error:
            return str(error)
        raise AssertionError("A run that returns")

    async def until(self, holds: Callable[[], bool], *, runs: int = 50) -> None:
        """Runs the poller, again and again when it ends by itself, until something holds; then cancels it."""
        poller = self.poller()

        async def always() -> None:
            for _ in range(runs):
                try:
                    await poller.run(self.keep, self.cursor)
                except DeskError as error:
                    self.ended.append(error)

        task = asyncio.create_task(always())
        try:
            await _until(lambda: holds() or task.done())
        finally:
            task.cancel()
            await asyncio.gather(task, return_exceptions=True)
        assert holds(), self.ended

    def kept(self) -> list[Waiting]:
        with self.database.read() as connection:
            rows = list(connection.execute(select(tables.receipts).order_by(tables.receipts.c.id)).mappings())
        return [receipts.opened(row, self.vault) for row in rows]

    def bodies(self) -> Counter[bytes]:
        return Counter(one.body for one in self.kept())

    def has(self, *expected: bytes) -> Callable[[], bool]:
        return lambda: self.bodies() == Counter(expected)

    def idle(self, expected: int) -> Callable[[], bool]:
        """All of them are kept, and the poller waits for more: nothing is under way that a cancel would cut off."""
        return lambda: len(self.kept()) >= expected and self.server.ledger[-1:] == ["IDLE"]

    def play(self, act: Callable[[], Awaitable[None]]) -> None:
        """Runs an act with the server started; nothing may be left behind, and nothing was said wrongly."""

        async def main() -> None:
            await self.server.start()
            before = asyncio.all_tasks()
            try:
                await act()
                self.server.go_on.set()
                await _until(lambda: not self.server.open and asyncio.all_tasks() == before)
            finally:
                self.server.go_on.set()
                await self.server.stop()
                await self.keeper.close()

        asyncio.run(main())
        assert not self.server.offences


async def _until(holds: Callable[[], bool]) -> None:
    async with asyncio.timeout(SECONDS):
        while not holds():  # noqa: ASYNC110 - the database announces nothing
            await asyncio.sleep(0.01)
