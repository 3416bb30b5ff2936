"""A mail's bytes and envelope become what the desk works with: who wrote, how far that is proved, which thread."""

import re
from collections.abc import Mapping, Sequence
from typing import Any

from channels.email import automatic
from channels.email.compose import LOOP_HEADER
from channels.email.config import MailListen
from channels.email.ids import read_message_id, read_plus
from channels.email.mail import Mail
from channels.email.parse import parse
from channels.email.trust import prove
from deskd.domain.ports import Address, File, Incoming, IncomingKind
from deskd.domain.words import Level

MAX_REFERENCES = 30
MAX_RETURNED = 65_536  # bytes of a bounce in which the returned mail's own id is looked for
_RETURNED_ID = re.compile(
    rb"^(?:message-id|in-reply-to|references)[ \t]*:\s*(<[^<>\s]{1,900}>)", re.IGNORECASE | re.MULTILINE
)
_RECIPIENT_FIELDS = ("delivered-to", "x-original-to", "envelope-to")  # CHANNELS EL3, in this order


def read(raw: bytes, envelope: Mapping[str, Any], own: Sequence[str], listen: MailListen) -> Incoming:
    """`own`: the desk's addresses, lower case. Total: any bytes give an Incoming, with an empty sender at worst."""
    null_sender = envelope.get("mail_from") == ""
    mail = parse(raw, null_sender=null_sender)
    address = mail.from_.address.lower() if mail.from_ else ""
    trust = prove(mail, envelope, listen)
    kind = _kind(mail, address, own)
    reply_to = mail.reply_to[0].address.lower() if mail.reply_to else ""
    return Incoming(
        kind=kind,
        sender=Address(mail.from_.name if mail.from_ else "", address or _claimed(envelope)),
        subject=mail.subject,
        text=mail.text,
        reply=mail.reply or mail.text,
        level=trust.level,
        trust_why=trust.why,
        no_ack_why=_no_ack(mail, kind, address, trust.level, own, null_sender=null_sender, old="old" in envelope),
        provider_id=mail.message_id or "",
        sent_at=mail.date,
        reply_to=reply_to if reply_to != address else "",
        tokens=_tokens(mail, envelope),
        references=_references(mail, raw, kind),
        files=tuple(
            File(a.filename or "", a.content_type, a.data, a.inline, a.content_id or "") for a in mail.attachments
        ),
        spam_why=_spam(mail) if trust.handed_over else "",
        failed=tuple((b.recipient, b.status, b.permanent) for b in mail.bounces),
        warnings=(*_cut(raw, envelope), *mail.warnings),
    )


def _cut(raw: bytes, envelope: Mapping[str, Any]) -> Sequence[str]:
    size = envelope.get("cut_from")
    return [f"only the first {len(raw)} of {size} bytes were fetched; the whole mail is in the mailbox"] if size else []


def _claimed(envelope: Mapping[str, Any]) -> str:
    """Where no From can be read, the envelope's sender: a claim like any other, and better than nobody."""
    said = str(envelope.get("mail_from", "")).lower()
    return said if "@" in said else ""


def _kind(mail: Mail, address: str, own: Sequence[str]) -> IncomingKind:
    if address in own and (mail.has(LOOP_HEADER) or read_message_id(mail.message_id or "")):
        return IncomingKind.ECHO
    if mail.is_feedback_report:
        return IncomingKind.REPORT
    if mail.is_bounce:
        return IncomingKind.BOUNCE
    return IncomingKind.AUTOMATIC if mail.is_auto_reply or _by_machine(mail) else IncomingKind.MESSAGE


def _by_machine(mail: Mail) -> bool:
    """Sent by a program. X-Auto-Response-Suppress does not say so: people's mail has it as well.

    A discussion list has List-Post: who writes through it is a person (EA2).
    """
    submitted = "".join(mail.header("auto-submitted")).lower()
    campaign = mail.has("list-unsubscribe") and not mail.has("list-post")
    return submitted.startswith("auto-") or campaign or mail.has(LOOP_HEADER)


def _no_ack(
    mail: Mail, kind: IncomingKind, address: str, level: Level, own: Sequence[str], *, null_sender: bool, old: bool
) -> str:
    """The first reason why no automatic answer may go (EA1, EA5), or ""."""
    reasons = (
        (kind is IncomingKind.ECHO or address in own, "It comes from one of our own addresses."),
        (kind is IncomingKind.BOUNCE, "It is a mail server's report that a mail did not arrive."),
        (kind is IncomingKind.REPORT, "It is a mail provider's report of a complaint."),
        (kind is IncomingKind.AUTOMATIC, "A program sent it."),
        (
            mail.suppress_auto_answer and automatic.is_robot(address),
            "Nobody reads what is sent to its sender's address.",
        ),
        (mail.has("list-id") or mail.has("list-post"), "It came through a mailing list."),
        (old, "It lay in the mailbox before deskd fetched from it."),
        (null_sender, "It was sent without a return address, as only programs send."),
        (mail.suppress_auto_answer, "It asks for no automatic answer."),
        (
            level is Level.CLAIMED,
            "The sender is not proved, and an acknowledgement could reach somebody who never wrote.",
        ),
    )
    return next((why for holds, why in reasons if holds), "")


def _tokens(mail: Mail, envelope: Mapping[str, Any]) -> tuple[str, ...]:
    """`code.signature` of each thread address; the header's only where the envelope has none. All are still claims."""
    found = _read_all([str(recipient) for recipient in envelope.get("rcpt_to", ())])
    if not found:
        found = _read_all([value for name in _RECIPIENT_FIELDS for value in mail.header(name)])
    if not found and any(b"+" in value or b"=?" in value for name in ("to", "cc") for value in mail.head.all(name)):
        found = _read_all([box.address for box in (*mail.to, *mail.cc)])
    return found


def _read_all(addresses: Sequence[str]) -> tuple[str, ...]:
    found = [read_plus(address) for address in addresses]
    return tuple(dict.fromkeys(f"{plus[0]}.{plus[1]}" for plus in found if plus))


def _references(mail: Mail, raw: bytes, kind: IncomingKind) -> tuple[str, ...]:
    """What it answers, newest first. A report names it in the mail that it returns (ED1)."""
    newest_first = [*([mail.in_reply_to] if mail.in_reply_to else []), *reversed(mail.references)]
    if kind in {IncomingKind.BOUNCE, IncomingKind.REPORT}:
        returned = _RETURNED_ID.findall(raw[:MAX_RETURNED])
        newest_first += [found[1:-1].decode("utf-8", "replace") for found in returned]
    own_id = mail.message_id or ""
    return tuple(found for found in dict.fromkeys(newest_first) if found != own_id)[:MAX_REFERENCES]


def _spam(mail: Mail) -> str:
    flags = [*mail.header("x-spam-flag"), *mail.header("x-spam-status")]
    return "Our mail server marked it as spam." if any(f.strip().lower().startswith("yes") for f in flags) else ""
