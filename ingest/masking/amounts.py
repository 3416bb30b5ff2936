"""Sums of money: they stay in the text as they are and are facts besides."""

import re
from collections.abc import Sequence

from deskd.domain.words import Found
from ingest.masking.cues import HAN_DIGITS, HAN_ZEROS, Cue
from ingest.masking.shapes import Fact, Mark, Sheet

_WRITTEN = {
    # currency: what people write before the number, what they write after it
    "CNY": ("¥ rmb cny 人民币 人民幣", "元 元人民币 元人民幣 圆 圓 块 块钱 塊 塊錢 人民币 人民幣 rmb cny yuan kuai"),
    "HKD": ("hk$ hkd 港币 港幣", "元港币 元港幣 港币 港幣 港元 港纸 港紙 蚊 hkd"),
    "TWD": ("nt$ ntd twd 新台币 新台幣 台幣", "台币 台幣 新台幣 元新台幣 元台幣 ntd twd"),
    "USD": ("$ us$ usd", "usd dollar dollars bucks 美元 美金 $"),
    "USDT": ("usdt", "usdt"),
    "EUR": ("€ eur", "€ eur euro euros 欧元 歐元"),
    "GBP": ("£ gbp", "gbp pounds 英镑 英鎊"),
    "SGD": ("s$ sgd", "sgd 新币 新幣"),
    "JPY": ("jpy", "jpy yen 日元 日圓"),
    "AUD": ("a$ aud", "aud 澳元"),
}
_BEFORE = {word: currency for currency, (before, _) in _WRITTEN.items() for word in before.split()}
_AFTER = {word: currency for currency, (_, after) in _WRITTEN.items() for word in after.split()}
_ZEROS = {"百": 2, "千": 3, "k": 3, "万": 4, "萬": 4, "w": 4, "亿": 8, "億": 8}
"""How many places a word moves the point."""

_NUMBER = r"[0-9]{1,3}(?:,[0-9]{3}){1,4}(?:\.[0-9]{1,2})?|[0-9]{1,12}(?:\.[0-9]{1,8})?"


def _any(words: dict[str, str]) -> str:
    return "|".join(re.escape(w) for w in sorted(words, key=len, reverse=True))


_AMOUNT_AFTER_SIGN = re.compile(rf"(?<![a-z])({_any(_BEFORE)}) ?({_NUMBER})(?![0-9])([百千万萬亿億kw](?![a-z]))?")
_AMOUNT_BEFORE_WORD = re.compile(rf"(?<![0-9.,a-z])((?>{_NUMBER})) ?([百千万萬亿億kw]?) ?({_any(_AFTER)})(?![a-z])")
_AMOUNT_ROUND = re.compile(
    rf"(?<![0-9.,a-z])((?>{_NUMBER})) ?([千万萬亿億])(?![0-9个個人次位名步公里米件条條字家户戶年])"
)
_SIGN_BEFORE = re.compile(rf"(?<![a-z])(?:{_any(_BEFORE)}) ?\Z")
_SIGN_ENDS = frozenset(word[-1] for word in _BEFORE)
_LONGEST_SIGN = max(map(len, _BEFORE)) + 1  # and a blank
_MOST_DIGITS = 12
_INSIDE_NUMBERS = frozenset(",.")
_HAN_DIGITS = {c: i for i, c in enumerate("零一二三四五六七八九")} | {"两": 2, "兩": 2, "〇": 0}
_HAN_AMOUNT = re.compile(rf"([{HAN_DIGITS}])([{HAN_ZEROS}])(?:(?:多|来|來)?(?:元|块钱?|塊錢?|圓|圆|蚊|人民币))")


def find_amounts(sheet: Sheet) -> None:
    """Sums of money. They stay in the text as they are, and are facts besides."""
    low, taken = sheet.low, sheet.taken
    numbers = [
        start
        for start, end in sheet.numbers
        if end - start <= _MOST_DIGITS and not taken[start] and low[start - 1 : start] not in _INSIDE_NUMBERS
    ]
    for match in sheet.matches(_AMOUNT_AFTER_SIGN, _signs(low, numbers)):
        _amount(sheet, match, match.group(2), match.group(3), _BEFORE[match.group(1)])
    for match in sheet.matches(_AMOUNT_BEFORE_WORD, numbers):
        _amount(sheet, match, match.group(1), match.group(2), _AFTER[match.group(3)])
    for match in sheet.matches(_AMOUNT_ROUND, numbers):
        _amount(sheet, match, match.group(1), match.group(2), "")
    for match in sheet.matches(_HAN_AMOUNT, sheet.cued(Cue.HAN_SUM)):
        _amount(sheet, match, str(_HAN_DIGITS[match.group(1)]), match.group(2), "CNY")


def _signs(low: str, numbers: Sequence[int]) -> list[int]:
    """Where the signs and currencies right before these numbers begin."""
    likely = [start for start in numbers if not _SIGN_ENDS.isdisjoint(low[max(0, start - 2) : start])]
    found = [_SIGN_BEFORE.search(low, max(0, start - _LONGEST_SIGN), start) for start in likely]
    return [sign.start() for sign in found if sign]


def _amount(sheet: Sheet, match: re.Match[str], number: str, times: str | None, currency: str) -> None:
    value = number.replace(",", "")
    if times:
        whole, _, part = value.partition(".")
        places = _ZEROS[times]
        value = (whole + part.ljust(places, "0")[:places]).lstrip("0") + ("." + part[places:] if part[places:] else "")
    start, end = match.span()
    fact = Fact(Found.AMOUNT, f"{value or '0'} {currency}".strip(), sheet.text[start:end])
    sheet.claim(Mark(start, end, Found.AMOUNT, None, fact))
