"""SMTP out, to a submission server: what each of its answers means for the mail (CHANNELS EO6 to EO10).

Before the mail's bytes nothing has left. Once they are on their way, silence is ambiguous (RFC 1047): such a mail is
never tried again by itself. An answer is never ambiguous: 4xx means later, 5xx no (RFC 5321 section 4.2.1).
"""

import asyncio
import re
import ssl
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass

import aiosmtplib
from aiosmtplib.protocol import SMTPProtocol

from channels.email.answers import answered, lost, size_refused, unreachable
from channels.email.compose import compose
from channels.email.config import MailAccount, MailRelay
from channels.email.ids import thread_address
from deskd.domain.errors import ChannelError, Fate
from deskd.domain.ports import Outcome, Outgoing

IDLE_SECONDS = 30.0  # a connection that rested longer is closed: servers and firewalls drop them (EO10)
MAILS = 100  # over one connection
PROBE_SECONDS = 10.0  # for the answer to the RSET that shows whether a kept connection still lives
_QUEUED = re.compile(r"queued as ([A-Za-z0-9-]{4,64})", re.IGNORECASE)
_LINE_END = re.compile(rb"\r\n|\r|\n")
_ADDRESS = re.compile(r"[^\s<>,;:\"()@\x00-\x1f\x7f]{1,64}@[^\s<>,;:\"()@\x00-\x1f\x7f]{1,255}")


@dataclass(slots=True)
class _Line:
    """A connection to the server; `since`: when it was last used, on the loop's clock."""

    client: aiosmtplib.SMTP
    since: float
    mails: int = 0


