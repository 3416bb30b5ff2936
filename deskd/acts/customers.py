"""People whom we have not met."""

from deskd.acts.desk import Desk
from deskd.acts.intake import Said
from deskd.domain.ticket import NOBODY, Identity
from deskd.store import tables
from deskd.store.plan import Plan


def new_customer(desk: Desk, plan: Plan, kind: str, address: str, name: str, said: Said) -> Identity:
    """A person we have not met, and the address they wrote from; "" for none, which makes nobody else the same."""
    customer_id = desk.ids()
    kind = kind if address else NOBODY
    plan.add(tables.customers, {"id": customer_id, "name": name, "language": said.language, "created_at": said.at})
    identity = Identity(desk.ids(), customer_id, kind, address, str(said.level), blocked=False)
    plan.add(
        tables.identities,
        {
            "id": identity.id,
            "customer_id": customer_id,
            "kind": kind,
            "address": address or said.receipt_id or identity.id,
            "level": identity.level,
            "blocked": False,
            "created_at": said.at,
        },
    )
    return identity
