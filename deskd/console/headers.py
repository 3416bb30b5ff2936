"""Around everything: the headers of every answer, the size of every request, and the last word on a defect.

Pure ASGI and outermost, so that 404, 413, 500 and static files have the headers as well (OWASP ASVS 3.4.1–3.4.6).
"""

import json

import structlog
from starlette.exceptions import HTTPException
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from deskd.console.api import problems

CSP = (
    "default-src 'none'; style-src 'self'; img-src 'self'; form-action 'self'; frame-ancestors 'none'; base-uri 'none'"
)
HEADERS = {
    "content-security-policy": CSP,
    "x-content-type-options": "nosniff",
    "referrer-policy": "no-referrer",
    "cross-origin-opener-policy": "same-origin",
    "cross-origin-resource-policy": "same-origin",
    "permissions-policy": "camera=(), microphone=(), geolocation=(), payment=(), usb=()",
    "cache-control": "no-store",
}
MAY_DIFFER = frozenset(  # a download's sandbox; an empty form; the script that other sites load
    {b"content-security-policy", b"cache-control", b"cross-origin-resource-policy"}
)
HSTS = ("strict-transport-security", "max-age=31536000; includeSubDomains")
BODY_BYTES = 256 * 1024  # of a page's form
LARGER = {
    "/form/": 48 << 20,  # three files of 10 MiB in base 64, and the words
    "/hooks/": 2 << 20,  # they count for themselves
}

_log = structlog.get_logger("deskd.console")


class Headers:
    def __init__(self, app: ASGIApp, secure: bool) -> None:
        given = HEADERS | ({HSTS[0]: HSTS[1]} if secure else {})
        self._app = app
        self._given = [(name.encode(), value.encode()) for name, value in given.items()]
        self._names = {name for name, _ in self._given}

    def _dressed(self, own: list[tuple[bytes, bytes]]) -> list[tuple[bytes, bytes]]:
        """Ours instead of the answer's own, but for those that an answer may know better."""
        own = [(name.lower(), value) for name, value in own]
        better = {name for name, _ in own} & MAY_DIFFER
        kept = [pair for pair in own if pair[0] not in self._names or pair[0] in better]
        return [*kept, *(pair for pair in self._given if pair[0] not in better)]

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        started = False

        async def dressed(message: Message) -> None:
            nonlocal started
            if message["type"] == "http.response.start":
                started = True
                message["headers"] = self._dressed(message.get("headers", []))
            await send(message)

        try:
            await self._app(scope, _capped(scope, receive), dressed)
        except Exception as error:  # the edge: a defect is one plain sentence to the peer and a line in the log
            _log.error("http.defect", error=type(error).__name__, path=scope["path"].split("/")[1])
            if started:
                raise
            kind, said = _broken(scope["path"])
            await dressed({"type": "http.response.start", "status": 500, "headers": [(b"content-type", kind)]})
            await dressed({"type": "http.response.body", "body": said})


def _broken(path: str) -> tuple[bytes, bytes]:
    """(content type, words) for a defect."""
    if path.startswith(problems.BELOW):
        said = problems.body(500, "defect", "Something broke here; the log of the desk says where.")
        return problems.MEDIA.encode(), json.dumps(said).encode()
    return b"text/plain; charset=utf-8", "Something broke here. 这里出错了。\n".encode()


def _capped(scope: Scope, receive: Receive) -> Receive:
    """Counts the body while it comes; what is over the limit is refused before it is held."""
    limit = next((size for path, size in LARGER.items() if scope["path"].startswith(path)), BODY_BYTES)
    came = 0

    async def counted() -> Message:
        nonlocal came
        message = await receive()
        came += len(message.get("body", b""))
        if came > limit:
            raise HTTPException(413)
        return message

    return counted
