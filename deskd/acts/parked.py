"""What a person does with a receipt that was set aside: once more through the pipeline, or no further, and why."""

from sqlalchemy import Connection

from deskd.acts.desk import Desk
from deskd.acts.rights import may
from deskd.domain.errors import Lost, Refused
from deskd.domain.ticket import Agent
from deskd.domain.words import Role
from deskd.store import receipts

OFFICE = (Role.SUPERVISOR, Role.OPS)  # and admins: who sees to what the machines could not do

_GONE = "That receipt is not parked any more; somebody else was faster."


def retry(connection: Connection, agent: Agent, receipt_id: str) -> None:
    may(agent, *OFFICE)
    if not receipts.retry(connection, receipt_id):
        raise Lost(_GONE)


def dismiss(desk: Desk, connection: Connection, agent: Agent, receipt_id: str, why: str) -> None:
    """It becomes no ticket. Who and why are kept with it, behind the reason for which it was parked."""
    may(agent, *OFFICE)
    if not why.strip():
        raise Refused("Say why it needs no ticket: the reason is kept with the receipt.")
    row = receipts.one(connection, receipt_id)
    said = f"{row['reason']} " if row else ""
    if not receipts.dismiss(connection, receipt_id, f"{said}Dismissed by {agent.name}: {desk.cover(why).strip()}"):
        raise Lost(_GONE)
