"""A person says what became of a delivery of which we do not know, or lets a rejected one go again."""

from collections.abc import Mapping
from enum import StrEnum
from typing import Any

from deskd.domain.errors import Lost, NotFound, Refused
from deskd.domain.ports import Ids, Micros
from deskd.domain.states import DELIVERY, DeliveryState, step
from deskd.outbox.outcome import NOTE_LIMIT, Settle, attempt
from deskd.store import deliveries
from deskd.store.database import Database


class Decision(StrEnum):
    ACCEPTED = "accepted"  # the customer has it
    REJECTED = "rejected"  # the customer does not have it, and shall not
    AGAIN = "again"  # it is sent once more


_STATES: Mapping[Decision, DeliveryState] = {
    Decision.ACCEPTED: DeliveryState.ACCEPTED,
    Decision.REJECTED: DeliveryState.REJECTED,
    Decision.AGAIN: DeliveryState.QUEUED,
}


def decide(
    database: Database,
    delivery_id: str,
    verdict: str,
    *,
    by: str,
    why: str,
    now: Micros,
    ids: Ids,
    settle: Settle,
) -> dict[str, Any]:
    """The delivery's row as it is then. `settle` is called for all three verdicts, with `by` in the row.

    Raises NotFound, IllegalTransition (only an unknown one is decided; a rejected one may go again), Refused for an
    unknown verdict or an empty reason, Lost when somebody was faster.
    """
    if verdict not in list(Decision):
        raise Refused(f'"{verdict}" is no verdict: say {", ".join(Decision)}.')
    if not why.strip():
        raise Refused("Say why: the reason is kept with the delivery.")
    state = _STATES[Decision(verdict)]
    note = f"{by}: {why.strip()}"[:NOTE_LIMIT]
    with database.write() as connection:
        row = deliveries.by_id(connection, delivery_id)
        if row is None:
            raise NotFound("There is no such delivery.")
        old = DeliveryState(row["state"])
        if old not in {DeliveryState.UNKNOWN, DeliveryState.REJECTED}:
            raise Refused(f"This delivery is {old}: only an unknown or a rejected one is decided by a person.")
        ends = {"due_at": now, "settled_at": None} if state is DeliveryState.QUEUED else {"settled_at": now}
        values = {"state": step(DELIVERY, old, state), "note": note, "fence": row["fence"] + 1} | ends
        new = deliveries.move(connection, row, (old,), values)
        if new is None:
            raise Lost("Somebody else decided this first; look at it again.")
        deliveries.record(connection, [attempt(new, ids, at=now, code=deliveries.PERSON, note=note)])
        settle(connection, new | {"by": by}, state)
    return new
