"""Channels are found by name, and naming one imports nothing."""

import subprocess
import sys
from importlib.metadata import EntryPoint, EntryPoints

import pytest

import channels
from deskd.domain.errors import SettingsError
from deskd.domain.ports import Capabilities


@pytest.mark.parametrize("name", list(channels.CHANNELS))
def test_every_registered_channel_describes_itself_and_its_parts_exist(name: str) -> None:
    channel = channels.load(name)
    assert isinstance(channel.capabilities, Capabilities)
    assert channel.name == channel.capabilities.name == name
    for part in ("read", "settings", "listener", "hook", "poller", "sender", "about"):
        if getattr(channel, part):
            assert callable(channel.get(part))


def test_naming_the_channels_imports_none() -> None:
    code = "import channels, sys; channels.names(); sys.exit(any(m.startswith('channels.') for m in sys.modules))"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0


def test_an_unknown_channel_is_one_sentence_that_names_the_known() -> None:
    with pytest.raises(SettingsError, match=r'no channel "pigeon"; known are email'):
        channels.load("pigeon")


def _installed(monkeypatch: pytest.MonkeyPatch, name: str, value: str) -> None:
    point = EntryPoint(name, value, channels.GROUP)
    monkeypatch.setattr(channels, "entry_points", lambda **asked: EntryPoints([point]).select(**asked))


def test_another_distribution_adds_a_channel_by_its_entry_point(monkeypatch: pytest.MonkeyPatch) -> None:
    _installed(monkeypatch, "pigeon", "test_registry_pigeon:CHANNEL")
    pigeon = channels.Channel("pigeon", channels.load("email").capabilities, "builtins:len")
    monkeypatch.setitem(sys.modules, "test_registry_pigeon", type(sys)("test_registry_pigeon"))
    monkeypatch.setattr(sys.modules["test_registry_pigeon"], "CHANNEL", pigeon, raising=False)
    assert channels.names()[-1] == "pigeon"
    assert channels.load("pigeon").get("read") is len
    with pytest.raises(SettingsError, match="has no sender"):
        channels.load("pigeon").get("sender")


def test_a_channel_of_ours_cannot_be_taken_over(monkeypatch: pytest.MonkeyPatch) -> None:
    _installed(monkeypatch, "email", "builtins:len")
    assert channels.load("email").read == "channels.email.incoming:read"
    assert channels.names().count("email") == 1


def test_what_describes_no_channel_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    _installed(monkeypatch, "pigeon", "builtins:len")
    with pytest.raises(SettingsError, match="does not describe it"):
        channels.load("pigeon")
