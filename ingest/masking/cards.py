"""Card numbers, and the security codes that stand beside them.

Sources: PCI DSS 4.0.1 (3.3, 3.4), ISO/IEC 7812-1 annex B (Luhn).
"""

import re
from collections.abc import Iterator

from deskd.domain.words import Found
from ingest.masking.cues import Cue
from ingest.masking.ordinary import UNIT_BEHIND, spoken_of_otherwise
from ingest.masking.shapes import Mark, Sheet

SHORTEST, LONGEST = 13, 19
MOST_GROUPS = 40
"""Groups of one run of digits that are looked at from one start; a card has at most LONGEST."""

_IN_GAPS = " \t\r\n-._/,，、。·|:+~\\*"
_LONGEST_GAP = 3  # separators between two groups of a card; columns and empty lines make more blanks
_MOST_BLANKS = 12
_DIGITS = re.compile(r"[0-9]+")

_CARD_WORD = re.compile(
    r"(?:卡号|卡號|银行卡|銀行卡|储蓄卡|儲蓄卡|信用卡|借记卡|借記卡|金融卡|"
    r"(?<!\[)card|visa|master|union ?pay|银联|銀聯|pan)"
)
_OTHER_NUMBER = re.compile(
    r"(?:单号|單號|订单|訂單|流水|交易号|交易號|运单|運單|快递|快遞|物流|合同|编号|編號|工单|工單|发票|發票|条码|條碼|imei|"
    r"iccid|tracking|order|invoice|reference|ref|transaction|txn|trace|parcel|shipment|barcode|isbn|waybill|ticket)"
    r"(?: ?(?:number|no\.?|id|code|号码|號碼|号|號))?[^0-9a-z]{0,6}\Z"
)
_CARD_LETTERS = frozenset(
    {"amex", "and", "card", "cc", "cvc", "cvn", "cvv", "exp", "expiry", "is", "jcb", "mastercard", "mc", "my",
     "no", "nr", "number", "pan", "the", "thru", "unionpay", "valid", "visa"}
)  # fmt: skip
_LETTERS_BEFORE = re.compile(r"[a-z]+\Z")
_LETTERS_AFTER = re.compile(r"[a-z]+")
_DATE_LEADS = re.compile(r"20[0-9]{2}(?:0[1-9]|1[0-2])(?:0[1-9]|[12][0-9]|3[01])")
_USUAL_SHAPES = frozenset(
    [(4, 4, 4, 4), (4, 4, 4, 4, 1), (4, 4, 4, 4, 2), (4, 4, 4, 4, 3), (4, 6, 5), (4, 6, 4), (6, 13), (6, 12), (6, 10),
     (8, 8), (4, 5, 4), (4, 4, 5), (5, 5, 5), (4, 4, 4, 3), (4, 4, 4, 2), (4, 4, 4, 1)]
)  # fmt: skip


_DOUBLED = str.maketrans("0123456789", "0246813579")
"""Each digit doubled, its two digits added."""


def luhn(digits: str) -> bool:
    return (sum(map(int, digits[-1::-2])) + sum(map(int, digits[-2::-2].translate(_DOUBLED)))) % 10 == 0


_BEGINNINGS: tuple[tuple[str, tuple[int, ...]], ...] = (
    # two digits a scheme's cards begin with; their lengths, the likeliest first
    ("40 41 42 43 44 45 46 47 48 49", (16, 19, 13)),
    ("51 52 53 54 55", (16,)),
    ("34 37", (15,)),
    ("62 81", (19, 16, 18, 17)),
    ("30 36 38 39", (14, 16, 19)),
    ("35 60 64 65", (16, 19, 18, 17)),
    ("50 56 57 58 59 61 63 66 67 68 69", (16, 19, 18, 13)),
)
_LENGTHS = {two: lengths for twos, lengths in _BEGINNINGS for two in twos.split()}


def brand_lengths(digits: str) -> tuple[int, ...]:
    """How long a card with this beginning is, the likeliest first; empty for a beginning that no large scheme uses."""
    four = digits[:4]
    if "2200" <= four <= "2204" or "2221" <= four <= "2720":
        return (16,)
    if four in {"9558", "9559"}:  # old debit cards of one large bank
        return (19, 16)
    return _LENGTHS.get(four[:2], ())


