"""Both ways in: Telegram calls us, or we ask it. Either way an update is kept before Telegram is told (CHANNELS T1).

Nothing is asked of the numbers of updates but that they differ: after a week of silence they begin anywhere (T2).
"""

import asyncio
import hmac
import json
from typing import Any

from channels import Tools
from channels.telegram.api import CONFLICT, FLOOD, Bot
from channels.telegram.config import UPDATES, TelegramAccount
from channels.telegram.receipt import receipt_of, update_id
from channels.telegram.secret import bot_of, token_of, webhook_secret_of
from deskd.domain.errors import ChannelError, DeskError, Forged
from deskd.domain.ports import Clock, Cursor, Heard, Hooked, Keep

SECRET_HEADER = "x-telegram-bot-api-secret-token"  # noqa: S105 - the header's name
BATCH = 100  # updates of one answer, the most that Telegram gives
SLACK_SECONDS = 10.0  # that an answer may take beyond the wait that was asked for


def hook(account: TelegramAccount, tools: Tools) -> "Webhook | None":
    """None: this bot's updates are asked for."""
    token, secret = token_of(account, tools), webhook_secret_of(account, tools)
    return Webhook(account.name, bot_of(token), secret) if secret else None


def poller(account: TelegramAccount, tools: Tools) -> "Updates | None":
    """None: Telegram calls us."""
    token = token_of(account, tools)
    return None if account.webhook_secret else Updates(account, token, tools.clock)


class Webhook:
    """Whatever bears the secret is kept and answered with 200, be it an update that we understand or not (T5)."""

    def __init__(self, account: str, bot: str, secret: str) -> None:
        self._account, self._bot, self._secret = account, bot, secret.encode()

    def hear(self, request: Hooked) -> Heard:
        given = request.headers.get(SECRET_HEADER, "").encode("latin-1", "replace")
        if request.method != "POST" or request.path or not hmac.compare_digest(given, self._secret):
            raise Forged(f"A request to the bot {self._account} does not bear its webhook_secret.")
        return Heard((receipt_of(self._account, self._bot, request.body, request.at),))


class Updates:
    """getUpdates, for ever. What an answer holds is kept, then confirmed by the next question."""

    def __init__(self, account: TelegramAccount, token: str, clock: Clock) -> None:
        self._account, self._token, self._clock = account, token, clock

    async def run(self, keep: Keep, cursor: Cursor) -> None:
        """The cursor stays unused: Telegram itself knows what was confirmed, and all else may come again.

        An offset is sent until an empty answer shows that it did its work. Kept for longer it would confirm unread
        whatever comes after a week of silence under a lower number.
        """
        bot = Bot(self._account, self._token, self._account.poll_s + SLACK_SECONDS)
        offset: int | None = None
        try:
            while True:
                updates = await self._ask(bot, offset)
                if updates:
                    await keep([self._receipt(update) for update in updates])
                offset = _after(updates)
        finally:
            await bot.close()

    async def _ask(self, bot: Bot, offset: int | None) -> list[Any]:
        given = {"limit": BATCH, "timeout": self._account.poll_s, "allowed_updates": UPDATES}
        name = f"telegram-{self._account.name}"
        while True:
            try:
                found = await bot.call("getUpdates", given | ({"offset": offset} if offset is not None else {}), name)
            except ChannelError as error:
                if error.code == CONFLICT:
                    raise DeskError(
                        f"Telegram refuses the updates of the bot {self._account.name} (409): another program asks for "
                        "them, or a webhook is set. Stop it, call deleteWebhook, or set webhook_secret."
                    ) from error
                if error.code != FLOOD:
                    raise
                await asyncio.sleep(error.retry_after or 1.0)
            else:
                if not isinstance(found, list):
                    raise DeskError("Telegram's answer to getUpdates is no list of updates.")
                return found

    def _receipt(self, update: Any) -> Any:
        body = json.dumps(update, ensure_ascii=False, separators=(",", ":")).encode("utf-8", "surrogatepass")
        return receipt_of(self._account.name, bot_of(self._token), body, self._clock())


def _after(updates: list[Any]) -> int | None:
    """The offset that confirms these: of this answer alone, however high the numbers were before."""
    numbers = [number for update in updates if (number := update_id(update)) is not None]
    if updates and not numbers:
        raise DeskError("Telegram's updates bear no update_id: they are kept, and cannot be confirmed.")
    return max(numbers) + 1 if numbers else None
