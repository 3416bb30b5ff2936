"""An update read into an event, and the event into what the desk works with. Total: any bytes give a message.

Only what one person says to the bot in private is a message. Groups and channels open no tickets; what nobody said (a
button, a blocked bot, a first /start) is a notice, shown where a conversation is under way.
"""

import json
import re
from collections.abc import Mapping
from typing import Any

from channels.telegram import contents
from channels.telegram.event import WORD_LIMIT, Event, contact_of, name_of, string, table
from channels.telegram.receipt import update_id, whole
from deskd.domain.ports import SECOND, Address, Incoming, IncomingKind
from deskd.domain.words import Language, Level

TRUST = "Telegram says that this Telegram account wrote it; whose account with us that is, it does not show."
BY_PROGRAM = "A program sent it."
BY_BOT = "It was written by means of another bot."
NOBODY = "Telegram's update does not say who wrote."
UNREAD = "Telegram's update could not be read; what came stands in the text."
FILES = "Its files are still with Telegram and have not been fetched."
OWN_CARD = "The shared number is the sender's own by Telegram's word; nobody has checked it."
OTHER_CARD = "The shared number is another person's card."
NO_SIM = "A number that begins with +888 is sold by Telegram and is no telephone."
SAYINGS = (TRUST, BY_PROGRAM, BY_BOT, NOBODY, UNREAD, FILES, OWN_CARD, OTHER_CARD, NO_SIM)

SAID = ("message", "edited_message")
_POSTS = (*SAID, "channel_post", "edited_channel_post", "business_message", "edited_business_message")
_NOTICED = ("callback_query", "my_chat_member")
_START = re.compile(r"/start(?:@\w+)?(?: [A-Za-z0-9_-]{1,64})?")  # a link's payload proves nothing
_LATEST = 1 << 40  # seconds; what is said to be later is no time


def parse(update: Any) -> Event:
    given = table(update)
    kind, value = _kind(given)
    if kind in _POSTS:
        return _post(kind, value, update_id(update))
    message, who = table(value.get("message")), table(value.get("from", value.get("user")))
    chat = table(value.get("chat", message.get("chat")))
    words = string(value.get("data", value.get("query")))
    status = string(table(value.get("new_chat_member")).get("status"))[:WORD_LIMIT]
    detail = words or status
    return Event(
        kind,
        update_id(update),
        whole(message.get("message_id")),
        whole(who.get("id")),
        name_of(who),
        bot=who.get("is_bot") is True,
        chat_id=whole(chat.get("id")),
        chat_type=string(chat.get("type")),
        date=whole(value.get("date")),
        words=words,
        text=f"[{kind} {detail}]" if detail else f"[{kind}]",
        status=status,
        language_code=string(who.get("language_code")),
    )


def _kind(given: Mapping[str, Any]) -> tuple[str, Mapping[str, Any]]:
    """The one field beside the update's number, whatever a later Telegram calls it."""
    others = [name for name in given if name != "update_id"]
    known = next((name for name in (*_POSTS, *_NOTICED) if isinstance(given.get(name), dict)), None)
    if known is None and len(others) == 1 and isinstance(given[others[0]], dict):
        return string(others[0])[:WORD_LIMIT] or "unknown", given[others[0]]
    return (known, given[known]) if known else ("unknown", {})


def _post(kind: str, message: Mapping[str, Any], number: int | None) -> Event:
    who, chat = table(message.get("from")), table(message.get("chat"))
    sender = whole(who.get("id"))
    words, held = string(message.get("text")) or string(message.get("caption")), contents.files(message)
    forwarded = any(name.startswith("forward_") for name in message)
    marks = [mark for mark, holds in (("[edited]", kind.startswith("edited")), ("[forwarded]", forwarded)) if holds]
    parts = [*marks, words, *contents.lines(message, held), *contents.links(message), *contents.quoted(message)]
    return Event(
        kind,
        number,
        whole(message.get("message_id")),
        sender,
        name_of(who),
        bot=who.get("is_bot") is True,
        via_bot="via_bot" in message,
        chat_id=whole(chat.get("id")),
        chat_type=string(chat.get("type")),
        date=whole(message.get("date")),
        edited_at=whole(message.get("edit_date")),
        words=words,
        text="\n".join(part for part in parts if part),
        attachments=held,
        contact=contact_of(message, sender, forwarded=forwarded),
        media_group_id=string(message.get("media_group_id")),
        forwarded=forwarded,
        live="live_period" in table(message.get("location")),
        language_code=string(who.get("language_code")),
    )


