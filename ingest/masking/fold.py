"""One plain character for each character that counts, so that patterns see digits however they were typed.

Full-width, Arabic-Indic and other decimal digits become ASCII, exotic spaces and dashes the plain ones. Characters that
nobody sees (zero-width, soft hyphens, variation selectors, direction marks) are left out, and an index says where the
others stood.
"""

import re

# First code point of runs of ten decimal digits (Unicode category Nd) that people and attackers type.
_ZEROS = (
    0x0660, 0x06F0, 0x07C0, 0x0966, 0x09E6, 0x0A66, 0x0AE6, 0x0B66, 0x0BE6, 0x0C66, 0x0CE6, 0x0D66, 0x0E50, 0x0ED0,
    0x0F20, 0x1040, 0x17E0, 0x1810, 0xFF10, 0x1D7CE, 0x1D7D8, 0x1D7E2, 0x1D7EC, 0x1D7F6,
)  # fmt: skip
_SPACES = "\u00a0\u1680\u2000\u2001\u2002\u2003\u2004\u2005\u2006\u2007\u2008\u2009\u200a\u202f\u205f\u3000"
_DASHES = "\u2010\u2011\u2012\u2013\u2014\u2015\u2212\ufe58\ufe63"
_DOTS = "\u00b7\u2022\u2027\u2219\u22c5\u30fb"

_KEPT = "！（），；？"
"""Full-width marks that end or part clauses: a full-width comma is never the comma inside a number."""

_UNSEEN = (
    "\u00ad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180b-\u180e\u200b-\u200f\u202a-\u202e\u2060-\u206f\u20e3"
    "\ufe00-\ufe0f\ufeff\U000e0000-\U000e007f"
)
_SURROGATES = "\ud800-\udfff"
"""Halves of characters, which no text has that was decoded with care; the automata refuse them."""


def _table() -> dict[str, str]:
    table = {chr(0xFF01 + i): chr(0x21 + i) for i in range(94) if chr(0xFF01 + i) not in _KEPT}
    table.update({chr(zero + i): str(i) for zero in _ZEROS for i in range(10)})
    table.update(dict.fromkeys(_SPACES, " "))
    table.update(dict.fromkeys(_DASHES, "-"))
    table.update(dict.fromkeys(_DOTS, "."))
    table["￥"] = "¥"
    return table


_FOLD = _table()
_IS_UNSEEN = re.compile(f"[{_UNSEEN}]+")
_DIGITS = "".join(f"{chr(zero)}-{chr(zero + 9)}" for zero in _ZEROS)
_ODD = re.compile(f"[{_DIGITS}{''.join(c for c in _FOLD if not c.isdigit())}{_UNSEEN}{_SURROGATES}]")
_LOWER = {c: c + 32 for c in range(ord("A"), ord("Z") + 1)}


def fold(text: str) -> tuple[str, list[int] | None]:
    """The folded text and, where characters were left out, the place of each kept one in the original."""
    if text.isascii():
        return text, None
    odd = {match.group() for match in _ODD.finditer(text)}
    index = None
    if any(map(_IS_UNSEEN.match, odd)):
        text, index = _seen(text)
    for c in odd:
        text = text.replace(c, _FOLD.get(c, "\ufffd"))
    return text, index


def _seen(text: str) -> tuple[str, list[int]]:
    index: list[int] = []
    parts: list[str] = []
    at = 0
    for match in _IS_UNSEEN.finditer(text):
        index += range(at, match.start())
        parts.append(text[at : match.start()])
        at = match.end()
    return "".join((*parts, text[at:])), [*index, *range(at, len(text))]


def lower(text: str) -> str:
    """Lower case for ASCII; never changes the length, as str.lower may."""
    low = text.lower()
    return low if len(low) == len(text) else text.translate(_LOWER)
