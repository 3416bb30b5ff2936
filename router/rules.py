"""A rule set: read, checked, numbered and compiled. What it means is in `conditions`, how it is matched in `match`."""

import hashlib
import json
import re
import tomllib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache
from importlib import resources
from typing import Any

from pydantic import ValidationError

from deskd.domain.errors import SettingsError
from router.conditions import Condition, Rule
from router.match import Matcher
from router.pattern import PatternError
from router.voice import Voice, in_order, voice_of

__all__ = ["Condition", "Rule", "RuleSet", "defaults", "load", "load_text"]

_NAMED = re.compile(r"\{([a-z][a-z0-9_]*)\}")  # {3,5} is a repetition of RE2, {money} a group of words
_NOT_PLAIN = re.compile(r"[\\()\[\]{}.*+?^$]")
_TABLE = re.compile(r"\[\[?\s*([\w-]+)\s*[].]")  # at the beginning of a line
_HEADER = re.compile(r"^\s*\[\[\s*(?:[\w-]+\s*\.\s*)*rules\s*\]\]")
MAX_RULES = 10_000  # one automaton holds them in some MB; more is a mistake in what was loaded


@dataclass(frozen=True, slots=True)
class RuleSet:
    """`rules` with the word groups put in; `source` as written, what `load` takes again; `hash` over `source`.

    `voices` and `matcher` have the rules in the order in which they are asked.
    """

    rules: tuple[Rule, ...]
    source: Mapping[str, Any] = field(repr=False)
    hash: str
    lines: tuple[int, ...] = field(repr=False)
    voices: tuple[Voice, ...] = field(repr=False, compare=False)
    matcher: Matcher = field(repr=False, compare=False)
    version: int = 0


def load_text(toml: str, version: int = 0) -> RuleSet:
    """A file with `[words]` and `[[rules]]`. SettingsError names the rule and its line."""
    try:
        parsed = tomllib.loads(toml)
    except tomllib.TOMLDecodeError as error:
        raise SettingsError(f"the rules are no TOML: {error}") from error
    if unknown := sorted(set(parsed) - {"words", "rules"}):
        raise SettingsError(f"the rules have a table {unknown[0]!r}; only [words] and [[rules]] are known")
    return load(parsed.get("rules", []), parsed.get("words", {}), lines=rule_lines(toml), version=version)


def load(
    rows: Sequence[Mapping[str, Any]],
    words: Mapping[str, str | list[str]] | None = None,
    *,
    lines: Iterable[int] = (),
    version: int = 0,
) -> RuleSet:
    """`rows` as a TOML or JSON parser gives them; `words` the groups that patterns name; `lines` where rows began."""
    if len(rows) > MAX_RULES:
        raise SettingsError(f"{len(rows)} rules are more than {MAX_RULES:,}")
    at = tuple(lines)
    groups = _groups(words or {})
    rules: list[Rule] = []
    seen: set[str] = set()
    for index, row in enumerate(rows):
        where = _where(index, row, at)
        rule = _rule(row, groups, where)
        if rule.name in seen:
            raise SettingsError(f"{where}: another rule has this name already")
        seen.add(rule.name)
        rules.append(rule)
    source = {"words": dict(words or {}), "rules": [dict(row) for row in rows]}
    asked = in_order(rules)
    try:
        matcher = Matcher(asked)
    except PatternError as error:
        index = next(index for index, rule in enumerate(rules) if rule.name == error.rule)
        where = _where(index, rows[index], at)
        raise SettingsError(f"{where}: RE2 refuses the pattern {error.pattern[:120]!r}: {error}") from error
    return RuleSet(tuple(rules), source, _hash(source), at, tuple(map(voice_of, asked)), matcher, version)


@cache
def defaults() -> RuleSet:
    """The rules that are shipped: version 1 of a new house."""
    return load_text(resources.files("router").joinpath("defaults.toml").read_text("utf-8"), version=1)


def only_rules(text: str) -> str:
    """The tables `words` and `rules` of a TOML text with the comments before and in them, to the letter."""
    kept: list[str] = []
    before: list[str] = []  # comments and blank lines, which belong to what follows them
    ours = False
    for line in text.split("\n"):
        if header := _TABLE.match(line):
            ours = header[1] in {"words", "rules"}
        if not line.strip() or line.startswith("#"):
            before.append(line)
            continue
        kept += [*before, line] if ours else []
        before = []
    return "\n".join([*kept, ""]).lstrip("\n")


def rule_lines(toml: str) -> tuple[int, ...]:
    """The line of each `[[rules]]`, counted from 1; tomllib keeps none."""
    return tuple(number for number, line in enumerate(toml.split("\n"), 1) if _HEADER.match(line))


def _hash(source: Mapping[str, Any]) -> str:
    canonical = json.dumps(source, sort_keys=True, ensure_ascii=False, separators=(",", ":"), default=str)
    return hashlib.sha256(canonical.encode()).hexdigest()


def _where(index: int, row: Any, lines: tuple[int, ...]) -> str:
    name = row.get("name") if isinstance(row, Mapping) else None
    line = f" (line {lines[index]})" if index < len(lines) else ""
    return f"rule {name!r}{line}" if name else f"rule number {index + 1}{line}"


def _rule(row: Any, groups: Mapping[str, str], where: str) -> Rule:
    try:
        return Rule.model_validate(_filled(row, groups, where))
    except ValidationError as error:
        first = error.errors()[0]
        place = ".".join(str(part) for part in first["loc"])
        said = str(first["msg"]).removeprefix("Value error, ")
        raise SettingsError(f"{where}: {place + ': ' if place else ''}{said}") from error


def _groups(words: Mapping[str, str | list[str]]) -> dict[str, str]:
    """Name → alternation. A group may name groups that stand above it."""
    groups: dict[str, str] = {}
    for name, said in words.items():
        body = said if isinstance(said, str) else "|".join(said)
        groups[name] = f"(?:{_put_in(body, groups, f'the word group {name!r}')})"
    return groups


def _put_in(pattern: str, groups: Mapping[str, str], where: str) -> str:
    def group(name: re.Match[str]) -> str:
        if name.group(1) not in groups:
            raise SettingsError(f"{where}: no word group is called {{{name.group(1)}}}")
        return groups[name.group(1)]

    return _NAMED.sub(group, pattern)


def _listed(word: Any, groups: Mapping[str, str], where: str) -> list[Any]:
    """`{name}` stands for the words of a group, which has to be made of nothing else."""
    if not isinstance(word, str) or not _NAMED.fullmatch(word):
        return [word]
    plain = _put_in(word, groups, where).removeprefix("(?:").removesuffix(")")
    if _NOT_PLAIN.search(plain):
        raise SettingsError(f"{where}: the word group {word} holds patterns, so it can only stand in `pattern`")
    return plain.split("|")


def _filled(value: Any, groups: Mapping[str, str], where: str, key: str = "") -> Any:
    """The same row with the groups put into its patterns."""
    if isinstance(value, Mapping):
        return {k: _filled(v, groups, where, k) for k, v in value.items()}
    if key == "words":
        listed = value if isinstance(value, list) else [value]
        return [word for one in listed for word in _listed(one, groups, where)]
    if isinstance(value, list):
        return [_filled(v, groups, where, key) for v in value]
    if key == "pattern" and isinstance(value, str):
        return _put_in(value, groups, where)
    return value
