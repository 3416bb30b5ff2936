"""What opens a wallet or an interface: private keys, tokens, seed phrases."""

import hashlib
import re

from deskd.domain.words import Found
from ingest.masking.shapes import Sheet

_SHAPES = re.compile(
    r"-----BEGIN [A-Z ]{0,30}PRIVATE KEY(?: BLOCK)?-----(?:(?!-----END )[\s\S]){0,20000}(?:-----END [A-Z ]{0,30}PRIVATE KEY(?: BLOCK)?-----)?"
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
_SHAPE_HINTS = ("PRIVATE KEY", "eyJ", "prv", "sk-", "sk_", "AKIA", "ASIA", "gh", "glpat", "xox", "AIza", ":AA")
_NAMED_KEY = re.compile(
    r"(?:private ?key|secret ?key|api[ _-]?(?:key|secret|token)|access[ _-]?token|bearer|secret|wallet key|私钥|私鑰|密钥|密鑰|金鑰)"
    r"[^0-9a-z\n\[]{0,6}(?:(?:is|was|是|为|為)[^0-9a-z\n\[]{0,4})?((?:0x)?[0-9a-z_+/=.-]{16,512})"
)
_HEX = re.compile(r"(?<![0-9a-z])(?:0x)?[0-9a-f]{64}(?![0-9a-z])")
_KEY_WORD = re.compile(r"private|secret|key|seed|wallet|私钥|私鑰|密钥|密鑰|金鑰|钱包|錢包")
_WIF = re.compile(r"(?<![0-9A-Za-z])[5KLc9][1-9A-HJ-NP-Za-km-z]{50,51}(?![0-9A-Za-z])")
_BASE58 = {c: i for i, c in enumerate("123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz")}


def find_keys(sheet: Sheet) -> None:
    text, low = sheet.text, sheet.low
    if any(hint in text for hint in _SHAPE_HINTS):
        for match in _SHAPES.finditer(text):
            sheet.destroy(*match.span(), Found.KEY)
    for match in _HEX.finditer(low):
        if _KEY_WORD.search(low, max(0, match.start() - 60), match.start()):
            sheet.destroy(*match.span(), Found.KEY)
    for match in _NAMED_KEY.finditer(low):
        value = match.group(1)
        if any(c.isdigit() for c in value) and any(c.isalpha() for c in value):
            sheet.destroy(*match.span(1), Found.KEY)
    for match in _WIF.finditer(text):
        if _base58check(match.group()):
            sheet.destroy(*match.span(), Found.KEY)


def _base58check(word: str) -> bool:
    """Whether the last four bytes are the double SHA-256 of the rest, as in every Bitcoin key and address."""
    number = 0
    for c in word:
        number = number * 58 + _BASE58[c]
    raw = number.to_bytes((number.bit_length() + 7) // 8, "big")
    return hashlib.sha256(hashlib.sha256(raw[:-4]).digest()).digest()[:4] == raw[-4:]


SEED_LENGTHS = (24, 21, 18, 15, 12)
_SEED_WORD = r"(?:[0-9]{1,2}[.):、 ] ?)?[a-z]{3,8}"
_SEED_RUN = re.compile(rf"(?<![0-9a-z'’]){_SEED_WORD}(?:[ ,，、;\t\r\n]{{1,3}}{_SEED_WORD}){{11,30}}(?![a-z'’])")
_SEED_NAMES = re.compile(r"seed|mnemonic|recovery (?:phrase|words)|secret phrase|backup phrase|wallet|助记|助記|恢复词|恢復詞|种子|種子|钱包|錢包")
_NEVER_IN_SEEDS = frozenset(
    # the commonest English words of three to eight letters that no BIP-39 list holds
    "the and for are was not but had has have his her hers him its our your you they them their she who why how did does been "
    "were will would could should may might must can't don't won't isn't didn't from with this these those here there into onto "
    "than then when where which while what some any each such very too also just only because please thanks hello dear sorry "
    "need want help get got see said says say went back down out off over more most much many few all none yes one two".split()
) - {"can", "will", "they", "there", "then", "this", "that", "what", "when", "where", "which", "while", "such", "very", "just",
     "only", "because", "help", "need", "want", "get", "say", "down", "off", "over", "more", "much", "few", "all", "one", "two",
     "you", "who", "why", "must", "into", "than", "have", "hello", "sorry", "out", "into", "each", "some", "any", "may", "back"}
_NAKED = re.compile(r"[a-z]+")


_LONG_ENOUGH = re.compile(r"(?:[a-z]{3,8}[^a-z]{1,4}){6}[a-z]{3,8}", re.IGNORECASE)


def may_hold_seed(text: str) -> bool:
    """Whether seven words of a seed's length follow one another; most messages end here."""
    return bool(_LONG_ENOUGH.search(text))


def find_seeds(sheet: Sheet) -> None:
    """A run of 12 to 24 plain words near a word for wallets, or alone without any word that sentences need."""
    for match in _SEED_RUN.finditer(sheet.low):
        start, end = match.span()
        words = [w.span() for w in _NAKED.finditer(sheet.low, start, end)]
        named = _SEED_NAMES.search(sheet.low, max(0, start - 60), start)
        spoken = [sheet.low[s:e] for s, e in words]
        common = sum(w in _NEVER_IN_SEEDS for w in spoken)
        if common == 0 and (named or len(words) in SEED_LENGTHS):
            sheet.destroy(start, end, Found.SEED)
