"""The settings file: its default is what the models say, and a mistake is one sentence with its place."""

from pathlib import Path

import pytest

from deskd import settings
from deskd.domain.errors import SettingsError


def test_the_file_at_the_root_is_the_default_of_the_models() -> None:
    assert Path("settings.toml").read_text("utf-8") == settings.default_text()


def test_the_default_is_sound() -> None:
    read = settings.parse(settings.default_text(), Path("data"))
    assert read.rules.rules
    assert "transfer" in read.book.names


@pytest.mark.parametrize(
    ("text", "names"),
    [
        ("[desk]\nbrnad = 'x'\n", "brnad"),
        ("[dsek]\n", r"\[dsek\]"),
        ("[web]\nport = 70000\n", "port"),
        ("[desk\n", "no TOML"),
        (
            "[[rules]]\nname = 'r'\nstrength = 'hard'\n[rules.when]\npattern = '('\n[rules.then]\ncategory = 'other'\n",
            "r",
        ),
        ("[mail.relay]\nhost = 'mail.example.com'\n", "in clear"),
    ],
)
def test_a_mistake_is_one_sentence_that_names_the_place(text: str, names: str) -> None:
    with pytest.raises(SettingsError, match=names):
        settings.parse(text, Path("data"))


def test_a_secret_is_named_never_written_and_never_weak(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DESKD_TEST_SECRET", "short")
    for reference in ("hunter2hunter2", "env:DESKD_TEST_SECRET", "file:/nowhere"):
        with pytest.raises(SettingsError) as caught:
            settings.secret(reference)
        assert "short" not in str(caught.value)
        assert "hunter2" not in str(caught.value)
