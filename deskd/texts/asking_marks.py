"""The marks of a clause: its words by what they do in an asking, from the tables of asking.toml, read at first use.

    marks(OF_SECRETS, "please send me the code")   →  "phu.s"

A letter is a word or phrase of that table, a dot a word (or Han character) of none. Where phrases begin at the same
place the longest counts, so "error code" is no code. Matching is RE2: linear in the text, whatever is added.
"""

import re
import tomllib
from functools import cache
from pathlib import Path
from typing import Any

import re2

WORDS = Path(__file__).parent / "asking.toml"
PLAIN = " "
"""The letter of phrases that take a word back; they stand in the marks as a dot."""

HAN = re.compile(r"[㐀-鿿]")
_UNIT = re.compile(r"[㐀-鿿]|[^\W_㐀-鿿]+(?:'[a-z]+)?")


def marks(letters: str, clause: str) -> str:
    """The marks of a folded clause, for the tables with these letters."""
    han = bool(HAN.search(clause))
    spans = sorted(
        (match.start(), -match.end(), letter == PLAIN, letter)
        for letter in letters
        for match in _table(letter, han).finditer(clause)
    )
    found: list[str] = []
    end = 0
    for start, minus_stop, plain, letter in spans:
        if start >= end:
            found += ["." * len(_UNIT.findall(clause, end, start)), "." if plain else letter]
            end = -minus_stop
    return "".join(found) + "." * len(_UNIT.findall(clause, end))


def cantonese(simplified: str) -> str:
    """Hong Kong's everyday words in those of the tables."""
    for said, meant in _file()["cantonese"].items():
        simplified = simplified.replace(said, meant)
    return simplified


@cache
def _table(letter: str, han: bool) -> Any:
    """One pattern for a table: English entries as whole words, Chinese ones only where there is Chinese."""
    [words] = [table for table in _file().values() if table.get("letter") == letter]
    entries = [rf"\b(?:{_joined(words['en'])})\b"] if "en" in words else []
    entries += [_joined(words["zh"])] if han and "zh" in words else []
    entries += [words["any"]] if "any" in words else []
    options = re2.Options()
    options.longest_match, options.never_capture, options.log_errors = True, True, False
    return re2.compile("|".join(entries) or r"\b\B", options)  # \b\B: nothing


def _joined(entries: str) -> str:
    return re.sub(r"\s+\|\s+", "|", entries.strip())


@cache
def _file() -> dict[str, dict[str, str]]:
    return tomllib.loads(WORDS.read_text(encoding="utf-8"))
