"""Only the answer to a GET leads on, only to a place that its peer declared, only once."""

import asyncio

import pytest
from fakes.http import HttpPeer, Reply
from outbound_world import NEVER, client, fails, pass_time, refused, stand_in

from deskd.domain.errors import Fate
from deskd.outbound.client import Client
from deskd.outbound.exchange import Limits
from deskd.outbound.peers import Peer


def test_one_hop_is_followed_without_anything_of_the_caller_s() -> None:
    async def run() -> None:
        async with HttpPeer() as media, HttpPeer() as server:
            there, here = stand_in(media), stand_in(server, f"http://127.0.0.1:{media.port}")
            server.replies["/m"] = Reply(302, [("Location", f"{there.origin}/file?sig=1#part")])
            media.replies["/file?sig=1"] = Reply(200, body=b"picture")
            wired: list[int] = []

            async def on_wire() -> None:
                wired.append(len(server.ledger))

            async with client(here, there) as ours:
                headers = {"Authorization": "Basic eDp5", "X-Other": "1"}
                answer = await ours.call("GET", f"{here.origin}/m", request_id="r1", headers=headers, on_wire=on_wire)
        assert (answer.body, wired) == (b"picture", [0])
        names = {"host", "user-agent", "accept-encoding", "x-request-id"}
        assert set(server.ledger[0].headers) == names | {"authorization", "x-other"}
        assert set(media.ledger[0].headers) == names

    asyncio.run(run())


@pytest.mark.parametrize("status", [300, 301, 302, 303, 304, 307, 308])
@pytest.mark.parametrize("method", ["POST", "PUT", "DELETE"])
def test_what_was_sent_is_not_sent_on(method: str, status: int) -> None:
    async def run() -> None:
        async with HttpPeer() as media, HttpPeer() as server:
            there, here = stand_in(media), stand_in(server, f"http://127.0.0.1:{media.port}")
            server.replies["/x"] = Reply(status, [("Location", f"{there.origin}/y")])
            async with client(here, there) as ours:
                error = await refused(ours.call(method, f"{here.origin}/x", request_id="r1", body=b"reply"))
        assert (error.fate, error.code) == (Fate.AMBIGUOUS, "redirect")
        assert media.connections == 0

    asyncio.run(run())


def test_a_second_hop_is_none() -> None:
    async def run() -> None:
        async with HttpPeer() as media, HttpPeer() as server:
            here = stand_in(server, f"http://127.0.0.1:{media.port}")
            there = stand_in(media, here.origin)
            server.replies["/x"] = Reply(302, [("Location", f"{there.origin}/y")])
            media.replies["/y"] = Reply(302, [("Location", f"{here.origin}/z")])
            async with client(here, there) as ours:
                error = await refused(ours.call("GET", f"{here.origin}/x", request_id="r1"))
        assert (error.fate, error.code) == (Fate.REJECTED, "redirect")
        assert [heard.target for heard in server.ledger] == ["/x"]

    asyncio.run(run())


@pytest.mark.parametrize("location", [[], [("Location", "")], [("Location", "/y")], [("Location", "y")]])
def test_a_peer_may_not_send_us_on_to_itself_unless_it_says_so(location: list[tuple[str, str]]) -> None:
    server = HttpPeer({"/x": Reply(302, location)})
    assert fails(server, "GET").code == "redirect"
    assert len(server.ledger) == 1


@pytest.mark.parametrize("address", ["127.0.0.1", "169.254.169.254", "10.0.0.1", "::1"])
def test_the_name_of_a_hop_is_judged_as_well(address: str) -> None:
    async def run() -> None:
        async with HttpPeer() as server:
            here = stand_in(server, "https://media.test")
            server.replies["/x"] = Reply(302, [("Location", "https://media.test/y")])
            async with client(here, Peer("https://media.test"), names={"media.test": [address]}) as ours:
                error = await refused(ours.call("GET", f"{here.origin}/x", request_id="r1"))
        assert (error.fate, error.code) == (Fate.NEVER_LEFT, "address")

    asyncio.run(run())


def test_a_hop_that_takes_no_connection_was_never_asked() -> None:
    async def run() -> None:
        asked = asyncio.Event()

        async def resolve(host: str, _port: int) -> list[str]:
            if host == "media.test":
                asked.set()
                await asyncio.Event().wait()
            return [host]

        async with HttpPeer({"/x": Reply(302, [("Location", "https://media.test/y")])}) as server:
            here = stand_in(server, "https://media.test")
            ours = Client([here, Peer("https://media.test")], resolve=resolve, limits=Limits(connect_s=NEVER))
            call = asyncio.create_task(refused(ours.call("GET", f"{here.origin}/x", request_id="r1")))
            await asked.wait()
            pass_time(11)
            error = await call
            await ours.close()
        assert (error.fate, error.code) == (Fate.NEVER_LEFT, "connect")

    asyncio.run(run())
