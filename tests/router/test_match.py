import re
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from deskd.domain.words import Level
from router import literals
from router.facts import Facts
from router.rules import load

MONDAY_0859_SHANGHAI = 1_735_520_340_000_000  # 2024-12-30 00:59 UTC
MINUTE = 60_000_000


def held(when: dict[str, Any], text: str = "", **facts: Any) -> bool:
    rules = load([{"name": "a", "when": when, "then": {"tags": ["t"]}, "reason": {"en": "A.", "zh": "甲。"}}])
    return bool(list(rules.matcher.hits(rules.matcher.view(Facts(text=text, **facts)))))


@pytest.mark.parametrize(
    ("when", "text", "holds"),
    [
        ({"words": ["退款"]}, "我要退款", True),
        ({"words": ["退款"]}, "我要還錢", False),
        ({"words": ["簡訊"]}, "簡訊沒來", True),
        ({"words": ["短信"]}, "簡訊沒來", True),
        ({"words": ["refund"]}, "我要refund谢谢", True),
        ({"words": ["refund"]}, "refunded", False),
        ({"words": ["pin"]}, "shipping", False),
        ({"words": ["Can't pay"]}, "I CAN’T PAY", True),
        ({"pattern": "转账.{0,6}没到"}, "轉帳到現在沒到", True),
        ({"pattern": r"\brefund\b"}, "REFUND!", True),
        ({"pattern": ["x1", "y1"]}, "y1", True),
        ({"all": [{"words": ["a1"]}, {"words": ["b1"]}]}, "a1", False),
        ({"all": [{"words": ["a1"]}, {"words": ["b1"]}]}, "b1 a1", True),
        ({"any": [{"words": ["a1"]}, {"words": ["b1"]}]}, "b1", True),
        ({"words": ["a1"], "not": {"words": ["b1"]}}, "a1 b1", False),
        ({"words": ["a1"], "not": [{"words": ["b1"]}]}, "a1", True),
        ({"not": {"words": ["b1"]}}, "c1", True),
        ({"pattern": r"[0-9]{3}"}, "123", True),
        ({"pattern": r"^$"}, "", True),
    ],
)
def test_conditions_on_the_text(when: dict[str, Any], text: str, holds: bool) -> None:
    assert held(when, text) is holds


@pytest.mark.parametrize(
    ("when", "facts", "holds"),
    [
        ({"channel": "email"}, {"channel": "email"}, True),
        ({"channel": ["sms", "form"]}, {"channel": "email"}, False),
        ({"account": "support-*"}, {"account": "support-cn"}, True),
        ({"address": "*@example.com"}, {"address": "A@Example.com"}, True),
        ({"address": "*@example.com"}, {"address": "a@example.org"}, False),
        ({"language": "en"}, {"language": "en"}, True),
        ({"level": ["app-signed"]}, {"level": Level.CLAIMED}, False),
        ({"level": ["claimed"]}, {"level": Level.CLAIMED}, True),
        ({"attachments": "image/*"}, {"attachments": ("text/plain", "image/png")}, True),
        ({"attachments": "image/*"}, {}, False),
        ({"found": ["card"]}, {"found": frozenset({"card"})}, True),
        ({"found": ["card"]}, {"found": frozenset({"phone"})}, False),
        ({"previous_category": "security"}, {"previous_category": "security"}, True),
        ({"previous_category": "security"}, {}, False),
        ({"wished_category": "transfer"}, {"wished_category": "transfer"}, True),
        ({"known_customer": False}, {"known_customer": True}, False),
    ],
)
def test_conditions_on_what_is_known(when: dict[str, Any], facts: dict[str, Any], holds: bool) -> None:
    assert held(when, **facts) is holds


@pytest.mark.parametrize(
    ("time", "at", "holds"),
    [
        ({"from": "09:00", "to": "18:00"}, MONDAY_0859_SHANGHAI, False),
        ({"from": "09:00", "to": "18:00"}, MONDAY_0859_SHANGHAI + MINUTE, True),
        ({"from": "22:00", "to": "09:00"}, MONDAY_0859_SHANGHAI, True),
        ({"from": "22:00", "to": "09:00", "days": ["sun"]}, MONDAY_0859_SHANGHAI, True),
        ({"from": "22:00", "to": "09:00", "days": ["mon"]}, MONDAY_0859_SHANGHAI, False),
        ({"from": "08:00", "to": "00:00", "days": "mon"}, MONDAY_0859_SHANGHAI, True),
        ({"days": ["tue"]}, MONDAY_0859_SHANGHAI, False),
        ({"days": ["mon"]}, MONDAY_0859_SHANGHAI, True),
    ],
)
def test_hours_of_the_week_are_local_and_may_span_midnight(time: dict[str, Any], at: int, holds: bool) -> None:
    assert held({"time": {"zone": "Asia/Shanghai"} | time}, at=at) is holds


def test_a_reason_names_the_words_it_held_on() -> None:
    rules = load(
        [{"name": "a", "when": {"pattern": "没.{0,3}到"}, "then": {"tags": ["t"]}, "reason": {"en": "A", "zh": "甲"}}]
    )
    (hit,) = rules.matcher.hits(rules.matcher.view(Facts(text="錢還沒有到啊")))
    assert hit.matched == "没有到"


@pytest.mark.parametrize(
    ("pattern", "sets"),
    [
        ("(?:转账|支付).{0,6}没到", [{"没到"}, {"转账", "支付"}]),
        ("ab?c", [{"ac", "abc"}]),
        (r"\bpay\b", [{"pay"}]),
        ("[xy]z", [{"xz", "yz"}]),
        (".*", []),
        ("(?:a|.)", []),
        (r"\pL", []),
    ],
)
def test_literals_without_which_a_pattern_cannot_match(pattern: str, sets: list[set[str]]) -> None:
    assert sorted(map(sorted, literals.required(pattern))) == sorted(map(sorted, sets))


@pytest.mark.parametrize(
    ("pattern", "parts"),
    [
        ("a|b", ["a", "b"]),
        ("(a|b)|c", ["(a|b)", "c"]),
        (r"a\|b", [r"a\|b"]),
        ("[|]|x", ["[|]", "x"]),
        ("[]|]|x", ["[]|]", "x"]),
    ],
)
def test_a_pattern_falls_into_its_alternatives(pattern: str, parts: list[str]) -> None:
    assert literals.alternatives(pattern) == parts


PIECES = st.sampled_from(
    ["a", "b", "ab", "ba", "c", "(?:a|b)", "(?:ab|c)?", ".{0,2}", "[abc]", r"\b", "a|c", "(?:a|cb)+"]
)


@settings(max_examples=300)
@given(st.lists(PIECES, min_size=1, max_size=5), st.text(alphabet="abc ", max_size=12))
def test_the_prefilter_never_hides_a_match(pieces: list[str], text: str) -> None:
    pattern = "".join(pieces)
    plain = " ".join(text.split())
    if pattern and re.compile(pattern):
        assert held({"pattern": pattern}, plain) is bool(re.search(pattern, plain))
