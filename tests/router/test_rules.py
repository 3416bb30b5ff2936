from typing import Any

import pytest

from deskd.domain.errors import SettingsError
from router.rules import defaults, load, load_text

RULE = """
[[rules]]
name = "a"
when.words = ["x"]
then = { tags = ["t"] }
reason = { en = "A.", zh = "甲。" }
"""


def row(**other: Any) -> dict[str, Any]:
    return {"name": "a", "then": {"tags": ["t"]}, "reason": {"en": "A.", "zh": "甲。"}} | other


def refused(toml: str) -> str:
    with pytest.raises(SettingsError) as caught:
        load_text(toml)
    return str(caught.value)


def test_an_unknown_key_stops_the_load_and_names_rule_and_line() -> None:
    said = refused(RULE + RULE.replace('"a"', '"b"').replace("when.words", "when.wordz"))
    assert "'b'" in said
    assert "line 8" in said
    assert "wordz" in said


def test_a_pattern_that_re2_refuses_names_rule_line_and_pattern() -> None:
    said = refused(RULE.replace('when.words = ["x"]', "when.pattern = '(?=x)'"))
    assert "'a'" in said
    assert "line 2" in said
    assert "(?=x)" in said


def test_two_rules_of_one_name_are_refused() -> None:
    assert "has this name already" in refused(RULE + RULE)


def test_toml_that_is_none_is_one_sentence() -> None:
    assert refused("[[rules").startswith("the rules are no TOML")


def test_an_unknown_table_is_refused() -> None:
    assert "'other'" in refused("[other]\n")


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"then": {"topic": "t"}}, "category"),
        ({"then": {}}, "says nothing"),
        ({"strength": "soft"}, "strength"),
        ({"then": {"category": "money"}}, "category"),
        ({"when": {"time": {"zone": "Mars/Base"}}}, "Mars/Base"),
        ({"when": {"time": {"zone": "UTC", "days": ["someday"]}}}, "someday"),
        ({"when": {"words": ["\u200b"]}}, "nothing is left"),
        ({"when": {"level": ["king"]}}, "level"),
        ({"reason": {"en": "A."}}, "zh"),
    ],
)
def test_what_makes_no_sense_is_refused_with_a_sentence(change: dict[str, Any], said: str) -> None:
    with pytest.raises(SettingsError, match=said):
        load([row(**change)])


def test_a_pattern_may_name_a_group_of_words_and_a_group_another() -> None:
    rules = load([row(when={"pattern": "{both}{0,1}x"})], {"one": "a|b", "both": "{one}|c"})
    assert rules.rules[0].when.pattern == ("(?:(?:a|b)|c){0,1}x",)


def test_a_group_that_does_not_exist_is_refused() -> None:
    with pytest.raises(SettingsError, match=r"\{nobody\}"):
        load([row(when={"pattern": "{nobody}"})])


def test_the_hash_follows_the_contents_and_not_the_layout() -> None:
    assert load_text(RULE).hash == load_text("# a comment\n" + RULE).hash
    assert load_text(RULE).hash != load_text(RULE.replace("甲", "乙")).hash


def test_what_was_loaded_can_be_loaded_again() -> None:
    rules = defaults()
    assert load(rules.source["rules"], rules.source["words"]).hash == rules.hash


def test_words_may_name_a_group_beside_other_words() -> None:
    loaded = load([row(when={"words": ["{people}", "x"]})], {"people": ["stranger", "陌生人"]})
    assert loaded.rules[0].when.words == ("stranger", "陌生人", "x")


def test_words_refuse_a_group_that_is_no_list_of_words() -> None:
    with pytest.raises(SettingsError, match=r"'a'.*\{people\} holds patterns"):
        load([row(when={"words": "{people}"})], {"people": "strangers?"})
