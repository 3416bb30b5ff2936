"""The console's pages: log-in, the lists, the ticket, and what follows an act on it. GET changes nothing."""

import asyncio
from collections.abc import Awaitable, Callable, Mapping

from sqlalchemy import Connection
from starlette.datastructures import FormData
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from deskd.acts import facts, files, names, rights, verbs
from deskd.acts.guard import guard
from deskd.console import download, ready, ticket_view
from deskd.console.context import Context
from deskd.console.login import Door, Session, from_our_page, with_token
from deskd.console.render import Pages
from deskd.console.ticket_acts import AFTER_REPLY, TicketActs, word
from deskd.domain import code as public_code
from deskd.domain.errors import Denied, Lost, NotFound, Refused, Stale
from deskd.domain.words import Category, Priority, Role
from deskd.store import views

# What a ticket's page lets one type.
BOXES = ("reply", "ready", "then", "declined", "note", *names.CORRECTABLE, "why", "to")
Page = Callable[[Request, Session, FormData], Awaitable[Response]]


class Console:
    def __init__(self, context: Context, door: Door, pages: Pages) -> None:
        self._context, self._door, self._pages = context, door, pages
        self.acts = TicketActs(context).by_name

    def inside(self, page: Page, *roles: Role) -> Callable[[Request], Awaitable[Response]]:
        """Behind the log-in, for these roles (none named: all); a change only from our own page, with its token."""

        async def run(request: Request) -> Response:
            session = await self._door.session(request)
            if session is None:
                return RedirectResponse("/console/login", 303)
            form = FormData()
            if request.method == "POST":
                from_our_page(request, self._context.public_url)
                form = await request.form(max_files=0, max_fields=20)
                with_token(session, form.get("csrf", ""))
            if roles:
                rights.may(session.agent, *roles)
            return await page(request, session, form)

        return run

    async def login_page(self, request: Request) -> Response:
        return self._pages.show(request, "login.html", wrong=False, typed="")

    async def log_in(self, request: Request) -> Response:
        from_our_page(request, self._context.public_url)
        form = await request.form(max_files=0, max_fields=20)
        name = word(form, "name").strip()
        token = await self._door.log_in(request, name, word(form, "password"))
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
        now, params = self._context.clock(), request.query_params
        view = params.get("view", "open")
        view = view if view in ticket_view.LISTS else "open"

        def read(connection: Connection) -> tuple[list[ticket_view.Line], dict[str, int]]:
            trouble = views.in_trouble(connection) if session.office else {}
            return ticket_view.listed(connection, session.agent, view, now), trouble

        lines, trouble = await self._context.read(read)
        made = public_code.read(params.get("made", ""))
        return self._pages.show(
            request,
            "queue.html",
            session=session,
            lines=lines,
            view=view,
            lists=ticket_view.LISTS,
            trouble=trouble,
            nothing="none" in params,
            made=public_code.shown(made) if made else "",
        )

    async def find(self, request: Request, session: Session, form: FormData) -> Response:
        typed = request.query_params.get("code", "")[:40]
        code = public_code.read(typed)
        if code is None:
            raise NotFound(f"There is no ticket {typed} that you may see. Check the code: it has 8 characters.")
        return RedirectResponse(f"/console/t/{public_code.shown(code)}", 303)

    async def next(self, request: Request, session: Session, form: FormData) -> Response:
        desk = self._context.desk()
        taken = await self._context.write(lambda c: verbs.next_ticket(desk, c, session.agent))
        where = f"/console/t/{public_code.shown(taken[0].code)}" if taken else "/console?none"
        return RedirectResponse(where, 303)

    async def ticket(self, request: Request, session: Session, form: FormData) -> Response:
        return await self._ticket(request, session)

    async def file(self, request: Request, session: Session, form: FormData) -> Response:
        desk, code, file_id = self._context.desk(), request.path_params["code"], request.path_params["file"]
        found = await self._context.read(lambda c: files.attachment(desk, c, session.agent, code, file_id))
        return download.answer(found)

    async def fact(self, request: Request, session: Session, form: FormData) -> Response:
        """The page again with one fact opened; the next page has it closed."""
        desk, code = self._context.desk(), request.path_params["code"]
        fact, why = word(form, "fact"), word(form, "why")
        try:
            value = await self._context.write(lambda c: facts.reveal(desk, c, session.agent, code, fact, why))
        except (NotFound, Denied):
            raise
        except Refused as refusal:
            return await self._ticket(request, session, refusal, form)
        return await self._ticket(request, session, revealed={fact: value})

    async def text(self, request: Request, session: Session, form: FormData) -> Response:
        """The page again, a ready-made text below what stands in the answer's box. Changes nothing."""
        try:
            return await self._ticket(request, session, form=form, ready_name=word(form, "ready"))
        except (NotFound, Denied):
            raise
        except Refused as refusal:
            return await self._ticket(request, session, refusal, form)

    def doing(self, name: str) -> Page:
        """The page of one act: done and back to the ticket, or refused in one sentence with the words kept."""
        act = self.acts[name]

        async def run(request: Request, session: Session, form: FormData) -> Response:
            typed = request.path_params["code"]
            try:
                try:
                    await self._context.write(lambda c: act(c, session, typed, form))
                except Lost:  # somebody else, or the same button pressed twice: one more look tells which
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
        self,
        request: Request,
        session: Session,
        refusal: Refused | None = None,
        form: FormData | None = None,
        ready_name: str = "",
        revealed: Mapping[str, str] | None = None,
    ) -> Response:
        """`form`: what was typed is kept in its boxes."""
        typed, now, kept = request.path_params["code"], self._context.clock(), form or FormData()
        desk, voice = self._context.desk(), self._context.voice
        view = await self._context.read(lambda c: ticket_view.read(desk, c, session.agent, typed, now))
        boxes = {name: word(kept, name) for name in BOXES}
        if ready_name:
            boxes["reply"] = "\n\n".join(
                filter(None, (boxes["reply"].strip(), ready.words(desk, voice, view, ready_name, now)))
            )
        return self._pages.show(
            request,
            "ticket.html",
            409 if refusal else 200,
            session=session,
            view=view,
            revealed=revealed or {},
            reachable=desk.way(view.ticket.channel, view.ticket.account, view.kind) is not None,
            refusal=str(refusal) if refusal else "",
            objections=guard(boxes["reply"], self._context.links) if refusal else [],
            newer=refusal.text if isinstance(refusal, Stale) else "",
            typed=boxes,
            texts=ready.offered(desk, voice, view),
            thens=AFTER_REPLY,
            categories=list(Category),
            priorities=list(Priority),
        )
