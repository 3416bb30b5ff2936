"""The loops of the pipeline and of the keepers (clocks, calls, sequencer, sweeper, closing, retention)."""

import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

import structlog
from sqlalchemy import Connection, func, select

from deskd.acts import duty, feedback, outcome
from deskd.app.parts import Parts, new_id, now, pipeline, settle
from deskd.app.shared import Nudge
from deskd.domain.crash import reach
from deskd.domain.errors import StoreAway
from deskd.domain.ports import DAY, Micros
from deskd.outbox import sweep
from deskd.outbox.bell import Bell
from deskd.store import api_answers, events, leases, orphans, receipts, tables
from ingest.pipeline import BATCH

IDLE_SECONDS = 0.2  # the pipeline's longest sleep; a receipt that was just kept nudges it awake
LULL_SECONDS = 0.03  # a batch is taken when nothing more has come for so long
GATHER_SECONDS = 0.1  # but no later than that after its first nudge
CLOCKS_SECONDS = 0.5
DUTY_SECONDS = 5.0  # what nobody has taken is looked for
SEQUENCE_SECONDS = 0.05
SWEEP_SECONDS = 10.0
RETENTION_SECONDS = 60.0
AWAY_SECONDS = 1.0  # after a failure
STOP_SECONDS = 5.0  # for all loops together
KEEPER_LEASE: Micros = 30_000_000

_log = structlog.get_logger("deskd")


@dataclass(frozen=True, slots=True)
class Loop:
    """`work` says whether there is more at once; if not, `wait` passes the time until it is called again."""

    name: str
    work: Callable[[], bool]
    wait: Callable[[], object]


class Loops:
    """Threads that run until the stop. An error is logged and waits: a loop that ended would stop the desk."""

    def __init__(self, make: Callable[[threading.Event], Sequence[Loop]]) -> None:
        self._stopping = threading.Event()
        self._threads = [
            threading.Thread(target=self._guarded, args=(loop,), name=loop.name, daemon=True)
            for loop in make(self._stopping)
        ]

    def start(self) -> None:
        for thread in self._threads:
            thread.start()

    def stop(self) -> None:
        self._stopping.set()
        for thread in self._threads:
            thread.join(STOP_SECONDS)

    def _guarded(self, loop: Loop) -> None:
        while not self._stopping.is_set():
            try:
                more = loop.work()
            except StoreAway as error:
                _log.warning("store.away", loop=loop.name, reason=str(error))
                self._stopping.wait(AWAY_SECONDS)
            except Exception as error:  # noqa: BLE001 - what failed is named, and tried again
                _log.error("loop.failed", loop=loop.name, error=type(error).__name__, place=place(error))
                self._stopping.wait(AWAY_SECONDS)
            else:
                if not more:
                    loop.wait()


def ingesting(parts: Parts, bell: Bell, wait: Callable[[], object], least: int = 1) -> tuple[Loop, Callable[[], None]]:
    """The pipeline's loop, and what gives its lanes back after the stop. A batch that was not full ends in a wait."""

    def ring(accounts: set[str]) -> None:
        for account in accounts:
            bell.ring(account)

    made = pipeline(parts, ring, least)

    def work() -> bool:
        done = made.round()
        if done.total:
            _log.info("batch.done", parked=done.parked, **dict(done.outcomes))
        return done.total >= BATCH

    return Loop("pipeline", work, wait), made.release


def gathered(nudge: Nudge) -> None:
    """What arrives together is worked on together: a batch of one costs nearly as much as one of ten."""
    if not nudge.wait(IDLE_SECONDS):
        return
    latest = time.monotonic() + GATHER_SECONDS
    while time.monotonic() < latest and nudge.wait(LULL_SECONDS):
        pass


class Keepers:
    """What must be done by one process of all, whichever holds the lease at the time."""

    def __init__(self, parts: Parts, bell: Bell) -> None:
        self._parts, self._bell = parts, bell

    def loops(self, stopping: threading.Event) -> list[Loop]:
        each = (
            ("clocks", self._clocks, CLOCKS_SECONDS),
            ("sequencer", self._sequence, SEQUENCE_SECONDS),
            ("sweeper", self._sweep, SWEEP_SECONDS),
            ("duty", self._duty, DUTY_SECONDS),
            ("closing", self._closing, RETENTION_SECONDS),
            ("retention", self._retention, RETENTION_SECONDS),
        )
        return [Loop(name, work, partial(stopping.wait, pause)) for name, work, pause in each]

    def _clocks(self) -> bool:
        desk = self._parts.current_desk()
        done = self._leased("clocks", lambda c: outcome.tick(desk, c)) or {}
        if done.get("notice"):
            self._bell.ring(desk.staff.account)
        return bool(done)

    def _duty(self) -> bool:
        desk = self._parts.current_desk()
        if self._leased("clocks", lambda c: duty.call(desk, c)):
            self._bell.ring(desk.staff.account)
        return False

    def _closing(self) -> bool:
        desk = self._parts.current_desk()
        return bool(self._leased("clocks", lambda c: outcome.close(desk, c) + feedback.tell(desk, c)))

    def _sequence(self) -> bool:
        def number(connection: Connection) -> bool:
            before = events.last(connection)
            after, _ = events.number(connection, before)
            reach("events:before-commit")
            return after - before[0] == events.BATCH

        with self._parts.database.read() as connection:
            if connection.scalar(select(func.count()).where(tables.events.c.seq.is_(None))) == 0:
                return False
        more = bool(self._leased("sequencer", number))
        reach("events:after-commit")
        return more

    def _sweep(self) -> bool:
        sweep.sweep(self._parts.database, now, self._bell, new_id, settle(self._parts))
        return False

    def _retention(self) -> bool:
        store, at, database, vault = self._parts.settings.store, now(), self._parts.database, self._parts.vault
        with database.read() as connection:
            old = receipts.over(connection, at - store.raw_days * DAY, at - store.parked_days * DAY)
        if old:
            with database.write() as connection:
                receipts.destroy(connection, old)
            orphans.drop_destroyed(database, vault, old)
        with database.read() as connection:
            answered = api_answers.any_over(connection, at)
        if answered:
            database.transact(lambda connection: api_answers.sweep(connection, at))
        orphans.sweep(database, vault, at, orphans.shard_of(at))
        database.checkpoint()
        return False

    def _leased(self, name: str, unit: Callable[[Connection], Any]) -> Any:
        def work(connection: Connection) -> Any:
            if leases.take(connection, name, self._parts.holder, now(), KEEPER_LEASE) is None:
                return None
            return unit(connection)

        return self._parts.database.transact(work)


def place(error: BaseException) -> str:
    """File and line of an error, without its words: they may be a customer's."""
    trace = error.__traceback__
    while trace is not None and trace.tb_next is not None:
        trace = trace.tb_next
    return f"{Path(trace.tb_frame.f_code.co_filename).name}:{trace.tb_lineno}" if trace else ""
