r"""The strings without which a pattern cannot match, read off the pattern itself.

`(转账|汇款).{0,6}没到` asks for one of 转账, 汇款 and for 没到. They feed one Aho-Corasick automaton, so that RE2 is
asked only where it may say yes (DEPENDENCIES 7). What is read is the part of RE2's syntax that people write; a pattern
with anything else in it has no certain string and is always tried.
"""

import math
import re
from collections.abc import Callable, Iterable, Sequence
from functools import lru_cache
from itertools import product
from typing import NamedTuple

Literals = frozenset[str]

MAX_SET = 100  # strings of one set; a larger cross product is worth less than it costs to search
COMMON = 0.12  # measured on the default rules: a set above this costs more to look up than it saves RE2
MAX_CLASS = 24  # characters of a class that are still spelt out

_PLAIN = r"[^\\()\[\]{}|.*+?^$]"
_CODED = r"\\x(?:[0-9a-fA-F]{2}|\{[0-9a-cA-C]?[0-9a-fA-F]{1,3}\})|\\[nrtfva]|\\[^\w\s]"
_TOKEN = re.compile(
    rf"""
      \(\?:(?P<flat>{_PLAIN}+(?:\|{_PLAIN}+)*)\)
    | (?P<run>{_PLAIN}+(?![*+?{{])|{_PLAIN})
    | \[(?P<class>\^?\]?(?:\[:\^?\w+:\]|\\.|[^\]\\])*)\]
    | (?P<open>\((?:\?(?:[imsU-]*:|P?<\w+>))?(?!\?))
    | (?P<close>\))
    | (?P<or>\|)
    | (?P<repeat>(?:[*+?]|\{{\d+(?:,\d*)?\}})\??)
    | (?P<edge>[\^$]|\\[bBAz]|\(\?[imsU-]+\))
    | (?P<kind>\.|\\(?:[dswDSW]|[pP](?:\{{\^?\w+\}}|\w)))
    | (?P<char>{_CODED}|[{{}}\]])
    """,
    re.VERBOSE | re.DOTALL,
)
_IN_CLASS = re.compile(rf"({_CODED}|[^\\])(?:-({_CODED}|[^\\]))?", re.DOTALL)
_FLAGS = re.compile(r"\(\?[imsU-]+\)")
_WORD = re.compile(f"{_PLAIN}+")
_CONTROL = {"n": "\n", "r": "\r", "t": "\t", "f": "\f", "v": "\v", "a": "\a"}
_WIDEST = 4  # bytes of a character
_CLASS = 40  # RE2's instructions for a class, but for the characters that are named in it
_RATES = tuple(0.3**size for size in range(64))


class Shape(NamedTuple):
    """`exact`: all strings it can match, None where they are many; `sets`: of each, one must occur in a match.

    `size`: no fewer than RE2's instructions for it; `loose`: finding a string of `exact` is not a match yet, since an
    edge, a flag or a capital is asked for.
    """

    exact: Literals | None = None
    sets: tuple[Literals, ...] = ()
    size: float = math.inf
    loose: bool = True

    def spelt_out(self) -> Literals | None:
        """The strings of which finding one is a match, where the pattern is no more than that."""
        return None if self.loose or not self.exact or "" in self.exact else _minimal(self.exact)

    def required(self) -> list[Literals]:
        """The cheapest set first. Empty: the pattern has no string that must occur."""
        found = self.sets if self.exact is None else (self.exact,)
        return [_minimal(strings) for strings in sorted((s for s in found if "" not in s), key=cost)]


class _Piece(NamedTuple):
    """A part of a pattern, as Shape."""

    exact: Literals | None
    sets: tuple[Literals, ...] = ()
    size: float = 1


_EMPTY = frozenset({""})


def read(pattern: str) -> Shape:
    if _WORD.fullmatch(pattern):
        word = pattern.casefold()
        return Shape(frozenset({word}), (), len(pattern) * _WIDEST, word != pattern)
    groups: list[list[list[_Piece]]] = [[[]]]  # the open ones, each with its alternatives
    loose = False
    at = 0
    while at < len(pattern):
        token = _TOKEN.match(pattern, at)
        if token is None:
            return Shape()
        at, kind, here = token.end(), token.lastgroup, groups[-1]
        if kind == "open":
            groups.append([[]])
        elif kind == "or":
            here.append([])
        elif kind == "close" and len(groups) > 1:
            groups.pop()
            groups[-1][-1].append(_one_of(here))
        elif kind == "repeat" and here[-1]:
            here[-1].append(_repeated(here[-1].pop(), token["repeat"]))
        elif kind in _READ:
            piece, as_it_stands = _piece(kind, token[kind])
            loose = loose or not as_it_stands
            here[-1].append(piece)
        else:
            return Shape()
    if len(groups) > 1:
        return Shape()
    return Shape(*_one_of(groups[0]), loose)


def alternatives(pattern: str) -> list[str]:
    """`a|b(c|d)` is `a` and `b(c|d)`: each is narrower, so more of them can be excluded. Flags bind them together."""
    if "|" not in pattern or _FLAGS.search(pattern):
        return [pattern]
    parts, begun, depth, at = [], 0, 0, 0
    while at < len(pattern):
        token = _TOKEN.match(pattern, at)
        if token is None:
            return [pattern]
        depth += (token.lastgroup == "open") - (token.lastgroup == "close")
        if token.lastgroup == "or" and depth == 0:
            parts.append(pattern[begun:at])
            begun = token.end()
        at = token.end()
    return [*parts, pattern[begun:]]


