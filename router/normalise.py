"""One spelling for what is said the same: done before any rule looks at a text.

Nothing in a matcher folds full-width letters, zero-width joiners, Traditional characters or the words that Taiwan and
Hong Kong use for the same thing (DEPENDENCIES 7), so it is done here, once a message.
"""

import re
import unicodedata
from dataclasses import dataclass
from functools import cache

import opencc
from ahocorasick_rs import AhoCorasick, MatchKind

from router.regional import HAN, misspelt
from router.regional import table as regional_table

_CF = "".join(
    f"{chr(a)}-{chr(b)}"
    for a, b in (
        (0xAD, 0xAD),
        (0x600, 0x605),
        (0x61C, 0x61C),
        (0x180E, 0x180E),
        (0x200B, 0x200F),
        (0x202A, 0x202E),
        (0x2060, 0x2064),
        (0x2066, 0x206F),
        (0xFEFF, 0xFEFF),
        (0xFFF9, 0xFFFB),
        (0xE0001, 0xE007F),
    )
)
# Apostrophes go as well: cant, can't and can’t are one word. Variation selectors hide behind emoji.
_DROPPED = re.compile(f"['‘’ʼ`´{_CF}\ufe00-\ufe0f]")
_BLANKS = re.compile(r"[^\S\n]+")
_ODD_BLANKS = re.compile(r"[^\S\n ]|  ")
# ASCII and the common Han are what NFKC leaves alone. The character before a run goes along, for its accents.
_NEEDS_FORM = re.compile(r"[^\x00-\x7f\u3001\u3002\u4e00-\u9fff]")
_FOREIGN = re.compile(r"[\s\S]?[^\x00-\x7f\u3001\u3002\u4e00-\u9fff]+")
_PUNCTUATION = tuple(zip("，！？：；（）", ",!?:;()", strict=True))  # as NFKC has them, without a call for each
_GAP_IN_HAN = re.compile(f"(?<=[{HAN}]) +(?=[{HAN}])")
_LATIN_WORD = re.compile(r"[a-z]{5,}")  # shorter words have too many neighbours to be guessed
_HAS_HAN = re.compile(f"[{HAN}]")


@dataclass(frozen=True, slots=True)
class Normal:
    """`raw`: compatibility forms, invisible characters and case folded. `folded`: that, in mainland words."""

    raw: str
    folded: str

    @property
    def variants(self) -> tuple[str, ...]:
        return (self.folded,) if self.raw == self.folded else (self.folded, self.raw)


def normalise(text: str) -> Normal:
    plain = raw(text)
    return Normal(plain, fold(plain))


def raw(text: str) -> str:
    text = _DROPPED.sub("", text)
    if not text.isascii():
        for wide, narrow in _PUNCTUATION:
            text = text.replace(wide, narrow)
        if _NEEDS_FORM.search(text):
            text = _DROPPED.sub("", _FOREIGN.sub(_compatible, text))
    text = text.casefold()
    return (_BLANKS.sub(" ", text) if _ODD_BLANKS.search(text) else text).strip()


def _compatible(run: re.Match[str]) -> str:
    return unicodedata.normalize("NFKC", run.group())


def fold(plain: str) -> str:
    """`plain` comes from `raw`."""
    if _HAS_HAN.search(plain):
        if " " in plain:
            plain = _GAP_IN_HAN.sub("", plain)
        if _traditional().search(plain):
            plain = _simplify().convert(plain)
        plain = _in_mainland_words(plain)
    return _LATIN_WORD.sub(_spell, plain)


def _spell(word: re.Match[str]) -> str:
    return misspelt().get(word.group(), word.group())


@cache
def _simplify() -> opencc.OpenCC:
    return opencc.OpenCC("t2s")


@cache
def _traditional() -> re.Pattern[str]:
    """The Han that OpenCC may change; asking first saves its 16 µs on texts that are Simplified already."""
    chars = [chr(c) for c in range(0x3400, 0xA000)]
    simpler = _simplify().convert("\n".join(chars)).split("\n")
    # These it changes only inside some words.
    return re.compile(f"[{''.join(c for c, s in zip(chars, simpler, strict=True) if c != s)}乾著於瞭藉徵麼餘夥]")


@cache
def _regional() -> tuple[AhoCorasick, tuple[str, ...]]:
    words = regional_table()
    return AhoCorasick(list(words), matchkind=MatchKind.LeftmostLongest), tuple(words.values())


def _in_mainland_words(simplified: str) -> str:
    automaton, replacements = _regional()
    parts: list[str] = []
    end = 0
    for word, start, stop in automaton.find_matches_as_indexes(simplified):
        parts += (simplified[end:start], replacements[word])
        end = stop
    if not end:
        return simplified
    parts.append(simplified[end:])
    return "".join(parts)
