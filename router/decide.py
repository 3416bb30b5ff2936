"""Facts, rules and a model to a decision: pure, the same call live, for explain and for a replay of history.

For each field the first matching rule in order decides: `hard` rules, then the model, then `default` rules; while the
model is unproven, `default` rules stand before it. `hint` rules decide nothing and are shown. A rule that names a
category speaks about that matter: its topic, queue and policy count only where its category won; where another won it
becomes an *also* label. Rules without a category (priority, tags, a policy for the night) count always, and so do the
queue and the policy of a rule without a condition: no ticket is in no queue because its matter's rules name none.
"""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Protocol

from deskd.domain.words import Category, Priority
from router.facts import Facts
from router.language import language
from router.rules import RuleSet
from router.voice import FIELDS, GUESSED, Stage, Voice

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
    for a new ticket, none where a person's word or an answer stands. `rule_set`: the hash of the rules. `spam`: the
    rule that won says so, and nothing else was found in the message: the sentence of that rule, or ""."""

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
    spam: str = ""


def decide(facts: Facts, rules: RuleSet, model: Model | None = None) -> Decision:
    if not facts.language:
        facts = replace(facts, language=language(facts.words))
    heard = _Hearing()
    for voice, words in _voices(facts, rules, model, heard):
        heard.take(voice, words)
    decided, category = heard.decided, heard.category or Category.OTHER
    heard.also.pop(f"{category}/{decided.get('topic', '')}", None)
    changes, kept = _changes(facts, heard)
    spam = heard.winner is not None and heard.winner.spam and not heard.also
    return Decision(
        category=category,
        topic=decided.get("topic", ""),
        queue=decided.get("queue", ""),
        priority=heard.priority,
        policy=decided.get("policy", ""),
        tags=frozenset(heard.tags),
        also=tuple(heard.also),
        language=facts.language,
        confidence=heard.winner.confidence if heard.winner else GUESSED,
        reasons=(*kept, *heard.reasons, *heard.also.values(), *heard.hints),
        rule_set=rules.hash,
        changes=changes,
        model=model.version if model else "",
        spam=heard.winner.text_en if spam and heard.winner else "",
    )


def _voices(facts: Facts, rules: RuleSet, model: Model | None, heard: "_Hearing") -> Iterator[tuple[Voice, str]]:
    """Those that hold and still have something to say, in their order, with the words they hold on.

    An unproven model stands before unconditional rules, which are what is left when nobody else spoke.
    """
    matcher = rules.matcher
    view = matcher.view(facts)
    waiting = model
    for number in matcher.candidates(view):
        voice = rules.voices[number]
        if waiting and voice.stage >= (Stage.DEFAULT if waiting.proven else Stage.REST):
            yield from _judged(waiting, facts)
            waiting = None
        if heard.may_learn(voice) and (words := matcher.trees[number].ask(view)) is not None:
            yield voice, words
    if waiting:
        yield from _judged(waiting, facts)


def _judged(model: Model, facts: Facts) -> Iterator[tuple[Voice, str]]:
    opinion = model.judge(facts)
    if opinion is None:
        return
    values = {"category": opinion.category.value} | ({"topic": opinion.topic} if opinion.topic else {})
    share = f"{opinion.confidence:.0%}"
    yield (
        Voice(
            stage=Stage.DEFAULT,
            code="model",
            name="",
            category=opinion.category,
            values=values,
            confidence=opinion.confidence,
            text_en=f"The model {model.version} is {share} sure.",
            text_zh=f"模型 {model.version} 的把握为 {share}。",
        ),
        "",
    )


class _Hearing:
    """What has been said so far. Voices are taken in their order, so whoever speaks first of a field decides it."""

    def __init__(self) -> None:
        self.winner: Voice | None = None
        self.category: Category | None = None
        self.decided: dict[str, str] = {}
        self.by: dict[str, Voice] = {}
        self.open = set(FIELDS)
        self.tags: set[str] = set()
        self.also: dict[str, Reason] = {}
        self.reasons: list[Reason] = []
        self.hints: list[Reason] = []

    @property
    def priority(self) -> Priority:
        return Priority(self.decided.get("priority", Priority.NORMAL))

    def may_learn(self, voice: Voice) -> bool:
        """Whether anything would be another if it held. Most rules need not be asked once the matter is found."""
        if voice.stage is Stage.HINT or not voice.values or not voice.tags <= self.tags:
            return True
        if voice.also and not self.also.keys() >= set(voice.also):
            return True
        if not self._elsewhere(voice):
            return not self.open.isdisjoint(voice.values)
        new_matter = voice.matter != "" and voice.matter not in self.also
        return new_matter or not self.open.isdisjoint(voice.anyhow)

    def take(self, voice: Voice, words: str) -> None:
        reason = Reason(voice.code, voice.name, voice.text_en, voice.text_zh, words)
        if voice.stage is Stage.HINT:
            self.hints.append(reason)
            return
        if self.category is None and voice.category is not None:
            self.winner, self.category = voice, voice.category
        if voice.standing and voice.category and self.winner is not voice:  # its own sentence is of what nobody knew
            reason = replace(reason, text_en=_FILLED.text_en, text_zh=_FILLED.text_zh)
        elsewhere = self._elsewhere(voice)
        new = self.open.intersection(voice.anyhow if elsewhere else voice.values)
        self.decided.update((name, voice.values[name]) for name in new)
        self.by.update(dict.fromkeys(new, voice))
        self.open -= new
        self.tags |= voice.tags
        if new or not voice.values:
            self.reasons.append(reason)
        for matter in (*voice.also, voice.matter) if elsewhere and voice.matter else voice.also:
            if matter not in self.also:
                self.also[matter] = Reason("also", voice.name, voice.text_en, voice.text_zh, words)

    def _elsewhere(self, voice: Voice) -> bool:
        """Another category has won than the one it speaks of."""
        return self.category is not None and voice.category is not None and voice.category != self.category


def _changes(facts: Facts, heard: _Hearing) -> tuple[frozenset[str], list[Reason]]:
    """What a message appended to a ticket may still change.

    A hard rule for security moves it at any time, and a hard rule without a category (money moving now, a life in
    danger) raises it at any time. Else a person's word and an answer stand; before those, a later message takes the
    ticket only to a more urgent matter: "thanks" or "hello?" moves nothing. Nothing makes a ticket less urgent.
    """
    if facts.previous_category is None:
        return frozenset(FIELDS), []
    winner, category = heard.winner, heard.category or Category.OTHER
    if winner is not None and winner.stage is Stage.HARD and category is Category.SECURITY:
        return _never_lower(facts, heard), []
    if facts.set_by_person:
        return _alarms(heard), [_BY_PERSON]
    raised = _alarms(heard) | _louder(facts, heard)
    if facts.answered:
        return raised, [_ANSWERED]
    before = Category(facts.previous_category)
    clearer = before is Category.OTHER is category and winner is not None and not winner.standing
    if RANK[category] < RANK[before] or clearer:
        return _never_lower(facts, heard), []
    return raised, [_STAYS]


def _never_lower(facts: Facts, heard: _Hearing) -> frozenset[str]:
    """Every field; but a priority that the ticket has already stays, and the policy that came with urgency."""
    before = facts.previous_priority
    if before is None or heard.priority.rank <= before.rank:
        return frozenset(FIELDS)
    return frozenset(FIELDS) - ({"priority", "policy"} if before is Priority.URGENT else {"priority"})


def _alarms(heard: _Hearing) -> frozenset[str]:
    """What a hard rule without a category decided that makes a ticket urgent."""
    return frozenset(
        name
        for name, voice in heard.by.items()
        if voice.stage is Stage.HARD and voice.category is None and voice.values.get("priority") == Priority.URGENT
    ) & {"priority", "policy"}


def _louder(facts: Facts, heard: _Hearing) -> frozenset[str]:
    """The priority, where a condition on this message made it more urgent: a complaint about what was not answered."""
    before, voice = facts.previous_priority, heard.by.get("priority")
    if before is None or voice is None or voice.standing or heard.priority.rank >= before.rank:
        return frozenset()
    return frozenset({"priority"})


_FILLED = Reason("", "", "What the rules before left open is as for every message.", "前面的规则未定的部分按通用设置。")
_BY_PERSON = Reason("kept", "", "A person has set it.", "由人员设定，不再改动。")
_ANSWERED = Reason("kept", "", "The ticket has been answered.", "工单已答复，不再改动分类。")
_STAYS = Reason("kept", "", "The ticket keeps its more urgent matter.", "工单保留更紧急的事项。")
