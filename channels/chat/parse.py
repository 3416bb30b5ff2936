"""A chat's receipt read into a message. The receipt is JSON that deskd wrote itself: {"id": …, "text": …}.

Total: a receipt that cannot be read as such JSON gives a message with the bytes as text and a warning.
"""

import json
from collections.abc import Mapping
from typing import Any

from deskd.domain.ports import Address, Incoming, IncomingKind
from deskd.domain.words import Level

TRUST = "Whoever writes in this chat has the browser in which it began; nothing else is proved."


def read(raw: bytes, envelope: Mapping[str, Any], account: str) -> Incoming:
    """What the customer wrote. envelope: `session`, the digest of the browser's token, which is the address."""
    text, key, warnings = _opened(raw)
    found = envelope.get("found", ())
    if isinstance(found, list) and found:
        warnings.append(f"Removed before anything was kept: {', '.join(map(str, found))}.")
    return Incoming(
        kind=IncomingKind.MESSAGE,
        sender=Address("", str(envelope.get("session", ""))),
        subject="",
        text=text,
        reply=text,
        level=Level.CLAIMED,
        trust_why=TRUST,
        no_ack_why="",
        provider_id=key,
        warnings=tuple(warnings),
    )


def _opened(raw: bytes) -> tuple[str, str, list[str]]:
    """(text, the client's id, warnings)."""
    try:
        given = json.loads(raw)
    except (ValueError, RecursionError):
        given = None
    if isinstance(given, dict) and isinstance(given.get("text"), str):
        return given["text"], str(given.get("id", "")), []
    return raw.decode("utf-8", "replace"), "", ["The receipt is not the JSON that a chat writes."]
