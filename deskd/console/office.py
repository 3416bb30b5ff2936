"""For supervisors and ops: what was set aside on the way in, and what is not known on the way out."""

import asyncio
from functools import partial

from sqlalchemy import Connection
from starlette.datastructures import FormData
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from deskd.acts import outcome, parked
from deskd.console.context import Context
from deskd.console.login import Session
from deskd.console.render import Pages
from deskd.console.ticket_acts import word
from deskd.domain import code as public_code
from deskd.domain.errors import Denied, NotFound, Refused
from deskd.outbox.decide import Decision, decide
from deskd.store import receipts, views

DONE = ("retried", "dismissed", "decided")  # what the page may say after an act, by its address


class Office:
    def __init__(self, context: Context, pages: Pages) -> None:
        self._context, self._pages = context, pages

    async def parked(self, request: Request, session: Session, form: FormData) -> Response:
        return await self._parked(request, session)

    async def retry(self, request: Request, session: Session, form: FormData) -> Response:
        receipt = request.path_params["receipt"]
        try:
            await self._context.write(lambda c: parked.retry(c, session.agent, receipt))
        except Refused as refusal:
            return await self._parked(request, session, str(refusal))
        return RedirectResponse("/console/parked?done=retried", 303)

    async def dismiss(self, request: Request, session: Session, form: FormData) -> Response:
        receipt, why, desk = request.path_params["receipt"], word(form, "why"), self._context.desk()
        try:
            await self._context.write(lambda c: parked.dismiss(desk, c, session.agent, receipt, why))
        except Refused as refusal:
            return await self._parked(request, session, str(refusal))
        return RedirectResponse("/console/parked?done=dismissed", 303)

    async def deliveries(self, request: Request, session: Session, form: FormData) -> Response:
        return await self._deliveries(request, session)

    async def decide(self, request: Request, session: Session, form: FormData) -> Response:
        context, desk, delivery = self._context, self._context.desk(), request.path_params["delivery"]
        say = partial(
            decide,
            by=session.agent,
            why=word(form, "why"),
            cover=desk.cover,
            now=context.clock(),
            ids=desk.ids,
            settle=partial(outcome.settle, desk),
        )
        try:
            await asyncio.to_thread(say, context.database, delivery, word(form, "verdict"))
        except (NotFound, Denied):
            raise
        except Refused as refusal:
            return await self._deliveries(request, session, str(refusal))
        return RedirectResponse("/console/deliveries?done=decided", 303)

    async def _parked(self, request: Request, session: Session, refusal: str = "") -> Response:
        rows = await self._context.read(receipts.parked)
        return self._show(request, "parked.html", session, refusal, rows=rows)

    async def _deliveries(self, request: Request, session: Session, refusal: str = "") -> Response:
        agent = session.agent

        def read(connection: Connection) -> tuple[list[dict[str, object]], list[dict[str, object]]]:
            return views.stuck(connection, agent), views.under_way(connection, agent)

        stuck, under_way = await self._context.read(read)
        for row in (*stuck, *under_way):
            row["code"] = public_code.shown(str(row["ticket_code"]))
        said = {"stuck": stuck, "under_way": under_way, "verdicts": list(Decision)}
        return self._show(request, "deliveries.html", session, refusal, **said)

    def _show(self, request: Request, name: str, session: Session, refusal: str, **values: object) -> Response:
        done = request.query_params.get("done", "")
        done = done if done in DONE and not refusal else ""
        status = 409 if refusal else 200
        return self._pages.show(request, name, status, session=session, refusal=refusal, done=done, **values)
