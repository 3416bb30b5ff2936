"""Ready-made texts that an agent puts into an answer: which may be said on a ticket, and their words for it."""

from deskd.acts.acknowledge import Voice
from deskd.acts.desk import Desk
from deskd.acts.outcome import CLOSED_AFTER
from deskd.console.ticket_view import TicketView
from deskd.domain.errors import Refused
from deskd.domain.ports import Micros
from deskd.domain.ticket import FAR
from deskd.domain.words import Level
from deskd.texts import catalogue
from deskd.texts.promises import day, promise

GAP = "[…]"
"""What only the agent knows stands so, and no answer leaves with it."""
READY = ("waiting", "no_news", "closing", "too_little", "is_it_us")
OTHERWISE = "email"  # the variant where no answer of ours leads anywhere


def offered(desk: Desk, voice: Voice, view: TicketView) -> list[str]:
    """Proved texts hold facts of an account: they are for customers who are more than claimed."""
    proved, variant = Level(view.level) is not Level.CLAIMED, _variant(desk, view)
    held = [name for name in READY if voice.texts.has(name, variant)]
    return [name for name in held if proved or voice.texts.texts[name].level is catalogue.Level.OPEN]


def words(desk: Desk, voice: Voice, view: TicketView, name: str, now: Micros) -> str:
    """The text in the ticket's language, with its code and times filled in. Raises Refused for one not offered."""
    if name not in offered(desk, voice, view):
        raise Refused("There is no such text for this ticket.")
    language, due_at = view.ticket.language, view.ticket.due_at
    due = promise(due_at, voice.zone, language, now) if now < due_at < FAR else GAP
    date = day(now + CLOSED_AFTER, voice.zone, language, now)
    variant, gaps = _variant(desk, view), {"summary": GAP, "missing": GAP}
    return voice.texts.render(name, language, variant, code=view.code, due=due, date=date, **gaps).text


def _variant(desk: Desk, view: TicketView) -> str:
    """As the channel says it by which the answer leaves."""
    way = desk.way(view.ticket.channel, view.ticket.account, view.kind)
    return desk.channels[way[0]].texts if way else OTHERWISE
