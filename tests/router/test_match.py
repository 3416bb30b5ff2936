import re
from typing import Any

import pytest
import re2
from hypothesis import given, settings
from hypothesis import strategies as st

from deskd.domain.errors import SettingsError
from deskd.domain.words import Level
from router import literals
from router.decide import Decision, decide
from router.facts import Facts
from router.match import LIGHT
from router.pattern import PatternError, compile_pattern
from router.rules import load

MONDAY_0859_SHANGHAI = 1_735_520_340_000_000  # 2024-12-30 00:59 UTC
MINUTE = 60_000_000


def made(when: dict[str, Any], text: str = "", **facts: Any) -> Decision:
    rules = load([{"name": "a", "when": when, "then": {"tags": ["t"]}, "reason": {"en": "A.", "zh": "甲。"}}])
    return decide(Facts(text=text, **facts), rules)


def held(when: dict[str, Any], text: str = "", **facts: Any) -> bool:
    return "t" in made(when, text, **facts).tags


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
        ({"words": ["refund"]}, "refund_id", False),
        ({"words": ["退款", "refund"]}, "refunded, 退款", True),
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
        ({"not": {"words": ["b1"]}}, "b1s", True),
        ({"pattern": "a.{0,3}b", "not": {"pattern": "退款|c.d"}}, "a b 退款", False),
        ({"pattern": "a.{0,3}b", "not": {"pattern": "退款|c.d"}}, "a b cxd", False),
        ({"pattern": "a.{0,3}b", "not": {"any": [{"pattern": "退款"}, {"channel": "sms"}]}}, "a b 退款", False),
        ({"pattern": "a.{0,3}b", "not": {"all": [{"pattern": "退款"}, {"channel": "sms"}]}}, "a b 退款", True),
        ({"all": [{"any": [{"pattern": "a1"}, {"channel": "*"}]}, {"pattern": "b1"}]}, "b1", True),
        ({"all": [{"any": [{"pattern": "a1"}, {"pattern": "c1"}]}, {"pattern": "b1"}]}, "b1", False),
        ({"pattern": r"[0-9]{3}"}, "123", True),
        ({"pattern": r"^$"}, "", True),
        ({"pattern": r"[[:digit:]]x"}, "7x", True),
        ({"pattern": r"a{,1}b"}, "ab", False),
        ({"pattern": r"a{,1}b"}, "a{,1}b", True),
        ({"pattern": r"\x{8f6c}账"}, "转账", True),
        ({"pattern": r"\Qa.b\E"}, "a.b", True),
        ({"pattern": r"a1|(?i)B1|C1"}, "c1", True),
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


@pytest.mark.parametrize(
    ("pattern", "text", "words"),
    [("没.{0,3}到", "錢還沒有到啊", "没有到"), ("a.c|bb", "abc bb", "bb"), ("x.z|a.c", "abc", "abc")],
)
def test_a_reason_names_the_words_it_held_on(pattern: str, text: str, words: str) -> None:
    assert made({"pattern": pattern}, text).reasons[0].matched == words


def test_a_text_of_two_spellings_is_read_in_both() -> None:
    when = {"all": [{"pattern": "簡訊.{0,3}"}, {"pattern": "短信.{0,3}"}]}
    assert held(when, "簡訊沒來")


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
        (r"(?=a)b", []),
        ("(?:ab|cab)", [{"ab"}]),
        (r"ab\.c", [{"ab.c"}]),
        ("[a-c]{2,}x", [{"a", "b", "c"}, {"x"}]),
        ("(?:ab){2}c", [{"ab"}, {"c"}]),
        ("Ab", [{"ab"}]),
    ],
)
def test_literals_without_which_a_pattern_cannot_match(pattern: str, sets: list[set[str]]) -> None:
    assert sorted(map(sorted, literals.read(pattern).required())) == sorted(map(sorted, sets))


@pytest.mark.parametrize(
    ("pattern", "parts"),
    [
        ("a|b", ["a", "b"]),
        ("(a|b)|c", ["(a|b)", "c"]),
        (r"a\|b", [r"a\|b"]),
        ("[|]|x", ["[|]", "x"]),
        ("[]|]|x", ["[]|]", "x"]),
        ("a|(?i)b|c", ["a|(?i)b|c"]),
        ("(?:a|b)", ["(?:a|b)"]),
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


@pytest.mark.parametrize(
    ("pattern", "strings"),
    [
        ("退款", {"退款"}),
        ("(?:退|还)款?", {"退", "还"}),
        ("[xy]z", {"xz", "yz"}),
        (r"\bpay\b", None),
        ("^pay", None),
        ("Pay", None),
        ("a?", None),
        ("a.c", None),
        ("[z-a]", None),
    ],
)
def test_a_pattern_that_is_but_words_needs_no_re2(pattern: str, strings: set[str] | None) -> None:
    assert literals.read(pattern).spelt_out() == strings


@settings(max_examples=200)
@given(
    st.lists(
        st.sampled_from(
            ["转账", "ab", ".", "[^,。!?]", "[a-z文]", r"\w", r"\W", r"\b", "(?:款|[^x]{2})", "x*", "(?:y?z)+"]
        ),
        min_size=1,
        max_size=6,
    ),
    st.sampled_from(["", "{0,30}", "{7}", "{2,}", "?", "|b"]),
)
def test_the_size_of_a_pattern_is_never_less_than_re2_makes_of_it(pieces: list[str], end: str) -> None:
    pattern = f"(?:{''.join(pieces)}){end}"
    assert re2.compile(pattern).programsize <= literals.read(pattern).size + 10


@pytest.mark.parametrize("pattern", [r"\pL", r"[\pL]", "(?i)ab", "(?=x)", "(?:.{30}){30}"])
def test_what_may_be_large_is_compiled_at_once(pattern: str) -> None:
    assert literals.read(pattern).size > LIGHT


@pytest.mark.parametrize("later", [True, False])
@pytest.mark.parametrize("pattern", ["(?=x)", "a**", "[z-a]", "(", "a{1001}", r"\u4e00"])
def test_a_pattern_that_is_wrong_is_refused_before_it_is_asked(pattern: str, later: bool) -> None:
    with pytest.raises(PatternError):
        compile_pattern(pattern, later=later)


def test_a_pattern_that_re2_finds_too_large_stops_the_load() -> None:
    with pytest.raises(SettingsError, match="too large"):
        held({"pattern": r"\pL{900}"})
