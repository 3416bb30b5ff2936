"""The words of the pages: whole in each language, none without use, and times as people say them."""

import ast
import re
from pathlib import Path
from typing import Any

import pytest

from channels.chat import parse as chat_parse
from channels.chat.send import SHOWN
from channels.form import parse
from channels.sms import codes
from channels.sms import parse as sms
from channels.sms.config import NOT_TO_CHINA
from channels.telegram import api as telegram_api
from channels.telegram import parse as telegram
from channels.twilio import rest
from deskd.acts import names
from deskd.console import render
from deskd.console.filled import WORDS
from deskd.console.said import named, ours, said
from deskd.console.words import hours, human, language_of, span, standing, words_of
from deskd.console.words_chat import CHAT
from deskd.console.words_desk import DESK
from deskd.console.words_form import FORM
from deskd.console.words_names import NAMES
from deskd.console.words_said import PATTERNS, SAID
from deskd.domain.ports import DAY, HOUR, MINUTE, SECOND
from deskd.domain.states import ClockState, DeliveryState, ObligationState, TicketState
from deskd.domain.ticket import FAR
from deskd.domain.words import Category, ClockKind, Found, Language, Level, Priority, Role
from router import rules
from sla.clocks import Act

CONSOLE = Path(render.__file__).parent
FIELD = re.compile(r"\{(\w+)\}")
SPOKEN = {  # vocabularies that a template looks up by their value
    *Category, *ClockKind, *Level, *Priority, *Role, *TicketState, ClockState.MET, ClockState.CANCELLED,
    *names.CORRECTABLE, "policy", "fresh", "again", "retried", "dismissed", "decided",
}  # fmt: skip
REFUSALS = {"Refused", "NotFound", "Denied", "Stale", "Lost", "IllegalTransition"}
KINDS = {"ack", "notice", "reply"}  # of deliveries
PREFIXES = ("act_", "c_", "decide_", "e4", "e5", "fact_", "k_", "lang_", "owed_", "s_", "text_", "then_", "v_", "x_")


def test_no_word_stands_in_two_catalogues() -> None:
    assert len(DESK) + len(FORM) + len(CHAT) + len(NAMES) == len(DESK | FORM | CHAT | NAMES)


@pytest.mark.parametrize("key", [*DESK, *FORM, *CHAT, *NAMES])
def test_each_word_is_there_in_three_languages_with_the_same_gaps(key: str) -> None:
    row = (DESK | FORM | CHAT | NAMES)[key]
    assert all(words.strip() for words in row)
    assert len({tuple(sorted(FIELD.findall(words))) for words in row}) == 1


def test_every_vocabulary_that_is_shown_has_its_words() -> None:
    wanted = {str(word) for word in SPOKEN}
    wanted |= {f"act_{act}" for act in Act} | {f"s_{state}" for state in DeliveryState} | {f"c_{c}" for c in Category}
    wanted |= {f"lang_{language}" for language in Language}
    wanted |= {f"owed_{state}" for state in ObligationState if state is not ObligationState.WITHDRAWN}
    assert wanted <= set(DESK | FORM)


def test_no_word_is_left_without_a_page_that_says_it() -> None:
    pages = "".join(path.read_text("utf-8") for path in (CONSOLE / "templates").glob("*.html"))
    code = "".join((CONSOLE / f"{name}.py").read_text("utf-8") for name in ("words", "said", "form", "chat", "http"))
    spoken = {str(word) for word in SPOKEN} | {f"f_{name}" for name in WORDS} | KINDS
    unsaid = [
        key
        for key in DESK | FORM | CHAT
        if key not in spoken
        and not key.startswith(PREFIXES)
        and not re.search(rf"\bt\.{key}\b", pages)
        and f'"{key}"' not in code
    ]
    assert unsaid == []


def test_what_channels_write_down_is_known_in_chinese() -> None:
    assert {parse.TRUST, parse.NO_ACK} <= set(SAID)
    assert {sms.TRUST, sms.NO_TRUST, sms.NO_NUMBER, sms.OPTED_OUT, NOT_TO_CHINA} <= set(SAID)
    assert {*codes.FINAL.values(), *codes.SLOW.values(), *codes.OURS.values(), *rest.OURS.values()} <= set(SAID)


def test_what_is_written_down_of_telegram_is_known_in_chinese() -> None:
    assert {*telegram.SAYINGS, *(note for _, note in telegram_api.REFUSED.values())} <= set(SAID)


def test_what_the_chat_writes_down_is_known_in_chinese() -> None:
    assert {chat_parse.TRUST, SHOWN} <= set(SAID)


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