def find_cards(sheet: Sheet) -> None:
    for groups in _runs(sheet):
        if groups[-1][1] - groups[0][0] < SHORTEST:
            continue
        first = 0
        while first < len(groups):
            found = _card_from(sheet, groups, first)
            if found is not None and _claim(sheet, groups[first][0], *found):
                while first < len(groups) and groups[first][1] < found[1]:
                    first += 1
            first += 1


def _runs(sheet: Sheet) -> Iterator[list[tuple[int, int]]]:
    """Numbers with nothing but a few separators between two of them."""
    together: list[tuple[int, int]] = []
    for number in sheet.numbers:
        if together and not _joins(sheet.low[together[-1][1] : number[0]]):
            yield together
            together = []
        together.append(number)
    if together:
        yield together


def _joins(gap: str) -> bool:
    return not gap.strip(_IN_GAPS) and len(gap) <= (_MOST_BLANKS if gap.isspace() else _LONGEST_GAP)


def _card_from(sheet: Sheet, groups: list[tuple[int, int]], first: int) -> tuple[int, int] | None:
    """Where the card that begins with group `first` ends, and how many of its digits are the card; or None.

    One in ten cards with three digits behind it passes as a longer card too: all of it is hidden then, and the ending
    that is shown is the shorter one's, so that a security code never shows.
    """
    low = sheet.low
    if sheet.taken[groups[first][0]]:
        return None
    digits, candidates = "", {}
    for last in range(first, min(len(groups), first + MOST_GROUPS)):
        start, end = groups[last]
        if sheet.taken[start]:
            break
        digits += low[start:end]
        if len(digits) > LONGEST:
            break
        if len(digits) >= SHORTEST:
            candidates[len(digits)] = last
    passing = [n for n in _lengths(digits, candidates) if _is_card(sheet, groups, first, candidates[n], digits[:n])]
    if not passing:
        return None
    shown = passing[0]
    return groups[candidates[max(passing)]][1], shown


def _lengths(digits: str, candidates: dict[int, int]) -> Iterator[int]:
    if not candidates:
        return
    usual = [n for n in brand_lengths(digits) if n in candidates]
    yield from usual
    yield from (n for n in sorted(candidates, reverse=True) if n not in usual)


def _is_card(sheet: Sheet, groups: list[tuple[int, int]], first: int, last: int, digits: str) -> bool:
    low, (start, end) = sheet.low, (groups[first][0], groups[last][1])
    branded = len(digits) in brand_lengths(digits)
    whole = first == 0 and last == len(groups) - 1
    regular = last == first or tuple(e - s for s, e in groups[first : last + 1]) in _USUAL_SHAPES
    if not (branded or whole or regular) or not _letters_allow(low, start, end):
        return False
    spoken_of = _card_word_near(low, start, end)
    mistyped = spoken_of and digits.startswith("62") and len(digits) >= 16 and (regular or whole)
    if mistyped and not _labelled(low, start):
        return True  # still nearly the whole card
    if not (branded or whole or spoken_of) or len(set(digits)) == 1 or not luhn(digits):
        return False
    if not branded and _labelled(low, start):
        return False
    return spoken_of or not _explained(low, groups[first : last + 1], digits, branded=branded, regular=regular)


def _explained(low: str, groups: list[tuple[int, int]], digits: str, *, branded: bool, regular: bool) -> bool:
    """Whether a number that passes Luhn and that nobody calls a card is likelier something else."""
    if _DATE_LEADS.match(digits) or (len(digits) == 13 and digits[0] != "4"):
        return True  # a time stamp, milliseconds since 1970, an article number
    return not branded and (not regular or _phone_among(low, groups))


def _labelled(low: str, start: int) -> bool:
    return bool(_OTHER_NUMBER.search(low, max(0, start - 24), start))


def _letters_allow(low: str, start: int, end: int) -> bool:
    """A number with letters attached is no card, except where the letters say that it is one."""
    before = _LETTERS_BEFORE.search(low, max(0, start - 12), start)
    after = _LETTERS_AFTER.match(low, end)
    return (before is None or before.group() in _CARD_LETTERS) and (after is None or after.group() in _CARD_LETTERS)


def _card_word_near(low: str, start: int, end: int) -> bool:
    return bool(_CARD_WORD.search(low, max(0, start - 24), start) or _CARD_WORD.search(low, end, end + 12))


