"""A condition made ready: tests at the leaves, all, any and not above them, and the message that they look at."""

from collections.abc import Callable
from dataclasses import dataclass, field

from router.facts import Facts

Leaf = Callable[["View"], str | None]


@dataclass(slots=True)
class View:
    """One message as the matcher sees it.

    `variants`: its normalised spellings in UTF-8, each with the groups of literals that occur in it; `groups`: those of
    any spelling; `live`: the parts whose every group occurs; `latin`: the Latin words that stand alone.
    """

    facts: Facts
    variants: tuple[tuple[bytes, set[int]], ...]
    groups: set[int]
    live: set[int] = field(default_factory=set)
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
