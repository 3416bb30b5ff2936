"""A submission server of ours on loopback: strict, with a ledger, and able to do what real ones do wrong."""

import asyncio
import contextlib
import ssl
from dataclasses import dataclass, field


@dataclass(slots=True)
class SmtpSink:
    """`ledger`: (sender, recipient, bytes) of each mail it has stored; `commands`: every line that it was told.

    greeting, mail, rcpt, data, dot, auth: what it answers there; a 2xx `dot` stores the mail. extensions: of its EHLO.
    at_data, after_dot: what it does instead of answering: "drop" hangs up, "stall" waits for `go_on`; the mail is
    stored before that. hang_up: closes each connection after so many mails. connections: how many came. tls: from the
    first byte.
    """

    ledger: list[tuple[str, str, bytes]] = field(default_factory=list)
    commands: list[str] = field(default_factory=list)
    greeting: str = "220 sink ESMTP"
    extensions: tuple[str, ...] = ()
    mail: str = "250 2.1.0 OK"
    rcpt: str = "250 2.1.5 OK"
    data: str = "354 go on"
    dot: str = "250 2.0.0 queued"
    auth: str = "235 2.7.0 OK"
    at_data: str = ""
    after_dot: str = ""
    hang_up: int = 0
    tls: ssl.SSLContext | None = None
    port: int = 0
    connections: int = 0
    stalled: asyncio.Event = field(default_factory=asyncio.Event)
    go_on: asyncio.Event = field(default_factory=asyncio.Event)
    _server: asyncio.Server | None = None
    _sessions: set["asyncio.Task[None]"] = field(default_factory=set)

    async def start(self) -> "SmtpSink":
        self._server = await asyncio.start_server(self._session, "127.0.0.1", 0, ssl=self.tls)
        self.port = self._server.sockets[0].getsockname()[1]
        return self

    async def stop(self) -> None:
        if self._server is not None:
            self._server.close()
        for session in self._sessions:
            session.cancel()
        await asyncio.gather(*self._sessions, return_exceptions=True)
        if self._server is not None:
            await self._server.wait_closed()

    async def _session(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        if task := asyncio.current_task():
            self._sessions.add(task)
        self.connections += 1
        try:
            await self._talk(reader, writer)
        except (ConnectionError, asyncio.IncompleteReadError, asyncio.CancelledError):
            pass  # the client hung up, or `stop` does: what was said until then is in the ledger
        finally:
            writer.close()
            with contextlib.suppress(ConnectionError):
                await writer.wait_closed()

    async def _talk(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        sender = recipient = ""
        stored = 0
        writer.write(f"{self.greeting}\r\n".encode())
        while line := (await reader.readline()).decode("utf-8", "replace").rstrip("\r\n"):
            self.commands.append(line)
            verb = line.upper().partition(" ")[0]
            answer: str | None = self._answer(verb)
            if verb == "MAIL":
                sender = _path(line)
            elif verb == "RCPT":
                recipient = _path(line)
            elif verb == "DATA":
                answer = await self._take(sender, recipient, reader, writer)
                stored += answer == self.dot
            if answer is None:
                return
            writer.write(f"{answer}\r\n".encode())
            await writer.drain()
            if verb == "QUIT" or (self.hang_up and stored >= self.hang_up):
                return

    def _answer(self, verb: str) -> str:
        hello = "\r\n".join(["250-sink", *(f"250-{name}" for name in self.extensions), "250 HELP"])
        return {"EHLO": hello, "MAIL": self.mail, "RCPT": self.rcpt, "AUTH": self.auth, "QUIT": "221 bye"}.get(
            verb, "250 OK"
        )

    async def _take(
        self, sender: str, recipient: str, reader: asyncio.StreamReader, writer: asyncio.StreamWriter
    ) -> str | None:
        """The answer to a DATA; None: hang up."""
        if not await self._does(self.at_data):
            return None
        if not self.data.startswith("354"):
            return self.data
        writer.write(f"{self.data}\r\n".encode())
        raw = await reader.readuntil(b"\r\n.\r\n")
        if self.dot.startswith("2"):
            self.ledger.append((sender, recipient, raw[:-3].replace(b"\r\n..", b"\r\n.")))
        return self.dot if await self._does(self.after_dot) else None

    async def _does(self, wrong: str) -> bool:
        """False: hang up."""
        if wrong == "stall":
            self.stalled.set()
            await self.go_on.wait()
        return wrong != "drop"


def _path(line: str) -> str:
    return line.partition(":")[2].split()[0].strip("<>")