def _phone_among(low: str, groups: list[tuple[int, int]]) -> bool:
    return len(groups) > 1 and any(e - s == 11 and low[s] == "1" for s, e in groups)


def _claim(sheet: Sheet, start: int, end: int, length: int) -> bool:
    digits = "".join(_DIGITS.findall(sheet.low, start, end))[:length]
    shown = f"[card {digits[:6]}{'*' * (len(digits) - 10)}{digits[-4:]}]"
    mark = Mark(start, end, Found.CARD, shown)
    if not sheet.claim(mark):
        return False
    sheet.cards.append(mark)
    return True


_CVV_WORD = (
    r"(?:(?:c[ .]?v[ .]?[vcn2]\.? ?2?|ccv|csc|card (?:security|verification) (?:code|number|value)|security code|"
    r"(?:three|four)[ -]digits?(?: code| number)? (?:on|at) (?:the |its |my )?(?:back|reverse|front))(?![a-z])|"
    r"卡?安全码|卡?安全碼|背[面后後](?:的)?(?:三|四|3|4)[位码碼个個](?:数字|數字|数|數)?|"
    r"(?:后|後|末|最后|最後)(?:三|3)[位码碼](?:数字|數字|数|數)?|背[面后後](?:的)?(?:数字|數字)|卡背(?:面)?|驗證值)"
)
_NEXT = r"(?:[^0-9\[#]|[34][ -]?(?:位|digits?))"
_CVV = r"(?<![0-9.,¥$€£])([0-9]{3,4}|[0-9](?:[ \-.][0-9]){2,3})(?![0-9]|[.,][0-9])"
_CVV_AFTER_WORD = re.compile(rf"(?<![a-z]){_CVV_WORD}{_NEXT}{{0,40}}?{_CVV}")
_CVV_BEFORE_WORD = re.compile(rf"{_CVV}(?![0-9])[^0-9\[。！？!?\n]{{0,20}}?(?<![a-z]){_CVV_WORD}")
_EXPIRY = r"(?:0?[1-9]|1[0-2]) ?[/\-年.] ?(?:20)?[2-4][0-9]"
_EXPIRY_WORD = r"(?:exp(?:iry|ires|iration|iring)?(?: date)?|valid (?:thru|until|to)|有效期(?:限|至|到)?|到期日?|效期)"
_BESIDE = r"[ \t\r\n,，;；/|:：.、()\[\]（）\-]"
_CVV_AFTER_CARD = re.compile(
    rf"{_BESIDE}{{0,6}}(?:{_EXPIRY_WORD}?{_BESIDE}{{0,4}}{_EXPIRY}|[0-9]{{4}}(?={_BESIDE}{{1,3}}[0-9]{{3}}(?![0-9])))?"
    rf"{_BESIDE}{{0,6}}(?:and |和|加|cid:? )?{_CVV}"
)
_CVV_AFTER_EXPIRY = re.compile(rf"{_EXPIRY_WORD}{_BESIDE}{{0,4}}{_EXPIRY}{_BESIDE}{{1,4}}{_CVV}")
_YEAR = re.compile(r"(?:19|20)[0-9]{2}\Z")


def find_cvv(sheet: Sheet) -> None:
    """Three or four digits that a word calls a security code, or that stand right after a card or its expiry."""
    low = sheet.low
    for card in sheet.cards:
        if beside := _CVV_AFTER_CARD.match(low, card.end):
            _cvv(sheet, *beside.span(1), loose=True)
    for match in sheet.matches(_CVV_AFTER_EXPIRY, sheet.announced(Cue.EXPIRY)):
        _cvv(sheet, *match.span(1), loose=False)
    numbers = [start for start, end in sheet.numbers if end - start <= 4] if sheet.cued(Cue.CVV) else []
    for pattern, starts in ((_CVV_AFTER_WORD, sheet.announced(Cue.CVV)), (_CVV_BEFORE_WORD, numbers)):
        for match in sheet.matches(pattern, starts):
            if not sheet.taken[match.start()] and not spoken_of_otherwise(low, match.start(1)):
                _cvv(sheet, *match.span(1), loose=False)


def _cvv(sheet: Sheet, start: int, end: int, *, loose: bool) -> None:
    if UNIT_BEHIND.match(sheet.low, end) or (loose and _YEAR.match(sheet.low, start, end)):
        return
    sheet.destroy(start, end, Found.CVV)
