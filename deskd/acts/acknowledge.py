"""One acknowledgement a ticket, on the channel it came by, where one may go; else the reason why not."""

from dataclasses import dataclass

from deskd.acts.desk import Desk
from deskd.acts.intake import DESKD, Said
from deskd.acts.matter import Matter
from deskd.acts.post import post
from deskd.domain import code
from deskd.domain.states import ClockState
from deskd.domain.ticket import Identity
from deskd.domain.words import ClockKind
from deskd.store.plan import Plan
from deskd.texts.catalogue import Catalogue
from deskd.texts.promises import promise


@dataclass(frozen=True, slots=True)
class Voice:
    """What deskd needs to speak by itself: its texts, the zone of its promises, where each channel answers."""

    texts: Catalogue
    zone: str
    link: str
    hotline: str
    in_place: frozenset[str]  # channels whose acknowledgement is the answer itself


def acknowledge(desk: Desk, plan: Plan, matter: Matter, who: Identity, said: Said, voice: Voice) -> None:
    """Adds the acknowledgement, if one may go. Meets no clock."""
    ticket = matter.ticket
    if ticket.channel in voice.in_place or ticket.spam or said.no_ack_why or not who.address:
        return
    held = matter.clocks.get(ClockKind.FIRST_RESPONSE)
    if held is None or held.clock.state is not ClockState.RUNNING or held.clock.due_at is None:
        return
    due = promise(held.clock.due_at, voice.zone, ticket.language, said.at)
    words = voice.texts.render(
        "acknowledgement", ticket.language, "email", code=code.shown(ticket.code), due=due, link=voice.link
    )
    post(desk, plan, matter, who, words.text, author=DESKD, kind="ack", subject=words.subject, at=said.at)
    matter.event(desk, "ticket.acknowledged", DESKD, said.at)
    matter.save(plan)
