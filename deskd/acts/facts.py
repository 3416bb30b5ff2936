"""Facts: what masking took out of the words into sealed fields. Opened one at a time, for a reason, on the record."""

from sqlalchemy import Connection

from deskd.acts.desk import Desk
from deskd.acts.rights import hold, present
from deskd.acts.verbs import find
from deskd.domain.errors import NotFound, Refused
from deskd.domain.ticket import Agent
from deskd.store import views
from deskd.store.plan import Plan, write


def reveal(desk: Desk, connection: Connection, agent: Agent, code: str, fact_id: str, why: str) -> str:
    """The whole value, for whoever works on the ticket; the event says who, of which kind and why, never the value.

    Raises NotFound alike for a foreign ticket's fact and for none, Refused without a reason or while a colleague holds
    the customer (a supervisor or admin may all the same).
    """
    agent = present(connection, agent)
    matter, now = find(connection, agent, code), desk.clock()
    if not why.strip():
        raise Refused("Say what you need it for: the reason is kept with the ticket.")
    found = views.sealed_fact(connection, matter.ticket.id, fact_id)
    if found is None:
        raise NotFound(f"There is no such fact in {code}.")
    hold(connection, agent, matter.ticket, now, overrides=True)
    fact, sealed = found
    value = desk.vault.ring.unseal_small(fact.id, sealed).decode()
    reason = desk.cover(why).replace(value, fact.short).strip()
    matter.event(desk, "fact.revealed", agent.name, now, fact=fact.kind, why=reason)
    plan = Plan()
    matter.save(plan)
    write(connection, [plan])
    return value
