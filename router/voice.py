"""What a rule, or the model, says where it holds; made once a rule set, heard by `decide`."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import IntEnum

from deskd.domain.words import Category
from router.conditions import Rule

FIELDS = ("category", "topic", "queue", "priority", "policy")

# How far a reader may lean on it; not a frequency: the model brings measured figures, rules bring an order.
SURE, LIKELY, GUESSED = 0.95, 0.8, 0.2


class Stage(IntEnum):
    """When a rule is asked. REST are default rules without a condition: what is left when nobody else spoke."""

    HARD = 0
    DEFAULT = 1
    REST = 2
    HINT = 3


@dataclass(frozen=True, slots=True)
class Voice:
    """`code`: hard, default, hint or model; `values`: the fields it gives; `anyhow`: those that count where another
    category won; `also`: labels that it adds; `matter`: its own, which becomes one where another category won, "" for
    none; `standing`: it holds for every message; `spam`: what it wins is nobody's matter."""

    stage: Stage
    code: str
    name: str
    category: Category | None
    values: Mapping[str, str]
    confidence: float
    text_en: str
    text_zh: str
    anyhow: frozenset[str] = frozenset()
    tags: frozenset[str] = frozenset()
    also: tuple[str, ...] = ()
    matter: str = ""
    standing: bool = False
    spam: bool = False


def stage_of(rule: Rule) -> Stage:
    if rule.strength == "default":
        return Stage.REST if rule.when.empty else Stage.DEFAULT
    return Stage.HARD if rule.strength == "hard" else Stage.HINT


def in_order(rules: Iterable[Rule]) -> list[Rule]:
    """As they are asked; within a stage as they are written."""
    return sorted(rules, key=stage_of)


def voice_of(rule: Rule) -> Voice:
    then, stage, standing = rule.then, stage_of(rule), rule.when.empty
    values = {name: value for name in FIELDS if (value := getattr(then, name)) is not None}
    return Voice(
        stage=stage,
        code=rule.strength,
        name=rule.name,
        category=then.category,
        values=values,
        anyhow=frozenset({"priority", "queue", "policy"} if standing else {"priority"}) & values.keys(),
        confidence={Stage.HARD: SURE, Stage.REST: GUESSED}.get(stage, LIKELY),
        text_en=rule.reason.en,
        text_zh=rule.reason.zh,
        tags=frozenset(then.tags),
        also=() if standing else then.also,  # what is always said tells nothing about this message
        matter=f"{then.category}/{then.topic}" if then.category and then.topic and not standing else "",
        standing=standing,
        spam=then.spam,
    )
