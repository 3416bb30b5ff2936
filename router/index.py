r"""Which strings stand in a text: one Aho-Corasick pass, whose hits are turned into the bits of one number.

Each string makes marks. A mark says that something may hold: a rule, a pattern, one of the sets of strings that a
pattern needs. Adding a string's marks is one `or`, asking for any number of them is one `and`.
"""

from collections.abc import Iterable
from functools import reduce
from operator import or_
from typing import NamedTuple

from ahocorasick_rs import BytesAhoCorasick

_LETTERS = b"0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ_abcdefghijklmnopqrstuvwxyz"


class Found(NamedTuple):
    """What stands in one spelling of a text, in UTF-8.

    `strings`: the numbers of those that occur; `marks`: what they make together; `alone`: of the strings that were
    declared words, those that stand as one somewhere.
    """

    text: bytes
    strings: set[int]
    marks: int
    alone: set[int]


class Index:
    """Filled with `marks`, `mark`, `number` and `word`, then built; from then on `find` reads it."""

    def __init__(self) -> None:
        self._numbers: dict[str, int] = {}
        self._marks: list[int] = []
        self._words: dict[int, int] = {}
        self._width = 0
        self._automaton: BytesAhoCorasick | None = None

    def marks(self, count: int) -> int:
        """The first of as many new marks in a row."""
        self._width += count
        return self._width - count

    def mark(self, place: int, strings: Iterable[str]) -> None:
        """One of `strings` is enough to make the mark."""
        bit = 1 << place
        for string in strings:
            self._marks[self.number(string)] |= bit

    def number(self, string: str) -> int:
        if string not in self._numbers:
            self._numbers[string] = len(self._numbers)
            self._marks.append(0)
        return self._numbers[string]

    def word(self, place: int, string: str) -> int:
        """Its number; it makes the mark only where it stands alone."""
        number = self.number(string)
        self._words[number] = self._words.get(number, 0) | 1 << place
        return number

    def build(self) -> None:
        if self._numbers:
            self._automaton = BytesAhoCorasick([string.encode() for string in self._numbers])

    def find(self, text: str) -> Found:
        data = text.encode("utf-8", "replace")
        hits = self._automaton.find_matches_as_indexes(data, overlapping=True) if self._automaton else []
        strings = {hit[0] for hit in hits}
        alone: set[int] = set()
        marks = reduce(or_, map(self._marks.__getitem__, strings), 0)
        if words := self._words.keys() & strings:
            for number, start, end in hits:
                if number in words and number not in alone and _stands_alone(data, start, end):
                    alone.add(number)
                    marks |= self._words[number]
        return Found(data, strings, marks, alone)


def _stands_alone(text: bytes, start: int, end: int) -> bool:
    r"""As between two \b of RE2: `refund` stands alone in 我要refund谢谢 and not in refunded or refund_id."""
    before = start > 0 and text[start - 1] in _LETTERS and text[start] in _LETTERS
    behind = end < len(text) and text[end - 1] in _LETTERS and text[end] in _LETTERS
    return not before and not behind