def read(raw: bytes, envelope: Mapping[str, Any], account: str) -> Incoming:
    """What one update is to the desk. An edit is a further message that says so: what it replaced was read before."""
    try:
        event = parse(json.loads(raw))
    except (ValueError, RecursionError):
        return _unread(raw)
    if event.kind in SAID and event.chat_id is None:
        return _unread(raw)
    kind = _weight(event)
    at = event.edited_at or event.date
    return Incoming(
        kind=kind,
        sender=Address(event.sender_name, _address(event)),
        subject="",
        text=event.text,
        reply=event.words,
        level=Level.CHANNEL,
        trust_why=TRUST,
        no_ack_why=_why_no_ack(event, kind),
        provider_id=f"{event.chat_id}:{event.message_id}" if event.message_id is not None else "",
        sent_at=at * SECOND if at and 0 < at < _LATEST else None,
        fields={"phone": event.contact.phone} if event.contact and event.contact.phone else {},
        warnings=tuple(_warnings(event)),
        language=_language(event),
    )


def _unread(raw: bytes) -> Incoming:
    text = string(raw.decode("utf-8", "replace"))
    return Incoming(
        IncomingKind.MESSAGE, Address("", ""), "", text, text, Level.CLAIMED, NOBODY, NOBODY, warnings=(UNREAD,)
    )


def _weight(event: Event) -> IncomingKind:
    if event.kind not in SAID or not event.private or _START.fullmatch(event.words):
        return IncomingKind.NOTICE
    if event.live and event.kind == "edited_message":  # it moved on: seen every few seconds for hours
        return IncomingKind.NOTICE
    return IncomingKind.AUTOMATIC if event.bot else IncomingKind.MESSAGE


def _address(event: Event) -> str:
    """Where an answer goes. "" for what is in nobody's conversation with us."""
    moving = event.live and event.kind == "edited_message"
    shown = event.kind in (*SAID, *_NOTICED) and event.private and not moving
    return str(event.chat_id) if shown else ""


def _why_no_ack(event: Event, kind: IncomingKind) -> str:
    """Bots answer bots for ever (CHANNELS T18)."""
    if kind is not IncomingKind.MESSAGE:
        return BY_PROGRAM
    return BY_BOT if event.via_bot else ""


def _warnings(event: Event) -> list[str]:
    """Nothing that we sent asked for a card, so none proves its number, its sender's own included (CHANNELS T13)."""
    told = [FILES] if event.attachments else []
    if event.contact is not None:
        told.append(OWN_CARD if event.contact.own else OTHER_CARD)
        told += [NO_SIM] if event.contact.phone.startswith("+888") else []
    return told


def _language(event: Event) -> str:
    """That of the sender's program, where no word of theirs tells."""
    code = event.language_code.lower().replace("_", "-")
    if event.words or not code:
        return ""
    if not code.startswith("zh"):
        return Language.EN
    traditional = any(part in {"hant", "tw", "hk", "mo"} for part in code.split("-"))
    return Language.ZH_HANT if traditional else Language.ZH_HANS


def to_json(event: Event) -> dict[str, Any]:
    """The `event` of `deskd inspect telegram` (DESIGN 7)."""
    contact = event.contact
    return {
        "kind": event.kind,
        "update_id": event.update_id,
        "message_id": event.message_id,
        "sender_id": event.sender_id,
        "sender_name": event.sender_name,
        "is_bot": event.bot,
        "chat_id": event.chat_id,
        "chat_type": event.chat_type,
        "private": event.private,
        "date": event.date,
        "edited_at": event.edited_at,
        "words": event.words,
        "text": event.text,
        "attachments": [
            {
                "kind": one.kind,
                "file_id": one.file_id,
                "filename": one.filename,
                "content_type": one.content_type,
                "size": one.size,
            }
            for one in event.attachments
        ],
        "contact": {"name": contact.name, "phone": contact.phone, "own": contact.own} if contact else None,
        "media_group_id": event.media_group_id,
        "forwarded": event.forwarded,
        "status": event.status,
        "language_code": event.language_code,
    }
