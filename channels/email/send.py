"""SMTP out, to a submission server: every answer of the server has one of three meanings.

Before DATA nothing has left. Once the data is on its way, silence is ambiguous (RFC 1047): never tried again by itself.
"""

import asyncio
import ssl
from collections.abc import Awaitable, Callable

import aiosmtplib

from channels.email.compose import compose
from channels.email.config import MailAccount, MailRelay
from deskd.domain.errors import ChannelError, Fate
from deskd.domain.ports import Outcome, Outgoing

DATA_TIMEOUT = 600.0  # RFC 5321 section 4.5.3.2.6: ten minutes for the answer to the final dot
OURS = (530, 534, 535, 538, 554)  # the server refuses us, not the message
CONNECTIONS = 4  # kept to the server


class MailSender:
    def __init__(self, relay: MailRelay, accounts: dict[str, MailAccount], password: str = "") -> None:
        self._relay, self._accounts, self._password = relay, accounts, password
        self._idle: list[aiosmtplib.SMTP] = []
        self._slots = asyncio.Semaphore(CONNECTIONS)

    async def send(self, message: Outgoing, on_wire: Callable[[], Awaitable[None]]) -> Outcome:
        """Raises ChannelError. One recipient a mail, so that each has an outcome of its own."""
        account = self._accounts[message.account]
        raw = compose(message, account)
        sender = "" if message.automatic else account.address  # RFC 3834 section 3.3: no bounces for automatic mail
        async with self._slots:
            client = await self._connected()
            try:
                outcome = await self._transmit(client, sender, message.address, raw, on_wire)
            except BaseException:
                client.close()  # a connection that was left in the middle is never used again
                raise
            self._idle.append(client)
            return outcome

    async def close(self) -> None:
        while self._idle:
            self._idle.pop().close()

    async def _connected(self) -> aiosmtplib.SMTP:
        while self._idle:
            client = self._idle.pop()
            try:
                await client.rset(timeout=10)
            except (aiosmtplib.SMTPException, OSError):
                client.close()
            else:
                return client
        relay = self._relay
        client = aiosmtplib.SMTP(
            hostname=relay.host,
            port=relay.port,
            use_tls=relay.security == "tls",
            start_tls=relay.security == "starttls",
            tls_context=ssl.create_default_context() if relay.security != "none" else None,
            timeout=relay.timeout_s,
        )
        try:
            await client.connect()
            if relay.user:
                await client.login(relay.user, self._password)
        except aiosmtplib.SMTPAuthenticationError as error:
            raise _answered(error.code, error.message, wired=False) from error
        except (aiosmtplib.SMTPException, OSError) as error:
            client.close()
            note = f"The mail server {relay.host}:{relay.port} can't be reached: {type(error).__name__}."
            raise ChannelError(Fate.NEVER_LEFT, note, code="connect") from error
        return client

    async def _transmit(
        self, client: aiosmtplib.SMTP, sender: str, to: str, raw: bytes, on_wire: Callable[[], Awaitable[None]]
    ) -> Outcome:
        wired = False
        try:
            options = ["SMTPUTF8"] if not to.isascii() and client.supports_extension("smtputf8") else []
            await client.mail(sender, options=options, encoding="utf-8" if options else "ascii")
            await client.rcpt(to, encoding="utf-8" if options else "ascii")
            await on_wire()
            wired = True
            answer = await client.data(raw, timeout=DATA_TIMEOUT)
        except aiosmtplib.SMTPResponseException as error:
            raise _answered(error.code, error.message, wired=wired) from error
        except (aiosmtplib.SMTPException, OSError) as error:
            fate = Fate.AMBIGUOUS if wired else Fate.NEVER_LEFT
            raise ChannelError(fate, f"The mail server fell silent: {type(error).__name__}.", code="lost") from error
        except UnicodeError as error:
            raise ChannelError(Fate.REJECTED, "The address can't be sent to by this server.", code="address") from error
        return Outcome(str(answer.message)[:200], f"{answer.code} {answer.message}"[:200])


def _answered(code: int, words: str, *, wired: bool) -> ChannelError:
    """A reply code: the server has spoken, so nothing is ambiguous. 4xx: later; 5xx: no (RFC 5321 section 4.2.1)."""
    note = f"{code} {words}"[:300]
    ours = code in OURS and not wired
    if 400 <= code < 500 or ours:
        return ChannelError(Fate.NEVER_LEFT, note, code=str(code), ours=ours)
    if code < 400:
        return ChannelError(Fate.AMBIGUOUS, note, code=str(code))
    return ChannelError(Fate.REJECTED, note, code=str(code))
