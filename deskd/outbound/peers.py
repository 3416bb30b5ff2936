"""Whom deskd may speak to over HTTP, and at which addresses: the wall against forged requests (ASVS 5.0 1.3.6).

A URL is compared with the list as text and its host is never read, so that no two parsers can disagree about it. A
name of the list is resolved once a call; all its addresses are judged, and the connection goes to one of those.
"""

import asyncio
import re
import socket
from collections.abc import Awaitable, Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address, ip_network
from urllib.parse import urlsplit

import httpx2

from deskd.domain.errors import SettingsError

Resolve = Callable[[str, int], Awaitable[Sequence[str]]]
"""(host, port) → its addresses as text, the best first. OSError where there are none."""

_ORIGIN = re.compile(r"https?://([a-z0-9]([a-z0-9.-]*[a-z0-9])?|\[[0-9a-f:.]+\])(:[1-9][0-9]{0,4})?")
# What a request line may hold, and no fragment: whatever else stands there was meant for another parser than ours.
_URL = re.compile(r"(https?://[A-Za-z0-9_.:\[\]-]+)([/?][!-\"$-~]{0,8000})?")


def _networks(*texts: str) -> tuple[IPv4Network | IPv6Network, ...]:
    return tuple(map(ip_network, texts))


_LOOPBACK = _networks("127.0.0.0/8", "::1/128")
_HOME = (*_LOOPBACK, *_networks("10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16", "100.64.0.0/10", "fc00::/7"))
# Never global, though interpreters differ in that by patch level: IETF protocols, 6to4 and its relays, documentation.
_SPECIAL = _networks("192.0.0.0/24", "192.88.99.0/24", "2001::/23", "2002::/16", "3fff::/20")
# IANA has given out no other IPv6 for global unicast: IPv4-mapped, NAT64 and site-local addresses lie outside.
_GLOBAL_V6 = ip_network("2000::/3")
# Where clouds hand out credentials, beside the link-local address: Azure's is a global one, AWS's a private one.
_METADATA = frozenset(map(ip_address, ("168.63.129.16", "100.100.100.200", "fd00:ec2::254")))


@dataclass(frozen=True, slots=True)
class Peer:
    """A server that may be spoken to. SettingsError when its origin is none.

    origin: as its URLs begin, `https://api.example.org` or `https://api.example.org:8443`, without a path; `http://`
    only for a stand-in on loopback. private: the settings say that it lives in a private network or on loopback.
    hops: origins of listed peers to one of which its answer to a GET may send us on, once.
    """

    origin: str
    private: bool = False
    hops: frozenset[str] = frozenset()

    def __post_init__(self) -> None:
        if not _legal(self.origin):
            raise SettingsError(
                f'"{self.origin}" is no origin: write https://host in small letters, with a port only if it is not 443.'
            )
        if not self.secure and self.host != "localhost" and not _within(self.host, _LOOPBACK):
            raise SettingsError(f'"{self.origin}" would be spoken to in clear: write https://.')

    @property
    def secure(self) -> bool:
        return self.origin.startswith("https:")

    @property
    def authority(self) -> str:
        """What the Host header says."""
        return self.origin.partition("//")[2]

    @property
    def host(self) -> str:
        return urlsplit(self.origin).hostname or ""

    @property
    def port(self) -> int:
        return urlsplit(self.origin).port or (443 if self.secure else 80)

    def admits(self, address: str) -> bool:
        """Whether a connection may go to this address of its name."""
        if not self.secure:
            return _within(address, _LOOPBACK)
        return is_global_unicast(address) or (self.private and _within(address, _HOME))


def _legal(origin: str) -> bool:
    try:
        parts = urlsplit(origin)
        if ":" in (parts.hostname or ""):
            ip_address(parts.hostname or "")
        return bool(_ORIGIN.fullmatch(origin)) and parts.port != 443
    except ValueError:  # a port beyond 65535, an IPv6 address that is none
        return False


def listed(peers: Iterable[Peer]) -> Mapping[str, Peer]:
    """By origin. SettingsError when one stands there twice, or a hop leads to one that does not."""
    found: dict[str, Peer] = {}
    for peer in peers:
        if peer.origin in found:
            raise SettingsError(f'"{peer.origin}" is listed twice.')
        found[peer.origin] = peer
    for peer in found.values():
        for missing in peer.hops - found.keys():
            raise SettingsError(f'"{peer.origin}" may send us on to "{missing}", which is not listed.')
    return found


def split(url: str) -> tuple[str, str]:
    """Its origin and what follows it, as they stand, to be looked up and sent; no origin where none can be told."""
    found = _URL.fullmatch(url)
    return (found[1], found[2] or "/") if found else ("", "")


def redirected(url: str, location: str) -> str:
    """Where a Location leads from `url`, without its fragment (RFC 9110 section 10.2.2); empty where to nowhere."""
    try:
        return str(httpx2.URL(url).join(location).copy_with(fragment=None))
    except (httpx2.InvalidURL, ValueError):  # the latter comes from urljoin, for brackets that hold no address
        return ""


def is_global_unicast(address: str) -> bool:
    ip = _ip(address)
    if ip is None or not ip.is_global or ip.is_multicast or _within(address, _SPECIAL):
        return False
    return ip.version == 4 or ip in _GLOBAL_V6


def _within(address: str, networks: Iterable[IPv4Network | IPv6Network]) -> bool:
    ip = _ip(address)
    return ip is not None and any(ip in network for network in networks)


def _ip(address: str) -> IPv4Address | IPv6Address | None:
    """None for what nobody may be connected to, be it no address, one of a certain interface, or a cloud's own."""
    try:
        ip = ip_address(address)
    except ValueError:
        return None
    return None if "%" in address or ip in _METADATA else ip


async def system_addresses(host: str, port: int) -> Sequence[str]:
    """As the system resolves it, in its order (RFC 6724)."""
    found = await asyncio.get_running_loop().getaddrinfo(host, port, type=socket.SOCK_STREAM)
    return [str(address[0]) for *_, address in found]
