"""One outgoing mail as bytes: the same bytes on every try."""

import datetime as dt
import re
from email.headerregistry import Address as Mailbox
from email.headerregistry import HeaderRegistry, UnstructuredHeader
from email.message import EmailMessage
from email.policy import SMTP as SMTP_POLICY
from typing import Any

from channels.email.config import MailAccount
from channels.email.incoming import LOOP_HEADER
from deskd.domain.ports import Outgoing

MAX_REFERENCES = 10
_CONTROL = re.compile(r"[\x00-\x1f\x7f\u2028\u2029]+")
_SURROGATE = re.compile("[\ud800-\udfff]")
_PREFIX = re.compile(r"^(?:\s*(?:re|aw|sv|回复|答复|回覆)\s*[:：])+", re.IGNORECASE)


class _Ids(UnstructuredHeader):
    """A header of message ids, folded at spaces only: as RFC 2047 words, Outlook would drop them (CHANNELS EO2)."""

    def fold(self, *, policy: Any) -> str:
        name: str = self.name  # type: ignore[attr-defined]  # mixed in with BaseHeader by the registry
        return f"{name}: " + f"{policy.linesep} ".join(str(self).split()) + str(policy.linesep)


def _policy() -> Any:
    registry = HeaderRegistry()
    for name in ("In-Reply-To", "References", "Message-ID"):
        registry.map_to_type(name, _Ids)  # type: ignore[arg-type]  # its documented use
    return SMTP_POLICY.clone(header_factory=registry)


_POLICY = _policy()


def one_line(text: str) -> str:
    """Fit for a header: no line break, no control character, no lone surrogate (CHANNELS EO3)."""
    return _SURROGATE.sub("\ufffd", _CONTROL.sub(" ", text)).strip()


def thread_address(account: MailAccount, token: str) -> str:
    """support@… with the signed token in its plus part: where an answer finds its ticket again."""
    local, _, domain = account.address.rpartition("@")
    return f"{local}+{token}@{domain}" if token else account.address


def compose(message: Outgoing, account: MailAccount) -> bytes:
    mail = EmailMessage(policy=_POLICY)
    local, _, domain = account.address.rpartition("@")
    mail["From"] = Mailbox(one_line(account.from_name), local, domain)
    mail["To"] = message.address
    subject = one_line(message.subject)
    mail["Subject"] = subject if message.automatic else f"Re: {_PREFIX.sub('', subject).strip()}"
    sent = dt.datetime.fromtimestamp(message.created_at / 1_000_000, dt.UTC)
    mail["Date"] = sent.strftime("%a, %d %b %Y %H:%M:%S +0000")
    mail["Message-ID"] = f"<{message.message_id}>"
    mail["Reply-To"] = thread_address(account, message.thread_token)
    if message.in_reply_to:
        mail["In-Reply-To"] = f"<{message.in_reply_to}>"
    if message.references:
        some = message.references
        if len(some) > MAX_REFERENCES:
            some = (some[0], *some[1 - MAX_REFERENCES :])
        mail["References"] = " ".join(f"<{reference}>" for reference in some)
    mail[LOOP_HEADER] = account.name
    if message.automatic:
        mail["Auto-Submitted"] = "auto-replied"
        mail["X-Auto-Response-Suppress"] = "All"
    mail.set_content(_SURROGATE.sub("\ufffd", message.text), charset="utf-8", cte="quoted-printable")
    for file in message.files:
        main, _, sub = file.content_type.partition("/")
        mail.add_attachment(
            file.data, maintype=main or "application", subtype=sub or "octet-stream", filename=one_line(file.filename)
        )
    if message.files:
        mail.set_boundary(f"deskd-{message.delivery_id}")
    return mail.as_bytes()
