"""A desk with a bot on the Bot API of these tests, by webhook or by getUpdates."""

import re

from child import Child
from fakes.telegram import SECRET, BotApi

_NONE = re.compile(r"(^\[telegram\]\n(?:#.*\n)*)accounts = \[\]\n", re.MULTILINE)


def with_bot(child: Child, api: BotApi, *, webhook: bool) -> str:
    """Adds the bot to the settings of a daemon that does not run yet; the address of its webhook."""
    token, secret = child.folder / "bot-token", child.folder / "bot-secret"
    token.write_text(api.token, "utf-8")
    secret.write_text(SECRET, "utf-8")
    text, changed = _NONE.subn(r"\1", child.file.read_text("utf-8"))
    assert changed == 1
    text += f'\n[[telegram.accounts]]\nname = "bot"\ntoken = "file:{token}"\napi_url = "{api.url}"\npoll_s = 5\n'
    text += f'webhook_secret = "file:{secret}"\n' if webhook else ""
    child.file.write_text(text, "utf-8")
    return f"http://127.0.0.1:{child.http}/hooks/telegram/bot"
