"""Every ten seconds: rings for what is due, and ends the leases of workers that are gone.

The bell carries nothing that is not also here, so Redis may be emptied or away at any time. Two sweeps at once do no
more than one: each step names the state, and the fence, that it was read in.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

import structlog
from sqlalchemy import Connection

from deskd.domain.ports import Clock, Ids, Micros
from deskd.domain.states import DELIVERY, DeliveryState, step
from deskd.outbox.limits import CRASHES, backoff
from deskd.outbox.outcome import OURSELVES, Settle, attempt
from deskd.store import deliveries
from deskd.store.database import Database

ENDED = 500  # leases looked at in one sweep
TOGETHER = 64  # of them in one transaction

_NOTES: Mapping[DeliveryState, str] = {
    DeliveryState.QUEUED: "The worker that held it is gone; it had not left.",
    DeliveryState.ACCEPTED: "The worker that held it is gone; the provider says that it has it.",
    DeliveryState.UNKNOWN: "The worker that held it is gone; it may have left. It is not sent again by itself.",
}
_log = structlog.get_logger("deskd.outbox")


class Rings(Protocol):
    """What is rung: the bell, or a test's list."""

    def ring(self, account: str) -> None: ...


@dataclass(frozen=True, slots=True)
class Swept:
    """The accounts that were rung, and how many leases ended in `leased` (queued again) and on the wire (unknown)."""

    rung: tuple[str, ...]
    requeued: int
    unknown: int


def sweep(database: Database, clock: Clock, bell: Rings, ids: Ids, settle: Settle) -> Swept:
    now = clock()
    with database.read() as connection:
        rows = deliveries.ended(connection, now, ENDED)
    ends: list[DeliveryState] = []
    for start in range(0, len(rows), TOGETHER):
        ends += _end(database, rows[start : start + TOGETHER], now, ids, settle)
    with database.read() as connection:
        accounts = deliveries.due_accounts(connection, now)
    for account in accounts:
        bell.ring(account)
    return Swept(tuple(accounts), ends.count(DeliveryState.QUEUED), ends.count(DeliveryState.UNKNOWN))


def _end(
    database: Database, rows: Sequence[Mapping[str, Any]], now: Micros, ids: Ids, settle: Settle
) -> list[DeliveryState]:
    """Together if that works, else each alone: one ticket that cannot be written must not hold back the others."""
    try:
        with database.write() as connection:
            ends = [_end_one(connection, row, now, ids, settle) for row in rows]
    except Exception as error:  # noqa: BLE001 - settle is the caller's; the next sweep finds what is left
        if len(rows) == 1:
            _log.error("lease not ended", delivery=rows[0]["id"], error=type(error).__name__)
            return []
        return [state for row in rows for state in _end(database, [row], now, ids, settle)]
    return [state for state in ends if state is not None]


def _end_one(
    connection: Connection, row: Mapping[str, Any], now: Micros, ids: Ids, settle: Settle
) -> DeliveryState | None:
    old = DeliveryState(row["state"])
    state = DeliveryState.QUEUED if old is DeliveryState.LEASED else DeliveryState.UNKNOWN
    if old is DeliveryState.WIRE and row["provider_id"]:
        state = DeliveryState.ACCEPTED  # the provider has spoken of it meanwhile
    values: dict[str, Any] = {"state": step(DELIVERY, old, state), "note": _NOTES[state]}
    if state is DeliveryState.QUEUED:
        count, _ = deliveries.tried(connection, row["id"])
        values["due_at"] = now + (0 if count < CRASHES else backoff(count + 1 - CRASHES))
    else:
        values["settled_at"] = now
    new = deliveries.end(connection, row, now, values)
    if new is None:
        return None
    deliveries.record(connection, [attempt(new, ids, at=now, code="lease", note=_NOTES[state])])
    if state is not DeliveryState.QUEUED:
        settle(connection, new | {"by": OURSELVES}, state)
    return state
