"""Facts: what an agent needs and masking must not take. They go into typed fields; the text keeps a short form."""

import re
from collections.abc import Iterator

import phonenumbers
from stdnum.cn import ric

from deskd.domain.words import Found
from ingest.masking.cues import Cue
from ingest.masking.formats import SHORTEST_WORD, WORD, Formats
from ingest.masking.shapes import Fact, Sheet


def find_house_numbers(sheet: Sheet, formats: Formats) -> None:
    """Transaction and order numbers in the declared formats. Before the cards: these are protected from Luhn."""
    for start, end in _words_with_digits(sheet):
        for match in WORD.finditer(sheet.text, start, end):
            word = match.group()
            if _DIGITS.search(word) and (number := formats.recognise(word)):
                fact = Fact(number.kind, word, f"#…{word[-6:]}", number.name)
                sheet.keep(match.start(), match.end(), fact)


_DIGITS = re.compile(r"[0-9]+")
_IN_WORDS = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz_-"
_LETTERS = frozenset(_IN_WORDS)
_REST_OF_WORD = re.compile(r"[0-9A-Za-z_-]*")


def _words_with_digits(sheet: Sheet) -> Iterator[tuple[int, int]]:
    """The runs of letters, digits, hyphens and underscores around the numbers, (start, end), where long enough."""
    text, done = sheet.text, 0
    for first, last in sheet.numbers:
        if first < done:
            continue
        start = first
        if text[first - 1 : first] in _LETTERS:
            start = done + len(text[done:first].rstrip(_IN_WORDS))
        rest = _REST_OF_WORD.match(text, last) if text[last : last + 1] in _LETTERS else None
        done = rest.end() if rest else last
        if done - start >= SHORTEST_WORD:
            yield start, done


_RESIDENT = re.compile(
    r"(?<![0-9a-z])[1-9][0-9]{5}[ -]?(?:18|19|20)[0-9]{2}[01][0-9][0-3][0-9][ -]?[0-9]{3}[0-9x](?![0-9a-z])"
)


def find_resident_ids(sheet: Sheet) -> None:
    """Resident identity numbers of GB 11643-1999: region, birthday, sequence, MOD 11-2."""
    long = [start for start, end in sheet.numbers if end - start >= 6]
    for match in sheet.matches(_RESIDENT, long):
        value = match.group().replace(" ", "").replace("-", "").upper()
        if _is_resident_id(value):
            sheet.keep(*match.span(), Fact(Found.RESIDENT_ID, value, f"{value[0]}{'*' * 16}{value[-1]}"))


_EMAIL = re.compile(
    r"(?<![0-9a-z._%+@*-])[0-9a-z._%+-]{1,64}@(?:[0-9a-z](?:[0-9a-z-]{0,61}[0-9a-z])?\.){1,6}[a-z]{2,24}(?![0-9a-z@])"
)


def _is_resident_id(value: str) -> bool:
    try:
        return bool(ric.is_valid(value))
    except KeyError:  # seen in python-stdnum 2.2: a province that exists, with a county that does not
        return False


_IN_LOCAL_PARTS = "0123456789abcdefghijklmnopqrstuvwxyz._%+-"


def find_emails(sheet: Sheet) -> None:
    for match in sheet.matches(_EMAIL, _local_parts(sheet.low)):
        start, end = match.span()
        value = sheet.text[start:end]
        local, _, domain = value.rpartition("@")
        sheet.keep(start, end, Fact(Found.EMAIL, value, f"{local[0]}***@{domain}"))


def _local_parts(low: str) -> list[int]:
    """Where the words before each @ begin."""
    starts, at = [], 0
    for before in low.split("@")[:-1]:
        starts.append(at + len(before.rstrip(_IN_LOCAL_PARTS)))
        at += len(before) + 1
    return starts


_CN_MOBILE = re.compile(
    r"(?<![0-9+*])(?:(?:\+|00)?86[ -]?)?"
    r"(1[3-9][0-9](?:[ -]?[0-9]{4}){2}|1[3-9][0-9]{2}[ -][0-9]{3}[ -][0-9]{4})(?![0-9*])"
)
_CN_MOBILE_PLUS = re.compile(r"(?<![0-9+])\+86[ -]?(1[3-9][0-9](?:[ -]?[0-9]{4}){2})(?![0-9*])")
_PLUS = re.compile(r"(?<![0-9+])(?:\+|00(?=[1-9]))[1-9][0-9 ().\-]{5,20}[0-9](?![0-9*])")
_LANDLINE = re.compile(r"(?<![0-9])(?:\(0[1-9][0-9]{1,2}\)|0[1-9][0-9]{1,2}[ -])[ -]?([2-9][0-9]{6,7})(?![0-9])")
_PHONE_NAMED = re.compile(
    r"(?:电话|電話|手机号?码?|手機號?碼?|联系方式|聯絡方式|"
    r"(?<![a-z])(?:phone|mobile|cell|tel|call me (?:at|on)|whatsapp)(?: number| no\.?)?)"
    r"[^0-9\n+\[]{0,8}([0-9][0-9 -]{5,13}[0-9])(?![0-9*])"
)
_CN_MOBILE_BEGINS = ("1", "86", "0086", "+86")
_NOT_IN = re.compile(r"[a-z]\Z")


def find_phones(sheet: Sheet) -> None:
    low = sheet.low
    starts = [start - (low[start - 1 : start] == "+") for start, _ in sheet.numbers]
    mobiles = [start for start in starts if low.startswith(_CN_MOBILE_BEGINS, start)]
    for pattern, begin in ((_CN_MOBILE_PLUS, [start for start in mobiles if low[start] == "+"]), (_CN_MOBILE, mobiles)):
        for match in sheet.matches(pattern, begin):
            if not _attached(low, match.start()):
                digits = _digits(match.group(1))
                _phone(sheet, match.span(), f"+86{digits}", f"{digits[:3]}****{digits[-4:]}")
    for match in sheet.matches(_PLUS, [start for start in starts if low.startswith(("+", "00"), start)]):
        _international(sheet, match)
    for match in sheet.matches(_LANDLINE, _landlines(sheet)):
        digits = _digits(match.group())
        _phone(sheet, match.span(), f"+86{digits[1:]}", f"{digits[:3]}****{digits[-4:]}")
    for match in sheet.matches(_PHONE_NAMED, sheet.announced(Cue.PHONE)):
        digits = _digits(match.group(1))
        if 7 <= len(digits) <= 12 and not sheet.taken[match.start(1)]:
            _phone(sheet, match.span(1), digits, f"{digits[:2]}****{digits[-4:]}")


def _landlines(sheet: Sheet) -> list[int]:
    """Where area codes begin, with the bracket around them."""
    low = sheet.low
    codes = [(start, end) for start, end in sheet.numbers if low[start] == "0" and end - start in {3, 4}]
    return [start - (low[start - 1 : start] == "(" and low[end : end + 1] == ")") for start, end in codes]


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
    return "".join(_DIGITS.findall(text))


_PHONE_LETTERS = ("tel", "phone", "mobile", "cell", "call", "no", "is", "number", "app", "wechat", "me", "at", "on")


def _attached(low: str, start: int) -> bool:
    """Whether letters that are no word for a phone stand right before: part of some other number then."""
    return bool(_NOT_IN.search(low, max(0, start - 1), start)) and not low[max(0, start - 8) : start].endswith(
        _PHONE_LETTERS
    )
