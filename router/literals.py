r"""The strings without which a pattern cannot match, read off the pattern itself.

`required(r"(转账|汇款).{0,6}没到")` is `[{"转账", "汇款"}, {"没到"}]`: one of each set must stand in the text.
They feed one Aho-Corasick automaton, so that RE2 is asked only where it may say yes (DEPENDENCIES 7). Python's own
parser reads nearly all of RE2's syntax; what it refuses has no required literal and is always checked.
"""

import re
from collections.abc import Iterable, Sequence
from functools import lru_cache
from itertools import product
from re import _constants as ops  # type: ignore[attr-defined]
from re import _parser  # type: ignore[attr-defined]
from typing import Any

Literals = frozenset[str]

MAX_SET = 400  # strings of one set; a larger cross product is worth less than it costs to search
COMMON = 0.25  # measured on the default rules: a set above this costs more to look up than it saves RE2
MAX_CLASS = 24  # characters of a class that are still spelt out


def required(pattern: str) -> list[Literals]:
    """The cheapest set first. Empty: the pattern has no literal that must occur."""
    exact, sets = _read(pattern)[:2]
    found = [*sets, exact] if exact is not None else sets
    return sorted({_minimal(s) for s in found if s and "" not in s}, key=cost)


def alternatives(pattern: str) -> list[str]:
    """`a|b(c|d)` is `a` and `b(c|d)`: each is narrower, so more of them can be excluded. Flags bind them together."""
    if pattern.startswith("(?") and not pattern.startswith("(?:"):
        return [pattern]
    parts, begun, depth, at = [], 0, 0, 0
    in_class = False
    while at < len(pattern):
        char = pattern[at]
        if char == "\\":
            at += 1
        elif in_class:
            in_class = char != "]"
        elif char == "[":
            in_class = True
            at += pattern[at + 1 : at + 3].startswith(("]", "^]")) and pattern.index("]", at) - at
        elif char in "()":
            depth += 1 if char == "(" else -1
        elif char == "|" and depth == 0:
            parts.append(pattern[begun:at])
            begun = at + 1
        at += 1
    return [*parts, pattern[begun:]]


def spelt_out(pattern: str) -> Literals | None:
    """All strings that the pattern can match, where they are few and no edge is asked for: finding one is a match."""
    exact, _, edges = _read(pattern)
    if edges:
        return None
    return None if not exact or "" in exact or any(s != s.casefold() for s in exact) else _minimal(exact)


@lru_cache(maxsize=1)  # both questions are asked of one pattern after the other
def _read(pattern: str) -> tuple[set[str] | None, list[set[str]], bool]:
    """As `_sequence`, and whether the pattern asks for an edge (a word's, the text's)."""
    try:
        items = _parser.parse(pattern)
    except (re.error, OverflowError):
        return None, [], False
    return *_sequence(items), _asks_edges(items)


def _asks_edges(items: Sequence[Any]) -> bool:
    for op, value in items:
        if op is ops.AT:
            return True
        inner = value[-1] if op is ops.SUBPATTERN else value[2] if op in (ops.MAX_REPEAT, ops.MIN_REPEAT) else None
        if inner is not None and _asks_edges(inner):
            return True
        if op is ops.BRANCH and any(_asks_edges(branch) for branch in value[1]):
            return True
    return False


def worth_asking(sets: list[Literals]) -> list[Literals]:
    """The first, and of the others those that are seldom all there: a set of single Han letters excludes little."""
    return [s for i, s in enumerate(sets) if i == 0 or cost(s) < COMMON]


def cost(literals: Iterable[str]) -> float:
    """A rough rate at which one of them occurs by chance: short strings are common, Han are rarer than letters."""
    return sum(0.3 ** sum(1 if c < "\x80" else 3 for c in literal) for literal in literals)


def _minimal(strings: Iterable[str]) -> Literals:
    """Case folded as the text is, and without those that contain another: where that stands, this stands."""
    kept: set[str] = set()
    sizes: set[int] = set()
    for string in sorted((s.casefold() for s in strings), key=len):
        parts = (string[i : i + size] for size in sizes for i in range(len(string) - size + 1))
        if kept.isdisjoint(parts):
            kept.add(string)
            sizes.add(len(string))
    return frozenset(kept)


def _sequence(items: Sequence[Any]) -> tuple[set[str] | None, list[set[str]]]:
    """The whole set of strings it can be, where that is small, and sets of which one each must occur."""
    run: set[str] = {""}
    sets: list[set[str]] = []
    whole = True
    for op, value in items:
        exact, inner = _node(op, value)
        if exact is not None and len(run) * len(exact) <= MAX_SET:
            run = {a + b for a, b in product(run, exact)}
            continue
        whole = False
        sets += [run, *inner]
        run = exact if exact is not None else {""}
    if whole:
        return run, []
    return None, [s for s in [*sets, run] if "" not in s]


def _node(op: Any, value: Any) -> tuple[set[str] | None, list[set[str]]]:
    if op in (ops.LITERAL, ops.AT, ops.IN):
        return {chr(value)} if op is ops.LITERAL else {""} if op is ops.AT else _class(value), []
    if op is ops.SUBPATTERN:
        return _sequence(value[-1])
    if op is ops.BRANCH:
        return _branch([_sequence(branch) for branch in value[1]])
    if op in (ops.MAX_REPEAT, ops.MIN_REPEAT):
        return _repeat(*value)
    return None, []


def _class(items: Sequence[Any]) -> set[str] | None:
    chars: set[str] = set()
    for op, value in items:
        if op is ops.LITERAL:
            chars.add(chr(value))
        elif op is ops.RANGE and value[1] - value[0] < MAX_CLASS:
            chars.update(map(chr, range(value[0], value[1] + 1)))
        else:
            return None
    return chars if len(chars) <= MAX_CLASS else None


def _branch(branches: list[tuple[set[str] | None, list[set[str]]]]) -> tuple[set[str] | None, list[set[str]]]:
    union: set[str] = set()
    whole = True
    for exact, sets in branches:
        whole = whole and exact is not None
        candidates = [exact] if exact is not None else [s for s in sets if "" not in s]
        if not candidates:
            return None, []
        union |= min(candidates, key=cost)
    return (union, []) if whole and len(union) <= MAX_SET else (None, [union])


def _repeat(least: int, most: int, items: Sequence[Any]) -> tuple[set[str] | None, list[set[str]]]:
    exact, sets = _sequence(items)
    if least == 0:
        return (exact | {""}, []) if most == 1 and exact is not None else (None, [])
    if exact is not None and least == most == 1:
        return exact, []
    return None, [exact] if exact is not None else sets
