"""Which rules of a set may hold for a message, and on which words they do.

The index tells which strings occur; only rules whose strings occur are looked at, and only patterns whose every
required string occurs are confirmed by RE2. Rules without such a string are always looked at.
"""

import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from functools import cached_property, reduce
from operator import or_

from router import literals
from router.conditions import Condition, Rule
from router.facts import Facts
from router.index import Index
from router.known import fact_tests
from router.literals import Literals
from router.normalise import fold, normalise, raw
from router.pattern import PatternError, Search, compile_pattern
from router.regional import HAN
from router.tree import Node, View, all_of, any_of, none_of

LIGHT = 20_000  # instructions; RE2 takes five times as many, so it cannot refuse these when it is first asked

_WORDS = re.compile(r"[|()\[\]{}.*+?]")
_HAN = re.compile(f"[{HAN}]+")

Trigger = Literals | None
"""Strings of which one must occur for the condition to hold; None: it may hold without any."""

_Part = tuple[int, Search]
"""A pattern that RE2 confirms where all the marks of the number are made."""


class Matcher:
    """`rules` in the order in which they are asked; numbers are places in it. `always`: those without a trigger.

    Raises PatternError where RE2 refuses a pattern.
    """

    def __init__(self, rules: Sequence[Rule]) -> None:
        self._index = Index()
        self._index.marks(len(rules))  # the first ones: of the rules
        self._sets: dict[Literals, int] = {}
        self._searches: dict[str, Search] = {}
        self._worded: dict[tuple[str, ...], tuple[Node, Trigger]] = {}
        self.always: list[int] = []
        self.trees = tuple(self._rule(number, rule) for number, rule in enumerate(rules))
        self._all, self._always = (1 << len(rules)) - 1, sum(1 << number for number in self.always)
        self._rules = tuple(rules)
        self._index.build()

    @cached_property
    def _asks_raw(self) -> bool:
        """Only rules that are written in words which folding changes need the text as it was written.

        Told by the first message, since OpenCC takes longer to wake than all rules to be read.
        """
        return _written_otherwise(self._rules)

    def view(self, facts: Facts) -> View:
        normal = normalise(facts.words)
        spellings = normal.variants if self._asks_raw else (normal.folded,)
        found = tuple(map(self._index.find, spellings))
        return View(facts, found, reduce(or_, (one.marks for one in found)))

    def candidates(self, view: View) -> Iterator[int]:
        """The rules that may hold."""
        return _places(view.marks & self._all | self._always)

    def _rule(self, number: int, rule: Rule) -> Node:
        try:
            tree, trigger = self._condition(rule.when)
        except PatternError as error:
            error.rule = rule.name
            raise
        if trigger is None:
            self.always.append(number)
        else:
            self._index.mark(number, trigger)
        return tree

    def _condition(self, when: Condition) -> tuple[Node, Trigger]:
        parts: list[Node] = list(fact_tests(when))
        triggers: list[Trigger] = []
        if when.words:
            leaf, trigger = self._words(when.words)
            parts.append(leaf)
            triggers.append(trigger)
        if when.pattern:
            leaf, trigger = self._patterns(when.pattern)
            parts.append(leaf)
            triggers.append(trigger)
        for inner in when.all:
            tree, trigger = self._condition(inner)
            parts.append(tree)
            triggers.append(trigger)
        if when.any:
            trees, each = zip(*map(self._condition, when.any), strict=True)
            parts.append(any_of(trees))
            triggers.append(_either(each))
        if when.none:
            parts.append(none_of(tuple(self._condition(inner)[0] for inner in when.none)))
        narrow = [trigger for trigger in triggers if trigger is not None]
        tree = parts[0] if len(parts) == 1 else all_of(tuple(parts))
        return tree, min(narrow, key=literals.cost) if narrow else None

    def _words(self, words: tuple[str, ...]) -> tuple[Node, Trigger]:
        """Latin ones stand alone; Han know no edges. Many rules ask for the same group of words."""
        if words not in self._worded:
            self._worded[words] = self._new_words(words)
        return self._worded[words]

    def _new_words(self, words: tuple[str, ...]) -> tuple[Node, Trigger]:
        plain = [raw(word) for word in words]
        edged = {string for string in plain if _latin(string[0]) or _latin(string[-1])}
        place = self._index.marks(1)
        self._index.mark(place, (string for string in plain if string not in edged))
        alone = frozenset([self._index.word(place, string) for string in edged])
        named = {self._index.number(string): word for string, word in zip(plain, words, strict=True)}
        anywhere = frozenset(named) - alone
        bit = 1 << place

        def ask(view: View) -> str | None:
            for found in view.spellings:
                if found.marks & bit and (hits := anywhere & found.strings or alone & found.alone):
                    return named[min(hits)]
            return None

        return Node("words", ", ".join(words), ask, may=bit, does=bit), frozenset(plain)

    def _patterns(self, patterns: Sequence[str]) -> tuple[Node, Trigger]:
        """Each alternative of each pattern is asked on its own; those that are but words need no RE2."""
        shapes = {part: literals.read(part) for whole in patterns for part in literals.alternatives(whole)}
        spelt = {part: strings for part, shape in shapes.items() if (strings := shape.spelt_out()) is not None}
        place = self._index.marks(1 + len(shapes) - len(spelt))
        plain = [word for strings in spelt.values() for word in strings]
        numbers = tuple((self._index.number(word), word) for word in plain)
        self._index.mark(place, plain)
        parts: list[_Part] = []
        triggers: list[Trigger] = [frozenset(plain)]
        always = 0
        for pattern, shape in shapes.items():
            if pattern not in spelt:
                part, trigger = self._part(pattern, shape, place + 1 + len(parts))
                always |= (trigger is None) << 1 + len(parts)
                parts.append(part)
                triggers.append(trigger)
        ours = (2 << len(parts)) - 1
        ask = _ask(place, ours, always, numbers, parts)
        may = 0 if always else ours << place
        return Node("pattern", " | ".join(patterns), ask, may=may, does=1 << place), _either(triggers)

    def _part(self, pattern: str, shape: literals.Shape, place: int) -> tuple[_Part, Trigger]:
        if pattern not in self._searches:
            self._searches[pattern] = compile_pattern(pattern, later=shape.size <= LIGHT)
        sets = literals.worth_asking(shape.required())
        if sets:
            self._index.mark(place, sets[0])
        needs = sum(1 << self._set(strings) for strings in sets[1:])
        return (needs, self._searches[pattern]), sets[0] if sets else None

    def _set(self, strings: Literals) -> int:
        if strings not in self._sets:
            self._sets[strings] = self._index.marks(1)
            self._index.mark(self._sets[strings], strings)
        return self._sets[strings]


