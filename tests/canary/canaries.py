"""Planted secrets: distinct, drawn from a seed, each with the words around it and what must be found nowhere.

A `needle` is looked for as it was written and, when it has ten characters or more, squeezed to its bare letters and
digits as well; a short one (a security code) only as a word of its own among the words of the database.
"""

import itertools
import random
from collections.abc import Iterator
from dataclasses import dataclass

CARD, CVV, CODE, PASSWORD, PIN, SEED, KEY = "card", "cvv", "code", "password", "pin", "seed", "key"
SHORT = frozenset({CARD, CODE, PASSWORD})
"""The kinds that also stand in one line: subjects, names, file names."""

_CARDS = (
    "My card {} was declined.",
    "我的卡号是{}，付款失败了。",
    "我的信用卡 {} 無法付款。",
    "I paid with {} yesterday.",
)
_CVVS = ("cvv: {}, nothing happens", "卡片安全码{}，还是不行", "CVC2 {} was refused", "背面三碼是{}，還是不行")
_CODES = ("我收到的验证码是{}", "my verification code is {}", "OTP {}", "簡訊驗證碼：{}", "The one-time code was {}.")
_PASSWORDS = ("密码是{}", "my password is {}", "登入密碼：{}", "password: {}")
_PINS = ("支付密码 {}", "my PIN is {}", "PIN: {}")
_SEEDS = ("My seed phrase: {}", "助记词：{}", "recovery phrase is {}")
_KEYS = ("private key: {}", "私钥：{}", "{}")
_WORDS = """
    abandon ability absorb acid adjust aim alarm album anchor angle arena armor badge bamboo banner beach blossom
    bonus border bronze cabin cactus canal carbon castle cereal coral cradle dolphin dragon eagle ember fabric falcon
    galaxy garlic hamster hazard igloo ivory jungle kidney lizard magnet nephew oyster parrot ribbon salmon turtle
    """
_BASE58 = "123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz"


@dataclass(frozen=True, slots=True)
class Canary:
    """words: what the customer writes, the secret in it; needle: the secret as it was written."""

    kind: str
    words: str
    needle: str


def drawn(seed: int) -> Iterator[Canary]:
    """Without end, the kinds in turn."""
    chance = random.Random(seed)
    makers = (_card, _code, _password, _cvv, _card, _pin, _code, _seed, _key)
    for n in itertools.count():
        yield makers[n % len(makers)](chance)


def bare(text: str) -> str:
    """Letters and digits alone, digits of every script as ASCII: "４１１１ 1111" is "41111111"."""
    digits = "".join(str(int(c)) if c.isdecimal() else c for c in text)
    return "".join(c for c in digits if c.isalnum())


def _card(chance: random.Random) -> Canary:
    prefix, length = chance.choice((("4", 16), ("51", 16), ("34", 15), ("6212", 19), ("6011", 16)))
    digits = prefix + "".join(chance.choices("0123456789", k=length - len(prefix) - 1))
    number = digits + _check_digit(digits)
    return _written(chance, CARD, _CARDS, _in_some_notation(chance, number))


def _in_some_notation(chance: random.Random, number: str) -> str:
    fours = [number[at : at + 4] for at in range(0, len(number), 4)]
    separator = chance.choice(("", " ", "-", "\u00a0", ".", "\u200b", "  ", " - "))
    written = separator.join(fours)
    if chance.random() < 0.25:
        written = written.translate({ord("0") + n: chance.choice((0xFF10, 0x0660)) + n for n in range(10)})
    return written


def _check_digit(digits: str) -> str:
    doubled = [int(c) * (2 - n % 2) for n, c in enumerate(reversed(digits))]
    return str(-sum(n // 10 + n % 10 for n in doubled) % 10)


def _cvv(chance: random.Random) -> Canary:
    return _written(chance, CVV, _CVVS, f"{chance.randrange(100, 1000)}")


def _code(chance: random.Random) -> Canary:
    return _written(chance, CODE, _CODES, f"{chance.randrange(100_000, 1_000_000)}")


def _password(chance: random.Random) -> Canary:
    letters = "".join(chance.choices("bcdfghjkmnpqrstvwxz", k=6))
    return _written(chance, PASSWORD, _PASSWORDS, f"{letters}{chance.randrange(1000, 10_000)}")


def _pin(chance: random.Random) -> Canary:
    return _written(chance, PIN, _PINS, f"{chance.randrange(100_000, 1_000_000)}")


def _seed(chance: random.Random) -> Canary:
    return _written(chance, SEED, _SEEDS, " ".join(chance.sample(_WORDS.split(), 12)))


def _key(chance: random.Random) -> Canary:
    made = chance.randrange(3)
    if made == 0:
        return _written(chance, KEY, _KEYS[:2], f"{chance.getrandbits(256):064x}")
    if made == 1:
        return _written(chance, KEY, _KEYS, "xprv" + "".join(chance.choices(_BASE58, k=107)))
    body = "".join(chance.choices(_BASE58, k=64))
    pem = f"-----BEGIN PRIVATE KEY-----\n{body}\n-----END PRIVATE KEY-----"
    return Canary(KEY, chance.choice(_KEYS).format(pem), body)


def _written(chance: random.Random, kind: str, frames: tuple[str, ...], secret: str) -> Canary:
    return Canary(kind, chance.choice(frames).format(secret), secret)
