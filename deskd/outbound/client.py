"""The client: who may be called, where an answer may send us on to, and the one line in the log."""

import asyncio
import logging
import ssl
from collections.abc import Awaitable, Callable, Iterable, Mapping

import httpx2
import structlog

from deskd.domain.errors import ChannelError, SettingsError
from deskd.outbound import answers
from deskd.outbound.answers import Answer
from deskd.outbound.exchange import Call, Limits, Line
from deskd.outbound.peers import Peer, Resolve, listed, redirected, split, system_addresses

IDLE_SECONDS = 5.0  # a request into a connection that its server is just closing would be ambiguous
_TLS = ssl.TLSVersion.TLSv1_2

_log = structlog.get_logger("deskd.outbound")


async def _nothing() -> None:
    pass


class Client:
    """Belongs to one event loop. `peers`: all that it may speak to; `tls`: for peers with an authority of their own.

    SettingsError when the list contradicts itself or `tls` would not verify.
    """

    def __init__(
        self,
        peers: Iterable[Peer],
        *,
        tls: ssl.SSLContext | None = None,
        resolve: Resolve = system_addresses,
        limits: Limits | None = None,
    ) -> None:
        self._limits = limits or Limits()
        tls = tls or ssl.create_default_context()
        if not tls.check_hostname or tls.minimum_version < _TLS:  # the former cannot be had without verification
            raise SettingsError("A TLS context must verify certificates and begin at TLS 1.2 to speak to others.")
        pool = httpx2.Limits(max_connections=self._limits.connections, keepalive_expiry=IDLE_SECONDS)
        self._lines = {
            origin: Line(
                peer, httpx2.AsyncHTTPTransport(verify=tls, trust_env=False, limits=pool), resolve, self._limits
            )
            for origin, peer in listed(peers).items()
        }
        logging.getLogger("httpcore2").setLevel(logging.WARNING)  # below that it logs what peers answer

    async def call(
        self,
        method: str,
        url: str,
        *,
        request_id: str,
        headers: Mapping[str, str] | None = None,
        body: bytes = b"",
        on_wire: Callable[[], Awaitable[None]] = _nothing,
    ) -> Answer:
        """The answer, whatever its status (`answers.refusal` says what that means); ChannelError when there is none.

        request_id: names the call in our log and, as X-Request-Id, in the peer's. on_wire: awaited once, when the
        connection stands and before the first byte of the request; what it raises ends the call unsent.
        """
        call = Call(method, request_id, on_wire)
        loop = asyncio.get_running_loop()
        began, failed = loop.time(), "broken off"
        try:
            answer = await self._in_time(call, url, headers or {}, body)
            failed = ""
        except ChannelError as error:
            failed = error.code
            raise
        finally:
            ms = round((loop.time() - began) * 1000)
            _log.info(
                "http", request=request_id, method=method, host=call.host, status=call.status, failed=failed, ms=ms
            )
        return answer

    async def close(self) -> None:
        for line in self._lines.values():
            await line.transport.aclose()

    async def _in_time(self, call: Call, url: str, headers: Mapping[str, str], body: bytes) -> Answer:
        try:
            async with asyncio.timeout(self._limits.call_s):
                return await self._follow(call, url, headers, body)
        except httpx2.LocalProtocolError as error:
            raise answers.malformed() from error
        except (TimeoutError, httpx2.TransportError) as error:
            raise call.broken(error) from error

    async def _follow(self, call: Call, url: str, headers: Mapping[str, str], body: bytes) -> Answer:
        """One exchange, or two where the peer may send us on. Nothing of the caller's goes to the second."""
        origin, target = split(url)
        if origin not in self._lines:
            raise answers.not_listed()
        answer = await self._lines[origin].exchange(call, target, headers, body)
        onward = self._onward(self._lines[origin].peer, url, answer)
        if onward:
            call.on_wire = _nothing
            line, target = onward
            answer = await line.exchange(call, target, {}, b"")
        if answer.status // 100 in {1, 3}:
            raise answers.unusable(call.method, call.host, "sends us on to where we do not go", "redirect")
        return answer

    def _onward(self, peer: Peer, url: str, answer: Answer) -> tuple[Line, str] | None:
        """Where an answer sends us on to, if it may; that is judged like any URL."""
        if answer.status // 100 != 3 or answer.method not in answers.SAFE:
            return None
        origin, target = split(redirected(url, answer.headers.get("location", "")))
        return (self._lines[origin], target) if origin in peer.hops else None
