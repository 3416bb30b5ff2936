"""SMTP and LMTP in: one mail a DATA, kept before it is acknowledged.

RFC 5321 with SIZE (RFC 1870), PIPELINING (RFC 2920), 8BITMIME, SMTPUTF8 (RFC 6531); RFC 2033 for LMTP. `250` follows
the commit; while the store is away the peer is told `451` and keeps the mail. Stands on loopback or a unix socket
behind a real MTA, which deals with the world.
"""

import asyncio
import logging
import socket
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path
from typing import Any

from aiosmtpd.lmtp import LMTP
from aiosmtpd.smtp import SMTP, Envelope
from aiosmtpd.smtp import Session as Talk

from channels.email.config import UNIX_PEER, MailAccount, MailListen
from channels.email.receipt import key_of, lane_of
from deskd.domain.crash import reach
from deskd.domain.errors import SettingsError, StoreAway
from deskd.domain.ports import Clock, Keep, Receipt

IDLE_SECONDS = 300.0  # silence after which a peer is let go, RFC 5321 section 4.5.3.2.7
DATA_SECONDS = 600.0  # for one whole mail, from DATA to our answer
STOP_SECONDS = 5.0  # for mails that are being kept when we stop
MAX_CONNECTIONS = 256  # an MTA's default is 20 to one destination
MAX_RECIPIENTS = 100  # of one mail, RFC 5321 section 4.5.3.1.8
MAX_REFUSED = 50  # recipients that are not ours, in one session: somebody is guessing
MAX_HELD = 256 * 1024 * 1024  # bytes of mail that is being received, over all sessions
CHUNK = 65_536  # bytes that are looked at in one piece; a longer command line is refused
_END = b".\r\n"

KEPT = "250 2.0.0 Kept"
AWAY = "451 4.3.0 The message cannot be kept now; try again later"
BUSY = "452 4.3.1 Too much mail at once; try again later"
BARE = "550 5.6.0 A bare CR or LF stands in the message; end every line with CRLF"


class House:
    """What all sessions share: whose addresses are ours, where receipts go, how much is held."""

    def __init__(self, listen: MailListen, keep: Keep, clock: Clock, accounts: Sequence[MailAccount]) -> None:
        self.listen, self.keep, self.clock = listen, keep, clock
        self.names = {account.address.lower(): account.name for account in accounts}
        self.domains: dict[str, str] = {}
        for address, name in self.names.items():
            self.domains.setdefault(address.rpartition("@")[2], name)
        self.sessions: set[_Session] = set()
        self.keeping: set[asyncio.Task[Any]] = set()
        self.empty = asyncio.Event()
        self.held = 0

    def __dir__(self) -> list[str]:
        """The hooks, which is all that aiosmtpd looks for here."""
        return ["handle_EHLO", "handle_RCPT"]

    def account_of(self, recipient: str) -> str | None:
        """support@ and support+anything@ are ours; so is postmaster, with and without a domain (section 4.5.1)."""
        local, _, domain = recipient.lower().rpartition("@")
        if (local or domain) == "postmaster":
            return self.domains.get(domain) if local else next(iter(self.domains.values()), None)
        return self.names.get(f"{local.partition('+')[0]}@{domain}")

    async def handle_EHLO(  # noqa: N802 - aiosmtpd's name
        self, _server: SMTP, session: Talk, _envelope: Envelope, hostname: str, answers: list[str]
    ) -> list[str]:
        session.host_name = hostname
        more = ["250-PIPELINING", "250-ENHANCEDSTATUSCODES", "250 HELP"]
        return ["\r\n".join([*answers[:-1], *more])]  # one packet

    async def handle_RCPT(  # noqa: N802
        self, server: "_Session", _session: Talk, envelope: Envelope, address: str, _options: list[str]
    ) -> str:
        if self.account_of(address) is None:
            return server.refused()
        if len(envelope.rcpt_tos) >= MAX_RECIPIENTS:
            return f"452 4.5.3 More than {MAX_RECIPIENTS} recipients; send the rest with another copy"
        envelope.rcpt_tos.append(address)
        return "250 2.1.5 OK"

    async def take(self, raw: bytes, envelope: Envelope, session: Talk, protocol: str) -> str:
        """One receipt an account that the mail is for; the answer to its final dot."""
        mail_from = "" if envelope.mail_from == "<>" else (envelope.mail_from or "")
        peer = str(session.peer[0]) if isinstance(session.peer, tuple) else UNIX_PEER
        ours: dict[str, list[str]] = {}
        for recipient in envelope.rcpt_tos:
            ours.setdefault(str(self.account_of(recipient)), []).append(recipient)
        said = {"mail_from": mail_from, "peer": peer, "helo": session.host_name or "", "protocol": protocol}
        key, lane, at = key_of(raw), lane_of(raw, mail_from), self.clock()
        receipts = [
            Receipt("email", name, key, lane, raw, at, said | {"rcpt_to": recipients})
            for name, recipients in sorted(ours.items())
        ]
        reach("mail-in:before-keep")
        try:
            await self.keep(receipts)
        except StoreAway:
            return AWAY
        reach("mail-in:after-keep")
        return KEPT


