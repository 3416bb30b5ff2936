"""Which rules of a set hold for a message, and on which words.

One Aho-Corasick pass over the text tells which literals occur; only rules whose literals occur are looked at, and only
patterns whose every required literal occurs are confirmed by RE2. Rules without a literal are always looked at.
"""

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, time, timedelta
from fnmatch import fnmatchcase
from zoneinfo import ZoneInfo

from ahocorasick_rs import BytesAhoCorasick

from router import literals
from router.conditions import DAYS, Condition, Rule, TimeOfWeek
from router.facts import Facts
from router.normalise import normalise, raw
from router.pattern import Search, compile_pattern

Leaf = Callable[["View"], str | None]
Trigger = frozenset[int] | None
"""Groups of which one must be there for the condition to hold; None: it may hold without any."""


@dataclass(slots=True)
class View:
    """One message as the matcher sees it. `variants`: its normalised spellings in UTF-8."""

    facts: Facts
    variants: tuple[bytes, ...]
    groups: set[int] = field(default_factory=set)
    latin: set[int] = field(default_factory=set)


@dataclass(frozen=True, slots=True)
class Test:
    """One leaf of a condition. `run` gives the words it holds on ("" for a fact), or None."""

    name: str
    asks: str
    run: Leaf


@dataclass(frozen=True, slots=True)
class Tree:
    """`kind`: all, any, not. Of `not`, no part may hold."""

    kind: str
    parts: tuple["Tree | Test", ...]


@dataclass(frozen=True, slots=True)
class Hit:
    rule: Rule
    matched: str


def holds(node: Tree | Test, view: View) -> str | None:
    """The first words it holds on, "" where it holds without any, None where it does not hold."""
    if isinstance(node, Test):
        return node.run(view)
    if node.kind == "any":
        for part in node.parts:
            if (said := holds(part, view)) is not None:
                return said
        return None
    if node.kind == "not":
        return None if any(holds(part, view) is not None for part in node.parts) else ""
    words = ""
    for part in node.parts:
        if (said := holds(part, view)) is None:
            return None
        words = words or said
    return words


class Matcher:
    """A compiled rule set. Raises PatternError where RE2 refuses a pattern."""

    def __init__(self, rules: Sequence[Rule]) -> None:
        self._rules = tuple(rules)
        self._literals: dict[bytes, set[int]] = defaultdict(set)
        self._group_ids: dict[frozenset[str], int] = {}
        self._latin_ids: dict[bytes, int] = {}
        self._rules_of: dict[int, list[int]] = defaultdict(list)
        self._always: list[int] = []
        self.trees: tuple[Tree | Test, ...] = tuple(self._rule(i, rule) for i, rule in enumerate(self._rules))
        keys = list(self._literals)
        self._groups = [tuple(self._literals[key]) for key in keys]
        self._latin = [self._latin_ids.get(key) for key in keys]
        self._automaton = BytesAhoCorasick(keys) if keys else None

    def view(self, facts: Facts) -> View:
        variants = tuple(text.encode("utf-8", "replace") for text in normalise(facts.words).variants)
        view = View(facts, variants)
        if self._automaton is not None:
            for text in variants:
                self._scan(text, view, self._automaton)
        return view

    def hits(self, view: View) -> Iterator[Hit]:
        """The rules that hold, in the order of the set."""
        candidates = set(self._always)
        for group in view.groups:
            candidates.update(self._rules_of.get(group, ()))
        for index in sorted(candidates):
            words = holds(self.trees[index], view)
            if words is not None:
                yield Hit(self._rules[index], words)

    def _scan(self, text: bytes, view: View, automaton: BytesAhoCorasick) -> None:
        found = automaton.find_matches_as_indexes(text, overlapping=True)
        latin = self._latin
        for literal in {hit[0] for hit in found}:
            view.groups.update(self._groups[literal])
        for literal, start, end in found:
            word = latin[literal]
            if word is not None and _stands_alone(text, start, end):
                view.latin.add(word)

    def _rule(self, index: int, rule: Rule) -> Tree | Test:
        tree, trigger = self._condition(rule.when)
        if trigger is None:
            self._always.append(index)
        else:
            for group in trigger:
                self._rules_of[group].append(index)
        return tree

    def _condition(self, when: Condition) -> tuple[Tree | Test, Trigger]:
        parts: list[Tree | Test] = list(_fact_tests(when))
        triggers: list[Trigger] = []
        if when.words:
            parts.append(self._words(when.words))
            triggers.append(frozenset({self._group(frozenset(raw(word) for word in when.words))}))
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
        strings = {group: names for names, group in self._group_ids.items()}
        return sum(literals.cost(strings[group]) for group in trigger)

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

    def _patterns(self, patterns: Sequence[str]) -> tuple[Test, Trigger]:
        compiled: list[tuple[frozenset[int], Search]] = []
        trigger: set[int] | None = set()
        for pattern in patterns:
            sets = literals.required(pattern)
            groups = [self._group(names) for names in sets]
            if trigger is not None:
                trigger = trigger | {groups[0]} if groups else None
            compiled.append((frozenset(groups), compile_pattern(pattern)))

        def run(view: View) -> str | None:
            for gate, search in compiled:
                if gate <= view.groups:
                    for text in view.variants:
                        if (words := search(text)) is not None:
                            return words
            return None

        return Test("pattern", " | ".join(patterns), run), None if trigger is None else frozenset(trigger)


