"""What is suspicious in a rule set that loads: the findings of `deskd rules check`.

What makes a set unusable (an unknown key, a pattern that RE2 refuses, a name twice) stops the load already, with a
SettingsError that names rule and line. `check_text` turns that into a finding too, so that ops see one list.
"""

import re
from collections.abc import Collection, Iterator
from dataclasses import dataclass

from deskd.domain.errors import SettingsError
from router.conditions import Condition, Rule
from router.literals import read
from router.normalise import raw
from router.rules import RuleSet, load_text, rule_lines
from router.voice import FIELDS, in_order

_ESCAPES = re.compile(r"\\(?:x\{[0-9a-fA-F]+\}|[pP]\{\w+\}|.)|\(\?[a-zA-Z-]+[:)]")


@dataclass(frozen=True, slots=True)
class Finding:
    """`code`: invalid, queue, policy, unreachable, no-catch-all, no-literal, never-matches. `line` 0 where unknown."""

    code: str
    rule: str
    line: int
    text: str


def check_text(toml: str, queues: Collection[str] = (), policies: Collection[str] = ()) -> list[Finding]:
    """Findings of a rule file, also of one that does not load."""
    try:
        rules = load_text(toml)
    except SettingsError as error:
        line = re.search(r"\(?(?:at )?line (\d+)", str(error))
        name = re.match(r"rule '([^']+)'", str(error))
        return [Finding("invalid", name.group(1) if name else "", int(line.group(1)) if line else 0, str(error))]
    return check(rules, queues, policies, rule_lines(toml))


def check(
    rules: RuleSet, queues: Collection[str] = (), policies: Collection[str] = (), lines: tuple[int, ...] = ()
) -> list[Finding]:
    """`queues` and `policies` are the names that exist; empty: they are not checked."""
    line_of = dict(zip((rule.name for rule in rules.rules), lines or rules.lines, strict=False))
    always = {rules.voices[number].name for number in rules.matcher.always}
    findings: list[Finding] = []
    taken: dict[str, str] = {}
    for rule in in_order(rules.rules):
        line = line_of.get(rule.name, 0)
        findings += [
            Finding(code, rule.name, line, text)
            for code, text in _of_rule(rule, rule.name in always, queues, policies, taken)
        ]
        if rule.when.empty and rule.strength != "hint":
            taken.update({name: rule.name for name in _fields(rule) if name not in taken})
    if "category" not in taken or "queue" not in taken:
        findings.append(
            Finding("no-catch-all", "", 0, "No unconditional rule gives category and queue: some messages get none.")
        )
    return sorted(findings, key=lambda found: found.line)


def _fields(rule: Rule) -> set[str]:
    return {name for name in FIELDS if getattr(rule.then, name) is not None}


def _of_rule(
    rule: Rule, always: bool, queues: Collection[str], policies: Collection[str], taken: dict[str, str]
) -> Iterator[tuple[str, str]]:
    then = rule.then
    if queues and then.queue and then.queue not in queues:
        yield "queue", f"The queue {then.queue!r} does not exist; known are {', '.join(sorted(queues))}."
    if policies and then.policy and then.policy not in policies:
        yield "policy", f"The policy {then.policy!r} does not exist; known are {', '.join(sorted(policies))}."
    wanted = _fields(rule)
    if rule.strength != "hint" and wanted and wanted <= taken.keys() and not then.tags and not then.also:
        first = taken[next(iter(wanted))]
        yield "unreachable", f"It decides nothing: {first!r} stands before it and always holds."
    patterns = list(_patterns(rule.when))
    vague = [pattern for pattern in patterns if not read(pattern).required()]
    if vague and always:
        yield "no-literal", f"No word is certain in {_short(vague[0])!r}: the rule is tried on every message."
    for pattern in patterns:
        yield from _of_pattern(pattern)


def _short(pattern: str) -> str:
    return pattern if len(pattern) <= 60 else f"{pattern[:57]}..."


def _of_pattern(pattern: str) -> Iterator[tuple[str, str]]:
    letters = _ESCAPES.sub("", pattern)
    lost = sorted({char for char in letters if not char.isspace() and char != "`" and raw(char) != char} - {"^"})
    if lost:
        yield (
            "never-matches",
            f"{' '.join(lost)} never occurs in normalised text; write it as {raw(lost[0])!r}: {_short(pattern)!r}",
        )


def _patterns(when: Condition) -> Iterator[str]:
    yield from when.pattern or ()
    for inner in (*when.all, *when.any, *when.none):
        yield from _patterns(inner)
