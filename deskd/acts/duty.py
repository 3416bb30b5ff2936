"""The duty roster at work: somebody is called for an urgent ticket that nobody has taken, until somebody takes it."""

import base64
import hashlib
from dataclasses import dataclass

from sqlalchemy import Connection, RowMapping

from deskd.acts import notice
from deskd.acts.desk import DESKD, Desk
from deskd.acts.matter import Matter, held_of
from deskd.acts.rights import hold
from deskd.domain.errors import NotFound, Refused
from deskd.domain.ports import HOUR, MINUTE, Micros
from deskd.domain.states import TicketState
from deskd.domain.ticket import FAR, Agent, Ticket
from deskd.store import clocks as clock_rows
from deskd.store import pages, people, tables, tickets
from deskd.store.keyring import KeyRing
from deskd.store.plan import Plan, write
from deskd.texts import staff
from sla.duty import whose_turn

VALID: Micros = HOUR  # of a link: whoever reads it later looks at the queue
TOKEN_BYTES = 16  # 128 bits
AT_ONCE = 50  # tickets of one look; the next one follows in seconds
LINK = "{accept}"  # stands in the kept text; the token itself is made when the mail leaves, and kept nowhere
_GONE = "This link is not valid, or not any more. Take the ticket in the console."


@dataclass(frozen=True, slots=True)
class Page:
    """A call, as its page shows it. due_at: the ticket's earliest deadline."""

    ticket: Ticket
    agent: Agent
    due_at: Micros | None
    taken: str


def token_of(ring: KeyRing, page_id: str) -> str:
    raw = ring.digest("token", "page", page_id)[:TOKEN_BYTES]
    return base64.urlsafe_b64encode(raw).rstrip(b"=").decode()


def filled(desk: Desk, page_id: str, text: str) -> str:
    """A notice as it leaves, its link in it."""
    return text.replace(LINK, f"{desk.staff.public_url.rstrip('/')}/duty/{token_of(desk.vault.ring, page_id)}")


def call(desk: Desk, connection: Connection) -> int:
    """Calls for each ticket for which it is time; how many mails. Where nobody can be called the ticket keeps that."""
    roster, now = desk.staff.duty, desk.clock()
    if not roster.people or not desk.staff.account:
        return 0
    since, called = now - roster.after, now - roster.repeat
    found = pages.untaken(connection, roster.categories, now, since=since, called=called, limit=AT_ONCE)
    if not found:
        return 0
    ids = [ticket.id for ticket in found]
    before, rows = pages.of_tickets(connection, ids), clock_rows.of_tickets(connection, ids)
    everybody = {agent.name: agent for agent in people.everybody(connection) if agent.active and agent.mail}
    plans, mails = [], 0
    for ticket in sorted(found, key=lambda one: one.id):
        held = dict(held_of(row) for row in rows if row["ticket_id"] == ticket.id)
        matter, plan = Matter(ticket, held, read_at=ticket.events), Plan()
        mine = [row for row in before if row["ticket_id"] == ticket.id]
        mails += _call(desk, plan, matter, mine, everybody, now)
        matter.save(plan)
        plans.append(plan)
    write(connection, plans)
    return mails


def look(desk: Desk, connection: Connection, token: str) -> Page:
    """What the page of a link shows; changes nothing. NotFound for a link that is none, or over."""
    return _read(desk, connection, token)[1]


def accept(desk: Desk, connection: Connection, token: str) -> Page:
    """The one who was called takes the ticket: it is theirs, and they hold its customer. Refused when it is taken."""
    row, page = _read(desk, connection, token)
    if page.taken:
        raise Refused(page.taken)
    now = desk.clock()
    hold(connection, page.agent, page.ticket, now)
    matter, plan = Matter(page.ticket, read_at=page.ticket.events), Plan()
    plan.change(pages.ACCEPT, {"b_id": row["id"], "accepted_at": now})
    matter.change(agent_id=page.agent.id)
    matter.event(desk, "page.accepted", page.agent.name, now, page=row["id"])
    matter.save(plan)
    write(connection, [plan])
    return page


def _call(
    desk: Desk, plan: Plan, matter: Matter, before: list[RowMapping], everybody: dict[str, Agent], now: Micros
) -> int:
    """One page, and 1; or the row that says that nobody could be called, and 0."""
    names = {agent.id: name for name, agent in everybody.items()}
    called = [names.get(row["agent_id"], "") for row in before if row["agent_id"]]
    able = {name for name, agent in everybody.items() if agent.sees(matter.ticket.queue)}
    turn = whose_turn(desk.staff.duty, now, called, able)
    row = {"ticket_id": matter.ticket.id, "n": len(before) + 1, "at": now, "until": now + VALID, "accepted_at": None}
    if turn is None:
        plan.add(tables.pages, row | {"id": desk.ids(), "agent_id": None, "way": "", "digest": None})
        matter.event(desk, "page.nobody", DESKD, now, n=row["n"])
        return 0
    agent, way = everybody[turn[0]], turn[1]
    due_at = matter.ticket.due_at if matter.ticket.due_at < FAR else now
    about = notice.about(desk, matter, now, due_at)
    waited = (now - matter.ticket.created_at) // MINUTE
    link = LINK if desk.staff.public_url else ""
    words = [staff.page(one, about, waited, link) for one in notice.spoken(agent)]
    page_id = notice.send(desk, plan, matter, agent, words)
    digest = _digest(token_of(desk.vault.ring, page_id))
    plan.add(tables.pages, row | {"id": page_id, "agent_id": agent.id, "way": str(way), "digest": digest})
    matter.event(desk, "page.sent", DESKD, now, to=agent.id, way=str(way), n=row["n"], page=page_id)
    return 1


def _read(desk: Desk, connection: Connection, token: str) -> tuple[RowMapping, Page]:
    row, now = pages.by_digest(connection, _digest(token)), desk.clock()
    agent = people.by_id(connection, row["agent_id"]) if row else None
    if row is None or agent is None or not agent.active or row["until"] <= now:
        raise NotFound(_GONE)
    [ticket] = tickets.by_ids(connection, [row["ticket_id"]])
    due_at = ticket.due_at if ticket.due_at < FAR else None
    used = f"{agent.name} has taken it already." if row["accepted_at"] is not None else ""
    return row, Page(ticket, agent, due_at, used or _taken(connection, ticket, agent, now))


def _taken(connection: Connection, ticket: Ticket, agent: Agent, now: Micros) -> str:
    """Why there is nothing left to take; "" while there is."""
    if ticket.state is not TicketState.OPEN or ticket.spam or ticket.answered_at is not None:
        return "The ticket waits for nobody any more."
    owner = ticket.agent_id or people.claimed_by(connection, ticket.customer_id, now)
    if owner is None or owner == agent.id:
        return ""
    found = people.by_id(connection, owner)
    return f"{found.name if found else 'A colleague'} has taken it already."


def _digest(token: str) -> bytes:
    return hashlib.sha256(token.encode("utf-8", "replace")).digest()
