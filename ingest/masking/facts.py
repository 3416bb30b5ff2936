"""Facts: what an agent needs and masking must not take. They go into typed fields; the text keeps a short form."""

import re

import phonenumbers
from stdnum.cn import ric

from deskd.domain.words import Found
from ingest.masking.formats import WORD, Formats
from ingest.masking.shapes import Fact, Mark, Sheet


def find_house_numbers(sheet: Sheet, formats: Formats) -> None:
    """Transaction and order numbers in the declared formats. Before the cards: these are protected from Luhn."""
    for match in WORD.finditer(sheet.text):
        word = match.group()
        if not any(c.isdigit() for c in word):
            continue
        if number := formats.recognise(word):
            fact = Fact(number.kind, word, f"#…{word[-6:]}", number.name)
            sheet.keep(match.start(), match.end(), fact)


_RESIDENT = re.compile(r"(?<![0-9a-z])[1-9][0-9]{5}[ -]?(?:18|19|20)[0-9]{2}[01][0-9][0-3][0-9][ -]?[0-9]{3}[0-9x](?![0-9a-z])")


def find_resident_ids(sheet: Sheet) -> None:
    """Resident identity numbers of GB 11643-1999: region, birthday, sequence, MOD 11-2."""
    for match in _RESIDENT.finditer(sheet.low):
        value = match.group().replace(" ", "").replace("-", "").upper()
        if ric.is_valid(value):
            sheet.keep(*match.span(), Fact(Found.RESIDENT_ID, value, f"{value[0]}{'*' * 16}{value[-1]}"))


_EMAIL = re.compile(r"(?<![0-9A-Za-z._%+@*-])[0-9A-Za-z._%+-]{1,64}@(?:[0-9A-Za-z](?:[0-9A-Za-z-]{0,61}[0-9A-Za-z])?\.){1,6}[A-Za-z]{2,24}(?![0-9A-Za-z@])")


def find_emails(sheet: Sheet) -> None:
    if "@" not in sheet.text:
        return
    for match in _EMAIL.finditer(sheet.text):
        value = match.group()
        local, _, domain = value.rpartition("@")
        sheet.keep(*match.span(), Fact(Found.EMAIL, value, f"{local[0]}***@{domain}"))


_CN_MOBILE = re.compile(r"(?<![0-9+*])(?:(?:\+|00)?86[ -]?)?(1[3-9][0-9](?:[ -]?[0-9]{4}){2}|1[3-9][0-9]{2}[ -][0-9]{3}[ -][0-9]{4})(?![0-9*])")
_CN_MOBILE_PLUS = re.compile(r"(?<![0-9+])\+86[ -]?(1[3-9][0-9](?:[ -]?[0-9]{4}){2})(?![0-9*])")
_PLUS = re.compile(r"(?<![0-9+])(?:\+|00(?=[1-9]))[1-9][0-9 ().\-]{5,20}[0-9](?![0-9*])")
_LANDLINE = re.compile(r"(?<![0-9])(?:\(0[1-9][0-9]{1,2}\)|0[1-9][0-9]{1,2}[ -])[ -]?([2-9][0-9]{6,7})(?![0-9])")
_PHONE_NAMED = re.compile(
    r"(?:电话|電話|手机号?码?|手機號?碼?|联系方式|聯絡方式|(?<![a-z])(?:phone|mobile|cell|tel|call me (?:at|on)|whatsapp)(?: number| no\.?)?)"
    r"[^0-9\n+\[]{0,8}([0-9][0-9 -]{5,13}[0-9])(?![0-9*])"
)
_NOT_IN = re.compile(r"[a-z]$")


def find_phones(sheet: Sheet) -> None:
    low = sheet.low
    for pattern in (_CN_MOBILE_PLUS, _CN_MOBILE):
        for match in pattern.finditer(low):
            if not _attached(low, match.start()):
                digits = _digits(match.group(1))
                _phone(sheet, match.span(), f"+86{digits}", f"{digits[:3]}****{digits[-4:]}")
    if "+" in low or "00" in low:
        for match in _PLUS.finditer(low):
            _international(sheet, match)
    for match in _LANDLINE.finditer(low):
        digits = _digits(match.group())
        _phone(sheet, match.span(), f"+86{digits[1:]}", f"{digits[:3]}****{digits[-4:]}")
    for match in _PHONE_NAMED.finditer(low):
        digits = _digits(match.group(1))
        if 7 <= len(digits) <= 12:
            _phone(sheet, match.span(1), digits, f"{digits[:2]}****{digits[-4:]}")


def _international(sheet: Sheet, match: re.Match[str]) -> None:
    """Numbers that say their country; phonenumbers knows the plans of all of them."""
    if not sheet.free(*match.span()):
        return
    try:
        number = phonenumbers.parse("+" + match.group().lstrip("+0"), None)
    except phonenumbers.NumberParseException:
        return
    if phonenumbers.is_valid_number(number):
        digits = str(number.national_number)
        value = phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164)
        _phone(sheet, match.span(), value, f"+{number.country_code}****{digits[-4:]}")


def _phone(sheet: Sheet, place: tuple[int, int], value: str, short: str) -> None:
    sheet.keep(*place, Fact(Found.PHONE, value, short))


def _digits(text: str) -> str:
    return "".join([c for c in text if c.isdigit()])


