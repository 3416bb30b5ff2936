"""Whoever fetches from a provider: one at a time on each account, under a lease, started anew when it fails."""

import asyncio
import random
from collections.abc import Sequence
from hashlib import sha256

import structlog

from deskd.app.keepers import place
from deskd.app.parts import Parts, now
from deskd.domain.crash import reach
from deskd.domain.errors import DeskError, StoreAway
from deskd.domain.ports import Keep, Kept, Micros, Poller, Receipt
from deskd.store import cursors, leases

LEASE: Micros = 30_000_000
RENEW_SECONDS = 10.0  # after two thirds of the lease without one, the poller is stopped
FIRST_PAUSE, LONGEST_PAUSE = 1.0, 300.0  # between two runs of one that fails; doubled each time, and drawn
STEADY_SECONDS = 60.0  # a run that lasted as long has worked

_log = structlog.get_logger("deskd")


class Pollers:
    """All of one process. Belongs to one event loop; the store is asked in threads."""

    def __init__(self, parts: Parts, keep: Keep) -> None:
        self._parts, self._keep = parts, keep
        self._tasks: list[asyncio.Task[None]] = []

    def start(self) -> None:
        for (channel, account), poller in self._parts.ways.pollers().items():
            self._tasks.append(asyncio.create_task(self._hold(channel, account, poller)))

    async def stop(self) -> None:
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    async def _hold(self, channel: str, account: str, poller: Poller) -> None:
        """Whenever the lease is ours, the poller runs."""
        run: asyncio.Task[None] | None = None
        name, renewed = f"poll:{sha256(f'{channel}:{account}'.encode()).hexdigest()[:32]}", 0.0
        loop = asyncio.get_running_loop()
        try:
            while True:
                if await self._take(name):
                    renewed = loop.time()
                    run = run or asyncio.create_task(self._run(channel, account, poller))
                elif run is not None and loop.time() - renewed >= LEASE / 1e6 * 2 / 3:
                    await _ended(run)
                    run = None
                await asyncio.sleep(RENEW_SECONDS)
        finally:
            await _ended(run)
            await asyncio.to_thread(self._release, name)

    async def _run(self, channel: str, account: str, poller: Poller) -> None:
        pause, loop = FIRST_PAUSE, asyncio.get_running_loop()
        while True:
            began = loop.time()
            try:
                await poller.run(self._kept, _Row(self._parts, channel, account))
                said, where = "it ended by itself", ""
            except Exception as error:  # noqa: BLE001 - whatever a provider or its library does, the account goes on
                ours = isinstance(error, DeskError)
                said, where = (str(error), "") if ours else (type(error).__name__, place(error))
            _log.warning("poller.failed", channel=channel, account=account, reason=said, place=where)
            pause = FIRST_PAUSE if loop.time() - began > STEADY_SECONDS else min(pause * 2, LONGEST_PAUSE)
            await asyncio.sleep(pause * random.uniform(0.5, 1.0))  # noqa: S311 - so that two do not knock in step

    async def _kept(self, some: Sequence[Receipt]) -> list[Kept]:
        reach("poll:before-keep")
        kept = await self._keep(some)
        reach("poll:after-keep")
        return kept

    async def _take(self, name: str) -> bool:
        def take() -> bool:
            with self._parts.database.write() as connection:
                return leases.take(connection, name, self._parts.holder, now(), LEASE) is not None

        try:
            return await asyncio.to_thread(take)
        except StoreAway as away:
            _log.warning("store.away", loop=name, reason=str(away))
            return False

    def _release(self, name: str) -> None:
        try:
            with self._parts.database.write() as connection:
                leases.release(connection, [name], self._parts.holder)
        except StoreAway as away:  # it runs out by itself
            _log.warning("store.away", loop=name, reason=str(away))


class _Row:
    """The cursor of one account, a row of the store."""

    def __init__(self, parts: Parts, channel: str, account: str) -> None:
        self._parts, self._key = parts, (channel, account)

    async def load(self) -> str:
        def read() -> str:
            with self._parts.database.read() as connection:
                return cursors.load(connection, *self._key)

        return await asyncio.to_thread(read)

    async def save(self, value: str) -> None:
        def write() -> None:
            with self._parts.database.write() as connection:
                cursors.save(connection, *self._key, value, now())

        await asyncio.to_thread(write)


async def _ended(run: "asyncio.Task[None] | None") -> None:
    if run is not None:
        run.cancel()
        await asyncio.gather(run, return_exceptions=True)
