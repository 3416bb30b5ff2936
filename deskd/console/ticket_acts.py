"""What an agent does on a ticket's page: one function an act, each in the transaction it is given."""

from collections.abc import Callable, Mapping

from sqlalchemy import Connection
from starlette.datastructures import FormData

from deskd.acts import names, verbs
from deskd.console.context import Context
from deskd.console.login import Session
from deskd.console.ready import GAP
from deskd.domain.errors import Refused, Stale
from deskd.domain.states import TicketState
from deskd.store import tickets, views

Act = Callable[[Connection, Session, str, FormData], None]
AFTER_REPLY = (TicketState.WAITING, TicketState.OPEN, TicketState.HELD, TicketState.RESOLVED)


class TicketActs:
    def __init__(self, context: Context) -> None:
        self._context = context
        self.by_name: Mapping[str, Act] = {
            "reply": self._reply,
            "note": self._note,
            "set": self._set,
            "assign": self._assign,
            "spam": self._spam,
            "claim": self._claim,
            "release": self._release,
            "resolve": self._resolve,
        }

    def _reply(self, connection: Connection, session: Session, code: str, form: FormData) -> None:
        then, text = word(form, "then") or TicketState.WAITING, word(form, "reply")
        if then not in set(AFTER_REPLY):
            raise Refused(f"After a reply a ticket is {', '.join(AFTER_REPLY)}; not {then}.")
        if self._said_already(connection, session, code, text, form):
            return
        if GAP in text:
            raise Refused("A gap is left in this answer. Fill in each […], or take it out.")
        verbs.reply(
            self._context.desk(),
            connection,
            session.agent,
            code,
            text,
            then=TicketState(then),
            read=word(form, "read") or None,
            links=self._context.links,
            declined=word(form, "declined").strip(),
        )

    def _said_already(self, connection: Connection, session: Session, code: str, text: str, form: FormData) -> bool:
        """Whether this very answer was queued since the page was loaded: the button was pressed twice.

        Another answer that the writer has not seen is Stale: two agents, or two windows of one.
        """
        ticket = verbs.find(connection, session.agent, code).ticket
        tickets.by_code(connection, ticket.code, lock=True)  # until the end: the other press waits, then sees this one
        last = views.last_answer(connection, ticket.id)
        if "answered" not in form or last is None or last["id"] == word(form, "answered"):
            return False
        if (last["author"], last["text"]) == (session.agent.name, text):
            return True
        raise Stale(f"{last['author']} answered after you loaded this page; read it first.", last["text"])

    def _note(self, connection: Connection, session: Session, code: str, form: FormData) -> None:
        verbs.note(self._context.desk(), connection, session.agent, code, word(form, "note"))

    def _set(self, connection: Connection, session: Session, code: str, form: FormData) -> None:
        """Each field that was given another value; a topic is given with its category, which goes with it."""
        ticket, why = verbs.find(connection, session.agent, code).ticket, word(form, "why").strip()
        wanted = {field: word(form, field).strip() for field in names.CORRECTABLE}
        of, _, wanted["topic"] = wanted["topic"].rpartition("/")
        if not wanted["category"] and of != ticket.category:
            wanted["category"] = of
        if not any(wanted.values()) or not why:
            raise Refused("Say what it is to be, and why: the rules are improved by it.")
        for field, new in wanted.items():  # the category first: a topic is one of it
            if new:
                verbs.correct(self._context.desk(), connection, session.agent, code, field=field, new=new, why=why)

    def _assign(self, connection: Connection, session: Session, code: str, form: FormData) -> None:
        verbs.assign(self._context.desk(), connection, session.agent, code, word(form, "to"))

    def _spam(self, connection: Connection, session: Session, code: str, form: FormData) -> None:
        said, desk = word(form, "spam"), self._context.desk()
        verbs.spam(desk, connection, session.agent, code, is_spam=said != "no", block=said == "block")

    def _claim(self, connection: Connection, session: Session, code: str, form: FormData) -> None:
        verbs.claim(self._context.desk(), connection, session.agent, code)

    def _release(self, connection: Connection, session: Session, code: str, form: FormData) -> None:
        verbs.release(self._context.desk(), connection, session.agent, code)

    def _resolve(self, connection: Connection, session: Session, code: str, form: FormData) -> None:
        verbs.move(self._context.desk(), connection, session.agent, code, TicketState.RESOLVED)


def word(form: FormData, name: str) -> str:
    """A field as text that every database takes; browsers end lines with CR LF."""
    value = form.get(name, "")
    return value.replace("\x00", "").replace("\r\n", "\n") if isinstance(value, str) else ""