_PHONE_LETTERS = ("tel", "phone", "mobile", "cell", "call", "no", "is", "number", "whatsapp", "wechat", "me", "at", "on")


def _attached(low: str, start: int) -> bool:
    """Whether letters that are no word for a phone stand right before: part of some other number then."""
    return bool(_NOT_IN.search(low, max(0, start - 1), start)) and not low[max(0, start - 8) : start].endswith(_PHONE_LETTERS)


_BEFORE = {
    "¥": "CNY", "rmb": "CNY", "cny": "CNY", "人民币": "CNY", "人民幣": "CNY", "hk$": "HKD", "hkd": "HKD", "港币": "HKD", "港幣": "HKD",
    "nt$": "TWD", "ntd": "TWD", "twd": "TWD", "新台币": "TWD", "新台幣": "TWD", "台幣": "TWD", "us$": "USD", "usd": "USD", "usdt": "USDT",
    "s$": "SGD", "sgd": "SGD", "a$": "AUD", "$": "USD", "€": "EUR", "eur": "EUR", "£": "GBP", "gbp": "GBP", "jpy": "JPY",
}  # fmt: skip
_AFTER = {
    "元人民币": "CNY", "元人民幣": "CNY", "元港币": "HKD", "元港幣": "HKD", "元": "CNY", "圆": "CNY", "圓": "CNY", "块钱": "CNY",
    "塊錢": "CNY", "块": "CNY", "塊": "CNY", "rmb": "CNY", "cny": "CNY", "yuan": "CNY", "kuai": "CNY", "人民币": "CNY", "人民幣": "CNY",
    "usdt": "USDT", "usd": "USD", "dollars": "USD", "dollar": "USD", "bucks": "USD", "美元": "USD", "美金": "USD", "$": "USD",
    "hkd": "HKD", "港币": "HKD", "港幣": "HKD", "港元": "HKD", "港纸": "HKD", "港紙": "HKD", "蚊": "HKD", "ntd": "TWD", "twd": "TWD",
    "台币": "TWD", "台幣": "TWD", "新台幣": "TWD", "eur": "EUR", "euros": "EUR", "euro": "EUR", "欧元": "EUR", "歐元": "EUR",
    "gbp": "GBP", "pounds": "GBP", "英镑": "GBP", "sgd": "SGD", "日元": "JPY", "日圓": "JPY",
}  # fmt: skip
_TIMES = {"百": 100, "千": 1_000, "k": 1_000, "万": 10_000, "萬": 10_000, "w": 10_000, "亿": 100_000_000, "億": 100_000_000}
_NUMBER = r"[0-9]{1,3}(?:,[0-9]{3}){1,4}(?:\.[0-9]{1,2})?|[0-9]{1,12}(?:\.[0-9]{1,8})?"


def _any(words: dict[str, str]) -> str:
    return "|".join(re.escape(w) for w in sorted(words, key=len, reverse=True))


_AMOUNT_AFTER_SIGN = re.compile(rf"(?<![a-z])({_any(_BEFORE)}) ?({_NUMBER})(?![0-9])([百千万萬亿億kw](?![a-z]))?")
_AMOUNT_BEFORE_WORD = re.compile(rf"(?<![0-9.,a-z])({_NUMBER}) ?([百千万萬亿億kw]?) ?({_any(_AFTER)})(?![a-z])")
_AMOUNT_ROUND = re.compile(rf"(?<![0-9.,a-z])({_NUMBER}) ?([千万萬亿億])(?![0-9个個人次位名步公里米件条條字家户戶年])")
_HAN_DIGITS = {c: i for i, c in enumerate("零一二三四五六七八九")} | {"两": 2, "兩": 2, "〇": 0}
_HAN_AMOUNT = re.compile(r"([一二两兩三四五六七八九])([百千万萬])(?:(?:多|来|來)?(?:元|块钱?|塊錢?|圓|圆|蚊|人民币))")


def find_amounts(sheet: Sheet) -> None:
    """Sums of money. They stay in the text as they are, and are facts besides."""
    low = sheet.low
    for match in _AMOUNT_AFTER_SIGN.finditer(low):
        _amount(sheet, match, match.group(2), match.group(3), _BEFORE[match.group(1)])
    for match in _AMOUNT_BEFORE_WORD.finditer(low):
        _amount(sheet, match, match.group(1), match.group(2), _AFTER[match.group(3)])
    for match in _AMOUNT_ROUND.finditer(low):
        _amount(sheet, match, match.group(1), match.group(2), "")
    for match in _HAN_AMOUNT.finditer(low):
        _amount(sheet, match, str(_HAN_DIGITS[match.group(1)]), match.group(2), "CNY")


def _amount(sheet: Sheet, match: re.Match[str], number: str, times: str | None, currency: str) -> None:
    value = number.replace(",", "")
    if times:
        whole, _, part = value.partition(".")
        places = len(str(_TIMES[times])) - 1
        value = (whole + part.ljust(places, "0")[:places]).lstrip("0") + ("." + part[places:] if part[places:] else "")
    start, end = match.span()
    fact = Fact(Found.AMOUNT, f"{value or '0'} {currency}".strip(), sheet.text[start:end])
    sheet.claim(Mark(start, end, Found.AMOUNT, None, fact))
