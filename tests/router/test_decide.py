import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from deskd.domain.words import Category, Priority
from router.decide import Opinion, _Hearing, decide
from router.facts import READ, Facts
from router.rules import RuleSet, defaults, load


@dataclass(frozen=True)
class FixedModel:
    category: Category = Category.ACCOUNT
    proven: bool = True
    version: str = "m1"

    def judge(self, facts: Facts) -> Opinion | None:
        return None if facts.text == "abstain" else Opinion(self.category, "login", 0.9)


def rule(name: str, then: dict[str, Any], *words: str, strength: str = "default") -> dict[str, Any]:
    when = {"words": list(words)} if words else {}
    reason = {"en": f"Because of {name}.", "zh": f"因为 {name}。"}
    return {"name": name, "strength": strength, "when": when, "then": then, "reason": reason}


SECURITY = {"category": "security", "topic": "lost_phone", "queue": "security", "priority": "urgent", "policy": "fast"}
TRANSFER = {"category": "transfer", "topic": "delayed", "queue": "transfers", "policy": "transfer"}
FEEDBACK = {
    "category": "feedback",
    "topic": "complaint",
    "queue": "feedback",
    "priority": "high",
    "policy": "complaint",
}

HOUSE = load(
    [
        rule("stolen", SECURITY, "stolen", strength="hard"),
        rule("late", TRANSFER, "late"),
        rule("angry", {"priority": "high", "tags": ["complaint"]}, "complain"),
        rule("complaint", FEEDBACK, "complain"),
        rule("vip", {"tags": ["vip"]}, "gold"),
        rule("noted", {"category": "account"}, "hint", strength="hint"),
        rule("rest", {"category": "other", "topic": "unclear", "queue": "triage", "priority": "normal", "policy": "o"}),
    ]
)


def said(text: str, rules: RuleSet = HOUSE, **facts: Any) -> Any:
    return decide(Facts(text=text, **facts), rules)


def test_the_first_matching_rule_decides_each_field() -> None:
    made = said("my transfer is late")
    assert (made.category, made.topic, made.queue, made.policy) == ("transfer", "delayed", "transfers", "transfer")
    assert made.priority is Priority.NORMAL
    assert made.rule_set == HOUSE.hash


def test_a_hard_rule_stands_before_a_default_that_is_written_above_it() -> None:
    rules = load([rule("late", TRANSFER, "late"), rule("stolen", SECURITY, "stolen", strength="hard")])
    assert said("late and stolen", rules).category is Category.SECURITY


def test_words_of_complaint_raise_and_tag_but_leave_the_matter() -> None:
    made = said("late, I will complain")
    assert made.category is Category.TRANSFER
    assert made.priority is Priority.HIGH
    assert made.queue == "transfers"
    assert "complaint" in made.tags
    assert made.also == ("feedback/complaint",)


def test_words_of_complaint_decide_where_nothing_else_was_found() -> None:
    assert said("I complain").category is Category.FEEDBACK


def test_tags_are_the_union() -> None:
    assert said("gold, late, complain").tags == {"complaint", "vip"}


def test_a_hint_decides_nothing_and_is_shown() -> None:
    made = said("hint")
    assert made.category is Category.OTHER
    assert [r.rule for r in made.reasons if r.code == "hint"] == ["noted"]


def test_a_proven_model_stands_between_hard_and_default() -> None:
    assert decide(Facts(text="late"), HOUSE, FixedModel()).category is Category.ACCOUNT
    assert decide(Facts(text="stolen"), HOUSE, FixedModel()).category is Category.SECURITY


def test_an_unproven_model_decides_only_where_no_condition_held() -> None:
    model = FixedModel(proven=False)
    assert decide(Facts(text="late"), HOUSE, model).category is Category.TRANSFER
    made = decide(Facts(text="good morning"), HOUSE, model)
    assert (made.category, made.topic, made.confidence, made.model) == ("account", "login", 0.9, "m1")


def test_a_model_that_abstains_leaves_it_to_the_rules() -> None:
    assert decide(Facts(text="abstain"), HOUSE, FixedModel()).category is Category.OTHER


def test_topic_queue_and_policy_come_from_the_matter_that_won() -> None:
    rules = load([rule("late", TRANSFER, "late")])
    made = decide(Facts(text="late"), rules, FixedModel())
    assert made.topic == "login"
    assert (made.queue, made.policy) == ("", "")


def test_a_matter_whose_rules_name_no_queue_goes_to_the_one_of_the_rule_without_a_condition() -> None:
    made = decide(Facts(text="late"), HOUSE, FixedModel())
    assert (made.category, made.topic, made.queue, made.policy) == ("account", "login", "triage", "o")


def test_a_matter_is_not_shown_beside_itself() -> None:
    rules = load([rule("late", TRANSFER | {"also": ["transfer/delayed", "account/login"]}, "late")])
    assert said("late", rules).also == ("account/login",)


def test_also_labels_stand_in_the_order_in_which_rules_are_asked() -> None:
    rules = load(
        [
            rule("late", TRANSFER, "late"),
            rule("stolen", SECURITY, "stolen", strength="hard"),
            rule("angry", FEEDBACK, "bad", strength="hard"),
        ]
    )
    assert said("late, bad, stolen", rules).also == ("feedback/complaint", "transfer/delayed")


def test_a_new_ticket_takes_every_field() -> None:
    assert said("late").changes == {"category", "topic", "queue", "priority", "policy"}


@pytest.mark.parametrize("held", [{"answered": True}, {"set_by_person": True}])
def test_an_answer_or_a_person_keeps_what_stands(held: dict[str, bool]) -> None:
    made = said("late", previous_category="account", **held)
    assert made.changes == frozenset()
    assert made.reasons[0].code == "kept"


