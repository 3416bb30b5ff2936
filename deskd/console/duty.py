"""The page behind the link of a call. GET only shows it, for mail scanners open links too; POST takes the ticket."""

from starlette.requests import Request
from starlette.responses import Response

from deskd.acts import duty
from deskd.console.context import Context
from deskd.console.login import from_our_page
from deskd.console.render import Pages
from deskd.domain import code
from deskd.domain.errors import Refused


class Calls:
    def __init__(self, context: Context, pages: Pages) -> None:
        self._context, self._pages = context, pages

    async def page(self, request: Request) -> Response:
        token, desk = request.path_params["token"], self._context.desk()
        return self._show(request, await self._context.read(lambda c: duty.look(desk, c, token)))

    async def accept(self, request: Request) -> Response:
        from_our_page(request, self._context.public_url)
        token, desk = request.path_params["token"], self._context.desk()
        try:
            page = await self._context.write(lambda c: duty.accept(desk, c, token))
        except Refused as refusal:
            page = await self._context.read(lambda c: duty.look(desk, c, token))
            return self._show(request, page, refusal=str(refusal))
        return self._show(request, page, accepted=True)

    def _show(self, request: Request, page: duty.Page, *, accepted: bool = False, refusal: str = "") -> Response:
        refusal = refusal or page.taken
        return self._pages.show(
            request,
            "duty.html",
            409 if refusal and request.method == "POST" else 200,
            code=code.shown(page.ticket.code),
            queue=page.ticket.queue,
            due_at=page.due_at,
            who=page.agent.name,
            refusal=refusal,
            accepted=accepted,
        )
