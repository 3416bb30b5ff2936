"""A person says what became of a delivery of which we do not know, or lets a rejected one go again."""

from collections.abc import Callable, Mapping
from enum import StrEnum
from typing import Any

from sqlalchemy import Connection

from deskd.acts.rights import present, respect
from deskd.domain.errors import Lost, NotFound, Refused
from deskd.domain.ports import Ids, Micros
from deskd.domain.states import DELIVERY, DeliveryState, step
from deskd.domain.ticket import Agent
from deskd.outbox.outcome import NOTE_LIMIT, Settle, attempt
from deskd.store import deliveries, tickets
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
    by: Agent,
    why: str,
    cover: Callable[[str], str],
    now: Micros,
    ids: Ids,
    settle: Settle,
) -> dict[str, Any]:
    """`decided`, in a transaction of its own."""
    with database.write() as connection:
        return decided(connection, delivery_id, verdict, by=by, why=why, cover=cover, now=now, ids=ids, settle=settle)


def decided(
    connection: Connection,
    delivery_id: str,
    verdict: str,
    *,
    by: Agent,
    why: str,
    cover: Callable[[str], str],
    now: Micros,
    ids: Ids,
    settle: Settle,
) -> dict[str, Any]:
    """The delivery's row as it is then. `settle` is called for all three verdicts, with the name `by` in the row.

    `cover` puts a mark in the place of each secret in the reason.

    Raises Denied to whoever is switched off, NotFound also for a ticket of a queue that is not theirs, Refused while a
    colleague holds the customer (a supervisor or admin may all the same), for an unknown verdict or an empty reason,
    IllegalTransition (only an unknown one is decided; a rejected one may go again), Lost when somebody was faster.
    """
    if verdict not in list(Decision):
        raise Refused(f'"{verdict}" is no verdict: say {", ".join(Decision)}.')
    if not why.strip():
        raise Refused("Say why: the reason is kept with the delivery.")
    state = _STATES[Decision(verdict)]
    note = f"{by.name}: {cover(why).strip()}"[:NOTE_LIMIT]
    row = _theirs(connection, delivery_id, by, now)
    old = DeliveryState(row["state"])
    if old not in {DeliveryState.UNKNOWN, DeliveryState.REJECTED}:
        raise Refused(f"This delivery is {old}: only an unknown or a rejected one is decided by a person.")
    ends = {"due_at": now, "settled_at": None} if state is DeliveryState.QUEUED else {"settled_at": now}
    values = {"state": step(DELIVERY, old, state), "note": note, "fence": row["fence"] + 1} | ends
    new = deliveries.move(connection, row, (old,), values)
    if new is None:
        raise Lost("Somebody else decided this first; look at it again.")
    deliveries.record(connection, [attempt(new, ids, at=now, code=deliveries.PERSON, note=note)])
    settle(connection, new | {"by": by.name}, state)
    return new


def _theirs(connection: Connection, delivery_id: str, by: Agent, now: Micros) -> dict[str, Any]:
    """The delivery, if this person may act on its ticket now."""
    who = present(connection, by)
    row = deliveries.by_id(connection, delivery_id)
    found = tickets.by_ids(connection, [row["ticket_id"]]) if row else []
    if row is None or not found or not who.sees(found[0].queue):
        raise NotFound("There is no such delivery that you may see. `deskd deliveries list` has their ids.")
    respect(connection, who, found[0], now)
    return row
