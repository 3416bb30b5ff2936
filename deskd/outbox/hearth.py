"""One event loop a process, in a thread of its own, on which an outbox works and its senders keep their connections."""

import asyncio
import contextlib
import signal
import threading
from collections.abc import Callable

import structlog

from deskd.domain.errors import DeskError
from deskd.outbox.bell import Bell, listen
from deskd.outbox.work import Outbox

STOP_SECONDS = 5.0  # for what is under way when we are stopped; the daemon has ten in all
SETTLE_SECONDS = 2.0  # to write the outcome of what had to be broken off
ROUND_SECONDS = 10.0  # between two rounds of a worker whose bell is away

_log = structlog.get_logger("deskd.outbox")


class Hearth:
    """`make` is called on the loop, since some clients want to be built there. `bell_works` says whether rings come."""

    def __init__(
        self, make: Callable[[], Outbox], bell_works: Callable[[], bool], ended: Callable[[], None] = lambda: None
    ) -> None:
        self._make, self._ended = make, ended
        self.fault: BaseException | None = None  # why the loop ended by itself, if it did
        self._bell_works = bell_works
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._run, name="outbox", daemon=True)
        self._outbox: Outbox | None = None
        self._tasks: set[asyncio.Task[None]] = set()
        self._over = asyncio.Event()

    def start(self) -> None:
        self._thread.start()

    def ring(self, account: str) -> int:
        """Returns at once; what is due is sent on the loop. Rings of an account that is being worked on are folded."""
        with contextlib.suppress(RuntimeError):
            self._loop.call_soon_threadsafe(self._rung, account)
        return 0

    def stop(self) -> None:
        """Lets what is under way end for a while, writes the outcome of what it broke off, closes the senders."""
        with contextlib.suppress(RuntimeError):  # it has ended by itself
            self._loop.call_soon_threadsafe(self._over.set)
        self._thread.join(STOP_SECONDS + SETTLE_SECONDS)

    def _run(self) -> None:
        try:
            with asyncio.Runner(loop_factory=lambda: self._loop) as runner:
                runner.run(self._burn())
        except BaseException as error:  # noqa: BLE001 - raised again by `run`, in the main thread
            self.fault = error
        finally:
            self._ended()

    async def _burn(self) -> None:
        self._outbox = self._make()
        for account in await self._due(self._outbox):  # what was rung, or was due, before there was anybody to hear it
            self._rung(account)
        rounds = asyncio.create_task(self._rounds(self._outbox))
        await self._over.wait()
        rounds.cancel()
        await self._outbox.close(STOP_SECONDS)
        await asyncio.gather(rounds, *self._tasks, return_exceptions=True)

    def _rung(self, account: str) -> None:
        if self._outbox is not None and not self._over.is_set():
            task = asyncio.create_task(self._work(self._outbox, account))
            self._tasks.add(task)
            task.add_done_callback(self._tasks.discard)

    async def _work(self, outbox: Outbox, account: str) -> None:
        try:
            await outbox.run_due(account)
        except DeskError as error:
            _log.warning("outbox stopped", account=account, error=str(error))  # the next ring begins anew

    async def _rounds(self, outbox: Outbox) -> None:
        """A bell that is away keeps nothing from leaving: then we go and look ourselves."""
        while True:
            await asyncio.sleep(ROUND_SECONDS)
            if not await asyncio.to_thread(self._bell_works):
                for account in await self._due(outbox):
                    self._rung(account)

    async def _due(self, outbox: Outbox) -> list[str]:
        try:
            return await asyncio.to_thread(outbox.accounts_due)
        except DeskError as error:
            _log.warning("database away", error=str(error))
            return []


def run(
    make: Callable[[], Outbox],
    url: str,
    prefix: str,
    stopping: threading.Event | None = None,
    ready: Callable[[], None] = lambda: None,
) -> None:
    """A worker's life: answers the bell until it is stopped (SIGTERM, SIGINT, or `stopping` from another thread).

    Raises what ended its loop, so that whoever watches the process starts another.
    """
    stopping = stopping or threading.Event()
    if threading.current_thread() is threading.main_thread():  # RQ's own come later than our first delivery
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, lambda _number, _frame: stopping.set())
    bell = Bell(url, prefix)
    hearth = Hearth(make, bell.works, stopping.set)
    hearth.start()
    ready()

    def answer(account: str) -> int:
        bell.answered(account)
        return hearth.ring(account)

    try:
        listen(url, prefix, answer, stopping)
    finally:
        hearth.stop()
        bell.close()
    if hearth.fault is not None:
        raise hearth.fault
