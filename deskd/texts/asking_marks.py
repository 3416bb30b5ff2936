"""The marks of a clause: its words by what they do in an asking, read from asking.toml at first use.

    marks(SECRET_TABLES, "please send me the code")   →  "phu.s"

A letter is a word or phrase of that table, a dot a word (or Han character) of none. Where phrases begin at the same
place the longest counts, so "error code" is no code. Matching is RE2: linear in the text, whatever ops add.
"""

import re
import tomllib
from functools import cache
from pathlib import Path
from typing import Any

import re2

WORDS = Path(__file__).parent / "asking.toml"
NOTHING = r"[^\x00-\x{10FFFF}]"
PLAIN = " "
"""The letter of phrases that take a word back; it stands in the marks as a dot."""

HAN = re.compile(r"[㐀-鿿]")
_UNIT = re.compile(r"[㐀-鿿]|[^\W_㐀-鿿]+(?:'[a-z]+)?")


def marks(letters: str, clause: str) -> str:
    """The marks of a folded clause, for the tables with these letters."""
    han = bool(HAN.search(clause))
    spans = sorted(
        (match.start(), -match.end(), letter)
        for letter in letters
        for match in _table(letter, han).finditer(clause)
    )
    found: list[str] = []
    end = 0
    for start, minus_stop, letter in spans:
        if start >= end:
            found += ["." * len(_UNIT.findall(clause, end, start)), "." if letter == PLAIN else letter]
            end = -minus_stop
    return "".join(found) + "." * len(_UNIT.findall(clause, end))


@cache
def _table(letter: str, han: bool) -> Any:
    [words] = [table for table in _tables().values() if table["letter"] == letter]
    entries = [rf"\b(?:{_joined(words['en'])})\b"] if words.get("en") else []
    entries += [_joined(words["any"])] if words.get("any") else []
    entries += [_joined(words["zh"])] if han and words.get("zh") else []
    options = re2.Options()
    options.longest_match, options.never_capture, options.log_errors = True, True, False
    return re2.compile("|".join(entries) or NOTHING, options)


def _joined(entries: str) -> str:
    return re.sub(r"\s+\|\s+", "|", entries.strip())


@cache
def _tables() -> dict[str, dict[str, str]]:
    return tomllib.loads(WORDS.read_text(encoding="utf-8"))
