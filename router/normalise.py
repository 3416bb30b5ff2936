"""One spelling for what is said the same: done before any rule looks at a text.

Nothing in a matcher folds full-width letters, zero-width joiners, Traditional characters or the words that Taiwan and
Hong Kong use for the same thing (DEPENDENCIES 7), so it is done here, once a message.
"""

import re
import unicodedata
from dataclasses import dataclass
from functools import cache
from string import ascii_lowercase

import opencc
from ahocorasick_rs import AhoCorasick, MatchKind

from router.regional import HAN, misspelt, table

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
# Apostrophes go as well: cant, can't and can’t are one word. Variation selectors hide behind emoji;
# halves of surrogate pairs are no characters.
_DROPPED = re.compile(f"['‘’ʼ`´{_CF}\ufe00-\ufe0f\ud800-\udfff]")
_BLANKS = re.compile(r"[^\S\n]+")
_ODD_BLANKS = re.compile(r"[^\S\n ]")
# What NFKC leaves alone: ASCII, the common Han and their punctuation.
_PLAIN = "\x00-\x7f\u2014\u201c\u201d\u3001\u3002\u3008-\u3011\u4e00-\u9fff"
_UNUSUAL = re.compile("[^ \n!-&(-_a-~\u2014\u201c\u201d\u3001\u3002\u3008-\u3011\u4e00-\u9fff，！？：；（）]")
_NEEDS_FORM = re.compile(f"[^{_PLAIN}]")
_FOREIGN = re.compile(f"[\\s\\S]?[^{_PLAIN}]+")  # the character before a run goes along, for its accents
_PUNCTUATION = tuple(zip("，！？：；（）", ",!?:;()", strict=True))  # as NFKC has them, without a call for each
_ASCII = {ord(c): None for c in "'`"} | {ord(c): " " for c in "\t\r\v\f\x1c\x1d\x1e\x1f"}
_GAP_IN_HAN = re.compile(f" (?<=[{HAN}] )(?=[{HAN}])")
_LETTERS = frozenset(ascii_lowercase)
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
    if text.isascii():
        text = text.translate(_ASCII)
    else:
        unusual = _UNUSUAL.search(text) is not None
        if unusual:
            text = _DROPPED.sub("", text)
        for wide, narrow in _PUNCTUATION:
            text = text.replace(wide, narrow)
        if unusual and _NEEDS_FORM.search(text):
            text = _DROPPED.sub("", _FOREIGN.sub(_compatible, text))
        if unusual and _ODD_BLANKS.search(text):
            text = _BLANKS.sub(" ", text)
    return (_BLANKS.sub(" ", text) if "  " in text else text).casefold().strip()


def _compatible(run: re.Match[str]) -> str:
    return unicodedata.normalize("NFKC", run.group())


def fold(plain: str) -> str:
    """`plain` comes from `raw`."""
    if not plain.isascii() and _HAS_HAN.search(plain):
        if " " in plain:
            plain = _GAP_IN_HAN.sub("", plain)
        if _traditional().search(plain):
            plain = _simplify().convert(plain)
    return _as_meant(plain)


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
def _meant() -> tuple[AhoCorasick, tuple[tuple[str, bool], ...]]:
    """What is said in other words, or with a slip: what is meant, and whether it has to be a word of its own."""
    slips, words = misspelt(), table()
    said = (*words, *slips)
    meant = (*((word, False) for word in words.values()), *((word, True) for word in slips.values()))
    return AhoCorasick(list(said), matchkind=MatchKind.LeftmostLongest), meant


def _as_meant(plain: str) -> str:
    automaton, meant = _meant()
    parts: list[str] = []
    end = 0
    for number, start, stop in automaton.find_matches_as_indexes(plain):
        word, alone = meant[number]
        if alone and (plain[start - 1 : start] in _LETTERS or plain[stop : stop + 1] in _LETTERS):
            continue
        parts += (plain[end:start], word)
        end = stop
    return "".join((*parts, plain[end:])) if end else plain
