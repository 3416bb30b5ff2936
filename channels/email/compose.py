"""One outgoing mail as bytes: the same bytes on every try (CHANNELS EO1 to EO4, EO13)."""

import binascii
import datetime as dt
import hashlib
import re
from collections.abc import Sequence
from email.headerregistry import Address as Mailbox
from email.headerregistry import HeaderRegistry, UnstructuredHeader
from email.message import EmailMessage
from email.policy import SMTP as SMTP_POLICY
from typing import Any

from channels.email import subject
from channels.email.config import MailAccount
from channels.email.ids import thread_address
from channels.email.layout import as_html, is_chinese, wrapped
from deskd.domain.ports import File, Outgoing

LOOP_HEADER = "X-Deskd-Loop"
MAX_REFERENCES = 10  # the first and the last ones (EO4)
MAX_ID = 900  # octets of one id: a header line has at most 998
MAX_SUBJECT = 500  # characters
PLAIN_SUBJECT = 69  # characters that fit on the first line of 78 behind the field's name
WORD_OCTETS = 45  # of one encoded word: 60 characters of base 64 and 12 around them
_CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029]+")
_BODY_CONTROL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f]")
_SURROGATE = re.compile("[\ud800-\udfff]")
_ID = re.compile(r"[!-;=?-~]+")  # printable ASCII without angle brackets and spaces
_TYPE = re.compile(r"(?!multipart/|message/)[\w.+-]{1,60}/[\w.+-]{1,100}", re.ASCII)


class _Ids(UnstructuredHeader):
    """A header of message ids, folded at spaces only: as RFC 2047 words, Outlook would drop them (EO2)."""

    def fold(self, *, policy: Any) -> str:
        name: str = self.name  # type: ignore[attr-defined]  # mixed in with BaseHeader by the registry
        return f"{name}: " + f"{policy.linesep} ".join(str(self).split()) + str(policy.linesep)


class _Subject(UnstructuredHeader):
    """Encoded words of whole characters and at most 75 of them (RFC 2047 section 2): the library makes some of 76."""

    def fold(self, *, policy: Any) -> str:
        return f"Subject: {str(policy.linesep + ' ').join(encoded_words(one_line(str(self))))}{policy.linesep}"


def _policy() -> Any:
    registry = HeaderRegistry()
    registry.map_to_type("Subject", _Subject)  # type: ignore[arg-type]
    for name in ("In-Reply-To", "References", "Message-ID"):
        registry.map_to_type(name, _Ids)  # type: ignore[arg-type]  # its documented use
    return SMTP_POLICY.clone(header_factory=registry)


_POLICY = _policy()


def one_line(text: str) -> str:
    """Fit for a header: no line break, no control character, no lone surrogate (EO3)."""
    return _SURROGATE.sub("\ufffd", _CONTROL.sub(" ", text)).strip()


def encoded_words(text: str) -> list[str]:
    """The lines of a header's text: as it stands where it is short plain ASCII, else encoded words."""
    if len(text) <= PLAIN_SUBJECT and text.isascii() and "=?" not in text:
        return [text]
    pieces, piece = [], b""
    for character in text:
        octets = character.encode("utf-8")
        if len(piece) + len(octets) > WORD_OCTETS:
            pieces.append(piece)
            piece = b""
        piece += octets
    return [f"=?utf-8?b?{binascii.b2a_base64(p, newline=False).decode()}?=" for p in [*pieces, piece]]


def compose(message: Outgoing, account: MailAccount) -> bytes:
    """text/plain, then a plain text/html of the same words, then the files. `message.address` is a valid one."""
    words = _SURROGATE.sub("\ufffd", _BODY_CONTROL.sub("", message.text))
    words = words.replace("\r\n", "\n").replace("\r", "\n")
    mail = EmailMessage(policy=_POLICY if message.address.isascii() else _POLICY.clone(utf8=True))
    _headers(mail, message, account, chinese=is_chinese(words))
    coding = "quoted-printable" if _mostly_ascii(words) else "base64"
    mail.set_content(wrapped(words), charset="utf-8", cte=coding)
    mail.add_alternative(as_html(words), subtype="html", charset="utf-8", cte=coding)
    for file in message.files:
        _attach(mail, file)
    _set_boundaries(mail, message.message_id)
    return mail.as_bytes()


def _headers(mail: EmailMessage, message: Outgoing, account: MailAccount, *, chinese: bool) -> None:
    local, _, domain = account.address.rpartition("@")
    name = one_line(account.from_name_zh if chinese and account.from_name_zh else account.from_name)
    mail["From"] = Mailbox(name, local, domain)
    mail["To"] = message.address
    mail["Subject"] = _subject(message)
    sent = dt.datetime.fromtimestamp(message.created_at // 1_000_000, dt.UTC)
    mail["Date"] = sent.strftime("%a, %d %b %Y %H:%M:%S +0000")
    mail["Message-ID"] = f"<{message.message_id}>"
    mail["Reply-To"] = thread_address(account.address, message.thread_token)
    references = [reference for reference in message.references if _is_id(reference)]
    answered = message.in_reply_to if _is_id(message.in_reply_to) else ""
    if answered:
        mail["In-Reply-To"] = f"<{answered}>"
        references = [*(reference for reference in references if reference != answered), answered]
    if references:
        mail["References"] = " ".join(f"<{reference}>" for reference in _some(references))
    mail[LOOP_HEADER] = account.name
    if message.automatic:
        mail["Auto-Submitted"] = "auto-replied"  # RFC 3834 section 5
        mail["X-Auto-Response-Suppress"] = "All"


def _subject(message: Outgoing) -> str:
    said = one_line(message.subject)[:MAX_SUBJECT]
    if message.automatic or not (message.in_reply_to or message.references):
        return said
    return f"Re: {subject.bare(said)}".strip()


def _is_id(said: str) -> bool:
    """Ids are the customer's program's: one that no header can carry is left out, and the others still thread."""
    return len(said) <= MAX_ID and _ID.fullmatch(said) is not None


def _some(references: Sequence[str]) -> Sequence[str]:
    if len(references) <= MAX_REFERENCES:
        return references
    return [references[0], *references[1 - MAX_REFERENCES :]]


def _mostly_ascii(words: str) -> bool:
    return sum(map(str.isascii, words)) * 4 >= len(words) * 3


def _attach(mail: EmailMessage, file: File) -> None:
    kind = file.content_type.lower()
    main, _, sub = (kind if _TYPE.fullmatch(kind) else "application/octet-stream").partition("/")
    mail.add_attachment(file.data, maintype=main, subtype=sub, filename=one_line(file.filename) or "file")


def _set_boundaries(mail: EmailMessage, message_id: str) -> None:
    """Of the Message-ID, where the library would draw a random one."""
    seed = hashlib.sha256(message_id.encode("utf-8", "replace")).hexdigest()[:32]
    parts = [part for part in mail.walk() if part.is_multipart()]
    for n, part in enumerate(parts):
        part.set_boundary(f"=_{seed}_{n}")