def _latin(char: str) -> bool:
    return char.isascii() and char.isalnum()


def _stands_alone(text: bytes, start: int, end: int) -> bool:
    r"""As RE2's \b: `refund` stands alone in 我要refund谢谢 and not in refunded."""
    before = start and text[start - 1 : start].isalnum() and text[start : start + 1].isalnum()
    after = text[end - 1 : end].isalnum() and text[end : end + 1].isalnum()
    return not before and not after


def _fact_tests(when: Condition) -> Iterator[Test]:
    """Cheap ones first: they stand before words and patterns in a rule's tree."""
    for name in ("channel", "account", "address"):
        if (globs := getattr(when, name)) is not None:
            yield Test(name, ", ".join(globs), _glob(name, tuple(glob.casefold() for glob in globs)))
    for name in ("language", "level", "previous_category", "wished_category"):
        if (values := getattr(when, name)) is not None:
            yield Test(name, ", ".join(values), _one_of(name, frozenset(values)))
    if when.known_customer is not None:
        yield Test("known_customer", str(when.known_customer).lower(), _equals("known_customer", when.known_customer))
    if when.found is not None:
        yield Test("found", ", ".join(when.found), _found(frozenset(when.found)))
    if when.attachments is not None:
        yield Test("attachments", ", ".join(when.attachments), _attached(when.attachments))
    if when.time is not None:
        yield Test("time", f"{when.time.zone} {when.time.start:%H:%M}-{when.time.end:%H:%M}", _at(when.time))


def _glob(name: str, globs: tuple[str, ...]) -> Leaf:
    def run(view: View) -> str | None:
        value = getattr(view.facts, name).casefold()
        return "" if any(fnmatchcase(value, glob) for glob in globs) else None

    return run


def _one_of(name: str, values: frozenset[str]) -> Leaf:
    def run(view: View) -> str | None:
        return "" if getattr(view.facts, name) in values else None

    return run


def _equals(name: str, value: bool) -> Leaf:
    def run(view: View) -> str | None:
        return "" if getattr(view.facts, name) == value else None

    return run


def _found(kinds: frozenset[str]) -> Leaf:
    def run(view: View) -> str | None:
        return "" if kinds & view.facts.found else None

    return run


def _attached(globs: tuple[str, ...]) -> Leaf:
    def run(view: View) -> str | None:
        return "" if any(fnmatchcase(kind, glob) for kind in view.facts.attachments for glob in globs) else None

    return run


def _at(span: TimeOfWeek) -> Leaf:
    zone = ZoneInfo(span.zone)
    days = frozenset(DAYS.index(day) for day in span.days)
    whole_day = span.start == span.end

    def run(view: View) -> str | None:
        local = datetime.fromtimestamp(view.facts.at / 1_000_000, UTC).astimezone(zone)
        now, today = local.time(), local.weekday()
        if whole_day:
            return "" if today in days else None
        if span.end == time(0) or span.start < span.end:
            return "" if today in days and span.start <= now and (now < span.end or span.end == time(0)) else None
        yesterday = (local - timedelta(days=1)).weekday()
        return "" if (now >= span.start and today in days) or (now < span.end and yesterday in days) else None

    return run
