"""Facts: what an agent needs and masking must not take. They go into typed fields; the text keeps a short form."""

import re

import phonenumbers
from stdnum.cn import ric

from deskd.domain.words import Found
from ingest.masking.formats import WORD, Formats
from ingest.masking.shapes import Fact, Sheet


def find_house_numbers(sheet: Sheet, formats: Formats) -> None:
    """Transaction and order numbers in the declared formats. Before the cards: these are protected from Luhn."""
    for match in WORD.finditer(sheet.text):
        word = match.group()
        if not any(c.isdigit() for c in word):
            continue
        if number := formats.recognise(word):
            fact = Fact(number.kind, word, f"#…{word[-6:]}", number.name)
            sheet.keep(match.start(), match.end(), fact)


_RESIDENT = re.compile(
    r"(?<![0-9a-z])[1-9][0-9]{5}[ -]?(?:18|19|20)[0-9]{2}[01][0-9][0-3][0-9][ -]?[0-9]{3}[0-9x](?![0-9a-z])"
)


def find_resident_ids(sheet: Sheet) -> None:
    """Resident identity numbers of GB 11643-1999: region, birthday, sequence, MOD 11-2."""
    for match in _RESIDENT.finditer(sheet.low):
        value = match.group().replace(" ", "").replace("-", "").upper()
        if ric.is_valid(value):
            sheet.keep(*match.span(), Fact(Found.RESIDENT_ID, value, f"{value[0]}{'*' * 16}{value[-1]}"))


_EMAIL = re.compile(
    r"(?<![0-9A-Za-z._%+@*-])[0-9A-Za-z._%+-]{1,64}@"
    r"(?:[0-9A-Za-z](?:[0-9A-Za-z-]{0,61}[0-9A-Za-z])?\.){1,6}[A-Za-z]{2,24}(?![0-9A-Za-z@])"
)


def find_emails(sheet: Sheet) -> None:
    if "@" not in sheet.text:
        return
    for match in _EMAIL.finditer(sheet.text):
        value = match.group()
        local, _, domain = value.rpartition("@")
        sheet.keep(*match.span(), Fact(Found.EMAIL, value, f"{local[0]}***@{domain}"))


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
_NOT_IN = re.compile(r"[a-z]\Z")


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


_PHONE_LETTERS = ("tel", "phone", "mobile", "cell", "call", "no", "is", "number", "app", "wechat", "me", "at", "on")


def _attached(low: str, start: int) -> bool:
    """Whether letters that are no word for a phone stand right before: part of some other number then."""
    return bool(_NOT_IN.search(low, max(0, start - 1), start)) and not low[max(0, start - 8) : start].endswith(
        _PHONE_LETTERS
    )