def _ask(
    place: int, ours: int, always: int, plain: Sequence[tuple[int, str]], parts: Sequence[_Part]
) -> Callable[[View], str | None]:
    """The mark at `place` tells that a plain word is there, the next ones that a part may hold."""

    def ask(view: View) -> str | None:
        for found in view.spellings:
            marks = found.marks
            live = marks >> place & ours | always
            if live & 1:
                return next(word for number, word in plain if number in found.strings)
            while live:
                lowest = live & -live
                live ^= lowest
                needs, search = parts[lowest.bit_length() - 2]
                if marks & needs == needs and (said := search(found.text)) is not None:
                    return said
        return None

    return ask


def _either(triggers: Sequence[Trigger]) -> Trigger:
    return None if None in triggers else frozenset().union(*(t for t in triggers if t is not None))


def _places(marks: int) -> Iterator[int]:
    while marks:
        lowest = marks & -marks
        marks ^= lowest
        yield lowest.bit_length() - 1


def _written_otherwise(rules: Iterable[Rule]) -> bool:
    texts = "\n".join(text for rule in rules for text in _written(rule.when))
    return fold(texts) != texts


def _written(when: Condition) -> Iterator[str]:
    yield from map(raw, when.words or ())
    # Of patterns the Han are looked at, since a stem such as verif.* would look like a slip of the pen.
    for pattern in when.pattern or ():
        yield from ("".join(_HAN.findall(part)) for part in _WORDS.split(pattern))
    for inner in (*when.all, *when.any, *when.none):
        yield from _written(inner)


def _latin(char: str) -> bool:
    return char.isascii() and char.isalnum()
