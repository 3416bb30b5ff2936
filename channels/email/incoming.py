"""A mail's bytes and envelope become what the desk works with: who wrote, how far that is proved, which thread."""

import re
from collections.abc import Mapping, Sequence
from ipaddress import ip_address
from typing import Any

from channels.email.config import MailListen
from channels.email.mail import Mail
from channels.email.parse import parse
from deskd.domain.ports import Address, File, Incoming, IncomingKind
from deskd.domain.words import Level

LOOP_HEADER = "X-Deskd-Loop"
TOKEN = re.compile(r"\+([0-9a-z]{8}\.[a-z][a-z2-7]{16})@", re.IGNORECASE)
MAX_REFERENCES = 30
_AUTHRES = re.compile(r"^\s*([^\s;]+)[^;]*;(.*)$", re.DOTALL)  # RFC 8601 section 2.2: authserv-id [version] ; results
_DMARC_PASS = re.compile(r"(?:^|;)\s*dmarc\s*=\s*pass\b([^;]*)", re.IGNORECASE)
_HEADER_FROM = re.compile(r"header\.from\s*=\s*\"?([^\s;\"]+)", re.IGNORECASE)
_NO_REPLY = re.compile(r"^(?:no-?reply|do-?not-?reply|mailer-daemon|postmaster|bounces?)[^@]*@", re.IGNORECASE)


def read(raw: bytes, envelope: Mapping[str, Any], own: Sequence[str], listen: MailListen) -> Incoming:
    """`own`: the desk's addresses. Total: any bytes give an Incoming, which names at least an empty sender."""
    mail = parse(raw)
    address = mail.from_.address.lower() if mail.from_ else ""
    trusted = _from_our_mta(envelope, listen)
    level, trust_why = _trust(mail, address, listen, trusted=trusted)
    kind = _kind(mail, address, own)
    reply_to = mail.reply_to[0].address.lower() if mail.reply_to else ""
    return Incoming(
        kind=kind,
        sender=Address(mail.from_.name if mail.from_ else "", address),
        subject=mail.subject,
        text=mail.text,
        reply=mail.reply or mail.text,
        level=level,
        trust_why=trust_why,
        no_ack_why=_no_ack(mail, kind, address, level, own),
        provider_id=mail.message_id or "",
        sent_at=mail.date,
        reply_to=reply_to if reply_to != address else "",
        tokens=_tokens(mail, envelope),
        references=_references(mail),
        files=tuple(
            File(a.filename or "", a.content_type, a.data, a.inline, a.content_id or "") for a in mail.attachments
        ),
        spam_why=_spam(mail) if trusted else "",
        failed=tuple((b.recipient, b.status, b.permanent) for b in mail.bounces),
        warnings=mail.warnings,
    )


def _from_our_mta(envelope: Mapping[str, Any], listen: MailListen) -> bool:
    try:
        peer = ip_address(str(envelope.get("peer", "")))
    except ValueError:
        return False
    return any(peer in network for network in listen.trusted_mta)


def _trust(mail: Mail, address: str, listen: MailListen, *, trusted: bool) -> tuple[Level, str]:
    """Proved only by dmarc=pass, aligned with the single From, in our own MTA's topmost field (CHANNELS EV1, EV2)."""
    if not address or mail.from_count != 1:
        return Level.CLAIMED, "There is not exactly one sender, so nobody is proved."
    if not trusted or not listen.authserv_id:
        return Level.CLAIMED, "The mail did not come through our own mail server, which alone checks senders."
    if mail.bare_cr:
        return Level.CLAIMED, "The header was built to deceive (a bare line break), so no result in it is believed."
    topmost = _AUTHRES.match(next(iter(mail.header("authentication-results")), ""))
    if topmost is None or topmost.group(1).lower() != listen.authserv_id.lower():
        return Level.CLAIMED, "The topmost check of the sender is not our mail server's own."
    passed = _DMARC_PASS.search(topmost.group(2))
    domain = _HEADER_FROM.search(passed.group(1)) if passed else None
    if domain and domain.group(1).lower().rstrip(".") == address.rpartition("@")[2]:
        return Level.CHANNEL, "Our mail server proved the sender's domain (DMARC)."
    return Level.CLAIMED, "Our mail server could not prove the sender's domain (no DMARC pass)."


def _kind(mail: Mail, address: str, own: Sequence[str]) -> IncomingKind:
    if mail.header(LOOP_HEADER) and address in own:
        return IncomingKind.ECHO
    if mail.is_feedback_report:
        return IncomingKind.REPORT
    if mail.is_bounce:
        return IncomingKind.BOUNCE
    return IncomingKind.AUTOMATIC if mail.is_auto_reply else IncomingKind.MESSAGE


def _no_ack(mail: Mail, kind: IncomingKind, address: str, level: Level, own: Sequence[str]) -> str:
    """The first reason why no automatic answer may go (CHANNELS EA1, EA5), or ""."""
    if kind is not IncomingKind.MESSAGE or mail.suppress_auto_answer or mail.header(LOOP_HEADER):
        return "It is automatic or asks for no automatic answer."
    if address in own or _NO_REPLY.match(address):
        return "The sender's address is one that nobody reads, or our own."
    if level is Level.CLAIMED:
        return "The sender is not proved, and an acknowledgement could reach somebody who never wrote."
    return ""


def _tokens(mail: Mail, envelope: Mapping[str, Any]) -> tuple[str, ...]:
    """From the envelope; from Delivered-To, To and Cc only where the transport gave no recipients."""
    recipients = [str(r) for r in envelope.get("rcpt_to", ())]
    if not recipients:
        recipients = [*mail.header("delivered-to"), *(a.address for a in (*mail.to, *mail.cc))]
    return tuple(found.group(1).lower() for r in recipients if (found := TOKEN.search(r)))


def _references(mail: Mail) -> tuple[str, ...]:
    newest_first = [*([mail.in_reply_to] if mail.in_reply_to else []), *reversed(mail.references)]
    return tuple(dict.fromkeys(newest_first))[:MAX_REFERENCES]


def _spam(mail: Mail) -> str:
    flags = [*mail.header("x-spam-flag"), *mail.header("x-spam-status")]
    return "Our mail server marked it as spam." if any(f.strip().lower().startswith("yes") for f in flags) else ""
