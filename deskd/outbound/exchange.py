"""One request to one peer and its answer: resolved, judged, connected, announced, sent, read within limits.

It speaks through httpx2's transport and not through its client, which would also keep cookies, follow redirects, read
proxies from the environment and log URLs. Each peer has a transport of its own: connections are made to an address,
and two peers behind one address must not share one that was verified for only one of them.
"""

import asyncio
import socket
import zlib
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass

import httpx2

from deskd.domain.errors import ChannelError
from deskd.outbound import answers
from deskd.outbound.answers import Answer
from deskd.outbound.peers import Peer, Resolve

ADDRESSES = 3  # of one name are tried at most: both families, and one to spare
_GZIP = zlib.MAX_WBITS | 16
_BEFORE_SENDING = "http11.send_request_headers.started"  # in httpx2's trace: connected, verified, nothing written


@dataclass(frozen=True, slots=True)
class Limits:
    """connect_s: seconds until a connection stands; call_s: for all of a call, a second hop included.

    body_bytes: of an answer, as it comes and unpacked; connections: at once, to one peer.
    """

    connect_s: float = 5.0
    call_s: float = 10.0
    body_bytes: int = 25 * 1024 * 1024
    connections: int = 16


@dataclass(slots=True)
class Call:
    """How far it has come. `left`: from here on the request may have arrived."""

    method: str
    request_id: str
    on_wire: Callable[[], Awaitable[None]]
    host: str = ""
    status: int = 0
    left: bool = False

    async def trace(self, event: str, _details: Mapping[str, object]) -> None:
        if event == _BEFORE_SENDING:
            await self.on_wire()
            self.left = True

    def broken(self, error: Exception) -> ChannelError:
        if self.left:
            return answers.lost(self.method, self.host, error)
        return answers.unreachable(self.host, error)


@dataclass(frozen=True, slots=True)
class Line:
    """What leads to one peer."""

    peer: Peer
    transport: httpx2.AsyncHTTPTransport
    resolve: Resolve
    limits: Limits

    async def exchange(self, call: Call, target: str, headers: Mapping[str, str], body: bytes) -> Answer:
        call.host, call.status, call.left = self.peer.host, 0, False
        response = await self._send(call, target, headers, body)
        call.status = response.status_code
        try:
            content = await self._read(call, response)
        finally:
            await response.aclose()
        return Answer(call.method, call.host, call.status, dict(response.headers), content)

    async def _send(self, call: Call, target: str, headers: Mapping[str, str], body: bytes) -> httpx2.Response:
        """To the first address that takes a connection; what went wrong on a connection is tried on no other."""
        failed = answers.unreachable(self.peer.host, socket.gaierror())
        for address in await self._addresses():
            try:
                request = self._request(call, address, target, headers, body)
                return await self.transport.handle_async_request(request)
            except (httpx2.ConnectError, httpx2.ConnectTimeout) as error:
                failed = answers.unreachable(self.peer.host, error)
                failed.__cause__ = error
                if failed.ours:
                    break
        raise failed

    async def _addresses(self) -> Sequence[str]:
        """Of the peer's name; one that it may not have spoils them all."""
        peer = self.peer
        try:
            async with asyncio.timeout(self.limits.connect_s):
                found = await self.resolve(peer.host, peer.port)
        except OSError as error:
            raise answers.unreachable(peer.host, error) from error
        if not all(peer.admits(address) for address in found):
            raise answers.not_admitted(peer.host)
        return list(dict.fromkeys(found))[:ADDRESSES]

    def _request(
        self, call: Call, address: str, target: str, headers: Mapping[str, str], body: bytes
    ) -> httpx2.Request:
        """Addressed by number, so that nothing resolves again; named in the Host header and in TLS."""
        peer = self.peer
        ours = {"Host": peer.authority, "User-Agent": "deskd", "Accept-Encoding": "gzip"}
        scheme = "https" if peer.secure else "http"
        return httpx2.Request(
            call.method,
            httpx2.URL(scheme=scheme, host=address, port=peer.port, raw_path=target.encode("ascii")),
            headers=httpx2.Headers(headers) | ours | {"X-Request-Id": call.request_id},
            content=body,
            extensions={
                "timeout": {"connect": self.limits.connect_s, "pool": self.limits.connect_s},
                "sni_hostname": peer.host,
                "trace": call.trace,
            },
        )

    async def _read(self, call: Call, response: httpx2.Response) -> bytes:
        """Unpacked, never by more than may be kept: 1 KB of gzip can hold 1 MB, and can hold gzip again."""
        packed = response.headers.get("content-encoding", "identity").strip().lower()
        if packed not in {"identity", "gzip"}:
            raise answers.unusable(
                call.method, call.host, "packs its answer in a way that we did not ask for", "encoding"
            )
        most, arrived, content = self.limits.body_bytes, 0, bytearray()
        unpack = zlib.decompressobj(_GZIP)
        try:
            async for piece in response.aiter_raw():
                arrived += len(piece)
                content += unpack.decompress(piece, most + 1 - len(content)) if packed == "gzip" else piece
                if max(arrived, len(content)) > most:
                    raise answers.unusable(call.method, call.host, f"sends more than {most} bytes", "size")
        except zlib.error as error:
            raise answers.unusable(call.method, call.host, "sends gzip that is none", "encoding") from error
        if packed == "gzip" and arrived and (not unpack.eof or unpack.unused_data):
            raise answers.unusable(call.method, call.host, "sends gzip that does not end where it should", "encoding")
        return bytes(content)
