"""The web application: routes, and what each error looks like to a person or a program."""

from typing import Any, cast

from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import JSONResponse, RedirectResponse, Response
from starlette.routing import Mount, Route
from starlette.staticfiles import StaticFiles

from deskd.acts.parked import OFFICE
from deskd.console.api import door as api
from deskd.console.api import problems
from deskd.console.by_hand import ByHand
from deskd.console.chat import Chat
from deskd.console.context import Context
from deskd.console.duty import Calls
from deskd.console.form import Form
from deskd.console.headers import Headers
from deskd.console.health import Health
from deskd.console.hooks import Hooks
from deskd.console.login import Door
from deskd.console.office import Office
from deskd.console.pages import Console
from deskd.console.render import HERE, Pages, reader
from deskd.console.words import words_of
from deskd.domain.errors import Denied, DeskError, NotFound, StoreAway
from ingest.sealed import sealing

__all__ = ["Context", "build"]

RETRY_AFTER_S = 5
_STATUS: tuple[tuple[type[DeskError], int], ...] = ((StoreAway, 503), (NotFound, 404), (Denied, 403))


def build(context: Context) -> Starlette:
    """All faces over HTTP; the caller runs it (uvicorn) and owns what the context holds."""
    pages, door, health = Pages(context), Door(context), Health(context)
    console, form = Console(context, door, pages), Form(context, pages)
    by_hand, office = ByHand(context, pages), Office(context, pages)
    keep = sealing(context.keep, context.formats)
    chat, calls, faults = Chat(context, pages, keep), Calls(context, pages), _Faults(pages)
    routes: list[Route | Mount] = [
        Route("/", _home, methods=["GET"]),
        Route("/healthz", health.alive, methods=["GET"]),
        Route("/readyz", health.ready, methods=["GET"]),
        Route("/metrics", health.metrics, methods=["GET"]),
        Route("/form/{name}", form.page, methods=["GET"]),
        Route("/form/{name}", form.post, methods=["POST"]),
        Route("/chat.js", chat.loader, methods=["GET"]),
        Route("/chat/{name}", chat.page, methods=["GET"]),
        Route("/chat/{name}/messages", chat.write, methods=["POST"]),
        Route("/chat/{name}/events", chat.events, methods=["GET"]),
        Route("/chat/{name}/seen", chat.seen, methods=["POST"]),
        Route("/chat/{name}/leave", chat.leave, methods=["POST"]),
        Route("/duty/{token}", calls.page, methods=["GET"]),
        Route("/duty/{token}", calls.accept, methods=["POST"]),
        Route("/console/login", console.login_page, methods=["GET"]),
        Route("/console/login", console.log_in, methods=["POST"]),
        Route("/console/logout", console.inside(console.log_out), methods=["POST"]),
        Route("/console", console.inside(console.queue), methods=["GET"]),
        Route("/console/next", console.inside(console.next), methods=["POST"]),
        Route("/console/find", console.inside(console.find), methods=["GET"]),
        Route("/console/new", console.inside(by_hand.page), methods=["GET"]),
        Route("/console/new", console.inside(by_hand.post), methods=["POST"]),
        Route("/console/t/{code}", console.inside(console.ticket), methods=["GET"]),
        Route("/console/t/{code}/files/{file}", console.inside(console.file), methods=["GET"]),
        Route("/console/t/{code}/fact", console.inside(console.fact), methods=["POST"]),
        Route("/console/t/{code}/text", console.inside(console.text), methods=["POST"]),
        Route("/console/parked", console.inside(office.parked, *OFFICE), methods=["GET"]),
        Route("/console/parked/{receipt}/retry", console.inside(office.retry, *OFFICE), methods=["POST"]),
        Route("/console/parked/{receipt}/dismiss", console.inside(office.dismiss, *OFFICE), methods=["POST"]),
        Route("/console/deliveries", console.inside(office.deliveries, *OFFICE), methods=["GET"]),
        Route("/console/deliveries/{delivery}/decide", console.inside(office.decide, *OFFICE), methods=["POST"]),
    ]
    routes += [
        Route(f"/console/t/{{code}}/{name}", console.inside(console.doing(name)), methods=["POST"])
        for name in console.acts
    ]
    routes += api.routes(context)
    routes.append(Mount("/static", StaticFiles(directory=HERE / "static")))
    return Starlette(
        routes=routes,
        middleware=[
            Middleware(cast("Any", Headers), secure=context.secure_cookies),
            Middleware(
                cast("Any", Hooks),
                hooks=context.hooks,
                keep=keep,
                clock=context.clock,
                public_url=context.public_url,
            ),
        ],
        exception_handlers={HTTPException: faults.http, DeskError: faults.desk, problems.Problem: problems.shown},
    )


async def _home(request: Request) -> Response:
    return RedirectResponse("/console", 303)


class _Faults:
    """One sentence for each; a program that sent JSON gets JSON, one that asks the API a problem of RFC 9457."""

    def __init__(self, pages: Pages) -> None:
        self._pages = pages

    async def http(self, request: Request, error: Exception) -> Response:
        status = error.status_code if isinstance(error, HTTPException) else 500
        if problems.of_api(request):
            return problems.of_http(status, error.headers if isinstance(error, HTTPException) else None)
        words = words_of(reader(request))
        answer = self._say(request, status, words.get(f"e{status}", words["e400"]))
        answer.headers.update((isinstance(error, HTTPException) and error.headers) or {})
        return answer

    async def desk(self, request: Request, error: Exception) -> Response:
        if problems.of_api(request):
            return problems.of_desk(error)
        status = next((status for kind, status in _STATUS if isinstance(error, kind)), 409)
        if status != 503:
            return self._say(request, status, str(error))
        answer = self._say(request, 503, words_of(reader(request))["e503"])
        answer.headers["retry-after"] = str(RETRY_AFTER_S)
        return answer

    def _say(self, request: Request, status: int, sentence: str) -> Response:
        if request.headers.get("content-type", "").startswith("application/json"):
            return JSONResponse({"error": sentence}, status)
        return self._pages.show(request, "fault.html", status, sentence=sentence)
