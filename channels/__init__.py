"""The ways in and out. One dict names them; nothing is imported before it is asked for.

Another distribution adds a channel by the entry point group `deskd.channels`: its name, and the path of its
`Channel`. docs/add-a-channel.md tells how to make one.
"""

from collections.abc import Callable
from dataclasses import dataclass
from importlib import import_module
from importlib.metadata import entry_points
from typing import Any

from deskd.domain.errors import SettingsError
from deskd.domain.ports import Capabilities, Clock

GROUP = "deskd.channels"

CHANNELS: dict[str, str] = {
    "email": "channels.email.config:CHANNEL",
    "form": "channels.form.config:CHANNEL",
    "sms": "channels.sms.config:CHANNEL",
    "telegram": "channels.telegram.config:CHANNEL",
    "chat": "channels.chat.config:CHANNEL",
}
"""Name → "module:attribute" of the channel's description."""


@dataclass(frozen=True, slots=True)
class Tools:
    """What a part of a channel may use. secret: file:PATH or env:NAME → the value, "" where it is not there.

    public_url: scheme and host under which providers reach us, or "". sign: an HMAC of the words, for what a provider
    gives back to us.
    """

    secret: Callable[[str], str]
    public_url: str
    clock: Clock
    sign: Callable[..., str]


@dataclass(frozen=True, slots=True)
class Channel:
    """What the core knows of a channel. The paths are "module:attribute", imported when first asked for.

    read: makes an Incoming of a receipt, and is pure. settings: the model of its section in the settings, which has
    `accounts`, each with a `name`. hook, poller and sender: of one of these accounts and the Tools make the port of
    that name in deskd.domain.ports; Off: the account lacks a secret. Hook and poller may be None, for an account that
    needs none. about: of an account and the Tools says what it does, and what is to be done at the provider or ""; it
    asks nobody. listener: takes connections itself. ids: names of fields in a receipt's JSON that hold no
    person's words.
    """

    name: str
    capabilities: Capabilities
    read: str
    settings: str = ""
    listener: str = ""
    hook: str = ""
    poller: str = ""
    sender: str = ""
    about: str = ""
    ids: frozenset[str] = frozenset()

    def get(self, part: str) -> Any:
        """What stands behind one of the paths. SettingsError where the channel has none."""
        path = str(getattr(self, part))
        if not path:
            raise SettingsError(f"The channel {self.name} has no {part}.")
        return resolve(path)


def names() -> list[str]:
    """Every channel that can be loaded, ours first."""
    return list(dict.fromkeys([*CHANNELS, *sorted(point.name for point in entry_points(group=GROUP))]))


def load(name: str) -> Channel:
    """A channel's description. One of ours cannot be replaced by another distribution's of the same name."""
    if name in CHANNELS:
        found = resolve(CHANNELS[name])
    else:
        added = next(iter(entry_points(group=GROUP, name=name)), None)
        if added is None:
            raise SettingsError(f'There is no channel "{name}"; known are {", ".join(names())}.')
        found = added.load()
    if not isinstance(found, Channel) or found.name != name:
        raise SettingsError(
            f'What stands behind the channel "{name}" does not describe it: a Channel of that name must.'
        )
    return found


def resolve(path: str) -> Any:
    module, _, attribute = path.partition(":")
    return getattr(import_module(module), attribute)
