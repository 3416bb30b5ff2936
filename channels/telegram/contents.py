"""What a message holds beside its words: files, and a line in brackets for each thing that has no words."""

from collections.abc import Callable, Iterator, Mapping
from typing import Any

from channels.telegram.event import Attachment, name_of, number, phone_of, string, table
from channels.telegram.receipt import whole

FILES = ("animation", "audio", "document", "photo", "sticker", "video", "video_note", "voice")
TYPES = {"photo": "image/jpeg", "sticker": "image/webp", "video_note": "video/mp4"}  # where Telegram tells none
LINES, LINKS = 8, 10  # of one message at the most
QUOTED = 300  # characters of what was answered to
DETAIL = 200

# What every message may have around its contents (core.telegram.org/bots/api#message).
_FRAME = frozenset(
    {
        *("from", "sender_chat", "sender_business_bot", "chat", "forward_origin", "forward_from", "forward_from_chat"),
        *("reply_to_message", "external_reply", "quote", "reply_to_story", "via_bot", "direct_messages_topic"),
        *("entities", "caption_entities", "link_preview_options", "reply_markup", "suggested_post_info"),
    }
)


def files(message: Mapping[str, Any]) -> tuple[Attachment, ...]:
    """An animation comes as a document as well, for old programs: it is one file."""
    there = [kind for kind in FILES if kind in message and not (kind == "document" and "animation" in message)]
    return tuple(_file(kind, message[kind]) for kind in there)


def _file(kind: str, value: Any) -> Attachment:
    given = _largest(value) if isinstance(value, list) else table(value)
    return Attachment(
        kind,
        string(given.get("file_id")),
        string(given.get("file_name"))[:DETAIL],
        string(given.get("mime_type")) or TYPES.get(kind, "application/octet-stream"),
        whole(given.get("file_size")),
    )


def _largest(sizes: list[Any]) -> Mapping[str, Any]:
    """A photo comes in several sizes."""
    known = [table(one) for one in sizes]
    return max(known, key=lambda one: (whole(one.get("width")) or 0, whole(one.get("file_size")) or 0), default={})


def lines(message: Mapping[str, Any], held: tuple[Attachment, ...]) -> list[str]:
    """One in brackets a file and a thing, by the name that the message gives it: a later Telegram's too (X16)."""
    told = [_of_file(file, table(message.get(file.kind))) for file in held]
    for name, value in message.items():
        if name in FILES or name in _FRAME or not isinstance(value, dict | list):
            continue
        if name == "location" and "venue" in message:
            continue
        told.append(_bracket(string(name), _DETAILS.get(name, _none)(table(value))))
    return [*told[:LINES], *(["[…]"] if len(told) > LINES else [])]


def _bracket(name: str, detail: str) -> str:
    return f"[{name[:DETAIL]} {detail[:DETAIL]}]" if detail else f"[{name[:DETAIL]}]"


def _of_file(file: Attachment, given: Mapping[str, Any]) -> str:
    size = f"{-(-file.size // 1024)} KB" if file.size else ""
    return _bracket(file.kind, ", ".join(part for part in (file.filename, string(given.get("emoji")), size) if part))


def _none(_given: Mapping[str, Any]) -> str:
    return ""


def _place(given: Mapping[str, Any]) -> str:
    return ", ".join(part for part in (number(given.get("latitude")), number(given.get("longitude"))) if part)


def _words(*names: str) -> Callable[[Mapping[str, Any]], str]:
    def told(given: Mapping[str, Any]) -> str:
        values = (string(given.get(name)) or number(given.get(name)) for name in names)
        return ", ".join(value for value in values if value)

    return told


_DETAILS: Mapping[str, Callable[[Mapping[str, Any]], str]] = {
    "contact": lambda given: ", ".join(part for part in (name_of(given), phone_of(given)) if part),
    "location": _place,
    "venue": _words("title", "address"),
    "poll": _words("question"),
    "dice": _words("emoji", "value"),
    "game": _words("title"),
    "invoice": _words("title", "currency", "total_amount"),
    "successful_payment": _words("currency", "total_amount"),
    "checklist": _words("title"),
}


def links(message: Mapping[str, Any]) -> Iterator[str]:
    """Where words lead that do not say so themselves."""
    entities = message.get("entities", message.get("caption_entities"))
    for entity in (entities if isinstance(entities, list) else [])[:LINKS]:
        if url := string(table(entity).get("url")):
            yield _bracket("link", url)


def quoted(message: Mapping[str, Any]) -> list[str]:
    """What it answers to, as mails quote."""
    before = table(message.get("reply_to_message"))
    part = string(table(message.get("quote")).get("text"))
    said = (part or string(before.get("text")) or string(before.get("caption")))[:QUOTED]
    return [f"> {line}" for line in said.splitlines()]
