"""Facts, rules and a model to a decision: pure, the same call live, for explain and for a replay of history.

For each field the first matching rule in order decides: `hard` rules, then the model, then `default` rules; while the
model is unproven, `default` rules stand before it. `hint` rules decide nothing and are shown. A rule that names a
category speaks about that matter: its topic, queue and policy count only where its category won; where another won it
becomes an *also* label. Rules without a category (priority, tags, a policy for the night) count always.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from typing import Protocol

from deskd.domain.words import Category, Priority
from router.facts import Facts
from router.language import language
from router.match import Hit
from router.rules import RuleSet

FIELDS = ("category", "topic", "queue", "priority", "policy")

# How far a reader may lean on it; not a frequency: the model brings measured figures, rules bring an order.
SURE, LIKELY, GUESSED = 0.95, 0.8, 0.2

# Two matters: the more urgent decides, the others become also labels.
RANK = {
    category: rank
    for rank, category in enumerate(
        (Category.SECURITY, Category.TRANSFER, Category.ACCOUNT, Category.FEEDBACK, Category.OTHER)
    )
}


@dataclass(frozen=True, slots=True)
class Opinion:
    """What a model says: a category, a topic or "", and how probable the category is."""

    category: Category
    topic: str
    confidence: float


class Model(Protocol):
    """`proven`: its figures on the house's own messages allow it to stand before default rules."""

    @property
    def proven(self) -> bool: ...

    @property
    def version(self) -> str: ...

    def judge(self, facts: Facts) -> Opinion | None:
        """None where it abstains."""


@dataclass(frozen=True, slots=True)
class Reason:
    """`code`: hard, default, hint, model, also, kept. `matched`: the customer's words, to be kept as they are kept."""

    code: str
    rule: str
    text_en: str
    text_zh: str
    matched: str = ""


@dataclass(frozen=True, slots=True)
class Decision:
    """`also`: other matters as category/topic. `changes`: the fields that may be written to the ticket: all of them
    for a new ticket, none where a person's word or an answer stands. `rule_set`: the hash of the rules."""

    category: Category
    topic: str
    queue: str
    priority: Priority
    policy: str
    tags: frozenset[str]
    also: tuple[str, ...]
    language: str
    confidence: float
    reasons: tuple[Reason, ...]
    rule_set: str
    changes: frozenset[str]
    model: str = ""


@dataclass(frozen=True, slots=True)
class _Voice:
    """One that may decide fields: a rule that held, or the model."""

    strength: str
    category: Category | None
    values: dict[str, str]
    reason: Reason
    confidence: float
    unconditional: bool = False


def decide(facts: Facts, rules: RuleSet, model: Model | None = None) -> Decision:
    if not facts.language:
        facts = replace(facts, language=language(facts.words))
    view = rules.matcher.view(facts)
    hits = list(rules.matcher.hits(view))
    voices = _in_order(hits, facts, model)
    winner = next((v for v in voices if v.category is not None), None)
    category = winner.category if winner and winner.category else Category.OTHER
    decided = _fields(voices, category)
    also = _also(hits, category)
    changes, kept = _changes(facts, category, winner, voices)
    heard = [v.reason for v in voices if _spoke(v, category, decided)]
    return Decision(
        category=category,
        topic=decided.get("topic", (_NOTHING, ""))[1],
        queue=decided.get("queue", (_NOTHING, ""))[1],
        priority=Priority(decided.get("priority", (_NOTHING, Priority.NORMAL))[1]),
        policy=decided.get("policy", (_NOTHING, ""))[1],
        tags=frozenset(tag for hit in hits if hit.rule.strength != "hint" for tag in hit.rule.then.tags),
        also=tuple(also),
        language=facts.language,
        confidence=winner.confidence if winner else GUESSED,
        reasons=(*kept, *heard, *also.values(), *_hints(hits)),
        rule_set=rules.hash,
        changes=changes,
        model=model.version if model else "",
    )


def _in_order(hits: Sequence[Hit], facts: Facts, model: Model | None) -> list[_Voice]:
    """Unconditional rules are what is left when nobody else spoke, so an unproven model still stands before them."""
    said = [_rule_voice(hit) for hit in hits if hit.rule.strength != "hint"]
    hard = [v for v in said if v.strength == "hard"]
    default = [v for v in said if v.strength == "default" and not v.unconditional]
    rest = [v for v in said if v.strength == "default" and v.unconditional]
    judged = _model_voice(model, facts)
    return [*hard, *judged, *default, *rest] if model and model.proven else [*hard, *default, *judged, *rest]