@pytest.mark.parametrize(
    ("clock", "en", "zh"),
    [
        ({"state": "running", "left_us": 41 * HOUR}, "41 h of working time left", "剩余工作时间 41 小时"),
        (
            {"state": "paused", "left_us": 41 * HOUR},
            "paused, 41 h of working time left",
            "已暂停，剩余工作时间 41 小时",
        ),
        ({"state": "running", "left_us": -HOUR}, "1 h of working time late", "超时工作时间 1 小时"),
        ({"state": "met", "left_us": HOUR}, "met with 1 h of working time to spare", "达成，剩余工作时间 1 小时"),
        ({"state": "running", "left_us": 41 * HOUR, "always": True}, "1 d 17 h left", "剩余1 天 17 小时"),
        ({"state": "cancelled", "left_us": HOUR}, "cancelled", "已取消"),
    ],
)
def test_running_and_paused_clocks_are_told_in_one_unit(clock: dict[str, Any], en: str, zh: str) -> None:
    row = {"always": False} | clock
    assert (standing(row, words_of(Language.EN)), standing(row, words_of(Language.ZH_HANS))) == (en, zh)


def test_no_deadline_is_said_as_nothing() -> None:
    assert human(FAR, 10 * DAY, words_of(Language.EN)) == ""
    assert hours(10 * SECOND, words_of(Language.EN)) == "less than a minute"


def test_every_name_of_the_shipped_rules_has_its_words() -> None:
    then = [rule.then for rule in rules.defaults().rules]
    wanted = {f"topic_{one.topic}" for one in then if one.topic} | {f"queue_{one.queue}" for one in then if one.queue}
    wanted |= {f"tag_{tag}" for one in then for tag in one.tags}
    wanted |= {f"found_{kind}" for kind in Found if kind.secret} | {f"asked_{name}" for name in parse.ASKED}
    assert wanted <= set(NAMES)
    assert {name for name in NAMES if name.startswith(("topic_", "queue_", "tag_"))} <= wanted
    assert named("topic", "of_the_house", words_of(Language.ZH_HANT)) == "of_the_house"


def _refusals() -> list[str]:
    """Every sentence that the faces can refuse with, x for what is filled in."""
    folders = ("deskd/acts", "deskd/console", "deskd/outbox")
    trees = [ast.parse(path.read_text("utf-8")) for folder in folders for path in sorted(Path(folder).glob("*.py"))]
    calls = [node for tree in trees for node in ast.walk(tree) if isinstance(node, ast.Call) and node.args]
    said_so = [_spelt(call.args[0]) for call in calls if getattr(call.func, "id", "") in REFUSALS]
    return [sentence for sentence in said_so if sentence]


def _spelt(node: ast.expr) -> str:
    if isinstance(node, ast.JoinedStr):
        return "".join(part.value if isinstance(part, ast.Constant) else "x" for part in node.values)
    return str(node.value) if isinstance(node, ast.Constant) else ""


def test_every_refusal_is_known_in_chinese() -> None:
    sentences = _refusals()
    assert len(sentences) > 20
    for language in (Language.ZH_HANS, Language.ZH_HANT):
        assert [one for one in sentences if said(one, words_of(language)) == one] == []


@pytest.mark.parametrize("english", PATTERNS)
def test_each_pattern_has_the_same_gaps_in_chinese(english: str) -> None:
    assert len({tuple(sorted(FIELD.findall(words))) for words in (english, *PATTERNS[english])}) == 1


@pytest.mark.parametrize(
    ("english", "simplified"),
    [
        ('"huge" is no priority; it is one of urgent, high.', "“huge”不是优先级；可选：紧急、高。"),
        ('"x" is no topic of transfer; it is one of delayed, own.', "“x”不是“转账”的细分；可选：未到账、own。"),
        ("This needs the role supervisor or ops; Ada is agent.", "此操作需要主管或运维身份，而 Ada 是客服。"),
        ("Removed before anything was kept: card, cvv.", "保存之前已删除：银行卡号、卡片安全码。"),
        ("Twilio refused it (21610): nobody has this number.", "Twilio 拒收（21610）：该号码不存在。"),
        ("It came back: the contents could not be conveyed (5.6.0).", "被退回：内容无法传送（5.6.0）。"),
    ],
)
def test_names_within_a_sentence_are_said_as_well(english: str, simplified: str) -> None:
    assert said(english, words_of(Language.ZH_HANS)) == simplified


def test_a_sentence_kept_in_two_languages_is_read_in_three() -> None:
    kept = ("A transfer is late.", "客户的转账未到账户。")
    assert ours(*kept, words_of(Language.EN)) == kept[0]
    assert ours(*kept, words_of(Language.ZH_HANS)) == kept[1]
    assert ours(*kept, words_of(Language.ZH_HANT)) == "客戶的轉賬未到賬戶。"
