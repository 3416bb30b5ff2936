"""From due to settled: lease, load, send, write the outcome. Knows no Redis, no channel and no SQL of its own.

One `Outbox` belongs to one event loop, on which its senders keep their connections. Database work runs in threads,
many deliveries a commit.
"""

import asyncio
import traceback
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import structlog

from deskd.domain.crash import reach
from deskd.domain.errors import ChannelError, DeskError, Fate, SettingsError
from deskd.domain.ports import Clock, File, Ids, Micros, Outcome, Outgoing, Sender
from deskd.domain.states import DeliveryState
from deskd.outbox.gather import Gather
from deskd.outbox.limits import PAUSE, Limits
from deskd.outbox.outcome import STOPPED, Settle, Verdict, accepted, failed, write
from deskd.store import deliveries
from deskd.store.database import Database

Row = Mapping[str, Any]
Senders = Callable[[str, str], Sender]
"""(channel, account) → its sender, asked once and kept until `close`. SettingsError where the account is off: it
pauses; ChannelError where there is none: that delivery alone is rejected."""

OpenFile = Callable[[Row], bytes]
"""An attachment's row → its bytes, opened. Raises DeskError or OSError: the delivery is rejected then."""

Token = Callable[[Row, str], str]
"""(a delivery's row, its ticket's code) → the signed token by which an answer finds the ticket again."""

Fill = Callable[[Row, str], str]
"""(a delivery's row, its kept text) → the text that leaves: with what must not be kept, such as a link's token."""

_log = structlog.get_logger("deskd.outbox")


@dataclass(frozen=True, slots=True)
class _ToWire:
    row: Row


@dataclass(frozen=True, slots=True)
class _Renew:
    deliveries: tuple[str, ...]


class _Overtaken(DeskError):
    """The lease is not ours any more: nothing may be sent, nothing is written."""


@dataclass(eq=False, slots=True)
class _Flight:
    """One delivery under way. `wired`: its sender has been told that it may leave."""

    row: Row
    wired: bool = False
    overtaken: bool = False


@dataclass(slots=True)
class _Line:
    """What one account has under way in this process."""

    tasks: set["asyncio.Task[None]"] = field(default_factory=set)
    rung: asyncio.Event = field(default_factory=asyncio.Event)
    drain: "asyncio.Task[int] | None" = None
    paused_until: Micros = 0


