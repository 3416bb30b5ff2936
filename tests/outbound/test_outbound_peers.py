"""Who may be spoken to: no way of writing a URL, no redirect and no name server leads anywhere else."""

import asyncio
from collections.abc import Iterator, Sequence

import httpx2
import pytest
from fakes.http import HttpPeer, Reply
from forged import ADDRESSES, BROKEN_URLS, GLOBAL, HOME, URLS
from hypothesis import given
from hypothesis import strategies as st
from outbound_world import client, refused, resolver, stand_in

from deskd.domain.errors import Fate, SettingsError
from deskd.outbound.client import Client
from deskd.outbound.peers import Peer, redirected, split

PROVIDER = Peer("https://provider.test", hops=frozenset({"https://media.test"}))
MEDIA = Peer("https://media.test")
NAMES = {name: ["127.0.0.1"] for name in ("provider.test", "media.test", "localhost")}


@pytest.mark.parametrize("form", [*URLS, *BROKEN_URLS])
def test_a_forged_url_reaches_nobody(form: str, dialled: list[tuple[str, int]]) -> None:
    async def run() -> None:
        async with client(PROVIDER, MEDIA, names=NAMES) as ours:
            url = (URLS | BROKEN_URLS)[form].replace("{v}", "8500")
            error = await refused(ours.call("GET", url, request_id="r1"))
        assert (error.fate, error.code, error.retry_after) == (Fate.REJECTED, "url", None)

    asyncio.run(run())
    assert not dialled


def test_a_redirect_to_a_forged_url_reaches_nobody() -> None:
    async def run() -> None:
        async with HttpPeer() as first, HttpPeer() as victim:
            here = stand_in(first, "https://media.test")
            async with client(here, MEDIA, names=NAMES) as ours:
                for form, url in URLS.items():
                    first.replies["/x"] = Reply(302, [("Location", url.replace("{v}", str(victim.port)))])
                    error = await refused(ours.call("GET", f"{here.origin}/x", request_id="r1"))
                    assert (error.fate, error.code) == (Fate.REJECTED, "redirect"), form
        assert len(first.ledger) == len(URLS)
        assert victim.connections == 0

    asyncio.run(run())


@given(st.sampled_from([*URLS.values(), MEDIA.origin]), st.text(max_size=12), st.integers(0, 40))
def test_whatever_a_location_says_it_is_a_listed_place_or_none(form: str, text: str, at: int) -> None:
    origin, target = split(redirected("https://provider.test/x", form[:at] + text + form[at:]))
    if origin == MEDIA.origin:
        sent = httpx2.URL(scheme="https", host="8.8.8.8", port=443, raw_path=target.encode("ascii"))
        assert (sent.host, sent.port, sent.userinfo, sent.fragment) == ("8.8.8.8", None, b"", "")


def test_the_lists_are_as_long_as_was_asked() -> None:
    assert len(URLS) + len(BROKEN_URLS) >= 60
    assert len(set(URLS.values())) == len(URLS)


@pytest.mark.parametrize("address", ADDRESSES)
def test_a_name_that_leads_inside_is_not_called(address: str, dialled: list[tuple[str, int]]) -> None:
    async def run() -> None:
        for found in ([address], [*GLOBAL, address], [address, *GLOBAL]):
            async with client(MEDIA, names={"media.test": found}) as ours:
                error = await refused(ours.call("GET", "https://media.test/", request_id="r1"))
            assert (error.fate, error.code, error.ours) == (Fate.NEVER_LEFT, "address", True)

    asyncio.run(run())
    assert not dialled


@pytest.mark.parametrize("address", GLOBAL)
def test_the_connection_goes_to_the_address_that_was_judged(address: str, dialled: list[tuple[str, int]]) -> None:
    async def run() -> None:
        async with client(MEDIA, names={"media.test": [address]}) as ours:
            assert (await refused(ours.call("GET", "https://media.test/", request_id="r1"))).code == "connect"

    asyncio.run(run())
    assert dialled == [(address, 443)]


