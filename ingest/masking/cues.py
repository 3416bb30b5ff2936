"""Where a text may hold something at all: the words that name a secret or a fact, found in one pass.

Every pattern of the finders begins at a number or with one of these words. So a pattern is not searched for, it is
tried where its cue stands: a message of a thousand characters has a handful of such places, and most have none.
"""

from collections.abc import Iterable
from enum import StrEnum, auto
from itertools import product

import re2
from ahocorasick_rs import AhoCorasick


class Cue(StrEnum):
    """What a word announces; each has the patterns that begin with it."""

    CODE = auto()
    CODE_USED = auto()
    PLAIN_CODE = auto()
    PASSWORD = auto()
    PIN = auto()
    CVV = auto()
    EXPIRY = auto()
    ENDING = auto()
    KEY_SHAPE = auto()
    KEY = auto()
    PHONE = auto()
    HAN_SUM = auto()


ALONE = frozenset({Cue.PASSWORD, Cue.KEY, Cue.KEY_SHAPE, Cue.HAN_SUM})
"""Cues that may announce something without a digit in it."""

CODE_KINDS_HAN = (
    "验证", "驗證", "校验", "校驗", "动态", "動態", "确认", "確認", "认证", "認證", "短信", "簡訊", "识别", "識別",
    "激活", "启用", "登录", "登入", "登陆", "一次性", "安全",
)  # fmt: skip
CODE_NAMES_HAN = ("码", "碼", "密码", "密碼", "口令")
CODE_KINDS = (
    "verification", "verify", "confirmation", "auth", "authentication", "authorisation", "authorization",
    "login", "log in", "log-in", "signin", "sign in", "sign-in", "sms", "text", "access", "activation", "security",
    "2fa", "mfa", "otp", "pass", "recovery", "backup",
)  # fmt: skip
PIN_KINDS = (
    "支付", "交易", "取款", "提款", "付款", "消费", "登录", "登入", "查询", "查詢", "解锁", "解鎖", "锁屏", "鎖屏",
    "手势", "手勢", "四位", "4位", "六位", "6位", "银行卡", "銀行卡",
)  # fmt: skip
HAN_DIGITS = "一二两兩三四五六七八九"
HAN_ZEROS = "百千万萬"


def _joined(*parts: Iterable[str]) -> tuple[str, ...]:
    return tuple("".join(some) for some in product(*parts))


_WORDS: dict[Cue, tuple[str, ...]] = {
    Cue.CODE: (
        *_joined(CODE_KINDS_HAN, CODE_NAMES_HAN), "验证马", "验証码", "驗証碼", "验证器", "驗證器", "认证器",
        *_joined(CODE_KINDS, ("", " "), ("code",)), *_joined(("one",), ("", " ", "-"), ("time ",)),
        "otp", "2fa", "totp", "yzm", "authenticator",
    ),
    Cue.CODE_USED: ("use ", "using ", "used ", "enter ", "entered ", "type ", "typed "),
    Cue.PLAIN_CODE: ("code",),
    Cue.PASSWORD: (
        *_joined(("pass", "pas"), ("", " "), ("word", "ward", "wort")), *_joined(("pass", "pw"), ("", " "), (":", "=")),
        "passphrase", "pass phrase", "passwd", "pwd", "psw", "密码", "密碼", "口令",
    ),
    Cue.PIN: ("pin", "mpin", "m-pin", "passcode", "pass code", *_joined(PIN_KINDS, ("密码", "密碼"))),
    Cue.CVV: (
        *_joined(("c",), ("", " ", "."), ("v",)), "ccv", "csc", "card security", "card verification", "security code",
        *_joined(("three", "four"), (" ", "-"), ("digit",)),
        "卡安全", "安全码", "安全碼", "背面", "背后", "背後", "卡背", "驗證值",
        *_joined(("后", "後", "末", "最后", "最後"), ("三", "3"), ("位", "码", "碼")),
    ),
    Cue.EXPIRY: ("exp", "valid ", "有效期", "到期", "效期"),
    Cue.ENDING: ("尾号", "尾號", "末四位", "后四位", "後四位", "last four", "last 4", "ending"),
    Cue.KEY_SHAPE: (
        "private key", "eyj", "xprv", "yprv", "zprv", "sk-", "sk_", "akia", "asia", "ghp_", "gho_", "ghu_", "ghs_",
        "ghr_", "github_pat_", "glpat-", "xox", "aiza", ":aa",
    ),
    Cue.KEY: (
        "private", "secret", "api", "access", "bearer", "wallet key", "私钥", "私鑰", "密钥", "密鑰", "金鑰",
    ),
    Cue.PHONE: (
        "电话", "電話", "手机", "手機", "联系方式", "聯絡方式", "phone", "mobile", "cell", "tel", "call me", "whatsapp",
    ),
    Cue.HAN_SUM: _joined(HAN_DIGITS, HAN_ZEROS),
}  # fmt: skip
_LITERALS = tuple(dict.fromkeys(word for words in _WORDS.values() for word in words))
_CUES = tuple(tuple(cue for cue, words in _WORDS.items() if literal in words) for literal in _LITERALS)
_AUTOMATON = AhoCorasick(_LITERALS)

SEED_WORD = r"(?:[0-9]{1,2}[.):、 ] ?)?[a-z]{3,8}"
SEED_GAP = r"[ ,，、;；|/\"“”(#\t\r\n-]{1,5}"
_LENGTHY = re2.compile(rf"[0-9a-z]{{51}}|[a-z]{{3,8}}(?:{SEED_GAP}{SEED_WORD}){{11}}")
_SHORTEST_LENGTHY = 12 * 3 + 11  # characters of twelve words with a blank between two


def lengthy(low: str) -> bool:
    """Whether a text has a word as long as a key or as many plain words in a row as a seed phrase; few have."""
    return len(low) >= _SHORTEST_LENGTHY and _LENGTHY.search(low) is not None


def places(low: str) -> dict[Cue, list[int]]:
    """Where the words of each cue begin in a text in lower case, ascending; a cue that stands nowhere is left out."""
    found: dict[Cue, list[int]] = {}
    for which, start, _ in _AUTOMATON.find_matches_as_indexes(low, overlapping=True):
        for cue in _CUES[which]:
            found.setdefault(cue, []).append(start)
    for starts in found.values():
        starts.sort()  # they come in the order in which the words end
    return found
