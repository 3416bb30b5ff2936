"""A condition made ready: tests at the leaves, all, any and not above them, and the message that they look at."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from functools import reduce
from operator import or_

from router.facts import Facts
from router.index import Found

Ask = Callable[["View"], str | None]
"""The words that a condition holds on, "" where it holds without any, None where it does not hold."""


@dataclass(frozen=True, slots=True)
class View:
    """One message as the matcher sees it: what is known, and what was found in each of its normalised spellings.

    `marks`: those of any spelling.
    """

    facts: Facts
    spellings: tuple[Found, ...]
    marks: int


@dataclass(frozen=True, slots=True)
class Node:
    """`name`: what it asks about, or all, any, not; `asks`: what it asks for; `parts`: the conditions inside.

    What its marks tell before anything is asked: `may`: it holds only where one of these is made (0: it may hold
    anyway); `does`: where one of these is made, it holds.
    """

    name: str
    asks: str
    ask: Ask
    parts: tuple["Node", ...] = ()
    may: int = 0
    does: int = 0


def all_of(parts: tuple[Node, ...]) -> Node:
    """It holds on the first words that are named inside."""
    asks = tuple(part.ask for part in parts)
    needed = tuple(part.may for part in parts if part.may)
    vetoes = _together(part.does for none in parts if none.name == "not" for part in none.parts)

    def ask(view: View) -> str | None:
        marks = view.marks
        if marks & vetoes:
            return None
        for may in needed:
            if not marks & may:
                return None
        words = ""
        for inner in asks:
            if (said := inner(view)) is None:
                return None
            words = words or said
        return words

    return Node("all", "", ask, parts, may=min(needed, key=int.bit_count, default=0))


def any_of(parts: tuple[Node, ...]) -> Node:
    asks = tuple(part.ask for part in parts)

    def ask(view: View) -> str | None:
        for inner in asks:
            if (said := inner(view)) is not None:
                return said
        return None

    may = _together(part.may for part in parts) if all(part.may for part in parts) else 0
    return Node("any", "", ask, parts, may, _together(part.does for part in parts))


def none_of(parts: tuple[Node, ...]) -> Node:
    asks = tuple(part.ask for part in parts)

    def ask(view: View) -> str | None:
        for inner in asks:
            if inner(view) is not None:
                return None
        return ""

    return Node("not", "", ask, parts)


def _together(marks: Iterable[int]) -> int:
    return reduce(or_, marks, 0)