class _Session(SMTP):
    """aiosmtpd's session with a body reader of ours: whole blocks, lines of any length, answers that say why."""

    line_length_limit = CHUNK
    protocol = "smtp"
    transport: Any  # aiosmtpd says None before the first byte; no command runs then
    session: Any
    envelope: Any

    def __init__(self, house: House, loop: asyncio.AbstractEventLoop) -> None:
        super().__init__(
            house,
            data_size_limit=house.listen.size_limit,
            enable_SMTPUTF8=True,
            hostname="deskd",
            ident="ESMTP",
            timeout=IDLE_SECONDS,
            loop=loop,
        )
        self.house, self._refused = house, 0

    def __dir__(self) -> list[str]:
        """aiosmtpd looks for its commands among all names, twice a session: that was a fifth of a session's time."""
        return [name for name in dir(type(self)) if name.startswith("smtp_")]

    def connection_made(self, transport: Any) -> None:
        self.house.sessions.add(self)
        super().connection_made(transport)

    def connection_lost(self, error: Exception | None) -> None:
        super().connection_lost(error)
        self.house.sessions.discard(self)
        if not self.house.sessions:
            self.house.empty.set()

    async def _handle_client(self) -> None:
        if len(self.house.sessions) > MAX_CONNECTIONS:
            await self.push("421 4.3.2 Too many connections; try again later")
            self.transport.close()
            return
        await super()._handle_client()

    async def handle_exception(self, error: Exception) -> str:
        """A fault of ours: the peer keeps the mail. The log names the error, never its words."""
        logging.getLogger("mail.log").error("session failed: %s", type(error).__name__)
        return "451 4.3.0 A fault on our side; try again later"

    def refused(self) -> str:
        self._refused += 1
        if self._refused > MAX_REFUSED:
            self.loop.call_soon(self.transport.close)  # after the answer is written
            return "421 4.7.0 Too many recipients that do not exist"
        return "550 5.1.1 No such mailbox here"

    async def push(self, status: Any) -> None:
        if isinstance(status, str) and status.startswith("552 Error"):
            status = f"552 5.3.4 The message is larger than {self.house.listen.size_limit} bytes"
        await super().push(status)

    async def smtp_DATA(self, arg: str | None) -> None:  # noqa: N802 - aiosmtpd's name
        if await self.check_helo_needed():
            return
        if not self.envelope.rcpt_tos:
            await self.push("503 5.5.1 Error: need RCPT command")
            return
        if arg:
            await self.push("501 5.5.4 Syntax: DATA")
            return
        envelope = self.envelope
        await self.push("354 End data with <CR><LF>.<CR><LF>")
        self._reset_timeout(DATA_SECONDS)
        raw, answer = await self._read_mail()
        if raw is not None:
            answer = await self._take(raw, envelope)
        self.envelope = self._create_envelope()
        self._reset_timeout()
        await self.push("\r\n".join([answer] * self._answers(envelope)))

    def _answers(self, _envelope: Envelope) -> int:
        return 1

    async def _take(self, raw: bytes, envelope: Envelope) -> str:
        task = asyncio.current_task()
        assert task is not None  # noqa: S101 - we run in the session's task
        self.house.keeping.add(task)
        try:
            return await self.house.take(raw, envelope, self.session, self.protocol)
        finally:
            self.house.keeping.discard(task)

    async def _read_mail(self) -> tuple[bytes | None, str]:
        """(the mail, "") or (None, the refusal), after its final dot. Only CR LF . CR LF ends it (EL2)."""
        house, parts, size, held = self.house, bytearray(), 0, 0
        answer = ""
        try:
            while True:
                chunk, whole = await self._read_chunk()
                size += len(chunk)
                if not answer and size > house.listen.size_limit + len(_END):
                    answer = "552 Error"
                elif not answer and house.held + len(chunk) > MAX_HELD:
                    answer = BUSY
                if answer:
                    parts = parts[-2:] + chunk[-5:]  # only what tells the end is kept
                else:
                    held += len(chunk)
                    house.held += len(chunk)
                    parts += chunk
                if whole and (parts.endswith(b"\r\n.\r\n") or size == len(_END)):
                    break
        finally:
            house.held -= held
        if answer:
            return None, answer
        raw = bytes(parts[: -len(_END)])
        crlf = raw.count(b"\r\n")
        if raw.count(b"\n") != crlf or raw.count(b"\r") != crlf:
            return None, BARE  # SMTP smuggling, CVE-2024-27305
        if b"\r\n." in raw or raw.startswith(b"."):
            raw = raw.replace(b"\r\n.", b"\r\n").removeprefix(b".")  # section 4.5.2
        return raw, ""

    async def _read_chunk(self) -> tuple[bytes, bool]:
        """(bytes, whether they end with what could be the final dot)."""
        try:
            return await self._reader.readuntil(_END), True
        except asyncio.LimitOverrunError as over:
            return await self._reader.readexactly(over.consumed), False


