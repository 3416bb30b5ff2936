"""The console's pages: log-in, queue, ticket, and what an agent does there. GET changes nothing."""

import asyncio
from collections.abc import Awaitable, Callable

from sqlalchemy import Connection
from starlette.datastructures import FormData
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from deskd.acts import names, verbs
from deskd.console import ticket_view
from deskd.console.context import Context
from deskd.console.login import Door, Session, from_our_page, with_token
from deskd.console.render import Pages
from deskd.domain import code as public_code
from deskd.domain.errors import Denied, NotFound, Refused, Stale
from deskd.domain.states import TicketState
from deskd.domain.words import Category, Priority

Page = Callable[[Request, Session, FormData], Awaitable[Response]]
Act = Callable[[Connection, Session, str, FormData], None]
AFTER_REPLY = (TicketState.WAITING, TicketState.OPEN, TicketState.HELD, TicketState.RESOLVED)


class Console:
    def __init__(self, context: Context, door: Door, pages: Pages) -> None:
        self._context, self._door, self._pages = context, door, pages
        self.acts: dict[str, Act] = {
            "reply": self._reply,
            "note": self._note,
            "set": self._set,
            "spam": self._spam,
            "claim": self._claim,
            "release": self._release,
            "resolve": self._resolve,
        }

    def inside(self, page: Page) -> Callable[[Request], Awaitable[Response]]:
        """Behind the log-in; a change only from our own page, with the session's token."""

        async def run(request: Request) -> Response:
            session = await self._door.session(request)
            if session is None:
                return RedirectResponse("/console/login", 303)
            form = FormData()
            if request.method == "POST":
                from_our_page(request, self._context.public_url)
                form = await request.form(max_files=0, max_fields=20)
                with_token(session, form.get("csrf", ""))
            return await page(request, session, form)

        return run

    async def login_page(self, request: Request) -> Response:
        return self._pages.show(request, "login.html", wrong=False, typed="")

    async def log_in(self, request: Request) -> Response:
        from_our_page(request, self._context.public_url)
        form = await request.form(max_files=0, max_fields=20)
        name = _word(form, "name").strip()
        token = await self._door.log_in(request, name, _word(form, "password"))
        if token is None:
            return self._pages.show(request, "login.html", 401, wrong=True, typed=name)
        answer = RedirectResponse("/console", 303)
        self._door.hand_out(answer, token)
        return answer

    async def log_out(self, request: Request, session: Session, form: FormData) -> Response:
        await self._door.log_out(session)
        answer = RedirectResponse("/console/login", 303)
        self._door.take_back(answer)
        return answer

    async def queue(self, request: Request, session: Session, form: FormData) -> Response:
        now = self._context.clock()
        lines = await self._context.read(lambda c: ticket_view.queue(c, session.agent, now))
        nothing = "none" in request.query_params
        return self._pages.show(request, "queue.html", session=session, lines=lines, nothing=nothing)

    async def next(self, request: Request, session: Session, form: FormData) -> Response:
        desk = self._context.desk()
        taken = await self._context.write(lambda c: verbs.next_ticket(desk, c, session.agent))
        where = f"/console/t/{public_code.shown(taken[0].code)}" if taken else "/console?none"
        return RedirectResponse(where, 303)

    async def ticket(self, request: Request, session: Session, form: FormData) -> Response:
        return await self._ticket(request, session)

    def doing(self, name: str) -> Page:
        """The page of one act: done and back to the ticket, or refused in one sentence with the words kept."""
        act = self.acts[name]

        async def run(request: Request, session: Session, form: FormData) -> Response:
            typed = request.path_params["code"]
            try:
                await self._context.write(lambda c: act(c, session, typed, form))
            except (NotFound, Denied):
                raise
            except Refused as refusal:
                return await self._ticket(request, session, refusal, form)
            if name == "reply":
                await asyncio.to_thread(self._context.ring)
            return RedirectResponse(f"/console/t/{typed}" if name != "release" else "/console", 303)

        return run

    async def _ticket(
        self, request: Request, session: Session, refusal: Refused | None = None, form: FormData | None = None
    ) -> Response:
        typed, now, kept = request.path_params["code"], self._context.clock(), form or FormData()
        view = await self._context.read(lambda c: ticket_view.read(c, session.agent, typed, now))
        return self._pages.show(
            request,
            "ticket.html",
            409 if refusal else 200,
            session=session,
            view=view,
            refusal=str(refusal) if refusal else "",
            newer=refusal.text if isinstance(refusal, Stale) else "",
            typed={name: _word(kept, name) for name in ("reply", "note", "then", "field", "new", "why")},
            thens=AFTER_REPLY,
            fields=names.CORRECTABLE,
            values=[*Category, *Priority],
        )

    def _reply(self, connection: Connection, session: Session, code: str, form: FormData) -> None:
        then, text = _word(form, "then") or TicketState.WAITING, _word(form, "reply")
        if then not in set(AFTER_REPLY):
            raise Refused(f"After a reply a ticket is {', '.join(AFTER_REPLY)}; not {then}.")
        read = _word(form, "read") or None
        verbs.reply(
            self._context.desk(),
            connection,
            session.agent,
            code,
            text,
            then=TicketState(then),
            read=read,
            links=self._context.links,
        )

    def _note(self, connection: Connection, session: Session, code: str, form: FormData) -> None:
        verbs.note(self._context.desk(), connection, session.agent, code, _word(form, "note"))

    def _set(self, connection: Connection, session: Session, code: str, form: FormData) -> None:
        field, new, why = (_word(form, name).strip() for name in ("field", "new", "why"))
        if not new or not why:
            raise Refused("Say what it is to be, and why: the rules are improved by it.")
        verbs.correct(self._context.desk(), connection, session.agent, code, field=field, new=new, why=why)

    def _spam(self, connection: Connection, session: Session, code: str, form: FormData) -> None:
        verbs.spam(self._context.desk(), connection, session.agent, code, is_spam=_word(form, "spam") != "no")

    def _claim(self, connection: Connection, session: Session, code: str, form: FormData) -> None:
        verbs.claim(self._context.desk(), connection, session.agent, code)

    def _release(self, connection: Connection, session: Session, code: str, form: FormData) -> None:
        verbs.release(self._context.desk(), connection, session.agent, code)

    def _resolve(self, connection: Connection, session: Session, code: str, form: FormData) -> None:
        verbs.move(self._context.desk(), connection, session.agent, code, TicketState.RESOLVED)


def _word(form: FormData, name: str) -> str:
    """A field as text that every database takes; browsers end lines with CR LF."""
    value = form.get(name, "")
    return value.replace("\x00", "").replace("\r\n", "\n") if isinstance(value, str) else ""
