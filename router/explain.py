"""Every rule of a set against one message: did it hold, which condition, on which words. The same tests as live."""

from dataclasses import dataclass, replace

from router.facts import Facts
from router.language import language
from router.rules import RuleSet
from router.tree import Node, View


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
    trees = {voice.name: tree for voice, tree in zip(rules.voices, rules.matcher.trees, strict=True)}
    traces = tuple(_trace(rule.name, rule.strength, trees[rule.name], view) for rule in rules.rules)
    return Explanation(tuple(found.text.decode() for found in view.spellings), traces)


def _trace(name: str, strength: str, tree: Node, view: View) -> Trace:
    said = tree.ask(view)
    return Trace(name, strength, said is not None, said or "", tuple(_steps(tree, view, 0)))


def _steps(node: Node, view: View, depth: int) -> list[Step]:
    said = node.ask(view)
    steps = [Step(depth, node.name, node.asks, said is not None, said or "")]
    for part in node.parts:
        steps += _steps(part, view, depth + 1)
    return steps
