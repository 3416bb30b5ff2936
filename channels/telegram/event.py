"""What an update says, as values. Nothing here decides anything, and nothing of an update's shape is trusted."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from channels.telegram.receipt import whole

PRIVATE = "private"
WORD_LIMIT = 64  # characters of a name that the update gives to a kind


@dataclass(frozen=True, slots=True)
class Attachment:
    """A file that stays at Telegram. size: in bytes, None where it is not told."""

    kind: str
    file_id: str
    filename: str
    content_type: str
    size: int | None


@dataclass(frozen=True, slots=True)
class Contact:
    """A card that was shared. own: Telegram says that it is the sender's; nobody has proved its number."""

    name: str
    phone: str
    own: bool


@dataclass(frozen=True, slots=True)
class Event:
    """kind: what the update itself calls it, or "unknown". words: what was written; text: all that an agent reads.

    date and edited_at: seconds since 1970. status: of the bot in this chat, when that is what changed. live: a place
    that goes on moving.
    """

    kind: str
    update_id: int | None = None
    message_id: int | None = None
    sender_id: int | None = None
    sender_name: str = ""
    bot: bool = False
    via_bot: bool = False
    chat_id: int | None = None
    chat_type: str = ""
    date: int | None = None
    edited_at: int | None = None
    words: str = ""
    text: str = ""
    attachments: tuple[Attachment, ...] = ()
    contact: Contact | None = None
    media_group_id: str = ""
    forwarded: bool = False
    live: bool = False
    status: str = ""
    language_code: str = ""

    @property
    def private(self) -> bool:
        """Between one person and the bot."""
        if self.chat_id is None or self.chat_id <= 0:
            return False
        return self.chat_type == PRIVATE or (not self.chat_type and self.chat_id == self.sender_id)


def table(value: Any) -> Mapping[str, Any]:
    return value if isinstance(value, dict) else {}


def string(value: Any) -> str:
    """As a database can have it: no NUL, no half of a surrogate pair."""
    return value.encode("utf-8", "replace").decode().replace("\x00", "") if isinstance(value, str) else ""


def number(value: Any) -> str:
    """A number of any kind as words; "" for what is none."""
    return str(value) if isinstance(value, int | float) and not isinstance(value, bool) else ""


def name_of(person: Mapping[str, Any]) -> str:
    return " ".join(part for part in (string(person.get("first_name")), string(person.get("last_name"))) if part)


def phone_of(contact: Mapping[str, Any]) -> str:
    """With the + that some programs leave out (CHANNELS T13)."""
    digits = "".join(c for c in string(contact.get("phone_number")) if c.isascii() and c.isdigit())
    return f"+{digits}" if digits else ""


def contact_of(message: Mapping[str, Any], sender: int | None, *, forwarded: bool) -> Contact | None:
    given = table(message.get("contact"))
    if not given:
        return None
    own = sender is not None and whole(given.get("user_id")) == sender and not forwarded
    return Contact(name_of(given), phone_of(given), own)
