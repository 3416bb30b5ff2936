"""How a call goes, how far it came when it ended, and what is said about it."""

import asyncio
import contextlib
import logging

import pytest
from fakes.http import HttpPeer, Reply
from outbound_world import NEVER, SOON, answered, client, fails, pass_time, refused, stand_in
from structlog.testing import capture_logs

from deskd.domain.errors import ChannelError, Fate, Lost
from deskd.outbound.answers import MINUTE
from deskd.outbound.client import Client
from deskd.outbound.exchange import Limits
from deskd.outbound.peers import Peer


def test_a_call_says_what_was_asked_and_brings_the_answer_back() -> None:
    async def run() -> None:
        async with HttpPeer({"/bot1:AA/send?a=%E8%BD%AC": Reply(201, [("X-Id", "7")], b"{}")}) as server:
            here = stand_in(server)
            async with client(here) as ours:
                url, headers = f"{here.origin}/bot1:AA/send?a=%E8%BD%AC", {"Authorization": "Basic eDp5"}
                answer = await ours.call("POST", url, request_id="r1", headers=headers, body=b"text=1")
        assert (answer.status, answer.headers["x-id"], answer.body) == (201, "7", b"{}")
        [heard] = server.ledger
        assert (heard.method, heard.target, heard.body) == ("POST", "/bot1:AA/send?a=%E8%BD%AC", b"text=1")
        assert heard.headers == {
            "authorization": "Basic eDp5",
            "host": here.authority,
            "user-agent": "deskd",
            "accept-encoding": "gzip",
            "x-request-id": "r1",
            "content-length": "6",
        }

    asyncio.run(run())


def test_any_status_is_an_answer() -> None:
    for status in (200, 204, 400, 404, 429, 500, 503):
        assert answered(HttpPeer({"/x": Reply(status)})).status == status


def test_the_wire_is_told_when_the_connection_stands_and_nothing_was_said() -> None:
    async def run() -> None:
        async with HttpPeer() as server, client(stand_in(server)) as ours:
            wired: list[tuple[int, int]] = []

            async def on_wire() -> None:
                await asyncio.sleep(0)
                wired.append((server.connections, len(server.ledger)))

            for n in range(2):
                url = f"http://127.0.0.1:{server.port}/{n}"
                await ours.call("POST", url, request_id="r1", body=b"x", on_wire=on_wire)
        assert wired == [(1, 0), (1, 1)]  # the second goes over the kept connection

    asyncio.run(run())


def test_a_call_that_was_overtaken_at_the_last_moment_says_nothing() -> None:
    async def overtaken() -> None:
        raise Lost("Another worker has taken this delivery over.")

    async def run() -> None:
        async with HttpPeer() as server, client(stand_in(server)) as ours:
            with pytest.raises(Lost):
                await ours.call("POST", f"http://127.0.0.1:{server.port}/", request_id="r1", on_wire=overtaken)
            assert (await ours.call("GET", f"http://127.0.0.1:{server.port}/", request_id="r2")).status == 200
        assert [heard.headers["x-request-id"] for heard in server.ledger] == ["r2"]

    asyncio.run(run())


def test_time_that_ends_before_the_first_byte_means_that_nothing_left() -> None:
    async def slow() -> None:
        await asyncio.Event().wait()

    async def run() -> None:
        async with HttpPeer() as server, client(stand_in(server), limits=Limits(call_s=SOON)) as ours:
            call = ours.call("POST", f"http://127.0.0.1:{server.port}/", request_id="r1", on_wire=slow)
            assert (await refused(call)).fate is Fate.NEVER_LEFT
        assert not server.ledger

    asyncio.run(run())


def test_nobody_listening_means_that_nothing_left_and_the_wire_is_not_told() -> None:
    async def told() -> None:
        pytest.fail("nothing went on the wire")

    async def run() -> ChannelError:
        async with client(Peer("http://127.0.0.1:1")) as ours:
            return await refused(ours.call("POST", "http://127.0.0.1:1/", request_id="r1", on_wire=told))

    error = asyncio.run(run())
    assert (error.fate, error.code, error.retry_after, error.ours) == (Fate.NEVER_LEFT, "connect", MINUTE, False)