class MailSender:
    """Belongs to one event loop. `password` is the relay's, already read from where the settings name it."""

    def __init__(
        self,
        relay: MailRelay,
        accounts: Mapping[str, MailAccount],
        password: str = "",
        tls: ssl.SSLContext | None = None,
    ) -> None:
        self._relay, self._accounts, self._password = relay, accounts, password
        self._tls = tls or (ssl.create_default_context() if relay.security != "none" else None)
        self._idle: list[_Line] = []
        self._slots = asyncio.Semaphore(relay.connections)
        self._closed = False

    async def send(self, message: Outgoing, on_wire: Callable[[], Awaitable[None]]) -> Outcome:
        """One mail to one recipient. ChannelError else; a cancelled send closes its connection."""
        account = self._accounts[message.account]
        if not _ADDRESS.fullmatch(message.address):
            raise ChannelError(Fate.REJECTED, "The address is none that mail can be sent to.", code="address")
        raw = compose(message, account)
        async with self._slots:
            line = await self._line()
            try:
                outcome = await self._transmit(line.client, message, account, raw, on_wire)
            except BaseException:
                line.client.close()  # left in the middle of a dialogue: the next answer would be another mail's
                raise
            self._rest(line)
        return outcome

    async def close(self) -> None:
        self._closed = True
        while self._idle:
            self._idle.pop().client.close()

    def _rest(self, line: _Line) -> None:
        line.mails += 1
        line.since = asyncio.get_running_loop().time()
        if line.mails >= MAILS or self._closed:
            line.client.close()
        else:
            self._idle.append(line)

    async def _line(self) -> _Line:
        loop = asyncio.get_running_loop()
        while self._idle:
            line = self._idle.pop()
            try:
                if loop.time() - line.since < IDLE_SECONDS and line.client.is_connected:
                    await line.client.rset(timeout=min(PROBE_SECONDS, self._relay.timeout_s))
                    return line
            except (aiosmtplib.SMTPException, OSError):
                pass  # the server has closed it meanwhile: another one is as good
            except BaseException:
                line.client.close()
                raise
            line.client.close()
        return _Line(await self._connect(), loop.time())

    async def _connect(self) -> aiosmtplib.SMTP:
        relay = self._relay
        client = aiosmtplib.SMTP(
            hostname=relay.host,
            port=relay.port,
            local_hostname=next(iter(self._accounts.values())).address.rpartition("@")[2],
            use_tls=relay.security == "tls",
            start_tls=relay.security == "starttls",
            tls_context=self._tls,
            timeout=relay.timeout_s,
        )
        try:
            async with asyncio.timeout(relay.timeout_s):
                await client.connect()
                await client.ehlo()
                if relay.user:
                    await client.login(relay.user, self._password)
        except (aiosmtplib.SMTPException, OSError) as error:
            client.close()
            raise unreachable(error, relay) from error
        except BaseException:
            client.close()
            raise
        return client

    async def _transmit(
        self,
        client: aiosmtplib.SMTP,
        message: Outgoing,
        account: MailAccount,
        raw: bytes,
        on_wire: Callable[[], Awaitable[None]],
    ) -> Outcome:
        limit = client.esmtp_extensions.get("size", "").strip()
        if limit.isdigit() and 0 < int(limit) < len(raw):  # RFC 1870; aiosmtplib does not look (EO9)
            raise size_refused(len(raw), int(limit))
        await self._envelope(client, message, account, len(raw))
        await on_wire()
        protocol = await self._data(client)
        try:
            # Written by hand, since aiosmtplib's data() does not say whether the bytes were on their way.
            protocol.write(dotted(raw))
            answer = await protocol.read_response(timeout=self._relay.data_timeout_s)
        except aiosmtplib.SMTPResponseException as error:  # what is no SMTP answer says nothing
            raise lost(error, Fate.AMBIGUOUS) from error
        except (aiosmtplib.SMTPException, OSError) as error:
            raise lost(error, Fate.AMBIGUOUS) from error
        if answer.code != 250:
            raise answered(answer.code, answer.message, "dot")
        queued = _QUEUED.search(answer.message)
        return Outcome(queued[1] if queued else "", f"250 {_plain(answer.message)}"[:200])

    async def _envelope(self, client: aiosmtplib.SMTP, message: Outgoing, account: MailAccount, size: int) -> None:
        """MAIL and RCPT. Bounces of a person's mail come back to its thread, those of automatic mail to nobody.

        RFC 3834 section 3.3: `<>`. The thread's address is signed, so a bounce that comes to it is one (ED2).
        """
        sender = "" if message.automatic else thread_address(account.address, message.thread_token)
        eight = [] if message.address.isascii() else ["SMTPUTF8"]
        mail = [*eight, *([f"SIZE={size}"] if client.supports_extension("size") else [])]
        rcpt: list[str] = []
        if client.supports_extension("dsn"):  # RFC 3461, EO16
            mail += ["RET=HDRS", f"ENVID={message.delivery_id}"]
            rcpt += ["NOTIFY=NEVER" if message.automatic else "NOTIFY=FAILURE,DELAY"]
        if eight and not client.supports_extension("smtputf8"):
            raise ChannelError(Fate.REJECTED, "The mail server takes no such address (SMTPUTF8).", code="address")
        charset = "utf-8" if eight else "ascii"
        step = "mail"
        try:
            await client.mail(sender, options=mail, encoding=charset)
            step = "rcpt"
            await client.rcpt(message.address, options=rcpt, encoding=charset)
        except aiosmtplib.SMTPResponseException as error:
            raise answered(error.code, error.message, step) from error
        except (aiosmtplib.SMTPException, OSError) as error:
            raise lost(error, Fate.NEVER_LEFT) from error

    async def _data(self, client: aiosmtplib.SMTP) -> SMTPProtocol:
        """DATA and its 354: until then no byte of the mail has left."""
        try:
            answer = await client.execute_command(b"DATA", timeout=self._relay.timeout_s)
        except aiosmtplib.SMTPResponseException as error:
            raise answered(error.code, error.message, "data") from error
        except (aiosmtplib.SMTPException, OSError) as error:
            raise lost(error, Fate.NEVER_LEFT) from error
        if answer.code != 354 or client.protocol is None:
            raise answered(answer.code, answer.message, "data")
        return client.protocol


def dotted(raw: bytes) -> bytes:
    """As it goes over the wire: lines end in CR LF, dots at line starts are doubled, a lone dot ends it (4.5.2)."""
    lines = _LINE_END.sub(b"\r\n", raw)
    lines = lines.replace(b"\r\n.", b"\r\n..")
    lines = b"." + lines if lines.startswith(b".") else lines
    return lines + (b"" if lines.endswith(b"\r\n") else b"\r\n") + b".\r\n"


def _plain(words: str) -> str:
    return _ADDRESS.sub("(address)", " ".join(words.split()))
