"""The two secrets of a bot. What is not there turns its account off; what cannot be one stops the start."""

import re

from channels import Tools
from channels.telegram.config import TelegramAccount
from deskd.domain.errors import Off, SettingsError

_TOKEN = re.compile(r"[0-9]{3,20}:[A-Za-z0-9_-]{20,100}")
_WEBHOOK = re.compile(r"[A-Za-z0-9_-]{8,256}")  # setWebhook takes no other characters


def token_of(account: TelegramAccount, tools: Tools) -> str:
    value = tools.secret(account.token)
    if not value:
        raise Off(f"The Telegram bot {account.name} is off: {_missing('token', account.token)}.")
    if not _TOKEN.fullmatch(value):
        raise SettingsError(f"{account.token} of the Telegram bot {account.name} is no token as @BotFather gives them.")
    return value


def bot_of(token: str) -> str:
    """The id of the bot, which is no secret and stays when its token is replaced."""
    return token.partition(":")[0]


def webhook_secret_of(account: TelegramAccount, tools: Tools) -> str:
    """ "" where the account gets its updates itself."""
    if not account.webhook_secret:
        return ""
    value = tools.secret(account.webhook_secret)
    if not value:
        missing = _missing("webhook_secret", account.webhook_secret)
        raise Off(f"The Telegram bot {account.name} hears nothing: {missing}.")
    if not _WEBHOOK.fullmatch(value):
        raise SettingsError(
            f"{account.webhook_secret} of the Telegram bot {account.name} may hold 8 to 256 of A-Z a-z 0-9 _ - only."
        )
    return value


def _missing(field: str, reference: str) -> str:
    return f"the secret {reference} is not there" if reference else f"its {field} is not set"