class _LmtpSession(_Session, LMTP):
    protocol = "lmtp"

    def _answers(self, envelope: Envelope) -> int:
        return len(envelope.rcpt_tos)  # RFC 2033 section 4.2: one for each that RCPT accepted


class MailListener:
    """Started and stopped by the composition root. `bound` says where it listens: "smtp", "lmtp", "lmtp_socket"."""

    def __init__(self, listen: MailListen, keep: Keep, clock: Clock, accounts: Sequence[MailAccount]) -> None:
        self._listen, self._house = listen, House(listen, keep, clock, accounts)
        self._servers: list[asyncio.Server] = []
        self.bound: dict[str, str] = {}

    async def start(self, port: int | None = None, sock: socket.socket | None = None) -> int:
        """Listens, on a socket that is bound already if one is given; returns the port of SMTP, 0 given: any.

        OSError when the port is in use, SettingsError for LMTP's.
        """
        logging.getLogger("mail.log").setLevel(logging.ERROR)  # aiosmtpd logs addresses below that
        loop, listen = asyncio.get_running_loop(), self._listen

        def session() -> _Session:
            return _Session(self._house, loop)

        if sock is not None:
            server = await loop.create_server(session, sock=sock)
        else:
            server = await loop.create_server(session, listen.host, listen.smtp_port if port is None else port)
        self._servers.append(server)
        taken = int(server.sockets[0].getsockname()[1])
        self.bound["smtp"] = f"{listen.host}:{taken}"
        try:
            await self._start_lmtp(loop)
        except OSError as error:
            await self.stop()
            place = listen.lmtp_socket or listen.lmtp_port
            raise SettingsError(f"[mail.listen] LMTP cannot listen at {place}: {error.strerror}.") from error
        return taken

    async def _start_lmtp(self, loop: asyncio.AbstractEventLoop) -> None:
        listen = self._listen

        def session() -> _LmtpSession:
            return _LmtpSession(self._house, loop)

        if listen.lmtp_port:
            self._servers.append(await loop.create_server(session, listen.host, listen.lmtp_port))
            self.bound["lmtp"] = f"{listen.host}:{listen.lmtp_port}"
        if listen.lmtp_socket:
            _remove(listen.lmtp_socket)  # left by a daemon that was killed
            self._servers.append(await loop.create_unix_server(session, listen.lmtp_socket))
            _for_the_group(listen.lmtp_socket)
            self.bound["lmtp_socket"] = listen.lmtp_socket

    async def stop(self) -> None:
        """No new sessions; mails that are being kept get their answer; the rest is cut off, and peers try again."""
        for server in self._servers:
            server.close()
        if self._house.keeping:
            await asyncio.wait(self._house.keeping, timeout=STOP_SECONDS)
        self._house.empty.clear()
        for session in self._house.sessions:
            session.transport.close()
        if self._house.sessions:
            with suppress(TimeoutError):
                await asyncio.wait_for(self._house.empty.wait(), STOP_SECONDS)
        for session in list(self._house.sessions):
            session.transport.abort()  # a peer that does not read
        for server in self._servers:
            await server.wait_closed()
        self._servers.clear()
        if self._listen.lmtp_socket and "lmtp_socket" in self.bound:
            _remove(self._listen.lmtp_socket)
        self.bound.clear()


def _remove(path: str) -> None:
    Path(path).unlink(missing_ok=True)


def _for_the_group(path: str) -> None:
    """Whoever may write to the socket is our MTA: nobody else on the machine may."""
    Path(path).chmod(0o660)
