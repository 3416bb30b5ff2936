"""A conversation as server-sent events (WHATWG HTML, section 9.2), for as long as the customer stays.

Each line has its number in the conversation as `id`; who comes back names the last one they have. Between two lines
nothing is held but the socket: no connection to the database, no thread.
"""

import asyncio
import json
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass
from functools import partial
from typing import Any

from sqlalchemy import Connection
from starlette.types import Receive, Scope, Send

from deskd.console.context import Context
from deskd.console.live import Live
from deskd.console.words import moment
from deskd.domain.errors import DeskError
from deskd.store import conversations
from deskd.store.conversations import Conversation, Line
from deskd.store.tickets import LIST_LIMIT

RETRY_MS = 2000
HEADERS = [
    (b"content-type", b"text/event-stream; charset=utf-8"),
    (b"cache-control", b"no-store, no-transform"),
    (b"x-accel-buffering", b"no"),  # nginx would hold lines back
]
State = Callable[[Connection], dict[str, Any]]
"""How the conversation stands, as the customer may know it."""


@dataclass(frozen=True, slots=True)
class Stream:
    """An answer of Starlette's kind. after: the last line that the customer has; more than there are means none."""

    context: Context
    live: Live
    talk: Conversation
    after: int
    state: State

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        await send({"type": "http.response.start", "status": 200, "headers": HEADERS})
        gone = asyncio.create_task(_gone(receive))
        try:
            async for piece in self._pieces(gone):
                await send({"type": "http.response.body", "body": piece, "more_body": True})
            await send({"type": "http.response.body", "body": b""})
        except (DeskError, OSError):
            pass  # the store or the peer is away; the customer's page comes back by itself
        finally:
            gone.cancel()

    async def _pieces(self, gone: "asyncio.Task[None]") -> AsyncIterator[bytes]:
        """Registered first, read afterwards: what is numbered in between wakes us."""
        at, shown = self.after, None
        async with self.live.follow(self.talk.account, self.talk.address) as woken:
            yield f"retry: {RETRY_MS}\n\n".encode()
            while not gone.done():
                woken.clear()
                at, lines, state = await self.context.read(partial(self._read, at=at))
                if state != shown:
                    yield event("state", state)
                    shown = state
                for line in lines:
                    yield event("message", _said(line), line.n)
                    at = line.n
                if len(lines) < LIST_LIMIT and not await self._touched(woken, gone):
                    yield b": ping\n\n"

    def _read(self, connection: Connection, at: int) -> tuple[int, list[Line], dict[str, Any]]:
        lines = conversations.lines(connection, self.talk, at)
        if not lines and at > conversations.count(connection, self.talk):
            at, lines = 0, conversations.lines(connection, self.talk, 0)
        return at, lines, self.state(connection)

    async def _touched(self, woken: asyncio.Event, gone: "asyncio.Task[None]") -> bool:
        """False after a while of silence: then a comment says that we are there."""
        waiting = asyncio.create_task(woken.wait())
        try:
            done, _ = await asyncio.wait(
                {waiting, gone}, timeout=self.context.ping_s, return_when=asyncio.FIRST_COMPLETED
            )
        finally:
            waiting.cancel()
        return bool(done)


def event(name: str, data: dict[str, Any], number: int | None = None) -> bytes:
    """One event; JSON has no line break of its own, so none can end it early."""
    head = f"id: {number}\n" if number is not None else ""
    return f"{head}event: {name}\ndata: {json.dumps(data, ensure_ascii=False)}\n\n".encode()


def _said(line: Line) -> dict[str, Any]:
    if line.ours:
        return {"from": "us", "text": line.text, "at": moment(line.at), "automatic": line.automatic}
    return {"from": "you", "id": line.id, "text": line.text, "at": moment(line.at)}


async def _gone(receive: Receive) -> None:
    while (await receive())["type"] != "http.disconnect":
        pass
