"""The house's own numbers, declared in settings and known before anything is taken for a card.

One number in ten of a card's length passes Luhn: without these, one transaction number in ten would be destroyed.
"""

import re
from collections.abc import Sequence
from functools import cached_property
from typing import Annotated, Any, Literal

import re2
from pydantic import AfterValidator, BaseModel, ConfigDict, Field

from deskd.domain.words import Found


def _compiles(pattern: str) -> str:
    try:
        re2.compile(pattern)
    except re2.error as broken:
        raise ValueError(f"the pattern {pattern!r} is not valid RE2: {broken}") from broken
    return pattern


class NumberFormat(BaseModel):
    """One shape of number. pattern (RE2) must match the whole of a run of letters, digits, hyphens and underscores."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    kind: Literal[Found.TRANSACTION, Found.ORDER] = Found.TRANSACTION
    name: str = Field(min_length=1, max_length=60)
    pattern: Annotated[str, Field(min_length=1, max_length=500), AfterValidator(_compiles)]


_DATE = "20[0-9]{2}(0[1-9]|1[0-2])(0[1-9]|[12][0-9]|3[01])"
_SHIPPED = (
    NumberFormat(kind=Found.TRANSACTION, name="transaction", pattern=f"[Tt]{_DATE}[0-9]{{10,14}}"),
    NumberFormat(kind=Found.TRANSACTION, name="long transaction", pattern=f"{_DATE}([0-9]{{12}}|[0-9]{{20}})"),
    NumberFormat(kind=Found.ORDER, name="order", pattern="[Uu][Pp][0-9A-Za-z]{12,20}"),
)


def _together(numbers: Sequence[NumberFormat]) -> Any:
    """All patterns in one automaton, so that a word is asked once. Raises re2.error when they are too large for one."""
    patterns = re2.Set.FullMatchSet()
    for number in numbers:
        patterns.Add(number.pattern)
    patterns.Compile()
    return patterns


def _fit_together(numbers: tuple[NumberFormat, ...]) -> tuple[NumberFormat, ...]:
    try:
        _together(numbers)
    except re2.error as broken:
        raise ValueError(
            "the patterns of masking.numbers are too large together: shorten their repetitions"
        ) from broken
    return numbers


class Formats(BaseModel):
    """Section `masking` of the settings: the house's own numbers, tried in this order."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    numbers: Annotated[tuple[NumberFormat, ...], AfterValidator(_fit_together)] = _SHIPPED

    @cached_property
    def _patterns(self) -> Any:
        return _together(self.numbers)

    def recognise(self, word: str) -> NumberFormat | None:
        """The first format that the whole word has, or None."""
        fitting = self._patterns.Match(word)
        return self.numbers[min(fitting)] if fitting else None


DEFAULT = Formats()

SHORTEST_WORD = 8
WORD = re.compile(r"[0-9A-Za-z][0-9A-Za-z_-]{6,62}[0-9A-Za-z]")
"""What a format is tried on. 64 characters bound the work; longer runs are tried in no part."""
