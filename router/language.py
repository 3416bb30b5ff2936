"""Which of our three catalogues a text belongs to, by its script; 2 µs a message (DEPENDENCIES 8)."""

import re
from functools import cache

import opencc

from deskd.domain.words import Language
from router.regional import HAN

_HAN = re.compile(f"[{HAN}]")
_KANA_HANGUL = re.compile("[\u3040-\u30ff\uac00-\ud7af]")
_LATIN = re.compile(r"[A-Za-z]+")
_CANTONESE = re.compile("[唔冇嘅咗哋喺嚟佢嘢咁喇㗎乜啲畀攞揾搵嗰]")


def language(text: str) -> Language:
    """English stands for everything that is not Chinese: there is no fourth catalogue."""
    han = _HAN.findall(text)
    if not han or len(_KANA_HANGUL.findall(text)) > len(han) // 3:
        return Language.EN
    # A Chinese word is one or two characters, so a borrowed English word here and there doesn't turn the sentence.
    if len(han) * 2 < len(_LATIN.findall(text)):
        return Language.EN
    traditional, simplified = _only()
    there = sum(map(traditional.__contains__, han))
    here = sum(map(simplified.__contains__, han))
    if there == here:
        return Language.ZH_HANT if not here and _CANTONESE.search(text) else Language.ZH_HANS
    return Language.ZH_HANT if there > here else Language.ZH_HANS


@cache
def _only() -> tuple[frozenset[str], frozenset[str]]:
    """Characters that occur in Traditional only, and in Simplified only, by OpenCC's own tables."""
    chars = [chr(c) for c in range(0x4E00, 0xA000)]
    block = "\n".join(chars)
    simpler = opencc.OpenCC("t2s").convert(block).split("\n")
    fuller = opencc.OpenCC("s2t").convert(block).split("\n")
    traditional = {c for c, s in zip(chars, simpler, strict=True) if c != s}
    simplified = {c for c, t in zip(chars, fuller, strict=True) if c != t}
    return frozenset(traditional - simplified), frozenset(simplified - traditional)
