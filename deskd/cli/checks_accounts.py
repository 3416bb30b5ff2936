"""`deskd doctor`: the accounts of all channels that are found by their declaration. Nobody is asked outside."""

from collections.abc import Iterator
from typing import Any

import channels
from channels import Channel, Tools
from deskd import settings
from deskd.app import now
from deskd.cli.checks import Row, State
from deskd.domain.errors import Off, SettingsError
from deskd.settings import Settings

PARTS = ("hook", "poller", "sender")


def accounts(read: Settings) -> Iterator[Row]:
    """A row each; of a channel without any, one that says so."""
    tools = Tools(settings.secret, read.web.public_url, now, lambda *_words: "")
    for name, section in read.ways.items():
        if not section.accounts:
            yield Row(name, State.OFF, "no account", f"Write one under [[{name}.accounts]].")
        for account in section.accounts:
            yield _account(channels.load(name), account, tools)


def _account(channel: Channel, account: Any, tools: Tools) -> Row:
    part = f"{channel.name} {account.name}"
    try:
        for made in PARTS:
            if getattr(channel, made):
                channel.get(made)(account, tools)
        what, do = channel.get("about")(account, tools) if channel.about else ("its secrets are there", "")
    except Off as off:
        return Row(part, State.OFF, str(off), "Put the secret there, and start again if it is in the environment.")
    except SettingsError as error:
        return Row(part, State.BROKEN, str(error))
    return Row(part, State.OK, what, do)
