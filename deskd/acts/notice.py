"""Mail to our own people about a ticket. It holds no word of the customer's, meets no clock, and nobody answers it."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime
from zoneinfo import ZoneInfo

from sqlalchemy import Connection

from deskd.acts.desk import Desk
from deskd.acts.matter import Matter
from deskd.acts.post import inform
from deskd.domain import code
from deskd.domain.ports import HOUR, MINUTE, SECOND, Micros
from deskd.domain.ticket import Agent, Identity
from deskd.domain.words import ClockKind, Language, Level, Role
from deskd.store import limits, people
from deskd.store.plan import Plan
from deskd.texts import staff

NOTICE = "notice"  # of deliveries, and of the rows in `limits`
SPAN: Micros = HOUR
MOST = 20  # notices to one person within it: more are not read, and a broken policy must not flood a mailbox


@dataclass(slots=True)
class Told:
    """The ids of those who were written to, and of those who have had enough notices for now."""

    agents: list[str] = field(default_factory=list)
    withheld: list[str] = field(default_factory=list)


def escalated(
    desk: Desk, connection: Connection, plan: Plan, matter: Matter, role: Role, clock: ClockKind, due_at: Micros
) -> Told:
    """Tells those of the role who serve the ticket's queue that a promise is in danger or broken."""
    told, now = Told(), desk.clock()
    for agent in reachable(connection, role, matter.ticket.queue) if desk.staff.account else ():
        subject = desk.vault.ring.digest("limit", NOTICE, agent.id)
        if not limits.take(connection, desk.ids(), NOTICE, subject, now, span=SPAN, at_most=MOST):
            told.withheld.append(agent.id)
            continue
        words = [staff.clock_notice(language, clock, about(desk, matter, now, due_at)) for language in spoken(agent)]
        send(desk, plan, matter, agent, words)
        told.agents.append(agent.id)
    return told


def reachable(connection: Connection, role: Role, queue: str) -> list[Agent]:
    """Those at work in the role who serve the queue and have a mail address; without one, the admins who have."""
    at_work = [agent for agent in people.everybody(connection) if agent.active and agent.mail and agent.sees(queue)]
    of_role = [agent for agent in at_work if agent.role == role]
    return of_role or [agent for agent in at_work if agent.role == Role.ADMIN]


def spoken(agent: Agent) -> list[Language]:
    """The first language that they have named; who has named none reads Simplified and English."""
    named = [Language(name) for name in agent.languages if name in set(Language)]
    return named[:1] or [Language.ZH_HANS, Language.EN]


def about(desk: Desk, matter: Matter, now: Micros, due_at: Micros) -> staff.About:
    """What may be said of a ticket outside of the desk."""
    shown = code.shown(matter.ticket.code)
    at = datetime.fromtimestamp(due_at // SECOND, ZoneInfo(desk.staff.zone))
    return staff.About(
        code=shown,
        queue=matter.ticket.queue,
        due=f"{at:%Y-%m-%d %H:%M} ({desk.staff.zone})",
        left=(due_at - now) // MINUTE,
        link=f"{desk.staff.public_url.rstrip('/')}/console/t/{shown}" if desk.staff.public_url else "",
    )


def send(desk: Desk, plan: Plan, matter: Matter, agent: Agent, words: Iterable[staff.Words]) -> str:
    """Queues one mail to the agent; the delivery's id. words: the same in each language that they read."""
    said = list(words)
    who = Identity("", "", "email", agent.mail, str(Level.CLAIMED), blocked=False)
    text = "\n\n".join(one.text for one in said)
    subject = " / ".join(one.subject for one in said)
    return inform(desk, plan, matter, who, desk.staff.account, subject=subject, text=text)
