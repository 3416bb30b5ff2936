"""What the check of the texts finds, each on a text that is wrong in one way."""

from collections.abc import Callable
from pathlib import Path

import pytest

from deskd.domain.words import Language
from deskd.texts import load
from deskd.texts.check import check
from deskd.texts.sizes import sms_segments, words

Write = Callable[..., Path]
OURS = frozenset({"upay.example"})
LINE = '[line.zh-Hans]\ntext = "l"\n[line.zh-Hant]\ntext = "l"\n[line.en]\ntext = "l"\n'


@pytest.fixture
def write(tmp_path: Path) -> Write:
    """Write one text whose English says `text`, and the fixed line beside it."""

    def _write(text: str, channel: str = "email", level: str = "open", languages: str = "zh-Hans zh-Hant en") -> Path:
        head = f'number = "T0"\nversion = 1\nowner = "desk"\nlevel = "{level}"\n'
        said = {"en": text}
        tables = [
            f"[{channel}.{lang}]\nsubject = 's'\ntext = '''{said.get(lang, '好 {fixed_line}')}'''\n"
            for lang in languages.split()
        ]
        (tmp_path / "one.toml").write_text(head + "".join(tables), encoding="utf-8")
        (tmp_path / "fixed_line.toml").write_text(head.replace("T0", "L") + LINE, encoding="utf-8")
        return tmp_path

    return _write


def problems(folder: Path) -> list[str]:
    return [f.problem for f in check(load(folder), OURS)]


def test_the_shipped_texts_have_no_finding() -> None:
    assert check(load(), OURS) == []


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("Hello {nickname}. {fixed_line}", "unknown_variable"),
        ("You wrote: {message} {fixed_line}", "echo"),
        ("You wrote about {subject}. {fixed_line}", "echo"),
        ("word " * 121 + "{fixed_line}", "too_long"),
        ("See https://elsewhere.example/a {fixed_line}", "foreign_link"),
        ("See elsewhere.com {fixed_line}", "foreign_link"),
        ("Please send us the code you got. {fixed_line}", "asks_for_secret"),
        ("Please share your screen. {fixed_line}", "asks_for_secret"),
        ("We answer as soon as possible. {fixed_line}", "manner"),
        ("Thank you! {fixed_line}", "manner"),
        ("Your account is fine. {fixed_line}", "account_fact"),
        ("Done: {summary} {fixed_line}", "account_fact"),
        ("Hello.", "no_fixed_line"),
    ],
)
def test_it_finds_what_is_wrong(write: Write, text: str, problem: str) -> None:
    assert problems(write(text)) == [problem]


def test_a_good_text_with_our_own_link_passes(write: Write) -> None:
    assert problems(write("We answer by {due}. See https://upay.example/help {fixed_line}")) == []


def test_a_proved_text_may_hold_facts(write: Write) -> None:
    assert problems(write("Your account: {summary} {fixed_line}", level="proved")) == []


def test_a_missing_language_is_found(write: Write) -> None:
    [finding] = check(load(write("Hello. {fixed_line}", languages="zh-Hans en")), OURS)
    assert (finding.problem, finding.text, finding.channel) == ("language_missing", "one", "email")
    assert Language.ZH_HANT in finding.sentence


def test_an_sms_has_two_segments_and_no_opt_out_word(write: Write) -> None:
    assert problems(write("We answer by {due}.", channel="sms")) == []
    assert problems(write("Reply STOP.", channel="sms")) == ["opt_out_word"]
    assert problems(write("x" * 307, channel="sms")) == ["too_long"]


def test_a_chat_message_has_120_characters(write: Write) -> None:
    assert problems(write("x" * 121, channel="telegram")) == ["too_long"]


@pytest.mark.parametrize(
    ("text", "segments"),
    [
        ("x" * 160, 1),
        ("x" * 161, 2),
        ("x" * 307, 3),
        ("€" * 80, 1),
        ("€" * 81, 2),
        ("好" * 70, 1),
        ("好" * 71, 2),
        ("好" * 135, 3),
    ],
)
def test_sms_segments_follow_the_alphabet(text: str, segments: int) -> None:
    assert sms_segments(text) == segments


def test_two_han_characters_count_as_one_word() -> None:
    assert words("Hello there 您好世界") == 4
