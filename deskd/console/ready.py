"""Ready-made texts that an agent puts into an answer: which may be said on a ticket, and their words for it."""

from deskd.acts.acknowledge import Voice
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
BY = "email"  # all replies leave by mail so far


def offered(voice: Voice, view: TicketView) -> list[str]:
    """Proved texts hold facts of an account: they are for customers who are more than claimed."""
    proved = Level(view.level) is not Level.CLAIMED
    held = [name for name in READY if voice.texts.has(name, BY)]
    return [name for name in held if proved or voice.texts.texts[name].level is catalogue.Level.OPEN]


def words(voice: Voice, view: TicketView, name: str, now: Micros) -> str:
    """The text in the ticket's language, with its code and times filled in. Raises Refused for one not offered."""
    if name not in offered(voice, view):
        raise Refused("There is no such text for this ticket.")
    language, due_at = view.ticket.language, view.ticket.due_at
    due = promise(due_at, voice.zone, language, now) if now < due_at < FAR else GAP
    date = day(now + CLOSED_AFTER, voice.zone, language, now)
    return voice.texts.render(name, language, BY, code=view.code, due=due, date=date, summary=GAP, missing=GAP).text
