"""A client whose names lead where the test says, and what became of a call."""

import asyncio
import contextlib
import socket
from collections.abc import AsyncIterator, Awaitable, Mapping, Sequence

import pytest
from fakes.http import HttpPeer

from deskd.domain.errors import ChannelError
from deskd.outbound.answers import Answer
from deskd.outbound.client import Client
from deskd.outbound.peers import Peer, Resolve

Names = Mapping[str, Sequence[str]]
SOON = 0.1  # seconds; a limit that passes, where a slow machine makes no difference
NEVER = 10_000.0  # seconds; a limit that does not


def resolver(names: Names) -> Resolve:
    """Stand-ins on loopback are called by their addresses, and those lead to themselves."""

    async def resolve(host: str, _port: int) -> Sequence[str]:
        if host in names:
            return names[host]
        if host == "127.0.0.1":
            return [host]
        raise socket.gaierror(socket.EAI_NONAME, "no such name")

    return resolve


@contextlib.asynccontextmanager
async def client(*peers: Peer, names: Names | None = None, **given: object) -> AsyncIterator[Client]:
    made = Client(peers, resolve=resolver(names or {}), **given)  # type: ignore[arg-type]
    try:
        yield made
    finally:
        await made.close()


def pass_time(seconds: float) -> None:
    """On the running loop's clock, by which it ends what takes too long."""
    loop = asyncio.get_running_loop()
    before = loop.time
    loop.time = lambda: before() + seconds  # type: ignore[method-assign]


def stand_in(server: HttpPeer, *hops: str) -> Peer:
    return Peer(f"http://127.0.0.1:{server.port}", hops=frozenset(hops))


async def refused(call: Awaitable[Answer]) -> ChannelError:
    with pytest.raises(ChannelError) as caught:
        await call
    return caught.value


def fails(server: HttpPeer, method: str = "POST", **given: object) -> ChannelError:
    """How a call to `/x` of it ends."""

    async def run() -> ChannelError:
        async with server, client(stand_in(server), **given) as ours:  # type: ignore[arg-type]
            return await refused(ours.call(method, f"http://127.0.0.1:{server.port}/x", request_id="r1"))

    return asyncio.run(run())


def answered(server: HttpPeer, method: str = "GET") -> Answer:
    async def run() -> Answer:
        async with server, client(stand_in(server)) as ours:
            return await ours.call(method, f"http://127.0.0.1:{server.port}/x", request_id="r1")

    return asyncio.run(run())
