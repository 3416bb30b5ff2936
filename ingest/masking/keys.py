"""What opens a wallet or an interface: private keys, tokens, seed phrases."""

import hashlib
import re
from itertools import pairwise

from deskd.domain.words import Found
from ingest.masking.cues import SEED_GAP, SEED_WORD, Cue
from ingest.masking.shapes import Sheet

_SHAPES = re.compile(
    r"-----BEGIN [A-Z ]{0,30}PRIVATE KEY(?: BLOCK)?-----(?:(?!-----END )[\s\S]){0,20000}"
    r"(?:-----END [A-Z ]{0,30}PRIVATE KEY(?: BLOCK)?-----)?"
    r"|(?<![0-9A-Za-z_-])(?:"
    r"eyJ[0-9A-Za-z_-]{8,2000}\.eyJ[0-9A-Za-z_-]{4,4000}\.[0-9A-Za-z_-]{10,1000}"
    r"|[xyz]prv[1-9A-HJ-NP-Za-km-z]{100,112}"
    r"|sk[-_](?:live[-_]|test[-_]|proj[-_])?[0-9A-Za-z_-]{20,200}"
    r"|(?:AKIA|ASIA)[0-9A-Z]{16}"
    r"|gh[pousr]_[0-9A-Za-z]{36,80}"
    r"|github_pat_[0-9A-Za-z_]{22,100}"
    r"|glpat-[0-9A-Za-z_-]{20,60}"
    r"|xox[abprs]-[0-9A-Za-z-]{10,100}"
    r"|AIza[0-9A-Za-z_-]{35}"
    r"|[0-9]{8,10}:AA[0-9A-Za-z_-]{33}"
    r")(?![0-9A-Za-z_-])"
)
_NAMED_KEY = re.compile(
    r"(?:private ?key|secret ?key|api[ _-]?(?:key|secret|token)|access[ _-]?token|"
    r"bearer|secret|wallet key|私钥|私鑰|密钥|密鑰|金鑰)"
    r"[^0-9a-z\n\[]{0,6}(?:(?:is|was|是|为|為)[^0-9a-z\n\[]{0,4})?((?:0x)?[0-9a-z_+/=.-]{16,512})"
)
_HEX = re.compile(r"(?<![0-9a-z])(?:0x)?[0-9a-f]{64}(?![0-9a-z])")
_KEY_WORD = re.compile(r"private|secret|key|seed|wallet|私钥|私鑰|密钥|密鑰|金鑰|钱包|錢包")
_WIF = re.compile(r"(?<![0-9A-Za-z])[5KLc9][1-9A-HJ-NP-Za-km-z]{50,51}(?![0-9A-Za-z])")
_BASE58 = {c: i for i, c in enumerate("123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz")}


def find_keys(sheet: Sheet) -> None:
    text, low = sheet.text, sheet.low
    if sheet.cued(Cue.KEY_SHAPE):
        for match in _SHAPES.finditer(text):
            sheet.destroy(*match.span(), Found.KEY)
    for match in _HEX.finditer(low) if sheet.lengthy else ():
        if _KEY_WORD.search(low, max(0, match.start() - 60), match.start()):
            sheet.destroy(*match.span(), Found.KEY)
    for match in sheet.matches(_NAMED_KEY, sheet.cued(Cue.KEY)):
        value = match.group(1)
        if any(c.isdigit() for c in value) and any(c.isalpha() for c in value):
            sheet.destroy(*match.span(1), Found.KEY)
    for match in _WIF.finditer(text) if sheet.lengthy else ():
        if _base58check(match.group()):
            sheet.destroy(*match.span(), Found.KEY)


def _base58check(word: str) -> bool:
    """Whether the last four bytes are the double SHA-256 of the rest, as in every Bitcoin key and address."""
    number = 0
    for c in word:
        number = number * 58 + _BASE58[c]
    raw = number.to_bytes((number.bit_length() + 7) // 8, "big")
    return hashlib.sha256(hashlib.sha256(raw[:-4]).digest()).digest()[:4] == raw[-4:]


SEED_LENGTHS = frozenset({12, 15, 18, 21, 24})
"""BIP-39: a checksum of one bit for 32 of entropy gives these counts and no others."""

_SEED_RUN = re.compile(rf"(?<![0-9a-z'’]){SEED_WORD}(?:{SEED_GAP}{SEED_WORD}){{11,60}}(?![a-z'’])")
_SEED_NAME = re.compile(  # not our own mark: a masked text stays as it is
    r"(?<!\[)seed(?: words| phrase)?|mnemonic|recovery (?:phrase|words)|secret phrase|backup phrase"
    r"|wallet(?: words| phrase)?|助记|助記|恢复词|恢復詞|种子|種子|钱包|錢包"
)
_NOT_IN_SEEDS = frozenset(
    # what sentences are made of and the English list of BIP-39 leaves out
    {"after", "and", "app", "are", "back", "bank", "been", "being", "both", "but", "came", "could", "dear", "did",
     "does", "done", "down", "each", "even", "ever", "every", "for", "from", "gave", "get", "getting", "going",
     "gone", "got", "had", "has", "her", "here", "him", "his", "how", "its", "last", "let", "made", "many", "may",
     "might", "money", "most", "not", "off-line", "our", "out", "paid", "per", "said", "see", "seen", "sent",
     "she", "should", "show", "some", "take", "taken", "than", "thanks", "the", "their", "them", "there's",
     "these", "those", "though", "told", "too", "took", "trying", "using", "via", "was", "went", "were", "which",
     "while", "who", "why", "with", "without", "would", "yes", "yet", "your"}
)  # fmt: skip
_NAKED = re.compile(r"[a-z]+")


def find_seeds(sheet: Sheet) -> None:
    """Plain words in a row, none of which only sentences need: behind a word for wallets, or as many as a seed has."""
    low = sheet.low
    for match in _SEED_RUN.finditer(low) if sheet.lengthy else ():
        for words in _stretches(low, *match.span()):
            start, end = words[0][0], words[-1][1]
            named = bool(_SEED_NAME.search(low, max(0, start - 60), start))
            for name in _SEED_NAME.finditer(low, start, end):  # "seed words" may open the row itself
                if len(rest := [w for w in words if w[0] >= name.end()]) >= min(SEED_LENGTHS):
                    start, named = rest[0][0], True
            if named or (len(words) in SEED_LENGTHS and _listed(low, words)):
                sheet.destroy(start, end, Found.SEED)


def _stretches(low: str, start: int, end: int) -> list[list[tuple[int, int]]]:
    """The places of the words between those that no seed has, where they are enough for one."""
    found: list[list[tuple[int, int]]] = [[]]
    for word in _NAKED.finditer(low, start, end):
        if word.group() in _NOT_IN_SEEDS:
            found.append([])
        else:
            found[-1].append(word.span())
    return [words for words in found if len(words) >= min(SEED_LENGTHS)]


_LIST_SIGNS = frozenset('；|/"“”(#-')


def _listed(low: str, words: list[tuple[int, int]]) -> bool:
    """Whether signs that lists have stand between all of the words or between none: sentences have some."""
    signed = [not _LIST_SIGNS.isdisjoint(low[left[1] : right[0]]) for left, right in pairwise(words)]
    return all(signed) or not any(signed)
