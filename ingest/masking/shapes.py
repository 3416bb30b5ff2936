"""What masking answers, and the sheet its finders write on."""

import re
from bisect import bisect_left
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

from deskd.domain.words import Found
from ingest.masking.cues import ALONE, Cue, lengthy, places
from ingest.masking.fold import lower


@dataclass(frozen=True, slots=True)
class Span:
    """Where something was met: offsets into the text as it was given, end exclusive."""

    start: int
    end: int
    kind: Found


@dataclass(frozen=True, slots=True)
class Fact:
    """What an agent may need. value is whole and belongs in an encrypted field; short is what every text shows.

    name: what the house calls the number (a format's name), or empty. Values: a phone in E.164, an amount as
    "1234.50 CNY" (currency empty when none was written), everything else as it was written.
    """

    kind: Found
    value: str
    short: str
    name: str = ""


@dataclass(frozen=True, slots=True)
class Masked:
    """The text that may be kept and read, with what was met on the way, in the order of the text."""

    text: str
    spans: tuple[Span, ...] = ()
    facts: tuple[Fact, ...] = ()

    @property
    def secret(self) -> bool:
        """Whether a secret was destroyed: then the raw receipt's key must go as well (DESIGN 5)."""
        return any(span.kind.secret for span in self.spans)


class Mark(NamedTuple):
    """One finding on the sheet, in the sheet's own offsets. shown is None where the words stay as they are."""

    start: int
    end: int
    kind: Found
    shown: str | None
    fact: Fact | None = None


REACH = 64
"""Characters between the beginning of a word and of the number that it announces: no pattern allows more."""

_NUMBER = re.compile(r"[0-9]+")


@dataclass(slots=True)
class Sheet:
    """The folded text, where something may stand in it, what of it is spoken for, and the marks.

    text has one plain character for each character of the message (fold.py), low is the same in lower case. numbers are
    the runs of digits, (start, end); cues the places of the words that announce something. The first finder to claim a
    place keeps it; a later one is refused.
    """

    text: str
    low: str = field(init=False)
    numbers: list[tuple[int, int]] = field(init=False)
    cues: Mapping[Cue, list[int]] = field(init=False)
    lengthy: bool = field(init=False)
    marks: list[Mark] = field(init=False, default_factory=list)
    cards: list[Mark] = field(init=False, default_factory=list)
    taken: bytearray = field(init=False)

    def __post_init__(self) -> None:
        self.low = lower(self.text)
        self.numbers = [number.span() for number in _NUMBER.finditer(self.text)]
        self.cues = places(self.low)
        self.lengthy = lengthy(self.low)
        self.taken = bytearray(len(self.text))

    @property
    def empty(self) -> bool:
        """Whether there is no place where any finder could find anything."""
        return not (self.numbers or self.lengthy or "@" in self.text) and ALONE.isdisjoint(self.cues)

    def cued(self, cue: Cue) -> Sequence[int]:
        """Where the words of a cue begin."""
        return self.cues.get(cue, ())

    def announced(self, cue: Cue) -> list[int]:
        """Where the words of a cue begin that have a number in reach behind them."""
        return [start for start in self.cued(cue) if self._number_behind(start)]

    def _number_behind(self, start: int) -> bool:
        following = bisect_left(self.numbers, (start, 0))
        return following < len(self.numbers) and self.numbers[following][0] <= start + REACH

    def matches(self, pattern: re.Pattern[str], starts: Sequence[int]) -> Iterable[re.Match[str]]:
        """What pattern.finditer(low) gives, when the pattern can match nowhere but at `starts` (ascending).

        A search costs each character of the message, a try only its own place.
        """
        return _tried(pattern, self.low, starts) if starts else ()

    def free(self, start: int, end: int) -> bool:
        return self.taken.find(1, start, end) < 0

    def protect(self, start: int, end: int) -> None:
        """Say that a place holds something ordinary, so that no later finder takes it."""
        self.taken[start:end] = b"\x01" * (end - start)

    def claim(self, mark: Mark) -> bool:
        if not self.free(mark.start, mark.end):
            return False
        self.protect(mark.start, mark.end)
        self.marks.append(mark)
        return True

    def destroy(self, start: int, end: int, kind: Found) -> bool:
        """Leave a typed mark where a secret stood."""
        return self.claim(Mark(start, end, kind, f"[{kind} removed]"))

    def keep(self, start: int, end: int, fact: Fact) -> bool:
        """Take a fact out and leave its short form."""
        return self.claim(Mark(start, end, fact.kind, fact.short, fact))


def _tried(pattern: re.Pattern[str], low: str, starts: Sequence[int]) -> Iterator[re.Match[str]]:
    end = 0
    for start in starts:
        if start >= end and (match := pattern.match(low, start)):
            end = match.end()
            yield match
