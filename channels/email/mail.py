"""The values that reading a mail gives. Nothing here does any work but hashing on demand."""

import hashlib
from dataclasses import dataclass

from channels.email.addresses import Address, mailboxes
from channels.email.headers import Header, unfold


@dataclass(frozen=True, slots=True)
class Attachment:
    """A part that is not the body. `filename` is fit to show (no path, no control character), never to store under."""

    filename: str | None
    content_type: str
    inline: bool
    content_id: str | None
    data: bytes

    @property
    def size(self) -> int:
        """Bytes after transfer decoding."""
        return len(self.data)

    @property
    def sha256(self) -> str:
        """Hexadecimal, computed at each call: reading a mail must not pay for it."""
        return hashlib.sha256(self.data).hexdigest()

    @property
    def md5(self) -> str:
        """Hexadecimal, a fingerprint to compare with other tools and nothing else."""
        return hashlib.md5(self.data, usedforsecurity=False).hexdigest()


@dataclass(frozen=True, slots=True)
class Bounce:
    """One recipient that a delivery report speaks of. `status` is an RFC 3463 code such as "5.1.1", or ""."""

    recipient: str
    status: str
    reason: str
    permanent: bool


@dataclass(frozen=True, slots=True)
class Reply:
    """What the sender wrote, what they quoted, and what their program signed; all plain text."""

    reply: str
    quoted: str
    signature: str


@dataclass(slots=True)  # not frozen: with so many fields that took a twentieth of the time of reading a mail
class Mail:
    """One mail, read. Every text is free of surrogates, NUL and, in headers, of line breaks.

    `from_count` counts mailboxes over all From fields, and fields where there are more of those: anything but 1 means
    that there is no single sender to verify. Message ids stand without their angle brackets. `date` is what the
    sender claims, in microseconds UTC, for show only: clocks start at the time of receipt. `date_offset` is its zone
    in minutes. `bare_cr` says that the header block held a bare CR or a NUL: no Authentication-Results of this mail
    may be believed.
    """

    from_: Address | None
    from_count: int
    reply_to: tuple[Address, ...]
    subject: str
    message_id: str | None
    in_reply_to: str | None
    references: tuple[str, ...]
    date: int | None
    date_offset: int
    plain: str | None
    html: str | None
    text: str
    reply: str
    quoted: str
    signature: str
    attachments: tuple[Attachment, ...]
    is_bounce: bool
    bounces: tuple[Bounce, ...]
    is_auto_reply: bool
    suppress_auto_answer: bool
    is_feedback_report: bool
    warnings: tuple[str, ...]
    bare_cr: bool
    head: Header

    @property
    def to(self) -> tuple[Address, ...]:
        """Read at each call: threading asks for it only where the envelope says nothing."""
        return mailboxes(self.head.all("to"))

    @property
    def cc(self) -> tuple[Address, ...]:
        """Read at each call, like `to`."""
        return mailboxes(self.head.all("cc"))

    def header(self, name: str) -> list[str]:
        """Unfolded values of a field as written (encoded words left alone), topmost first; [] when it is absent."""
        return [unfold(value) for value in self.head.all(name.lower())]

    def has(self, name: str) -> bool:
        """The field is there, be it empty."""
        return name.lower() in self.head.fields