def _rule_voice(hit: Hit) -> _Voice:
    then = hit.rule.then
    values = {name: value for name in FIELDS if (value := getattr(then, name)) is not None}
    unconditional = hit.rule.when.empty
    confidence = SURE if hit.rule.strength == "hard" else GUESSED if unconditional else LIKELY
    return _Voice(hit.rule.strength, then.category, values, _reason(hit.rule.strength, hit), confidence, unconditional)


def _model_voice(model: Model | None, facts: Facts) -> list[_Voice]:
    opinion = model.judge(facts) if model else None
    if model is None or opinion is None:
        return []
    values = {"category": opinion.category.value} | ({"topic": opinion.topic} if opinion.topic else {})
    share = f"{opinion.confidence:.0%}"
    reason = Reason(
        "model", "", f"The model {model.version} is {share} sure.", f"模型 {model.version} 的把握为 {share}。"
    )
    return [_Voice("model", opinion.category, values, reason, opinion.confidence)]


def _reason(code: str, hit: Hit) -> Reason:
    return Reason(code, hit.rule.name, hit.rule.reason.en, hit.rule.reason.zh, hit.matched)


def _fields(voices: Iterable[_Voice], category: Category) -> dict[str, tuple[_Voice, str]]:
    decided: dict[str, tuple[_Voice, str]] = {}
    for voice in voices:
        elsewhere = voice.category is not None and voice.category != category
        for name, value in voice.values.items():
            if name in decided or (elsewhere and name != "priority"):
                continue
            decided[name] = (voice, value)
    return decided


def _spoke(voice: _Voice, category: Category, decided: dict[str, tuple[_Voice, str]]) -> bool:
    """Whether it decided a field, or only added tags."""
    return any(by is voice for by, _ in decided.values()) or (voice.category in (None, category) and not voice.values)


def _also(hits: Sequence[Hit], category: Category) -> dict[str, Reason]:
    """The matters that lost, in the order of the rules, and those that a rule adds."""
    found: dict[str, Reason] = {}
    for hit in hits:
        then = hit.rule.then
        if hit.rule.strength == "hint" or hit.rule.when.empty:
            continue
        for matter in then.also:
            found.setdefault(matter, _reason("also", hit))
        if then.category is not None and then.category != category and then.topic:
            found.setdefault(f"{then.category}/{then.topic}", _reason("also", hit))
    return found


def _hints(hits: Iterable[Hit]) -> list[Reason]:
    return [_reason("hint", hit) for hit in hits if hit.rule.strength == "hint"]


def _changes(
    facts: Facts, category: Category, winner: _Voice | None, voices: Sequence[_Voice]
) -> tuple[frozenset[str], list[Reason]]:
    """What a message appended to a ticket may still change.

    A hard rule for security moves it at any time, and a hard rule without a category (money moving now, a life in
    danger) raises it at any time. Else a person's word and an answer stand; before those, a later message takes the
    ticket only to a more urgent matter: "thanks" or "hello?" moves nothing.
    """
    everything = frozenset(FIELDS)
    by_security = winner is not None and winner.strength == "hard" and category is Category.SECURITY
    if facts.previous_category is None or by_security:
        return everything, []
    raised = frozenset(
        name
        for v in voices
        if v.strength == "hard" and v.category is None and v.values.get("priority") == Priority.URGENT
        for name in ("priority", "policy")
    )
    if facts.set_by_person:
        return raised, [_BY_PERSON]
    if facts.answered:
        return raised, [_ANSWERED]
    before = Category(facts.previous_category)
    clearer = before is Category.OTHER is category and winner is not None and not winner.unconditional
    if RANK[category] < RANK[before] or clearer:
        return everything, []
    return raised, [_STAYS]


_BY_PERSON = Reason("kept", "", "A person has set it.", "由人员设定，不再改动。")
_ANSWERED = Reason("kept", "", "The ticket has been answered.", "工单已答复，不再改动分类。")
_STAYS = Reason("kept", "", "The ticket keeps its more urgent matter.", "工单保留更紧急的事项。")
_NOTHING = _Voice("", None, {}, Reason("", "", "", ""), 0.0)
