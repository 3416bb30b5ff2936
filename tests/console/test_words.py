"""The words of the pages: whole in each language, none without use, and times as people say them."""

import re
from pathlib import Path

import pytest

from channels.form import parse
from deskd.acts import names
from deskd.console import render
from deskd.console.filled import WORDS
from deskd.console.words import SAID, human, language_of, running, said, span, words_of
from deskd.console.words_desk import DESK
from deskd.console.words_form import FORM
from deskd.domain.ports import DAY, HOUR, MINUTE, SECOND
from deskd.domain.states import ClockState, DeliveryState, TicketState
from deskd.domain.ticket import FAR
from deskd.domain.words import Category, ClockKind, Language, Level, Priority, Role
from sla.clocks import Act

CONSOLE = Path(render.__file__).parent
FIELD = re.compile(r"\{(\w+)\}")
SPOKEN = {  # vocabularies that a template looks up by their value
    *Category, *ClockKind, *Level, *Priority, *Role, *TicketState, ClockState.MET, ClockState.CANCELLED,
    *names.CORRECTABLE, "fresh", "again", "retried", "dismissed", "decided",
}  # fmt: skip
KINDS = {"ack", "reply"}  # of deliveries
PREFIXES = ("act_", "c_", "decide_", "e4", "e5", "fact_", "k_", "lang_", "s_", "then_", "v_", "x_")


def test_no_word_stands_in_two_catalogues() -> None:
    assert not set(DESK) & set(FORM)


@pytest.mark.parametrize("key", [*DESK, *FORM])
def test_each_word_is_there_in_three_languages_with_the_same_gaps(key: str) -> None:
    row = (DESK | FORM)[key]
    assert all(words.strip() for words in row)
    assert len({tuple(sorted(FIELD.findall(words))) for words in row}) == 1


def test_every_vocabulary_that_is_shown_has_its_words() -> None:
    wanted = {str(word) for word in SPOKEN}
    wanted |= {f"act_{act}" for act in Act} | {f"s_{state}" for state in DeliveryState} | {f"c_{c}" for c in Category}
    wanted |= {f"lang_{language}" for language in Language}
    assert wanted <= set(DESK | FORM)


def test_no_word_is_left_without_a_page_that_says_it() -> None:
    pages = "".join(path.read_text("utf-8") for path in (CONSOLE / "templates").glob("*.html"))
    code = "".join((CONSOLE / f"{name}.py").read_text("utf-8") for name in ("words", "form", "http"))
    spoken = {str(word) for word in SPOKEN} | {f"f_{name}" for name in WORDS} | KINDS
    unsaid = [
        key
        for key in DESK | FORM
        if key not in spoken
        and not key.startswith(PREFIXES)
        and not re.search(rf"\bt\.{key}\b", pages)
        and f'"{key}"' not in code
    ]
    assert unsaid == []


def test_what_the_form_writes_down_is_known_in_chinese() -> None:
    assert {parse.TRUST, parse.NO_ACK} <= set(SAID)


def test_a_sentence_that_is_not_known_is_shown_as_it_stands() -> None:
    assert said("550 5.1.1 no such user", words_of(Language.ZH_HANS)) == "550 5.1.1 no such user"
    assert said("The note is empty.", words_of(Language.EN)) == "The note is empty."
    assert said("The note is empty.", words_of(Language.ZH_HANT)) == "備註是空的。"


@pytest.mark.parametrize(
    ("accept", "wish", "language"),
    [
        ("zh-CN,zh;q=0.9", "", Language.ZH_HANS),
        ("zh-TW,zh;q=0.9,en;q=0.8", "", Language.ZH_HANT),
        ("zh-HK", "", Language.ZH_HANT),
        ("zh-Hant-MO", "", Language.ZH_HANT),
        ("fr, en;q=0.5", "", Language.EN),
        ("", "", Language.EN),
        ("zh-TW", "en", Language.EN),
        ("en", "zh-Hant", Language.ZH_HANT),
        ("zh-CN", "tlh", Language.ZH_HANS),
    ],
)
def test_the_address_wins_over_the_browser_and_the_first_known_language_over_the_next(
    accept: str, wish: str, language: Language
) -> None:
    assert language_of(accept, wish) is language


@pytest.mark.parametrize(
    ("length", "en", "zh"),
    [
        (59 * SECOND, "less than a minute", "不到 1 分钟"),
        (25 * MINUTE, "25 min", "25 分钟"),
        (HOUR + 5 * MINUTE, "1 h 5 min", "1 小时 5 分钟"),
        (2 * HOUR, "2 h", "2 小时"),
        (DAY + 3 * HOUR + 9 * MINUTE, "1 d 3 h", "1 天 3 小时"),
        (DAY + 9 * MINUTE, "1 d", "1 天"),
    ],
)
def test_a_length_is_said_in_its_two_largest_units(length: int, en: str, zh: str) -> None:
    assert (span(length, words_of(Language.EN)), span(length, words_of(Language.ZH_HANS))) == (en, zh)


def test_a_clock_says_what_is_left_or_how_it_ended() -> None:
    words, now = words_of(Language.EN), 10 * DAY
    clock = {"state": "running", "due_at": now + HOUR, "target_us": 2 * HOUR, "ran_us": 0, "met_at": None}
    assert running(clock, now, words) == "in 1 h"
    assert running(clock | {"due_at": now - MINUTE}, now, words) == "1 min late"
    assert running(clock | {"state": "paused", "due_at": None, "ran_us": HOUR}, now, words) == "paused with 1 h left"
    assert running(clock | {"state": "paused", "due_at": None, "ran_us": 3 * HOUR}, now, words) == "paused, 1 h over"
    assert running(clock | {"state": "met", "met_at": now}, now, words) == "met 1 h before its time"
    assert running(clock | {"state": "met", "met_at": now + 3 * HOUR}, now, words) == "met 2 h late"
    assert running(clock | {"state": "cancelled", "due_at": None}, now, words) == "cancelled"
    assert human(FAR, now, words) == ""
