"""The loop: lease partitions, take a batch, look, load and decide, write. What raises is parked after three tries."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import structlog
from sqlalchemy import RowMapping

from deskd.acts.acknowledge import Voice
from deskd.acts.desk import Desk
from deskd.domain.crash import reach
from deskd.domain.errors import DeskError, StoreAway
from deskd.domain.ports import SECOND, Ids
from deskd.store import leases, orphans, receipts
from deskd.store.database import Database
from deskd.store.plan import Plan, write
from ingest import steps
from ingest.load import load
from ingest.look import Looked, Reader, look
from ingest.masking.formats import Formats

LANES = 16  # partitions of one batch at the most, so that several processes share what waits
BATCH = 64  # receipts of one transaction: enough to share its cost, short enough to hold the write lock ≤ 10 ms
LEASE = 60 * SECOND  # of a partition; given back when the next batch is taken
REASON_LIMIT = 500  # characters of an error that are kept

_log = structlog.get_logger("deskd.ingest")


@dataclass(frozen=True, slots=True)
class Done:
    """What one round did: receipts settled by outcome, and parked."""

    outcomes: Mapping[str, int]
    parked: int

    @property
    def total(self) -> int:
        return sum(self.outcomes.values()) + self.parked


class Pipeline:
    """Any number may run at once: a partition is worked on by one at a time, its receipts in order.

    `desk` is asked for each batch, so that a new rule set takes effect between two batches. `least`: takes nothing
    while fewer receipts wait in all; for one that only helps another.
    """

    def __init__(
        self,
        database: Database,
        desk: Callable[[], Desk],
        readers: Mapping[str, Reader],
        formats: Formats,
        voice: Voice,
        ids: Ids,
        holder: str,
        ring: Callable[[set[str]], None] = lambda _accounts: None,
        *,
        least: int = 1,
    ) -> None:
        self._database, self._desk, self._readers = database, desk, readers
        self._formats, self._voice, self._ids, self._holder, self._ring = formats, voice, ids, holder, ring
        self._least, self._held = least, set[str]()

    def round(self) -> Done:
        """One batch. Raises StoreAway when the database is away: nothing is lost, the receipts wait."""
        desk = self._desk()
        rows, fences = self._take(desk.clock())
        if not rows:
            return Done({}, 0)
        reach("ingest:after-lease")
        try:
            looked, parked = self._look_all(rows)
            reach("ingest:after-look")
            outcomes = self._together(desk, looked, fences) if len(looked) > 1 else None
            if outcomes is None:
                outcomes, more = self._alone(desk, looked, fences)
                parked += more
        except StoreAway:
            self._uncount(rows)
            raise
        reach("ingest:after-write")
        filed = {row["id"] for row in rows if row["file"]}
        destroyed = [one.waiting.id for one in looked if one.secret and one.waiting.id in filed]
        orphans.drop_destroyed(self._database, desk.vault, destroyed)
        self._park(parked)
        return Done(_tally(outcomes), len(parked))

    def release(self) -> None:
        """Gives the partitions back at a stop, so that another need not wait for the leases to end."""
        with self._database.write() as connection:
            leases.forget(connection, self._holder)

    def _take(self, now: int) -> tuple[list[RowMapping], dict[int, int]]:
        """The oldest receipts of some partitions that nobody else holds, with the fence of each partition."""
        with self._database.read() as connection:
            waiting = receipts.busy_partitions(connection)
            if sum(waiting.values()) < self._least:
                waiting = {}
            others = leases.others(connection, [f"lane:{p}" for p in waiting], self._holder, now) if waiting else set()
        busy = [p for p in waiting if f"lane:{p}" not in others][:LANES]
        if not busy and not self._held:
            return [], {}
        with self._database.write() as connection:
            leases.release(connection, self._held - {f"lane:{p}" for p in busy}, self._holder)
            taken = leases.take_all(connection, [f"lane:{p}" for p in busy], self._holder, now, LEASE)
            fences = {p: taken[f"lane:{p}"] for p in busy if f"lane:{p}" in taken}
            rows = receipts.waiting(connection, list(fences), BATCH) if fences else []
            receipts.count_try(connection, [row["id"] for row in rows])
        self._held = set(taken)
        return rows, fences

    def _look_all(self, rows: Sequence[RowMapping]) -> tuple[list[Looked], list[tuple[str, str, str]]]:
        """What could be read, and (receipt, step, reason) of what could not."""
        looked, parked = [], []
        for row in rows:
            if row["attempts"] >= receipts.TRIES:
                parked.append((row["id"], "look", "It ended the process three times."))
                continue
            try:
                looked.append(look(receipts.opened(row, self._desk().vault), self._readers, self._formats))
            except Exception as error:  # noqa: BLE001 - any bytes may come; what can't be read is parked, not dropped
                parked.append((row["id"], "look", _reason(error)))
        return looked, parked

    def _together(self, desk: Desk, looked: Sequence[Looked], fences: Mapping[int, int]) -> list[str] | None:
        """The whole batch in one transaction; None when something in it failed and each must go alone."""
        try:
            return self._write(desk, looked, fences)
        except StoreAway:
            raise
        except Exception as error:  # noqa: BLE001 - one bad receipt must not sink the others: each is tried alone
            _log.info("batch.split", receipts=len(looked), error=type(error).__name__)
            return None

    def _alone(
        self, desk: Desk, looked: Sequence[Looked], fences: Mapping[int, int]
    ) -> tuple[list[str], list[tuple[str, str, str]]]:
        outcomes, parked = [], []
        for one in looked:
            for left in reversed(range(receipts.TRIES)):
                try:
                    outcomes += self._write(desk, [one], fences)
                    break
                except StoreAway:
                    raise
                except Exception as error:  # noqa: BLE001 - parked with its reason after three tries
                    if not left:
                        parked.append((one.waiting.id, "write", _reason(error)))
        return outcomes, parked

    def _write(self, desk: Desk, looked: Sequence[Looked], fences: Mapping[int, int]) -> list[str]:
        with self._database.read() as connection:
            known = load(connection, looked, desk)
        works = [steps.Work(desk, known, one, self._voice) for one in looked]
        outcomes = [steps.run(work) for work in works]
        for work, outcome in zip(works, outcomes, strict=True):
            self._settle(work, outcome, desk.clock())
        reach("ingest:before-commit")
        held = {f"lane:{p}": fences[p] for p in {one.waiting.partition for one in looked}}
        with self._database.write() as connection:
            if not leases.held_all(connection, held, self._holder, desk.clock()):
                raise StoreAway("The lease of a lane ended before its batch was written; it is taken again.")
            write(connection, [work.plan for work in works])
        reach("ingest:after-commit")
        self._ring({row["account"] for work in works for row in work.plan.rows.get("deliveries", ())})
        return outcomes

    def _settle(self, work: steps.Work, outcome: str, now: int) -> None:
        statement = receipts.SETTLE_AND_DESTROY if work.looked.secret else receipts.SETTLE
        values = {
            "b_id": work.looked.waiting.id,
            "settled_at": now,
            "outcome": outcome,
            "ticket_id": work.ticket_id,
        }
        work.plan.change(statement, values)

    def _park(self, parked: Sequence[tuple[str, str, str]]) -> None:
        if not parked:
            return
        plan, now = Plan(), self._desk().clock()
        for receipt_id, step, reason in parked:
            plan.change(receipts.PARK, {"b_id": receipt_id, "settled_at": now, "step": step, "reason": reason})
            _log.warning("receipt.parked", receipt=receipt_id, step=step)
        with self._database.write() as connection:
            write(connection, [plan])

    def _uncount(self, rows: Sequence[RowMapping]) -> None:
        """The database was away: that says nothing about the receipts. If it still is, one try is lost."""
        try:
            with self._database.write() as connection:
                receipts.count_try(connection, [row["id"] for row in rows], by=-1)
        except DeskError:
            _log.info("receipts.try_counted", receipts=len(rows))


def _tally(outcomes: Sequence[str]) -> dict[str, int]:
    return {outcome: outcomes.count(outcome) for outcome in dict.fromkeys(outcomes)}


def _reason(error: Exception) -> str:
    """The kind of error and, for one of ours, its sentence: another's text may hold the customer's words."""
    return (str(error) if isinstance(error, DeskError) else type(error).__name__)[:REASON_LIMIT]
