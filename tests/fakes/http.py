"""An HTTP server of ours on loopback, with a ledger, that can answer whatever bytes a test wants."""

import asyncio
import contextlib
import ssl
from collections.abc import Sequence
from dataclasses import dataclass, field
from itertools import repeat
from typing import Self


@dataclass(frozen=True, slots=True)
class Heard:
    """Header names in small letters."""

    method: str
    target: str
    headers: dict[str, str]
    body: bytes


@dataclass(frozen=True, slots=True)
class Reply:
    """instead: "drop" hangs up without an answer, "stall" gives none. after: the same, when the body was sent.

    again: the body is sent over and over for so many times; a length is said only without it.
    """

    status: int = 200
    headers: Sequence[tuple[str, str]] = ()
    body: bytes = b""
    instead: str = ""
    after: str = ""
    again: int = 0


@dataclass(slots=True)
class HttpPeer:
    """replies: by the target of the request; else 200 and nothing. named: the names that TLS clients asked for."""

    replies: dict[str, Reply] = field(default_factory=dict)
    tls: ssl.SSLContext | None = None
    ledger: list[Heard] = field(default_factory=list)
    named: list[str | None] = field(default_factory=list)
    connections: int = 0
    port: int = 0
    stalled: asyncio.Event = field(default_factory=asyncio.Event)
    _server: asyncio.Server | None = None
    _sessions: set["asyncio.Task[None]"] = field(default_factory=set)

    async def __aenter__(self) -> Self:
        if self.tls:
            self.tls.sni_callback = lambda _socket, name, _context: self.named.append(name)
        self._server = await asyncio.start_server(self._session, "127.0.0.1", 0, ssl=self.tls)
        self.port = self._server.sockets[0].getsockname()[1]
        return self

    async def __aexit__(self, *_error: object) -> None:
        assert self._server is not None
        self._server.close()
        for session in self._sessions:
            session.cancel()
        await asyncio.gather(*self._sessions, return_exceptions=True)
        await self._server.wait_closed()

    async def _session(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        if task := asyncio.current_task():
            self._sessions.add(task)
        self.connections += 1
        try:
            while await self._answer(reader, writer):
                pass
        except (ConnectionError, asyncio.IncompleteReadError, asyncio.CancelledError):
            pass  # the client hung up, or the test is over: what was heard until then is in the ledger
        finally:
            writer.close()
            with contextlib.suppress(ConnectionError):
                await writer.wait_closed()

    async def _answer(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> bool:
        head = (await reader.readuntil(b"\r\n\r\n")).decode("utf-8", "replace")
        first, *lines = head.rstrip("\r\n").split("\r\n")
        method, target, _ = first.split(" ")
        headers = {name.lower(): value for name, _, value in (line.partition(": ") for line in lines)}
        body = await reader.readexactly(int(headers.get("content-length", 0)))
        self.ledger.append(Heard(method, target, headers, body))
        reply = self.replies.get(target, Reply())
        if not await self._goes_on(reply.instead):
            return False
        length = () if reply.again else (("Content-Length", str(len(reply.body))),)
        said = "".join(f"{name}: {value}\r\n" for name, value in (*length, *reply.headers))
        writer.write(f"HTTP/1.1 {reply.status} so\r\n{said}\r\n".encode())
        for part in repeat(reply.body, reply.again or 1):
            writer.write(part)
            await writer.drain()
        return await self._goes_on(reply.after) and not reply.again

    async def _goes_on(self, how: str) -> bool:
        if how == "stall":
            self.stalled.set()
            await asyncio.Event().wait()
        return how != "drop"
