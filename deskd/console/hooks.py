"""/hooks/{channel}/{account}: a provider's request is proved, kept, and only then answered as the channel says.

Before all routes and without their weight: a provider waits only seconds and comes in thousands. No redirect, no page,
and on a refusal no reason: 403 for what is not proved, 404 for what is not there, 413, 503 with Retry-After.
"""

from collections.abc import Mapping
from urllib.parse import unquote

import structlog
from starlette.types import ASGIApp, Receive, Scope, Send

from deskd.domain.crash import reach
from deskd.domain.errors import Forged, StoreAway
from deskd.domain.ports import Clock, Heard, Hook, Hooked, Keep

PREFIX = "/hooks/"
BODY_BYTES = 1 << 20
RETRY_AFTER = b"5"

_log = structlog.get_logger("deskd.hooks")


class Hooks:
    """In front of `app`, which gets all other requests. public_url: what providers call us, without a path."""

    def __init__(
        self, app: ASGIApp, hooks: Mapping[tuple[str, str], Hook], keep: Keep, clock: Clock, public_url: str
    ) -> None:
        self._app, self._hooks, self._keep, self._clock = app, hooks, keep, clock
        self._public = public_url.rstrip("/")

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http" or not scope["path"].startswith(PREFIX):
            await self._app(scope, receive, send)
            return
        channel, _, rest = scope["path"][len(PREFIX) :].partition("/")
        account, _, path = rest.partition("/")
        hook = self._hooks.get((channel, account))
        if hook is None:
            await _answer(send, Heard((), 404))
            return
        body = await _body(receive)
        if body is None:
            await _answer(send, Heard((), 413))
            return
        await self._hear(scope, send, hook, path, body, channel)

    async def _hear(self, scope: Scope, send: Send, hook: Hook, path: str, body: bytes, channel: str) -> None:
        headers = {name.decode("latin-1"): value.decode("latin-1") for name, value in scope["headers"]}
        request = Hooked(scope["method"], self._url(scope), path, headers, body, self._clock())
        try:
            heard = hook.hear(request)
            if heard.receipts:
                reach("hook:before-keep")
                await self._keep(heard.receipts)
                reach("hook:after-keep")
        except Forged as error:
            _log.warning("hook.forged", channel=channel, reason=str(error))
            await _answer(send, Heard((), 403))
        except StoreAway:
            await _answer(send, Heard((), 503), [(b"retry-after", RETRY_AFTER)])
        else:
            await _answer(send, heard)

    def _url(self, scope: Scope) -> str:
        """As the provider wrote it: the query to the letter."""
        raw = scope.get("raw_path") or unquote(scope["path"]).encode()
        query = scope["query_string"]
        return f"{self._public}{raw.decode('latin-1')}{'?' if query else ''}{query.decode('latin-1')}"


async def _body(receive: Receive) -> bytes | None:
    """None when it is larger than any provider's message, or the peer went before it was whole."""
    parts, size = [], 0
    while True:
        message = await receive()
        part = message.get("body", b"")
        size += len(part)
        if size > BODY_BYTES or message["type"] == "http.disconnect":
            return None
        parts.append(part)
        if not message.get("more_body", False):
            return b"".join(parts)


async def _answer(send: Send, heard: Heard, more: list[tuple[bytes, bytes]] | None = None) -> None:
    headers = [(b"content-length", str(len(heard.body)).encode()), *(more or [])]
    if heard.body:
        headers.append((b"content-type", heard.content_type.encode()))
    await send({"type": "http.response.start", "status": heard.status, "headers": headers})
    await send({"type": "http.response.body", "body": heard.body})
