"""Nobody is spoken to who can't prove the name that was asked for."""

import asyncio
import ssl
from datetime import timedelta

import pytest
from fakes.certificates import Authority
from fakes.http import HttpPeer
from outbound_world import SOON, client, refused

from deskd.domain.errors import ChannelError, Fate, SettingsError
from deskd.outbound.client import Client
from deskd.outbound.exchange import Limits
from deskd.outbound.peers import Peer

NAMES = {"provider.test": ["127.0.0.1"], "other.test": ["127.0.0.1"]}


def _private(server: HttpPeer, host: str = "provider.test") -> Peer:
    return Peer(f"https://{host}:{server.port}", private=True)


def _outcome(server: HttpPeer, tls: ssl.SSLContext | None, **limits: float) -> ChannelError | int:
    async def run() -> ChannelError | int:
        async with server:
            here = _private(server)
            async with client(here, names=NAMES, tls=tls, limits=Limits(**limits)) as ours:  # type: ignore[arg-type]
                try:
                    return (await ours.call("POST", f"{here.origin}/", request_id="r1")).status
                except ChannelError as error:
                    return error

    return asyncio.run(run())


def test_a_peer_is_called_by_address_and_proves_its_name(authority: Authority) -> None:
    server = HttpPeer(tls=authority.server("provider.test"))
    assert _outcome(server, authority.trusted()) == 200
    assert server.named == ["provider.test"]
    assert server.ledger[0].headers["host"] == f"provider.test:{server.port}"


@pytest.mark.parametrize("fault", ["another name", "its address only", "self-signed", "expired", "unknown authority"])
def test_a_certificate_that_is_not_right_hears_nothing(fault: str, authority: Authority) -> None:
    contexts = {
        "another name": lambda: authority.server("other.test", "sub.provider.test"),
        "its address only": lambda: authority.server("127.0.0.1"),
        "self-signed": lambda: authority.nobody("provider.test"),
        "expired": lambda: authority.server("provider.test", lasts=timedelta(days=90)),
        "unknown authority": lambda: authority.server("provider.test"),
    }
    server = HttpPeer(tls=contexts[fault]())
    trusted = None if fault == "unknown authority" else authority.trusted()  # None: the system's authorities
    error = _outcome(server, trusted)
    assert isinstance(error, ChannelError)
    assert (error.fate, error.code, error.ours) == (Fate.NEVER_LEFT, "tls", True)
    assert "provider.test" in str(error)
    assert not server.ledger


def test_where_a_certificate_is_not_right_no_other_address_is_tried(authority: Authority) -> None:
    async def run() -> ChannelError:
        async with HttpPeer(tls=authority.server("other.test")) as server:
            names = {"provider.test": ["127.0.0.1", "127.0.0.2"]}
            async with client(_private(server), names=names, tls=authority.trusted()) as ours:
                return await refused(ours.call("POST", f"{_private(server).origin}/", request_id="r1"))

    assert asyncio.run(run()).code == "tls"


def test_a_server_without_tls_hears_nothing(authority: Authority) -> None:
    server = HttpPeer()
    error = _outcome(server, authority.trusted(), connect_s=SOON)
    assert isinstance(error, ChannelError)
    assert error.fate is Fate.NEVER_LEFT
    assert not server.ledger


def test_two_peers_behind_one_address_share_no_connection(authority: Authority) -> None:
    async def run() -> HttpPeer:
        async with HttpPeer(tls=authority.server("provider.test", "other.test")) as server:
            first, second = _private(server), _private(server, "other.test")
            async with client(first, second, names=NAMES, tls=authority.trusted()) as ours:
                for peer in (first, second, first):
                    await ours.call("GET", f"{peer.origin}/", request_id="r1")
        return server

    server = asyncio.run(run())
    assert server.named == ["provider.test", "other.test"]
    assert [heard.headers["host"].partition(":")[0] for heard in server.ledger] == [
        "provider.test",
        "other.test",
        "provider.test",
    ]


def test_a_context_that_does_not_verify_stops_the_start() -> None:
    blind = ssl.create_default_context()
    blind.check_hostname = False
    with pytest.raises(SettingsError, match="must verify"):
        Client([], tls=blind)
    blind.verify_mode = ssl.CERT_NONE
    with pytest.raises(SettingsError, match="must verify"):
        Client([], tls=blind)


def test_a_context_that_speaks_tls_older_than_1_2_stops_the_start() -> None:
    old = ssl.create_default_context()
    old.minimum_version = ssl.TLSVersion.MINIMUM_SUPPORTED
    with pytest.raises(SettingsError, match=r"TLS 1\.2"):
        Client([], tls=old)
