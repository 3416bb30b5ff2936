"""The ways in and out. One dict names them; nothing is imported before it is asked for.

Another distribution adds a channel by the entry point group `deskd.channels`: its name, and the path of its
`Channel`. docs/add-a-channel.md tells how to make one.
"""

from dataclasses import dataclass
from importlib import import_module
from importlib.metadata import entry_points
from typing import Any

from deskd.domain.errors import SettingsError
from deskd.domain.ports import Capabilities

GROUP = "deskd.channels"

CHANNELS: dict[str, str] = {
    "email": "channels.email.config:CHANNEL",
}
"""Name → "module:attribute" of the channel's description."""


@dataclass(frozen=True, slots=True)
class Channel:
    """What the core knows of a channel. The paths are "module:attribute", imported when first asked for.

    read: makes an Incoming of a receipt, and is pure; listener: gets receipts in, "" where the HTTP faces do it;
    sender: makes a deskd.domain.ports.Sender, "" where nothing goes out.
    """

    name: str
    capabilities: Capabilities
    read: str
    listener: str = ""
    sender: str = ""

    def get(self, part: str) -> Any:
        """The callable behind `read`, `listener` or `sender`. SettingsError where the channel has none."""
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