class Outbox:
    """`holder` must be new for every process that starts: by it leases are known as ours."""

    def __init__(
        self,
        database: Database,
        senders: Senders,
        clock: Clock,
        ids: Ids,
        *,
        holder: str,
        settle: Settle,
        open_file: OpenFile,
        token: Token,
        fill: Fill = lambda _row, text: text,
        limits: Limits | None = None,
    ) -> None:
        self._database, self._senders, self._clock, self._ids = database, senders, clock, ids
        self._holder, self._settle = holder, settle
        self._open_file, self._token, self._fill = open_file, token, fill
        self._limits = limits or Limits()
        self._kept: dict[tuple[str, str], Sender] = {}
        self._lines: dict[str, _Line] = {}
        self._flying: dict[str, asyncio.Task[None]] = {}
        self._renewing: asyncio.Task[None] | None = None
        self._closing = False
        self._gather: Gather[_ToWire | _Renew | Verdict, bool] = Gather(self._commit)

    async def run_due(self, account: str) -> int:
        """Sends all that is due on the account, and returns how many were taken when nothing of it is under way.

        A second call while one is at work makes that one look again, and waits for it.
        """
        line = self._lines.setdefault(account, _Line())
        line.rung.set()
        if line.drain is None:
            line.drain = asyncio.create_task(self._drain(account, line))
        return await asyncio.shield(line.drain)

    def accounts_due(self) -> list[str]:
        """Accounts that have something to send now; for a worker whose bell is away."""
        with self._database.read() as connection:
            return deliveries.due_accounts(connection, self._clock())

    async def close(self, grace: float = 0.0) -> None:
        """Takes nothing new, gives what is under way `grace` seconds, then cancels it and writes its outcome."""
        self._closing = True
        drains = [line.drain for line in self._lines.values() if line.drain]
        for line in self._lines.values():
            line.rung.set()
        tasks = [task for line in self._lines.values() for task in line.tasks]
        if tasks and grace:
            await asyncio.wait(tasks, timeout=grace)
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, *drains, return_exceptions=True)
        await self._gather.finish()
        if self._renewing:
            self._renewing.cancel()
        for sender in self._kept.values():
            await sender.close()
        self._kept.clear()

    async def _drain(self, account: str, line: _Line) -> int:
        """Leases whenever there is room and cause: a ring, or a delivery that ended (its younger may go now)."""
        count = 0
        try:
            while not self._closing and (line.tasks or line.rung.is_set()):
                line.rung.clear()
                room = self._limits.batch - len(line.tasks)
                rows = await self._lease(account, line, room) if room else []
                count += len(rows)
                await self._start(line, rows)
                if line.tasks:
                    await self._something(line)
            return count
        finally:
            line.drain = None

    async def _something(self, line: _Line) -> None:
        """Waits until a delivery has ended or the bell has rung."""
        before = set(line.tasks)
        rung = asyncio.create_task(line.rung.wait())
        full = len(before) >= self._limits.batch
        done, _ = await asyncio.wait(before if full else {*before, rung}, return_when=asyncio.FIRST_COMPLETED)
        rung.cancel()
        await asyncio.wait([rung])
        if done - {rung}:
            line.rung.set()

    async def _lease(self, account: str, line: _Line, room: int) -> list[dict[str, Any]]:
        now = self._clock()
        if now < line.paused_until:
            return []

        def take() -> list[dict[str, Any]]:
            until = now + self._limits.lease_us
            with self._database.write() as connection:
                return deliveries.lease(connection, account, self._holder, now=now, until=until, limit=room)

        rows = await asyncio.to_thread(take)
        if rows:
            reach("reply-out:after-lease")
        return rows

    async def _start(self, line: _Line, rows: Sequence[Row]) -> None:
        if not rows:
            return

        def load() -> dict[str, deliveries.Content]:
            with self._database.read() as connection:
                return deliveries.contents(connection, rows)

        loaded = await asyncio.to_thread(load)
        for row in rows:
            task = asyncio.create_task(self._deliver(line, _Flight(row), loaded[row["id"]]))
            line.tasks.add(task)
            self._flying[row["id"]] = task
            task.add_done_callback(line.tasks.discard)
        if self._renewing is None or self._renewing.done():
            self._renewing = asyncio.create_task(self._renew())

    async def _deliver(self, line: _Line, flight: _Flight, content: deliveries.Content) -> None:
        try:
            await self._fly(line, flight, content)
        finally:
            del self._flying[flight.row["id"]]

    async def _fly(self, line: _Line, flight: _Flight, content: deliveries.Content) -> None:
        verdict = await self._try(flight, content)
        if flight.overtaken:
            _log.warning("overtaken", delivery=flight.row["id"], fence=flight.row["fence"])
            return
        if verdict.state is DeliveryState.ACCEPTED and not flight.wired:
            await self._on_wire(flight)  # a sender that forgot to say so: the record must still be a legal one
        if verdict.ours:
            line.paused_until = verdict.at + PAUSE  # what comes in meanwhile does not try the same door
        await self._write_outcome(verdict)

    async def _try(self, flight: _Flight, content: deliveries.Content) -> Verdict:
        row = flight.row
        try:
            message = await self._compose(row, content)
            outcome = await self._send(flight, message)
        except ChannelError as error:
            return failed(row, self._clock(), error, wired=flight.wired)
        except asyncio.CancelledError:
            why = ChannelError(Fate.AMBIGUOUS, "We stopped before the provider had answered.", code=STOPPED)
            return failed(row, self._clock(), why, wired=flight.wired)
        except TimeoutError:
            why = ChannelError(Fate.AMBIGUOUS, "The provider did not answer in time.", code="timeout")
            return failed(row, self._clock(), why, wired=flight.wired)
        except Exception as error:  # noqa: BLE001 - whatever a channel raises, the delivery must get an outcome
            if not flight.overtaken:  # no traceback and no text: an exception may quote what was written
                place = traceback.extract_tb(error.__traceback__)[-1]
                where = f"{Path(place.filename).name}:{place.lineno}"
                _log.error("send raised", delivery=row["id"], error=type(error).__name__, where=where)
            why = ChannelError(Fate.AMBIGUOUS, f"The channel failed: {type(error).__name__}.", code="fault")
            return failed(row, self._clock(), why, wired=flight.wired)
        return accepted(row, self._clock(), outcome)

    async def _send(self, flight: _Flight, message: Outgoing) -> Outcome:
        sender = self._sender(flight.row)
        async with asyncio.timeout(self._limits.send):
            outcome = await sender.send(message, lambda: self._on_wire(flight))
        reach("reply-out:after-send")
        return outcome

    async def _on_wire(self, flight: _Flight) -> None:
        if flight.wired:
            return
        reach("reply-out:before-wire")
        if not await self._gather.add(_ToWire(flight.row)):
            flight.overtaken = True
            raise _Overtaken("Another worker has taken this delivery over.")
        reach("reply-out:after-wire")
        flight.wired = True

    def _sender(self, row: Row) -> Sender:
        key = (row["channel"], row["account"])
        if key not in self._kept:
            try:
                self._kept[key] = self._senders(*key)
            except SettingsError as error:
                raise ChannelError(Fate.NEVER_LEFT, str(error), code="off", ours=True) from error
        return self._kept[key]

    async def _compose(self, row: Row, content: deliveries.Content) -> Outgoing:
        try:
            files = await asyncio.to_thread(self._files, content) if content.files else ()
        except (DeskError, OSError) as error:
            note = f"An attachment cannot be read: {type(error).__name__}."
            raise ChannelError(Fate.REJECTED, note, code="attachment") from error
        return Outgoing(
            delivery_id=row["id"],
            account=row["account"],
            address=row["address"],
            subject=content.subject,
            text=self._fill(row, content.text),
            message_id=row["mail_id"],
            in_reply_to=content.in_reply_to,
            references=content.references,
            thread_token=self._token(row, content.ticket_code),
            automatic=content.automatic,
            files=files,
            created_at=row["created_at"],
        )

    def _files(self, content: deliveries.Content) -> tuple[File, ...]:
        return tuple(File(f["filename"], f["content_type"], self._open_file(f)) for f in content.files)

    async def _write_outcome(self, verdict: Verdict) -> None:
        """Tried again while the database is away or the ticket changes under us; then the end of the lease decides."""
        for left in reversed(range(self._limits.tries)):
            try:
                ours = await self._gather.add(verdict)
            except Exception as error:  # noqa: BLE001 - settle is the caller's: whatever it raises, the mail has left
                _log.warning("outcome not written", delivery=verdict.row["id"], left=left, error=type(error).__name__)
                if left:
                    await asyncio.sleep(self._limits.pause)
            else:
                reach("reply-out:after-outcome")
                if not ours:
                    _log.warning("overtaken", delivery=verdict.row["id"], state=verdict.state)
                return

    async def _renew(self) -> None:
        """While something is under way: keeps its lease, and stops it when the lease cannot be kept."""
        loop = asyncio.get_running_loop()
        kept = loop.time()
        while self._flying:
            await asyncio.sleep(self._limits.renew)
            asked = loop.time()
            try:
                async with asyncio.timeout(self._limits.stop - self._limits.renew):
                    await self._gather.add(_Renew(tuple(self._flying)))
                kept = asked
            except (DeskError, TimeoutError):
                if loop.time() - kept >= self._limits.stop - self._limits.renew:
                    for task in self._flying.values():
                        task.cancel("The lease could not be renewed.")

    def _commit(self, items: Sequence[_ToWire | _Renew | Verdict]) -> Sequence[bool]:
        """All of it in one transaction: what goes on the wire, what was settled, and our leases for another while."""
        leased = [(item.row["id"], item.row["fence"]) for item in items if isinstance(item, _ToWire)]
        verdicts = [item for item in items if isinstance(item, Verdict)]
        with self._database.write() as connection:
            for item in items:
                if isinstance(item, _Renew):
                    deliveries.renew(connection, self._holder, item.deliveries, self._clock() + self._limits.lease_us)
            wired = deliveries.to_wire(connection, self._holder, leased)
            written = iter(write(connection, verdicts, self._ids, self._settle))
        return [
            next(written) if isinstance(item, Verdict) else isinstance(item, _Renew) or item.row["id"] in wired
            for item in items
        ]