def test_a_name_that_changes_between_two_looks_is_looked_at_once(dialled: list[tuple[str, int]]) -> None:
    async def run(answers: Iterator[list[str]]) -> None:
        async def rebinding(_host: str, _port: int) -> Sequence[str]:
            return next(answers)

        ours = Client([MEDIA], resolve=rebinding)
        first = await refused(ours.call("GET", "https://media.test/", request_id="r1"))
        assert dialled == [("8.8.8.8", 443)]
        second = await refused(ours.call("GET", "https://media.test/", request_id="r2"))
        assert (first.code, second.code) == ("connect", "address")
        await ours.close()

    asyncio.run(run(iter((["8.8.8.8"], ["127.0.0.1"]))))
    assert dialled == [("8.8.8.8", 443)]


def test_of_many_addresses_three_are_tried(dialled: list[tuple[str, int]]) -> None:
    async def run() -> None:
        async with client(MEDIA, names={"media.test": [f"8.8.8.{n}" for n in (8, 8, 1, 2, 3)]}) as ours:
            await refused(ours.call("GET", "https://media.test/", request_id="r1"))

    asyncio.run(run())
    assert [host for host, _ in dialled] == ["8.8.8.8", "8.8.8.1", "8.8.8.2"]


@pytest.mark.parametrize("address", HOME)
def test_a_peer_that_the_settings_call_private_may_be_at_home(address: str) -> None:
    assert Peer("https://platform.test", private=True).admits(address)
    assert Peer("https://platform.test", private=True).admits("8.8.8.8")


def test_a_private_peer_is_in_no_place_that_belongs_to_a_cloud_or_to_nobody() -> None:
    private = Peer("https://platform.test", private=True)
    assert [address for address in ADDRESSES if private.admits(address) and address not in HOME] == [
        "127.255.255.254",
        "172.16.0.1",
        "100.127.255.254",
    ]


def test_a_stand_in_in_clear_is_on_loopback_and_nowhere_else() -> None:
    here = Peer("http://localhost:8081", private=True)
    assert here.admits("127.0.0.1")
    assert here.admits("::1")
    assert not any(here.admits(address) for address in ("10.1.2.3", "8.8.8.8", "fd12::1", "::ffff:127.0.0.1"))


@pytest.mark.parametrize(
    ("origin", "host", "port", "authority"),
    [
        ("https://api.provider.test", "api.provider.test", 443, "api.provider.test"),
        ("https://provider.test:8443", "provider.test", 8443, "provider.test:8443"),
        ("http://127.0.0.1:8081", "127.0.0.1", 8081, "127.0.0.1:8081"),
        ("http://[::1]:8081", "::1", 8081, "[::1]:8081"),
        ("http://localhost", "localhost", 80, "localhost"),
    ],
)
def test_an_origin_says_where_to_connect_to(origin: str, host: str, port: int, authority: str) -> None:
    peer = Peer(origin)
    assert (peer.host, peer.port, peer.authority) == (host, port, authority)


@pytest.mark.parametrize(
    "origin",
    [
        *("https://provider.test/", "https://provider.test/v1", "https://Provider.test", "https://provider.test."),
        *(
            "https://u@provider.test",
            "https://provider.test:443",
            "https://provider.test:0",
            "https://",
            "provider.test",
        ),
        *(
            "http://provider.test",
            "http://10.0.0.1",
            "http://0.0.0.0",
            "ftp://provider.test",
            "https://*.provider.test",
        ),
        *("https://provider.test?x", "https://provider.test:99999", "http://127.1", "https://[::1", "https://[:::]"),
    ],
)
def test_what_is_no_origin_stops_the_start_with_a_sentence(origin: str) -> None:
    with pytest.raises(SettingsError, match="https://"):
        Peer(origin)


def test_a_list_that_contradicts_itself_stops_the_start() -> None:
    with pytest.raises(SettingsError, match="twice"):
        Client([MEDIA, MEDIA])
    with pytest.raises(SettingsError, match="not listed"):
        Client([PROVIDER])


def test_the_system_resolves_an_address_to_itself() -> None:
    async def run() -> None:
        async with HttpPeer() as server:
            ours = Client([stand_in(server)])
            answer = await ours.call("GET", f"http://127.0.0.1:{server.port}/", request_id="r1")
            assert answer.status == 200
            await ours.close()

    asyncio.run(run())


def test_a_name_that_nobody_knows_means_that_nothing_left() -> None:
    async def run() -> None:
        ours = Client([MEDIA], resolve=resolver({}))
        error = await refused(ours.call("POST", "https://media.test/", request_id="r1"))
        assert (error.fate, error.code, error.retry_after) == (Fate.NEVER_LEFT, "name", 60.0)
        await ours.close()

    asyncio.run(run())
