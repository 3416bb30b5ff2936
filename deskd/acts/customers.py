"""People whom we have not met."""

import re

from deskd.acts.desk import Desk
from deskd.acts.intake import Said
from deskd.domain.errors import Refused
from deskd.domain.ticket import NOBODY, Identity
from deskd.store import tables
from deskd.store.plan import Plan

MAIL = re.compile(
    r"[A-Za-z0-9.!#$%&'*+/=?^_`{|}~-]{1,64}@(?:[A-Za-z0-9](?:[A-Za-z0-9-]{0,61}[A-Za-z0-9])?\.)+[A-Za-z0-9-]{2,63}"
)
PHONE = re.compile(r"\+?[0-9][0-9 ()./-]{3,24}[0-9]")


def reached(desk: Desk, typed: str) -> tuple[str, str]:
    """(kind, address) of what a person wrote down as the way to a customer. Refused: it is neither mail nor phone."""
    address = typed.strip().lower()
    for kind, form in (("email", MAIL), ("phone", PHONE)):
        if form.fullmatch(address) and desk.cover(address) == address:  # sixteen digits may be a card's
            return kind, address
    raise Refused("Give the mail address or the phone number that the customer named.")


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
