"""One acknowledgement a ticket, on the channel it came by, where one may go; else the reason why not."""

from dataclasses import dataclass
from datetime import datetime

from deskd.acts.desk import DESKD, Desk
from deskd.acts.intake import Said
from deskd.acts.matter import Matter
from deskd.acts.post import post
from deskd.domain import code
from deskd.domain.ports import HOUR, SECOND, Micros
from deskd.domain.states import ClockState
from deskd.domain.ticket import Identity, Ticket
from deskd.domain.words import Category, ClockKind, Found, Priority
from deskd.store import tables
from deskd.store.keyring import KeyRing
from deskd.store.plan import Plan
from deskd.texts.catalogue import Catalogue
from deskd.texts.promises import promise
from sla.calendar import Calendar, worked

KIND = "ack"  # of the rows in `limits`
WINDOW: Micros = HOUR
MOST_TO_ADDRESS = 3  # automatic mails an hour to one address (CHANNELS EA4): needs no header of the peer's to work
MOST_TO_DOMAIN = 20  # and to one domain


def subjects(ring: KeyRing, address: str) -> tuple[bytes, bytes]:
    """What is counted: the address and its domain, as HMACs."""
    return ring.digest("limit", "address", address), ring.digest("limit", "domain", address.rpartition("@")[2])


@dataclass(frozen=True, slots=True)
class Voice:
    """What deskd needs to speak by itself: its texts, the zone of its promises, where each channel answers."""

    texts: Catalogue
    zone: str
    hotline: str
    in_place: frozenset[str]  # channels whose acknowledgement is the answer itself


def text_for(desk: Desk, ticket: Ticket, at: Micros, *, secret: bool) -> str:
    """Which text receives what opened this ticket at `at`; the first that holds. secret: masking destroyed one.

    A complaint is no suggestion to be weighed, and praise asks for nothing: both get the ordinary one.
    """
    if "danger" in ticket.tags:
        return "danger"
    if ticket.category is Category.SECURITY and ticket.priority == Priority.URGENT.rank:
        return "emergency"
    if secret:
        return "secret_seen"
    if ticket.category is Category.FEEDBACK and ticket.topic not in {"complaint", "praise"}:
        return "feedback_received"
    calendar = desk.book.calendar(desk.book.policy(ticket.policy).calendar)
    return "out_of_hours" if shut(calendar, at) else "acknowledgement"


def shut(calendar: Calendar, at: Micros) -> bool:
    """Outside of the day's work altogether: a break at noon is not the end of it."""
    if worked(calendar, at, at + 1):
        return False
    local = datetime.fromtimestamp(at // SECOND, calendar.zone)
    spans = calendar.spans(local.date())
    return not (spans and spans[0][0] <= local.hour * 60 + local.minute < spans[-1][1])


def acknowledge(
    desk: Desk, plan: Plan, matter: Matter, who: Identity, said: Said, voice: Voice, sent: dict[bytes, int]
) -> None:
    """Adds the acknowledgement, if one may go. Meets no clock. `sent`: of the last hour by subject, counted on here."""
    ticket = matter.ticket
    if ticket.channel in voice.in_place or ticket.spam or said.no_ack_why or not who.address:
        return
    held = matter.clocks.get(ClockKind.FIRST_RESPONSE)
    way = desk.way(ticket.channel, ticket.account, who.kind)
    if way is None or held is None or held.clock.state is not ClockState.RUNNING or held.clock.due_at is None:
        return
    address, domain = subjects(desk.vault.ring, who.address)
    if sent.get(address, 0) >= MOST_TO_ADDRESS or sent.get(domain, 0) >= MOST_TO_DOMAIN:
        matter.change(ack="Enough automatic mails went there within an hour; a person's answer will be the next.")
        matter.event(desk, "ticket.not_acknowledged", DESKD, said.at, why="limit")
        matter.save(plan)
        return
    for subject in (address, domain):
        sent[subject] = sent.get(subject, 0) + 1
        plan.add(tables.limits, {"id": desk.ids(), "kind": KIND, "subject": subject, "at": said.at})
    due = promise(held.clock.due_at, voice.zone, ticket.language, said.at)
    name = text_for(desk, ticket, said.at, secret=any(Found(found).secret for found in said.found))
    variant = desk.channels[way[0]].texts
    words = voice.texts.render(name, ticket.language, variant, code=code.shown(ticket.code), due=due)
    post(desk, plan, matter, who, words.text, author=DESKD, kind="ack", subject=words.subject, at=said.at)
    matter.event(desk, "ticket.acknowledged", DESKD, said.at, text=name)
    matter.save(plan)
