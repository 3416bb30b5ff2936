"""Which rules of a set hold for a message, and on which words.

One Aho-Corasick pass over the text tells which literals occur; only rules whose literals occur are looked at, and only
patterns whose every required literal occurs are confirmed by RE2. Rules without a literal are always looked at.
"""

import re
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from ahocorasick_rs import BytesAhoCorasick

from router import literals
from router.conditions import Condition, Rule
from router.facts import Facts
from router.known import fact_tests
from router.normalise import fold, normalise, raw
from router.pattern import PatternError, Search, compile_pattern
from router.regional import HAN
from router.tree import Test, Tree, View, holds

_HAN = re.compile(f"[{HAN}]+")
_WORDS = re.compile(r"[|()\[\]{}.*+?]")

Trigger = frozenset[int] | None
"""Parts of which one must be live for the condition to hold; None: it may hold without any."""


@dataclass(frozen=True, slots=True)
class Hit:
    rule: Rule
    matched: str


class Matcher:
    """A compiled rule set; `always` are the rules that are looked at for every message.

    Raises PatternError where RE2 refuses a pattern.
    """

    def __init__(self, rules: Sequence[Rule]) -> None:
        self._rules = tuple(rules)
        self._literals: dict[bytes, set[int]] = defaultdict(set)
        self._group_ids: dict[frozenset[str], int] = {}
        self._latin_ids: dict[bytes, int] = {}
        self._gates: list[frozenset[int]] = []
        self._costs: list[float] = []
        self._parts_of: dict[int, list[int]] = defaultdict(list)
        self._rules_of: dict[int, list[int]] = defaultdict(list)
        self._always_parts: set[int] = set()
        self.always: list[int] = []
        self.trees: tuple[Tree | Test, ...] = tuple(self._rule(i, rule) for i, rule in enumerate(self._rules))
        keys = list(self._literals)
        self._groups = [tuple(self._literals[key]) for key in keys]
        self._latin = [self._latin_ids.get(key) for key in keys]
        self._with_edges = {literal for literal, word in enumerate(self._latin) if word is not None}
        self._first_groups = frozenset(self._parts_of)
        # Only rules that are written in words which folding changes need the text as it was written.
        self._asks_raw = any(_written_otherwise(rule.when) for rule in self._rules)
        self._automaton = BytesAhoCorasick(keys) if keys else None

    def view(self, facts: Facts) -> View:
        found = normalise(facts.words)
        spellings = found.variants if self._asks_raw else (found.folded,)
        variants = tuple((text.encode("utf-8", "replace"), set[int]()) for text in spellings)
        view = View(facts, variants, variants[0][1] if len(variants) == 1 else set())
        if self._automaton is not None:
            for text, groups in variants:
                self._scan(text, groups, view.latin, self._automaton)
        if len(variants) > 1:
            view.groups.update(*(groups for _, groups in variants))
        gates, groups = self._gates, view.groups
        for group in groups & self._first_groups:
            view.live.update(part for part in self._parts_of[group] if gates[part] <= groups)
        view.live.update(self._always_parts)
        return view

    def hits(self, view: View) -> Iterator[Hit]:
        """The rules that hold, in the order of the set."""
        candidates = set(self.always)
        for part in view.live:
            candidates.update(self._rules_of[part])
        for index in sorted(candidates):
            words = holds(self.trees[index], view)
            if words is not None:
                yield Hit(self._rules[index], words)

    def _scan(self, text: bytes, groups: set[int], words: set[int], automaton: BytesAhoCorasick) -> None:
        found = automaton.find_matches_as_indexes(text, overlapping=True)
        literals_found = {hit[0] for hit in found}
        groups.update(*map(self._groups.__getitem__, literals_found))
        if literals_found.isdisjoint(self._with_edges):
            return
        for literal, start, end in found:
            word = self._latin[literal]
            if word is not None and _stands_alone(text, start, end):
                words.add(word)

    def _rule(self, index: int, rule: Rule) -> Tree | Test:
        try:
            tree, trigger = self._condition(rule.when)
        except PatternError as error:
            error.rule = index
            raise
        if trigger is None:
            self.always.append(index)
        else:
            for part in trigger:
                self._rules_of[part].append(index)
        return tree

    def _condition(self, when: Condition) -> tuple[Tree | Test, Trigger]:
        parts: list[Tree | Test] = list(fact_tests(when))
        triggers: list[Trigger] = []
        if when.words:
            parts.append(self._words(when.words))
            group = self._group(frozenset(raw(word) for word in when.words))
            triggers.append(frozenset({self._part(frozenset({group}), group, literals.cost(when.words))}))
        if when.pattern:
            test, trigger = self._patterns(when.pattern)
            parts.append(test)
            triggers.append(trigger)
        for inner in when.all:
            tree, trigger = self._condition(inner)
            parts.append(tree)
            triggers.append(trigger)
        if when.any:
            trees, each = zip(*(self._condition(inner) for inner in when.any), strict=True)
            parts.append(Tree("any", trees))
            triggers.append(None if None in each else frozenset().union(*(t for t in each if t is not None)))
        if when.none:
            parts.append(Tree("not", tuple(self._condition(inner)[0] for inner in when.none)))
        narrow = [t for t in triggers if t is not None]
        tree = parts[0] if len(parts) == 1 else Tree("all", tuple(parts))
        return tree, min(narrow, key=self._cost) if narrow else None

    def _cost(self, trigger: frozenset[int]) -> float:
        return sum(self._costs[part] for part in trigger)

    def _group(self, names: frozenset[str]) -> int:
        if names not in self._group_ids:
            group = self._group_ids[names] = len(self._group_ids)
            for name in names:
                self._literals[name.encode()].add(group)
        return self._group_ids[names]

    def _words(self, words: Iterable[str]) -> Test:
        """Han words by a group each, so that the one that stood there can be named; Latin ones with their edges."""
        found: list[tuple[str, int, bool]] = []
        for word in words:
            plain = raw(word)
            group = self._group(frozenset({plain}))
            edged = _latin(plain[0]) or _latin(plain[-1])
            if edged:
                group = self._latin_ids.setdefault(plain.encode(), len(self._latin_ids))
            found.append((word, group, edged))

        def run(view: View) -> str | None:
            for word, number, edged in found:
                if number in (view.latin if edged else view.groups):
                    return word
            return None

        return Test("words", ", ".join(words), run)

    def _part(self, gate: frozenset[int], first: int | None, cost: float) -> int:
        """A piece that is live where all groups of `gate` occur; `first` is the seldomest of them."""
        number = len(self._gates)
        self._gates.append(gate)
        self._costs.append(cost)
        if first is None:
            self._always_parts.add(number)
        else:
            self._parts_of[first].append(number)
        return number

    def _patterns(self, patterns: Sequence[str]) -> tuple[Test, Trigger]:
        """Each alternative of each pattern is a part of its own."""
        searches: dict[int, Search] = {}
        certain = True
        for pattern in (part for whole in patterns for part in literals.alternatives(whole)):
            strings = literals.spelt_out(pattern)
            sets = [strings] if strings is not None else literals.worth_asking(literals.required(pattern))
            groups = [self._group(names) for names in sets]
            number = self._part(frozenset(groups), groups[0] if groups else None, literals.cost(sets[0]) if sets else 1)
            searches[number] = compile_pattern(pattern) if strings is None else _finder(strings)
            certain = certain and bool(groups)
        mine, gates = frozenset(searches), self._gates

        def run(view: View) -> str | None:
            for number in sorted(mine & view.live):
                search, gate = searches[number], gates[number]
                for text, groups in view.variants:
                    if gate <= groups and (words := search(text)) is not None:
                        return words
            return None

        return Test("pattern", " | ".join(patterns), run), mine if certain else None


def _written_otherwise(when: Condition) -> bool:
    if any(fold(raw(word)) != raw(word) for word in when.words or ()):
        return True
    # Of patterns the Han are looked at, since a stem such as verif.* would look like a slip of the pen.
    spelt = ("".join(_HAN.findall(part)) for whole in when.pattern or () for part in _WORDS.split(whole))
    if any(fold(text) != text for text in spelt):
        return True
    return any(_written_otherwise(inner) for inner in (*when.all, *when.any, *when.none))


def _finder(strings: frozenset[str]) -> Search:
    """For words that the automaton has found already: only which one it was is left to say."""
    ordered = tuple((string.encode(), string) for string in sorted(strings, key=len, reverse=True))

    def run(text: bytes) -> str | None:
        return next((string for coded, string in ordered if coded in text), None)

    return run


def _latin(char: str) -> bool:
    return char.isascii() and char.isalnum()


def _stands_alone(text: bytes, start: int, end: int) -> bool:
    r"""As RE2's \b: `refund` stands alone in 我要refund谢谢 and not in refunded."""
    before = start and text[start - 1 : start].isalnum() and text[start : start + 1].isalnum()
    after = text[end - 1 : end].isalnum() and text[end : end + 1].isalnum()
    return not before and not after
