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


def test_a_secret_that_is_weak_or_written_into_the_settings_is_refused_and_never_repeated(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("DESKD_TEST_SECRET", "short")
    (tmp_path / "latin").write_bytes(b"caf\xe9caf\xe9")
    for reference in ("hunter2hunter2", "env:DESKD_TEST_SECRET", "env:", f"file:{tmp_path}", f"file:{tmp_path}/latin"):
        with pytest.raises(SettingsError) as caught:
            settings.secret(reference)
        assert "short" not in str(caught.value)
        assert "hunter2" not in str(caught.value)


def test_a_secret_that_is_not_there_is_none(tmp_path: Path) -> None:
    assert settings.secret("env:DESKD_TEST_NOT_SET") == settings.secret(f"file:{tmp_path}/none") == ""


WRONG_SHAPES = ["desk", "web", "mail", "rules", "words", "calendars", "policies"]


@pytest.mark.parametrize("name", WRONG_SHAPES)
@pytest.mark.parametrize("value", ["1", "'x'", "[1]", "[[]]", "{ a = 1 }", "{ a = [1] }", "true", "1979-05-27"])
def test_a_section_of_another_shape_is_one_sentence(name: str, value: str) -> None:
    with pytest.raises(SettingsError, match=name.removesuffix("s").removesuffix("ie").removesuffix("y")):
        settings.parse(f"{name} = {value}\n", Path("data"))


def test_a_rule_that_gives_a_policy_that_there_is_none_of_stops_the_start_with_its_line() -> None:
    text = settings.rules_default_text() + (
        '\n[[rules]]\nname = "mine"\nthen = { policy = "gold" }\nreason = { en = "A.", zh = "甲。" }\n'
    )
    with pytest.raises(SettingsError, match=r"settings.toml: rule 'mine' \(line \d+\) gives the policy 'gold'"):
        settings.parse(text, Path("data"))


def test_a_byte_order_mark_is_no_mistake(tmp_path: Path) -> None:
    file = tmp_path / "settings.toml"
    file.write_text("\ufeff" + settings.default_text(), "utf-8")
    assert settings.load(file).desk.brand == "UPay"


def test_the_store_keeps_of_a_settings_file_its_rules_and_no_other_section(tmp_path: Path) -> None:
    text = settings.default_text().replace('url = ""', 'url = "postgresql://desk:hunter2@db.example/desk"', 1)
    read = settings.parse(text, tmp_path)
    assert "hunter2" not in read.rules_text
    assert settings.rules_of(read.rules_text).hash == read.rules.hash
    assert read.rules_text.startswith("# The default rules")


def test_a_line_in_a_value_that_begins_like_a_section_is_named(tmp_path: Path) -> None:
    rule = settings.rules_default_text().partition("[[rules]]")[0] + "\n[[rules]]\n" + ONE
    with pytest.raises(SettingsError, match="begins like a section"):
        settings.parse(rule.replace('en = "x"', 'en = """x\n[desk]\nx"""'), tmp_path)


ONE = """
name = "all"
strength = "default"
when = {}
then = { category = "other", topic = "unclear", queue = "triage", priority = "low", policy = "other" }

[rules.reason]
en = "x"
zh = "全部。"
"""


@pytest.mark.parametrize(
    ("text", "place"),
    [
        ('[[telegram.accounts]]\nname = "main"\n', r"\[telegram\]: an account of \[mail\] is called 'main'"),
        ('[[mail.accounts]]\n[[mail.accounts]]\naddress = "b@desk.example"\n', r"\[mail\]: two accounts"),
    ],
)
def test_two_accounts_of_one_name_are_refused_whatever_their_channels(text: str, place: str, tmp_path: Path) -> None:
    with pytest.raises(SettingsError, match=place):
        settings.parse(text, tmp_path)
