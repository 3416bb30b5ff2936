"""An update as a receipt: its key, its lane. Nothing of its shape is taken for granted."""

import json
from hashlib import sha256
from typing import Any

from channels.telegram.config import NAME
from deskd.domain.ports import Micros, Receipt


def receipt_of(account: str, bot: str, body: bytes, at: Micros) -> Receipt:
    """bot: the id of the bot, under which Telegram numbers its updates; another bot begins anew (CHANNELS X3)."""
    try:
        update = json.loads(body)
    except (ValueError, RecursionError):
        update = None
    number = update_id(update)
    key = f"{bot}:{number}" if number is not None else f"raw:{sha256(body).hexdigest()}"
    return Receipt(NAME, account, key, lane_of(update), body, at)


def update_id(update: Any) -> int | None:
    return whole(update.get("update_id")) if isinstance(update, dict) else None


def lane_of(update: Any) -> str:
    """The chat of whatever the update holds, else who did it; "" where neither is told."""
    for value in update.values() if isinstance(update, dict) else ():
        if isinstance(value, dict):
            chat, who = value.get("chat"), value.get("from", value.get("user"))
            message = value.get("message")
            within = message.get("chat") if isinstance(message, dict) else None
            for one in (chat, within, who):
                number = whole(one.get("id")) if isinstance(one, dict) else None
                if number is not None:
                    return str(number)
    return ""


def whole(value: Any) -> int | None:
    """A number as Telegram has them: whole, of at most 64 bits."""
    return value if isinstance(value, int) and not isinstance(value, bool) and abs(value) < 1 << 63 else None
