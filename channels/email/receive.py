"""SMTP in: one mail a DATA, kept before it is acknowledged.

RFC 5321 with SIZE (RFC 1870) and SMTPUTF8 (RFC 6531). `250` follows the commit; while the store is away the peer is
told `451` and keeps the mail. Listens on loopback behind a real MTA, which deals with the world.
"""

import asyncio
import hashlib
import re
from collections.abc import Sequence
from typing import Any

from aiosmtpd.smtp import SMTP, Envelope, Session

from channels.email.config import MailAccount, MailListen
from deskd.domain.crash import reach
from deskd.domain.errors import StoreAway
from deskd.domain.ports import Clock, Keep, Receipt

COMMAND_TIMEOUT = 60.0  # seconds of silence after which a peer is let go
_TRACE = re.compile(  # what each hop writes above: differs when the same mail is handed over again
    rb"(?:(?:received|return-path|delivered-to|x-original-to|authentication-results|received-spf|arc-[a-z-]+|x-spam-[a-z-]+)"
    rb":[^\n]*\n(?:[ \t][^\n]*\n)*)*",
    re.IGNORECASE,
)
_FROM = re.compile(rb"^from:((?:[^\n]*\n)(?:[ \t][^\n]*\n)*)", re.IGNORECASE | re.MULTILINE)
_ADDRESS = re.compile(rb"[^\s<>@,;:\"]+@[^\s<>@,;:\"]+")
_SMUGGLED = re.compile(rb"(?<!\r)\n|\r(?!\n)")  # a bare LF or CR in DATA: SMTP smuggling (CVE-2024-27305)
HEAD_BYTES = 65_536  # of the header, scanned for the sender


def key_of(raw: bytes) -> str:
    """The content without what hops write above it: the same mail handed over twice has one key."""
    found = _TRACE.match(raw)
    return hashlib.sha256(raw[found.end() if found else 0 :]).hexdigest()


def lane_of(raw: bytes, mail_from: str) -> str:
    """The address in From by a cheap look, else the envelope's sender: what keeps order, no identity."""
    head = raw[:HEAD_BYTES]
    end = head.find(b"\r\n\r\n")
    found = _FROM.search(head if end < 0 else head[: end + 2])
    addresses = _ADDRESS.findall(found.group(1)) if found else []
    return addresses[-1].decode("utf-8", "replace").lower() if addresses else mail_from.lower()


class _Handler:
    def __init__(self, keep: Keep, clock: Clock, accounts: Sequence[MailAccount]) -> None:
        self._keep, self._clock = keep, clock
        self._names = {account.address.lower(): account.name for account in accounts}

    def account_of(self, recipient: str) -> str | None:
        """support@… and support+anything@… are ours."""
        local, _, domain = recipient.lower().rpartition("@")
        return self._names.get(f"{local.partition('+')[0]}@{domain}")

    async def handle_RCPT(  # noqa: N802 - aiosmtpd's name
        self, _server: SMTP, _session: Session, envelope: Envelope, address: str, _options: list[str]
    ) -> str:
        if self.account_of(address) is None:
            return "550 5.1.1 No such mailbox here"
        envelope.rcpt_tos.append(address)
        return "250 2.1.5 OK"

    async def handle_DATA(self, _server: SMTP, session: Session, envelope: Envelope) -> str:  # noqa: N802
        raw = envelope.original_content or b""
        if _SMUGGLED.search(raw):
            return "550 5.6.0 Bare CR or LF in the message; end every line with CRLF"
        peer = session.peer[0] if isinstance(session.peer, tuple) else ""
        mail_from, recipients = envelope.mail_from or "", list(envelope.rcpt_tos)
        said = {"mail_from": mail_from, "rcpt_to": recipients, "peer": peer, "helo": session.host_name or ""}
        accounts = {name for name in map(self.account_of, recipients) if name}
        key, lane, now = key_of(raw), lane_of(raw, mail_from), self._clock()
        receipts = [Receipt("email", name, key, lane, raw, now, said) for name in sorted(accounts)]
        reach("mail-in:before-keep")
        try:
            await self._keep(receipts)
        except StoreAway:
            return "451 4.3.0 The message can't be kept now; try again later"
        reach("mail-in:after-keep")
        return "250 2.0.0 Kept"


class MailListener:
    """Started and stopped by the composition root; `port` is the one it got."""

    def __init__(self, listen: MailListen, keep: Keep, clock: Clock, accounts: Sequence[MailAccount]) -> None:
        self._listen, self._handler = listen, _Handler(keep, clock, accounts)
        self._server: asyncio.Server | None = None

    async def start(self, port: int | None = None) -> int:
        """Listens; returns the port. Raises OSError when it is in use."""
        loop = asyncio.get_running_loop()
        wanted = self._listen.smtp_port if port is None else port
        self._server = await loop.create_server(lambda: self._session(loop), self._listen.host, wanted)
        return int(self._server.sockets[0].getsockname()[1])

    async def stop(self) -> None:
        if self._server is not None:
            self._server.close()
            await self._server.wait_closed()

    def _session(self, loop: asyncio.AbstractEventLoop) -> Any:
        return SMTP(
            self._handler,
            data_size_limit=self._listen.size_limit,
            enable_SMTPUTF8=True,
            hostname="deskd",
            ident="deskd",
            timeout=COMMAND_TIMEOUT,
            loop=loop,
        )