@pytest.mark.parametrize("held", [{"answered": True}, {"set_by_person": True}, {}])
def test_a_hard_rule_for_security_moves_at_any_time(held: dict[str, bool]) -> None:
    made = said("stolen", previous_category="account", **held)
    assert made.category is Category.SECURITY
    assert "category" in made.changes


def test_without_a_person_a_later_message_moves_only_to_a_more_urgent_matter() -> None:
    assert "category" in said("late", previous_category="account").changes
    assert said("thank you", previous_category="transfer").changes == frozenset()
    assert said("I complain", previous_category="transfer").changes == frozenset()


def test_a_life_in_danger_raises_whatever_a_person_set() -> None:
    danger = rule("danger", {"priority": "urgent", "policy": "now", "tags": ["danger"]}, "die", strength="hard")
    rules = load([danger, rule("late", TRANSFER, "late")])
    made = said("I want to die", rules, previous_category="account", set_by_person=True)
    assert made.changes == {"priority", "policy"}
    assert (made.priority, made.policy) == (Priority.URGENT, "now")


def test_an_alarm_writes_only_what_it_gave_itself() -> None:
    alarm = rule("now", {"priority": "urgent"}, "now", strength="hard")
    rules = load([alarm, rule("late", TRANSFER, "late")])
    assert said("late, now", rules, previous_category="security", set_by_person=True).changes == {"priority"}
    before = rule("first", {"priority": "high"}, "now", strength="hard")
    made = said("now", load([before, alarm]), previous_category="security", set_by_person=True)
    assert (made.priority, made.changes) == (Priority.HIGH, frozenset())


@pytest.mark.parametrize(
    ("held", "changes"),
    [
        ({"previous_priority": Priority.NORMAL}, {"priority"}),
        ({"previous_priority": Priority.NORMAL, "answered": True}, {"priority"}),
        ({"previous_priority": Priority.NORMAL, "set_by_person": True}, set()),
        ({"previous_priority": Priority.URGENT}, set()),
    ],
)
def test_a_later_complaint_raises_what_no_person_set(held: dict[str, Any], changes: set[str]) -> None:
    assert said("I complain", previous_category="transfer", **held).changes == changes


def test_a_later_word_without_a_matter_does_not_raise() -> None:
    assert said("hello?", previous_category="feedback", previous_priority=Priority.LOW).changes == frozenset()


@pytest.mark.parametrize(
    ("before", "kept"),
    [(Priority.URGENT, {"priority", "policy"}), (Priority.HIGH, {"priority"}), (Priority.NORMAL, set())],
)
def test_a_later_message_makes_no_ticket_less_urgent(before: Priority, kept: set[str]) -> None:
    made = said("late", previous_category="account", previous_priority=before)
    assert {"category", "topic", "queue", "priority", "policy"} - made.changes == kept


def test_a_hard_rule_for_security_does_not_lower_an_urgent_ticket() -> None:
    code = rule("code", SECURITY | {"priority": "high"}, "code", strength="hard")
    made = said("code", load([code]), previous_category="other", previous_priority=Priority.URGENT)
    assert made.changes == {"category", "topic", "queue"}


def test_rules_read_the_beginning_of_a_very_long_text() -> None:
    assert said("late " + "x" * READ).category is Category.TRANSFER
    assert said("x" * READ + " late").category is Category.OTHER


def test_the_subject_counts_for_a_new_ticket_and_not_for_a_reply() -> None:
    assert said("see above", subject="late").category is Category.TRANSFER
    assert said("see above", subject="Re: late", previous_category="other").category is Category.OTHER


def test_no_rule_at_all_leaves_other() -> None:
    made = said("anything", load([]))
    assert (made.category, made.queue, made.priority) == (Category.OTHER, "", Priority.NORMAL)


def test_a_reason_has_both_languages_and_the_words() -> None:
    reason = next(r for r in said("my transfer is LATE").reasons if r.rule == "late")
    assert (reason.code, reason.text_en, reason.text_zh, reason.matched) == (
        "default",
        "Because of late.",
        "因为 late。",
        "late",
    )


def test_the_same_facts_give_the_same_decision() -> None:
    assert said("late, complain, gold") == said("late, complain, gold")


def test_rules_that_are_not_asked_would_have_changed_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    labels = Path(__file__).parent / "labels" / "seen.jsonl"
    texts = [json.loads(line)["text"] for line in labels.read_text("utf-8").splitlines()]
    texts += ["\n".join(texts[start : start + 6]) for start in range(0, len(texts), 6)]
    models = [None, FixedModel(), FixedModel(proven=False)]
    cases = [(Facts(text=text), models[n % 3]) for n, text in enumerate(texts)]
    asked = [decide(facts, defaults(), model) for facts, model in cases]
    monkeypatch.setattr(_Hearing, "may_learn", lambda self, voice: True)
    assert [decide(facts, defaults(), model) for facts, model in cases] == asked


def test_the_rule_for_all_the_rest_does_not_say_that_nobody_knew_where_somebody_did() -> None:
    decision = decide(Facts(text="我的转账三天还没到账"), defaults())
    known = [reason for reason in decision.reasons if reason.rule == "triage"]
    assert decision.category is Category.TRANSFER
    assert all("No rule" not in reason.text_en and "没有规则" not in reason.text_zh for reason in known)
    [unknown] = [reason for reason in decide(Facts(text="在吗"), defaults()).reasons if reason.rule == "triage"]
    assert unknown.text_zh.startswith("没有规则")
