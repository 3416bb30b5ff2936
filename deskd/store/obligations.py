"""Obligations: the answers that are owed to customers who gave feedback. One a ticket."""

from collections.abc import Collection
from dataclasses import dataclass

from sqlalchemy import Connection, RowMapping, and_, bindparam, func, or_, select, text, update

from deskd.domain.ports import Micros
from deskd.domain.states import DeliveryState, ObligationState, Report
from deskd.store.tables import deliveries, obligations


@dataclass(slots=True)
class Obligation:
    """verdict: "" while nobody has decided, answered or declined; why: the reason of a decline, or the evidence.

    delivery_id: the words that tell the customer. intent_by, intent_at: who said when that the ticket is resolved once
    they have arrived; "" for nobody.
    """

    ticket_id: str
    state: ObligationState
    verdict: str
    why: str
    delivery_id: str
    intent_by: str
    intent_at: Micros
    opened_at: Micros
    settled_at: Micros | None

    @property
    def owed(self) -> bool:
        return self.state in {ObligationState.OPEN, ObligationState.DECIDED}


CHANGE = (  # guarded by the state that it was read in
    update(obligations)
    .where(obligations.c.ticket_id == bindparam("b_id"), obligations.c.state == bindparam("b_state"))
    .values(
        {
            name: bindparam(name)
            for name in ("state", "verdict", "why", "delivery_id", "intent_by", "intent_at", "settled_at")
        }
    )
)


def of_tickets(connection: Connection, ticket_ids: Collection[str]) -> dict[str, Obligation]:
    if not ticket_ids:
        return {}
    found = select(obligations).where(obligations.c.ticket_id.in_(list(ticket_ids)))
    return {row["ticket_id"]: _obligation(row) for row in connection.execute(found).mappings()}


def of_ticket(connection: Connection, ticket_id: str) -> Obligation | None:
    return of_tickets(connection, [ticket_id]).get(ticket_id)


def arrived(connection: Connection, reporting: Collection[str], before: Micros, limit: int) -> list[Obligation]:
    """Decided ones whose words have reached the customer, the eldest first.

    reporting: the channels that say so themselves; on others what was accepted before `before` and has not failed.
    """
    heard = deliveries.c.report.in_([Report.DELIVERED, Report.READ])
    waited = and_(
        deliveries.c.channel.not_in(list(reporting)),
        deliveries.c.report == Report.NONE,
        deliveries.c.settled_at <= before,
    )
    found = (
        select(obligations)
        .join(deliveries, deliveries.c.id == obligations.c.delivery_id)
        .where(text("obligations.state = 'decided'"), deliveries.c.state == DeliveryState.ACCEPTED, or_(heard, waited))
        .order_by(obligations.c.opened_at, obligations.c.ticket_id)
        .limit(limit)
    )
    return [_obligation(row) for row in connection.execute(found).mappings()]


def counts(connection: Connection) -> dict[str, int]:
    """How many are in each state."""
    found = select(obligations.c.state, func.count()).group_by(obligations.c.state)
    return {str(state): int(n) for state, n in connection.execute(found)}


def _obligation(row: RowMapping) -> Obligation:
    return Obligation(**{**row, "state": ObligationState(row["state"])})