def test_a_name_server_that_is_silent_means_that_nothing_left() -> None:
    async def silent(_host: str, _port: int) -> list[str]:
        await asyncio.Event().wait()
        return []

    async def run() -> ChannelError:
        ours = Client([Peer("https://provider.test")], resolve=silent, limits=Limits(connect_s=SOON, call_s=NEVER))
        return await refused(ours.call("POST", "https://provider.test/", request_id="r1"))

    assert asyncio.run(run()).fate is Fate.NEVER_LEFT


def test_a_dead_address_is_followed_by_the_next_one() -> None:
    async def run() -> None:
        async with HttpPeer() as server:
            here = Peer(f"http://localhost:{server.port}")
            async with client(here, names={"localhost": ["127.0.0.2", "127.0.0.1"]}) as ours:
                assert (await ours.call("GET", f"{here.origin}/", request_id="r1")).status == 200
        assert server.ledger[0].headers["host"] == here.authority

    asyncio.run(run())


BROKEN = {
    "no answer": Reply(instead="drop"),
    "an answer that is none": Reply(201, [("Transfer-Encoding", "chunked")], b"zz\r\n"),
    "half a body": Reply(201, [("Transfer-Encoding", "chunked")], b"5\r\nhal", again=1),
}
SILENT = {"silence": Reply(instead="stall"), "a body that does not end": Reply(201, body=b"1", again=1, after="stall")}


@pytest.mark.parametrize("how", BROKEN)
def test_a_connection_that_breaks_after_the_request_is_ambiguous(how: str) -> None:
    sent, asked = (fails(HttpPeer({"/x": BROKEN[how]}), method) for method in ("POST", "GET"))
    assert (sent.fate, sent.code, sent.retry_after) == (Fate.AMBIGUOUS, "lost", None)
    assert (asked.fate, asked.code, asked.retry_after) == (Fate.AMBIGUOUS, "lost", MINUTE)


@pytest.mark.parametrize("how", SILENT)
def test_silence_for_ten_seconds_after_the_request_is_ambiguous(how: str) -> None:
    async def run(method: str) -> ChannelError:
        async with HttpPeer({"/x": SILENT[how]}) as server, client(stand_in(server)) as ours:
            url = f"http://127.0.0.1:{server.port}/x"
            call = asyncio.create_task(refused(ours.call(method, url, request_id="r1")))
            await server.stalled.wait()
            pass_time(9)
            assert not (await asyncio.wait([call], timeout=0))[0]
            pass_time(1.1)
            return await call

    sent, asked = (asyncio.run(run(method)) for method in ("POST", "GET"))
    assert (sent.fate, sent.code, sent.retry_after) == (Fate.AMBIGUOUS, "timeout", None)
    assert (asked.fate, asked.code, asked.retry_after) == (Fate.AMBIGUOUS, "timeout", MINUTE)


def test_a_call_is_made_once() -> None:
    for reply in (Reply(500), Reply(instead="drop"), Reply(429), Reply(302, [("Location", "/x")])):
        server = HttpPeer({"/x": reply})
        with contextlib.suppress(ChannelError):
            answered(server)
        assert len(server.ledger) == 1


def test_calls_that_were_cut_off_leave_room_for_others() -> None:
    async def run() -> None:
        async with HttpPeer({"/stall": Reply(instead="stall")}) as server:
            here = stand_in(server)
            async with client(here, limits=Limits(connections=1)) as ours:
                for _ in range(3):
                    call = asyncio.create_task(ours.call("POST", f"{here.origin}/stall", request_id="r1"))
                    await server.stalled.wait()
                    server.stalled.clear()
                    call.cancel()
                    await asyncio.gather(call, return_exceptions=True)
                assert (await ours.call("GET", f"{here.origin}/", request_id="r2")).status == 200

    asyncio.run(run())


def test_an_answer_that_was_not_taken_leaves_room_for_others() -> None:
    async def run() -> None:
        async with HttpPeer({"/br": Reply(200, [("Content-Encoding", "br")], b"a")}) as server:
            here = stand_in(server)
            async with client(here, limits=Limits(connect_s=SOON, connections=1)) as ours:
                assert (await refused(ours.call("GET", f"{here.origin}/br", request_id="r1"))).code == "encoding"
                assert (await ours.call("GET", f"{here.origin}/", request_id="r2")).status == 200

    asyncio.run(run())


