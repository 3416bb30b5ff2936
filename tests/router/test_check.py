from pathlib import Path

from router.check import Finding, check, check_text
from router.explain import explain
from router.facts import Facts
from router.rules import defaults, load_text

QUEUES = {"security", "transfers", "accounts", "feedback", "triage"}
POLICIES = {"security-moving", "security", "transfer", "account", "feedback", "complaint", "other"}

HEAD = """
[[rules]]
name = "first"
when.pattern = ['refund']
then = { category = "transfer", queue = "transfers" }
reason = { en = "A.", zh = "甲。" }
"""
REST = """
[[rules]]
name = "rest"
then = { category = "other", queue = "triage" }
reason = { en = "B.", zh = "乙。" }
"""


def codes(toml: str) -> list[tuple[str, str, int]]:
    return [(found.code, found.rule, found.line) for found in check_text(toml, QUEUES, POLICIES)]


def test_a_sound_set_has_no_findings() -> None:
    assert codes(HEAD + REST) == []


def test_the_shipped_rules_have_no_findings() -> None:
    assert check(defaults(), QUEUES, POLICIES) == []


def test_unknown_queues_and_policies_are_named_with_their_line() -> None:
    assert codes(HEAD.replace('"transfers"', '"tranfers"') + REST) == [("queue", "first", 2)]
    assert codes(HEAD.replace('queue = "transfers"', 'policy = "fast"') + REST) == [("policy", "first", 2)]


def test_a_rule_behind_one_that_always_holds_is_unreachable() -> None:
    again = REST.replace('"rest"', '"again"')
    assert codes(HEAD + REST + again) == [("unreachable", "again", 13)]


def test_an_unconditional_hard_rule_takes_from_defaults_above_it() -> None:
    hard = REST.replace('name = "rest"', 'name = "rest"\nstrength = "hard"')
    assert codes(HEAD + hard) == [("unreachable", "first", 2)]


def test_a_set_without_a_catch_all_is_told() -> None:
    assert codes(HEAD) == [("no-catch-all", "", 0)]


def test_a_pattern_without_a_certain_word_is_told() -> None:
    assert codes(HEAD.replace("refund", r"\w+.*") + REST) == [("no-literal", "first", 2)]


def test_letters_that_normalised_text_never_has_are_told() -> None:
    for lost in ("Refund", "can't", "退款，", "ｒefund"):
        quoted = HEAD.replace("'refund'", f'"{lost}"')
        assert codes(quoted + REST) == [("never-matches", "first", 2)], lost


def test_what_stops_the_load_is_one_finding_with_its_line() -> None:
    (found,) = check_text(HEAD.replace("refund", "(?<=x)y") + REST)
    assert isinstance(found, Finding)
    assert (found.code, found.rule, found.line) == ("invalid", "first", 2)


def test_explain_shows_every_rule_in_order_and_on_which_words() -> None:
    made = explain(Facts(text="My Refund!"), load_text(HEAD + REST))
    assert made.texts == ("my refund!",)
    assert [(t.rule, t.held, t.said) for t in made.traces] == [("first", True, "refund"), ("rest", True, "")]
    assert [(s.name, s.held, s.said) for s in made.traces[0].steps] == [("pattern", True, "refund")]


def test_explain_shows_the_condition_that_failed() -> None:
    rules = load_text(HEAD.replace("when.pattern", "when.channel = 'sms'\nwhen.pattern") + REST)
    first = explain(Facts(text="refund", channel="email"), rules).traces[0]
    assert not first.held
    assert [(s.name, s.held) for s in first.steps] == [("all", False), ("channel", False), ("pattern", True)]


def test_every_topic_of_the_default_rules_belongs_to_one_category() -> None:
    seen: dict[str, str] = {}
    for rule in defaults().rules:
        if rule.then.topic and rule.then.category:
            assert seen.setdefault(rule.then.topic, rule.then.category) == rule.then.category


def test_the_default_file_says_what_it_is_in_both_languages() -> None:
    head = (Path(__file__).parents[2] / "router" / "defaults.toml").read_text("utf-8")[:400]
    assert "The default rules" in head
    assert "默认规则" in head
