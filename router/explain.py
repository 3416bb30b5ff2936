"""Every rule of a set against one message: did it hold, which condition, on which words. The same tests as live."""

from dataclasses import dataclass, replace

from router.facts import Facts
from router.language import language
from router.rules import RuleSet
from router.tree import Test, Tree, View, holds


@dataclass(frozen=True, slots=True)
class Step:
    """One condition of a rule. `depth` for indenting; `asks` what it asks for; `said` the words it held on."""

    depth: int
    name: str
    asks: str
    held: bool
    said: str


@dataclass(frozen=True, slots=True)
class Trace:
    """One rule: whether it held, on which words, and its conditions in the order in which they are asked."""

    rule: str
    strength: str
    held: bool
    said: str
    steps: tuple[Step, ...]


@dataclass(frozen=True, slots=True)
class Explanation:
    """`texts`: the normalised spellings that were looked at, the folded one first."""

    texts: tuple[str, ...]
    traces: tuple[Trace, ...]


def explain(facts: Facts, rules: RuleSet) -> Explanation:
    view = rules.matcher.view(facts if facts.language else replace(facts, language=language(facts.words)))
    traces = tuple(
        _trace(rule.name, rule.strength, tree, view)
        for rule, tree in zip(rules.rules, rules.matcher.trees, strict=True)
    )
    return Explanation(tuple(text.decode() for text, _ in view.variants), traces)


def _trace(name: str, strength: str, tree: Tree | Test, view: View) -> Trace:
    said = holds(tree, view)
    return Trace(name, strength, said is not None, said or "", tuple(_steps(tree, view, 0)))


def _steps(node: Tree | Test, view: View, depth: int) -> list[Step]:
    said = holds(node, view)
    if isinstance(node, Test):
        return [Step(depth, node.name, node.asks, said is not None, said or "")]
    steps = [Step(depth, node.kind, "", said is not None, said or "")]
    for part in node.parts:
        steps += _steps(part, view, depth + 1)
    return steps