def test_a_call_that_waits_for_a_free_connection_in_vain_never_left() -> None:
    async def run() -> None:
        async with HttpPeer({"/stall": Reply(instead="stall")}) as server:
            here = stand_in(server)
            async with client(here, limits=Limits(connect_s=SOON, call_s=NEVER, connections=1)) as ours:
                busy = asyncio.Event()

                async def on_wire() -> None:
                    busy.set()

                call = ours.call("POST", f"{here.origin}/stall", request_id="r1", on_wire=on_wire)
                first = asyncio.create_task(call)
                await busy.wait()
                error = await refused(ours.call("POST", f"{here.origin}/", request_id="r2"))
                first.cancel()
                await asyncio.gather(first, return_exceptions=True)
        assert (error.fate, error.code) == (Fate.NEVER_LEFT, "connect")
        assert [heard.target for heard in server.ledger] == ["/stall"]

    asyncio.run(run())


def test_a_header_that_would_become_two_is_never_sent() -> None:
    async def run() -> None:
        async with HttpPeer() as server, client(stand_in(server)) as ours:
            call = ours.call(
                "POST", f"http://127.0.0.1:{server.port}/", request_id="r1", headers={"X-Name": "a\r\nX-Other: b"}
            )
            error = await refused(call)
        assert (error.fate, error.code) == (Fate.REJECTED, "request")
        assert not server.ledger

    asyncio.run(run())


def test_no_cookie_is_kept_and_no_proxy_is_taken_from_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    async def run() -> None:
        async with HttpPeer({"/": Reply(200, [("Set-Cookie", "a=b; Path=/")])}) as server, HttpPeer() as proxy:
            for name in ("http_proxy", "HTTP_PROXY", "https_proxy", "HTTPS_PROXY", "all_proxy", "ALL_PROXY"):
                monkeypatch.setenv(name, f"http://127.0.0.1:{proxy.port}")
            here = stand_in(server)
            async with client(here) as ours:
                for _ in range(2):
                    await ours.call("GET", f"{here.origin}/", request_id="r1")
        assert [heard.headers.get("cookie") for heard in server.ledger] == [None, None]
        assert proxy.connections == 0

    asyncio.run(run())


def test_the_log_says_who_was_called_and_never_about_what(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    secrets = ("bot77:SECRET", "q-SECRET", "basic-SECRET", "body-SECRET", "head-SECRET", "answer-SECRET")

    async def run() -> tuple[list[dict[str, object]], list[str]]:
        told = []
        async with HttpPeer(
            {"/bot77:SECRET/a?q-SECRET": Reply(201, [("X-Id", "head-SECRET")], b"answer-SECRET")}
        ) as server:
            here = stand_in(server)
            async with client(here) as ours:
                headers, body = {"Authorization": "basic-SECRET"}, b"body-SECRET"
                with capture_logs() as lines:
                    url = f"{here.origin}/bot77:SECRET/a?q-SECRET"
                    answer = await ours.call("POST", url, request_id="r1", headers=headers, body=body)
                    told.append(repr(answer))
                    unlisted = ours.call("POST", "https://other.test/bot77:SECRET", request_id="r2")
                    told.append(repr(await refused(unlisted)))
        return [dict(line) for line in lines], told

    lines, told = asyncio.run(run())
    everything = f"{lines}{told}{caplog.text}"
    assert not [secret for secret in secrets if secret in everything]
    assert [list(line) for line in lines] == [
        ["request", "method", "host", "status", "failed", "ms", "event", "log_level"]
    ] * 2
    assert [(line["host"], line["status"], line["failed"]) for line in lines] == [
        ("127.0.0.1", 201, ""),
        ("", 0, "url"),
    ]


def test_a_call_that_is_cancelled_is_in_the_log_as_well() -> None:
    async def run() -> list[str]:
        async with HttpPeer({"/": Reply(instead="stall")}) as server, client(stand_in(server)) as ours:
            with capture_logs() as lines, pytest.raises(TimeoutError):
                async with asyncio.timeout(SOON):
                    await ours.call("GET", f"http://127.0.0.1:{server.port}/", request_id="r1")
        return [line["failed"] for line in lines]

    assert asyncio.run(run()) == ["broken off"]
