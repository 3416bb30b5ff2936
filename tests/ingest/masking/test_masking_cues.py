"""What is looked at only where a cue stands is found as surely as by searching every message from end to end."""

import re
from collections.abc import Iterator, Sequence
from random import Random

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from masking_jumble import jumble
from masking_lines import near_miss, secret_line

from ingest.masking import Formats, Masked, NumberFormat, mask, shapes
from ingest.masking.formats import WORD
from ingest.masking.shapes import Sheet

TEXTS = 4_000


def searched(text: str, monkeypatch: pytest.MonkeyPatch) -> Masked:
    """The same masking with every pattern searched for in the whole text, whether or not its cue stands in it."""

    def matches(sheet: Sheet, pattern: re.Pattern[str], starts: Sequence[int]) -> Iterator[re.Match[str]]:
        return pattern.finditer(sheet.low)

    with monkeypatch.context() as patch:
        patch.setattr(Sheet, "matches", matches)
        patch.setattr(Sheet, "cued", lambda sheet, cue: (0,))
        patch.setattr(Sheet, "empty", False)
        patch.setattr(shapes, "lengthy", lambda low: True)
        return mask(text)


def tried_patterns() -> list[re.Pattern[str]]:
    """All that one masking tries, whatever the text."""
    seen: list[re.Pattern[str]] = []

    def matches(sheet: Sheet, pattern: re.Pattern[str], starts: Sequence[int]) -> Iterator[re.Match[str]]:
        seen.append(pattern)
        return iter(())

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Sheet, "matches", matches)
        mask("1")
    return list(dict.fromkeys(seen))


@pytest.mark.parametrize("pattern", tried_patterns(), ids=lambda pattern: pattern.pattern[:40])
def test_whatever_a_pattern_can_match_stands_at_its_cue(
    pattern: re.Pattern[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    @settings(max_examples=30, suppress_health_check=[HealthCheck.filter_too_much])
    @given(st.from_regex(pattern))
    def found(text: str) -> None:
        assert mask(text) == searched(text, monkeypatch)

    found()


def test_trying_at_the_cues_finds_what_searching_the_whole_text_finds(monkeypatch: pytest.MonkeyPatch) -> None:
    rng = Random(2030)
    for n in range(TEXTS):
        text = jumble(rng) if n % 4 else secret_line(rng).text + near_miss(rng).text
        assert mask(text) == searched(text, monkeypatch), text


def test_a_house_number_is_found_wherever_its_word_begins() -> None:
    rng, any_word = Random(2031), Formats(numbers=(NumberFormat(name="any", pattern=".*"),))
    for _ in range(TEXTS):
        text = "".join(rng.choice("aaaa1-_ 码") * rng.choice((1, 1, 2, 9, 40)) for _ in range(rng.randrange(1, 12)))
        words = [word for word in WORD.findall(text) if "1" in word]
        assert [fact.value for fact in mask(text, any_word).facts] == words, text


@pytest.mark.parametrize(
    "text",
    [
        "add act age aim air all any arm art ask bad bag",
        "ｐａｓｓｗｏｒｄ：ｈｕｎｔｅｒ",
        "pass\u200bword: hunter",
        "sk-abcdefghijklmnopqrstuvwx",
    ],
)
def test_a_secret_needs_no_digit(text: str) -> None:
    assert mask(text).secret


def test_half_a_character_stops_nothing() -> None:
    assert mask("\ud83d 验证码123456 \ude00").text == "\ud83d 验证码[code removed] \ude00"