def worth_asking(sets: Sequence[Literals]) -> list[Literals]:
    """The first, and of the others those that are seldom all there: a set of single Han letters excludes little."""
    return [s for i, s in enumerate(sets) if i == 0 or cost(s) < COMMON]


def cost(literals: Iterable[str]) -> float:
    """A rough rate at which one of them occurs by chance: short strings are common, Han are rarer than letters."""
    return sum([_RATES[min(len(literal.encode()), 63)] for literal in literals])


def _minimal(strings: Literals) -> Literals:
    """Without those that contain another: where that stands, this stands."""
    together = "\0".join(strings)
    inside = [string for string in strings if together.count(string) > 1]
    return frozenset(s for s in strings if not any(i in s and i != s for i in inside)) if inside else strings


# What one token matches, and whether its strings are matched as they stand: case folded, as the text is.


def _strings(said: Sequence[str]) -> tuple[_Piece, bool]:
    folded = frozenset(string.casefold() for string in said)
    return _Piece(folded, (), _WIDEST * sum(map(len, said))), folded == frozenset(said)


def _class(said: str) -> tuple[_Piece, bool]:
    many = _Piece(None, (), _CLASS + 2 * _WIDEST * len(said) if "\\p" not in said.lower() else math.inf)
    items = [] if said.startswith("^") or "[:" in said else list(_IN_CLASS.finditer(said))
    if sum(len(item[0]) for item in items) != len(said):  # negated, or with a \d in it
        return many, True
    ends = [(ord(_char(item[1])), ord(_char(item[2] or item[1]))) for item in items]
    if any(low > high for low, high in ends) or sum(high - low + 1 for low, high in ends) > MAX_CLASS:
        return many, True
    return _strings([chr(c) for low, high in ends for c in range(low, high + 1)])


def _char(said: str) -> str:
    if said.startswith("\\x"):
        return chr(int(said[2:].strip("{}"), 16))
    return _CONTROL.get(said[1], said[1]) if said[0] == "\\" and len(said) > 1 else said


_READ: dict[str, Callable[[str], tuple[_Piece, bool]]] = {
    "flat": lambda said: _strings(said.split("|")),
    "run": lambda said: _strings([said]),
    "char": lambda said: _strings([_char(said)]),
    "class": _class,
    "kind": lambda said: (_Piece(None, (), math.inf if "p" in said.lower() else _CLASS), True),
    "edge": lambda said: (_Piece(_EMPTY, (), math.inf if "?" in said else 1), False),
}


@lru_cache(maxsize=4096)  # the same groups of words are put into many patterns
def _piece(kind: str, said: str) -> tuple[_Piece, bool]:
    return _READ[kind](said)


def _one_of(branches: list[list[_Piece]]) -> _Piece:
    pieces = [_in_a_row(branch) for branch in branches]
    if len(pieces) == 1:
        return pieces[0]
    size = sum(piece.size for piece in pieces) + len(pieces)
    union: set[str] = set()
    whole = True
    for exact, sets, _ in pieces:
        candidates = sets if exact is None else (exact,)
        if not candidates:
            return _Piece(None, (), size)
        whole = whole and exact is not None
        union |= candidates[0] if len(candidates) == 1 else min(candidates, key=cost)
    strings = frozenset(union)
    if whole and len(strings) <= MAX_SET:
        return _Piece(strings, (), size)
    return _Piece(None, () if "" in strings else (strings,), size)


def _in_a_row(pieces: list[_Piece]) -> _Piece:
    """The whole set of strings it can be, where that is small, and sets of which one each must occur."""
    run = _EMPTY
    found: list[Literals] = []
    whole = True
    size = 0.0
    for exact, sets, instructions in pieces:
        size += instructions
        if exact is not None and len(run) * len(exact) <= MAX_SET:
            run = exact if run is _EMPTY else frozenset([a + b for a, b in product(run, exact)])
            continue
        whole = False
        found += (run, *sets)
        run = _EMPTY if exact is None else exact
    return _Piece(run, (), size) if whole else _Piece(None, tuple([s for s in (*found, run) if "" not in s]), size)


def _repeated(piece: _Piece, times: str) -> _Piece:
    exact, sets, size = piece
    least, most = _LEAST[times[0]] if times[0] in _LEAST else _counted(times)
    size *= max(most, least + 1)
    if most == 1:
        return piece if least else _Piece(None if exact is None else exact | _EMPTY, (), size)
    if not least:
        return _Piece(None, (), size)
    return _Piece(None, sets if exact is None else (exact,) if "" not in exact else (), size)


_LEAST = {"?": (0, 1), "*": (0, 0), "+": (1, 0)}


def _counted(times: str) -> tuple[int, int]:
    """{2} and {2,5} are the least and the most; 0 stands for no bound."""
    least, comma, most = times.rstrip("?")[1:-1].partition(",")
    return int(least), int(most) if most else 0 if comma else int(least)
