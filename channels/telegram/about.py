"""How a bot gets its updates, and what is to be done at Telegram, for `deskd doctor`. Nothing is asked of Telegram."""

import json

from channels import Tools
from channels.telegram.config import NAME, UPDATES, TelegramAccount


def about(account: TelegramAccount, tools: Tools) -> tuple[str, str]:
    """(what it does, what to do); the latter "" for nothing."""
    if not account.webhook_secret:
        return f"asks {account.api_url} for updates", ""
    if not tools.public_url:
        return "waits for Telegram to call", "Set [web] public_url: Telegram must reach us by https."
    url = f"{tools.public_url.rstrip('/')}/hooks/{NAME}/{account.name}"
    asked = json.dumps(UPDATES, separators=(",", ":"))
    do = f"Once, and after each change: setWebhook with this url, secret_token (what {account.webhook_secret} holds)"
    return f"hears Telegram at {url}", f"{do} and allowed_updates={asked}; never drop_pending_updates."
