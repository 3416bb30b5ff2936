"""What a try came to, as a value, and how it is written: the delivery's row, an attempt, and what the desk makes of it.

The caller's `settle(connection, row, state)` runs in the same transaction, on the row as it is afterwards (with `by`,
who brought the state about), for accepted, rejected and unknown, and for what a person decides.
"""

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection

from deskd.domain.crash import reach
from deskd.domain.errors import ChannelError, Fate
from deskd.domain.ports import SECOND, Ids, Micros, Outcome
from deskd.domain.states import DeliveryState
from deskd.outbox.limits import GIVE_UP, PAUSE, backoff
from deskd.store import deliveries
from deskd.store.plan import Row

Settle = Callable[[Connection, Mapping[str, Any], DeliveryState], None]

OURSELVES = "deskd"
STOPPED = "stopped"  # the code of a try that we broke off ourselves
NOTE_LIMIT = 500  # characters of a provider's words that are kept

# What a state may be reached from by the holder. A delivery that the sweeper has meanwhile called unknown is still
# ours to clear: the provider's answer is the best evidence there is, and the fence says that nobody took it since.
_FROM: Mapping[DeliveryState, Collection[DeliveryState]] = {
    DeliveryState.ACCEPTED: (DeliveryState.WIRE, DeliveryState.UNKNOWN),
    DeliveryState.REJECTED: (DeliveryState.LEASED, DeliveryState.WIRE, DeliveryState.UNKNOWN),
    DeliveryState.UNKNOWN: (DeliveryState.WIRE,),
    DeliveryState.QUEUED: (DeliveryState.LEASED, DeliveryState.WIRE, DeliveryState.UNKNOWN),
}


@dataclass(frozen=True, slots=True)
class Verdict:
    """How a try under the lease of `row` ended. `wait`: seconds the provider asked for; `ours`: the account pauses."""

    row: Mapping[str, Any]
    at: Micros
    state: DeliveryState
    code: str = ""
    note: str = ""
    provider_id: str = ""
    wait: float = 0.0
    ours: bool = False


def accepted(row: Mapping[str, Any], at: Micros, outcome: Outcome) -> Verdict:
    return Verdict(row, at, DeliveryState.ACCEPTED, note=outcome.note[:NOTE_LIMIT], provider_id=outcome.provider_id)


def failed(row: Mapping[str, Any], at: Micros, error: ChannelError, *, wired: bool) -> Verdict:
    """What has not reached the wire never left, whatever the error says; our own fault is no rejection of the mail."""
    note = str(error)[:NOTE_LIMIT]
    ambiguous = wired and error.fate is Fate.AMBIGUOUS
    if ambiguous:
        return Verdict(row, at, DeliveryState.UNKNOWN, error.code, note, ours=error.ours)
    if error.fate is Fate.REJECTED and not error.ours:
        return Verdict(row, at, DeliveryState.REJECTED, error.code, note)
    return Verdict(row, at, DeliveryState.QUEUED, error.code, note, wait=error.retry_after or 0.0, ours=error.ours)


def write(connection: Connection, verdicts: Sequence[Verdict], ids: Ids, settle: Settle) -> list[bool]:
    """One result a verdict, in their order: whether the delivery was still ours. Tickets are taken in id order."""
    written: dict[int, Row | None] = {}
    for n in sorted(range(len(verdicts)), key=lambda n: str(verdicts[n].row["ticket_id"])):
        written[n] = _write(connection, verdicts[n], ids, settle)
    deliveries.record(connection, [row for row in written.values() if row])
    if verdicts:
        reach("reply-out:before-outcome")
    return [written[n] is not None for n in range(len(verdicts))]


def _write(connection: Connection, verdict: Verdict, ids: Ids, settle: Settle) -> Row | None:
    """The attempt to be recorded; None when the delivery is not ours any more."""
    row, state, note, provider_id = verdict.row, verdict.state, verdict.note, verdict.provider_id
    values: dict[str, Any] = {"note": note}
    if state is DeliveryState.UNKNOWN and (said := deliveries.provider_id(connection, row["id"])):
        state, provider_id = DeliveryState.ACCEPTED, said  # it has spoken of it before we heard that it took it
    if state is DeliveryState.QUEUED:
        failures, first = deliveries.tried(connection, row["id"])
        if verdict.at - (verdict.at if first is None else first) >= GIVE_UP:
            state, note = DeliveryState.REJECTED, f"Given up after five days: {note}"
            values["note"] = note
        else:
            values["due_at"] = verdict.at + _wait(verdict, failures + 1)
    if state is not DeliveryState.QUEUED:
        values |= {"settled_at": verdict.at}
    if state is DeliveryState.ACCEPTED:
        values |= {"provider_id": provider_id}
    new = deliveries.move(connection, row, _FROM[state], {"state": state} | values)
    if new is None:
        return None
    if verdict.ours:
        deliveries.pause(connection, row["account"], verdict.at + PAUSE, f"The account is paused: {note}")
    if state is not DeliveryState.QUEUED:
        settle(connection, new | {"by": OURSELVES}, state)
    return attempt(new, ids, at=verdict.at, code=verdict.code, note=note)


def _wait(verdict: Verdict, failures: int) -> Micros:
    if verdict.code == STOPPED:
        return 0
    return max(PAUSE if verdict.ours else 0, backoff(failures), int(verdict.wait * SECOND))


def attempt(row: Mapping[str, Any], ids: Ids, *, at: Micros, code: str, note: str) -> dict[str, Any]:
    """The row that keeps how a delivery came to the state it is in now."""
    return {
        "id": ids(),
        "delivery_id": row["id"],
        "n": row["attempts"],
        "at": at,
        "state": row["state"],
        "code": code,
        "note": note,
    }
