"""One message out, as plain text: what is not in the words is not in the message (CHANNELS T6, T7, T9).

No part of the Bot API can be asked whether a message was taken: what may have left is ambiguous and stays so.
"""

import asyncio
import re
from collections.abc import Awaitable, Callable

from channels import Tools
from channels.telegram.api import FLOOD, Bot
from channels.telegram.config import TelegramAccount
from channels.telegram.pace import Pace
from channels.telegram.receipt import whole
from channels.telegram.secret import token_of
from deskd.domain.errors import ChannelError, Fate
from deskd.domain.ports import Outcome, Outgoing

CALL_SECONDS = 30.0  # PTB's five are too few: a message that was taken would be called lost (CHANNELS T6)
_PERSON = re.compile(r"[1-9][0-9]{0,15}")  # a private chat bears its person's id; groups have negative ones


def sender(account: TelegramAccount, tools: Tools) -> "TelegramSender":
    return TelegramSender(account, token_of(account, tools))


class TelegramSender:
    """Of one bot. Belongs to one event loop."""

    def __init__(self, account: TelegramAccount, token: str, pace: Pace | None = None) -> None:
        self._bot, self._pace = Bot(account, token, CALL_SECONDS), pace or Pace()

    async def send(self, message: Outgoing, on_wire: Callable[[], Awaitable[None]]) -> Outcome:
        """To one person. While Telegram wants silence nothing is tried: one call in each `retry_after` at the most."""
        if not _PERSON.fullmatch(message.address):
            raise ChannelError(Fate.REJECTED, "The address is no private chat on Telegram.", code="address")
        if message.files:
            raise ChannelError(Fate.REJECTED, "Telegram answers carry no files; send the words alone.", code="files")
        await self._turn(message.address)
        given = {
            "chat_id": int(message.address),
            "text": message.text,
            "link_preview_options": {"is_disabled": True},  # Telegram would fetch what we link to
        }
        try:
            result = await self._bot.call("sendMessage", given, message.delivery_id, on_wire)
        except ChannelError as error:
            if error.code == FLOOD:
                self._pace.hold(error.retry_after or 0.0, _now())
            raise
        number = whole(result.get("message_id")) if isinstance(result, dict) else None
        return Outcome(f"{message.address}:{number}" if number is not None else "", "Telegram took it.")

    async def close(self) -> None:
        await self._bot.close()

    async def _turn(self, chat: str) -> None:
        self._refuse_held()
        await asyncio.sleep(self._pace.chat(chat, _now()))
        await asyncio.sleep(self._pace.bot(_now()))
        self._refuse_held()

    def _refuse_held(self) -> None:
        if left := self._pace.held(_now()):
            note = "Telegram wants this bot to be silent for a while (429)."
            raise ChannelError(Fate.NEVER_LEFT, note, code=FLOOD, retry_after=left)


def _now() -> float:
    return asyncio.get_running_loop().time()
