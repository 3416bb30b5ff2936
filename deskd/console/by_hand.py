"""A ticket for a call or a visit, or when we write first."""

import uuid

from sqlalchemy import Connection
from starlette.datastructures import FormData
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from deskd.acts import verbs
from deskd.acts.desk import BY_HAND
from deskd.console.context import Context
from deskd.console.login import Session
from deskd.console.render import Pages
from deskd.console.ticket_acts import word
from deskd.domain import code as public_code
from deskd.domain.errors import Lost, Refused
from deskd.domain.ticket import Ticket
from deskd.store import tickets


class ByHand:
    def __init__(self, context: Context, pages: Pages) -> None:
        self._context, self._pages = context, pages

    async def page(self, request: Request, session: Session, form: FormData) -> Response:
        return self._ask(request, session, FormData())

    async def post(self, request: Request, session: Session, form: FormData) -> Response:
        """The page carries a UUID from which the code follows: sent twice it is one ticket."""
        try:
            try:
                ticket = await self._context.write(lambda c: self._make(c, session, form))
            except Lost:
                ticket = await self._context.write(lambda c: self._make(c, session, form))
        except Refused as refusal:
            return self._ask(request, session, form, str(refusal))
        shown = public_code.shown(ticket.code)
        seen = session.agent.sees(ticket.queue)
        return RedirectResponse(f"/console/t/{shown}" if seen else f"/console?made={shown}", 303)

    def _make(self, connection: Connection, session: Session, form: FormData) -> Ticket:
        desk, said = self._context.desk(), [word(form, name) for name in ("address", "text", "reason")]
        key = word(form, "id")
        code = self._code(connection, key) if key else ""
        made = tickets.by_code(connection, code)
        if made is not None:
            return made
        return verbs.open_by_hand(desk, connection, session.agent, *said, code=code)

    def _code(self, connection: Connection, key: str) -> str:
        """From the page's id; the next try while a ticket of another way in has it."""
        ring = self._context.desk().vault.ring
        for n in range(100):
            digest = ring.digest("lookup", BY_HAND, key, str(n))
            code = public_code.code_of(int.from_bytes(digest[:5], "big") >> 5)
            found = tickets.by_code(connection, code)
            if found is None or found.channel == BY_HAND:
                return code
        raise Refused("No free code was found. Load the page again.")

    def _ask(self, request: Request, session: Session, form: FormData, refusal: str = "") -> Response:
        typed = {name: word(form, name) for name in ("id", "address", "text", "reason")}
        typed["id"] = typed["id"] or str(uuid.UUID(bytes=self._context.random(16), version=4))
        status = 409 if refusal else 200
        return self._pages.show(request, "new.html", status, session=session, typed=typed, refusal=refusal)
