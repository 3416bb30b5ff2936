"""Who may be believed to have sent a mail: the one result that our own MTA wrote, and nothing else (RFC 8601).

CHANNELS EV1, EV2: `dmarc=pass`, aligned with the single From, in the topmost Authentication-Results, under the one
configured authserv-id, on mail that the configured MTA handed over, or that was fetched from a mailbox whose provider
the account names. All else is a claim. It is no authorisation.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from ipaddress import IPv4Address, IPv6Address, ip_address
from typing import Any

from channels.email.config import UNIX_PEER, MailListen
from channels.email.mail import Mail
from deskd.domain.words import Level

FETCHED = "imap"  # what an envelope calls the protocol by which a mail was fetched
FROM_A_MAILBOX = (
    "The mail was fetched from a mailbox, and the settings do not say whose check of senders to believe there."
)
MAX_RESULTS = 16_384  # characters of one field that are read
_BIT = re.compile(r'"(?:[^"\\]|\\.)*"|\\.|[()]|[^"\\()]+|["\\]', re.DOTALL)
_DRESSED = re.compile(r'["\\()]')
_AUTHSERV = re.compile(r"\s*([^\s;]+)(?:\s+1)?\s*")  # section 2.2: the version may follow
_DMARC = re.compile(r"\s*dmarc(?:\s*/\s*1)?\s*=\s*([a-z]+)\b(.*)", re.IGNORECASE | re.DOTALL)
_FROM = re.compile(r"\bheader\.from\s*=\s*([^\s;]+)", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Trust:
    """level and the sentence an agent reads; `handed_over`: our MTA gave it to us, so its marks may be read."""

    level: Level
    why: str
    handed_over: bool


def prove(mail: Mail, envelope: Mapping[str, Any], listen: MailListen) -> Trust:
    fetched = envelope.get("protocol") == FETCHED
    authserv_id = str(envelope.get("authserv_id", "")) if fetched else listen.authserv_id
    theirs = bool(authserv_id) if fetched else from_our_mta(envelope, listen)
    handed_over = theirs and not mail.bare_cr
    why = _why_not(mail, authserv_id if theirs else "", fetched=fetched)
    if why:
        return Trust(Level.CLAIMED, why, handed_over)
    return Trust(Level.CHANNEL, "Our mail server proved the sender's domain (DMARC).", handed_over)


def from_our_mta(envelope: Mapping[str, Any], listen: MailListen) -> bool:
    """By the address of the peer; the unix socket is the MTA's by the rights of its file."""
    said = str(envelope.get("peer", ""))
    if said == UNIX_PEER:
        return bool(listen.lmtp_socket)
    peer = _ip(said)
    return peer is not None and any(peer in network for network in listen.trusted_mta)


@lru_cache(maxsize=256)  # a handful of servers hand over all mail
def _ip(said: str) -> IPv4Address | IPv6Address | None:
    try:
        peer = ip_address(said)
    except ValueError:
        return None
    return getattr(peer, "ipv4_mapped", None) or peer


def _why_not(mail: Mail, authserv_id: str, *, fetched: bool) -> str:
    """The first reason why the sender is not proved, or "". authserv_id: whose check is believed, "" for nobody's."""
    if mail.bare_cr:
        return "The header holds a bare line break, so no result in it is believed."
    if mail.from_ is None or not mail.from_.address or mail.from_count != 1:
        return "There is not exactly one sender, so nobody is proved."
    if not authserv_id:
        return (
            FROM_A_MAILBOX if fetched else "The mail did not come from our own mail server, which alone checks senders."
        )
    fields = mail.header("authentication-results")
    if not fields:
        return "Our mail server wrote no check of the sender."
    return _why_not_passed(fields[0], authserv_id, mail.from_.address.rpartition("@")[2])


def _why_not_passed(topmost: str, ours: str, domain: str) -> str:
    authserv_id, results = read_results(topmost)
    if authserv_id != ours.lower():
        return "The topmost check of the sender is not our mail server's own."
    verdicts = [found for result in results if (found := _DMARC.fullmatch(result))]
    if len(verdicts) != 1 or verdicts[0][1].lower() != "pass":
        return "Our mail server could not prove the sender's domain (no DMARC pass)."
    aligned = _FROM.findall(verdicts[0][2])
    if len(aligned) != 1 or _domain(aligned[0]) != _domain(domain):
        return "What our mail server proved is another domain than the sender's."
    return ""


def read_results(value: str) -> tuple[str, list[str]]:
    """(authserv-id in lower case or "", the results). Comments are left out, quoted words cannot end a result.

    Senders choose what stands in comments and quotes (a MAIL FROM, a reason): both may spell `dmarc=pass`.
    """
    value = value[:MAX_RESULTS]
    head, *results = (_plain(value) if _DRESSED.search(value) else value).split(";")
    found = _AUTHSERV.fullmatch(head)
    return (found[1].lower() if found else ""), results


def _plain(value: str) -> str:
    plain: list[str] = []
    depth = 0
    for bit in _BIT.findall(value):
        if bit == "(":
            depth += 1
        elif bit == ")" and depth:
            depth -= 1
        elif not depth:
            plain.append("_" * len(bit) if bit[0] in '"\\' else bit)
    return "".join(plain)


def _domain(name: str) -> str:
    name = name.strip().rstrip(".").lower()
    if name.isascii():
        return name
    try:
        return name.encode("idna").decode("ascii")
    except UnicodeError:
        return name
