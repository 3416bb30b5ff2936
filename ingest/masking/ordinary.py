"""Numbers that are plainly something else: dates, times, quantities, marks that an earlier masking left.

They are spoken for first, so that no rule for secrets takes the 5 of "valid for 5 minutes" or the year for a code.
"""

import re

from ingest.masking.cues import Cue
from ingest.masking.shapes import Sheet

_LEFT_BEHIND = re.compile(
    r"\[card [0-9]{6}\*{3,9}[0-9]{4}\]"
    r"|\[(?:cvv|code|pin|password|seed|key) removed\]"
    r"|#…[0-9A-Za-z]{6}(?![0-9A-Za-z])"
    r"|\+?[0-9]{1,3}\*{4}[0-9]{4}(?![0-9])"
    r"|[1-9]\*{16}[0-9X]"
)
_LEFT_BEHIND_HINTS = ("[card ", " removed]", "#…", "****")

_DATE_OR_TIME = re.compile(
    r"(?<![0-9:])(?<![0-9][-/.])(?:"
    r"(?:19|20)[0-9]{2}[-/.年] ?(?:0?[1-9]|1[0-2])[-/.月] ?(?:[12][0-9]|3[01]|0?[1-9])(?![0-9]|[-/.][0-9])[日号號]?"
    r"(?:[ t]?[0-2]?[0-9]:[0-5][0-9](?::[0-5][0-9](?:\.[0-9]{1,6})?)?(?![0-9]))?"
    r"|(?:[12][0-9]|3[01]|0?[1-9])[-/.](?:0?[1-9]|1[0-2])[-/.](?:19|20)[0-9]{2}(?![0-9]|[-/.][0-9])"
    r"|(?:0?[1-9]|1[0-2])/(?:[12][0-9]|3[01]|0?[1-9])/(?:19|20)[0-9]{2}(?![0-9]|[-/.][0-9])"
    r"|(?:19|20)[0-9]{2}年"
    r"|[0-2]?[0-9]:[0-5][0-9](?::[0-5][0-9])?(?!:?[0-9])"
    r")"
)
_DATE_SIGNS = frozenset("-/.年:")
"""What stands behind the first number of each of them."""

_COUNTED = re.compile(
    r"(?<![0-9.a-z])[0-9]{1,8}(?:\.[0-9]{1,3})? ?"
    r"(?:[个個次遍条條笔筆位名人岁歲天日号號月年周週秒分点點时時小度米公页頁张張台部款种種家项項楼樓层層倍折级級%‰]"
    r"|(?:times?|min(?:ute)?s?|hours?|hrs?|days?|weeks?|months?|years?|sec(?:ond)?s?|percent|people|customers|"
    r"attempts|tries|points?|digits?|am|pm|km|kg|mb|gb|th|st|nd|rd)(?![a-z]))"
)

_ENDING = re.compile(
    r"(?:尾号|尾號|末四位|后四位|後四位|last (?:four|4)(?: digits)?|ending(?: (?:in|with))?)"
    r"[^0-9\n\[]{0,6}[0-9]{4}(?![0-9])"
)
_VERSION = re.compile(r"(?<![0-9.])[0-9]{1,3}(?:\.[0-9]{1,3}){2,3}(?![.0-9])")
"""A version, an internet address."""


UNIT_BEHIND = re.compile(r" ?(?:[元块塊万萬千圆圓%蚊]|cny|usd|hkd|rmb|yuan|dollars?|[a-z]?\$)")
"""What makes the number before it money or a share, however near a word for codes stands."""

_OTHERWISE = re.compile(
    r"(?:[¥$€£]|[转轉付扣充提花]了?|转账|轉帳|轉賬|[转轉]走了?|扣款|支付|付款|充值|提现|提現|金额|金額|余额|餘額|退款?|"
    r"paid|sent|charged|transferred|amount|balance|withdrew|spent|cost|拨打?|撥打?|打了?|call(?:ed)?|dial(?:l?ed)?|"
    r"工号|工號|门牌|房间|房間|編號|编号|代码|代碼|错误码|錯誤碼|error)[ :了of]{0,4}\Z"
)


def spoken_of_otherwise(low: str, start: int) -> bool:
    """Whether the words right before a number call it money, a telephone number or somebody's staff number."""
    return bool(_OTHERWISE.search(low, max(0, start - 14), start))


def protect_marks_and_dates(sheet: Sheet) -> None:
    low = sheet.low
    if any(hint in sheet.text for hint in _LEFT_BEHIND_HINTS):
        for match in _LEFT_BEHIND.finditer(sheet.text):
            sheet.protect(*match.span())
    dates = [start for start, end in sheet.numbers if end - start <= 4 and low[end : end + 1] in _DATE_SIGNS]
    for match in sheet.matches(_DATE_OR_TIME, dates):
        sheet.protect(*match.span())


def protect_quantities(sheet: Sheet) -> None:
    """After the cards: a card's last group with a word behind it is no quantity."""
    low = sheet.low
    counts = [start for start, end in sheet.numbers if end - start <= 8 and not sheet.taken[start]]
    versions = [start for start, end in sheet.numbers if end - start <= 3 and low[end : end + 1] == "."]
    for pattern, starts in ((_COUNTED, counts), (_ENDING, sheet.announced(Cue.ENDING)), (_VERSION, versions)):
        for match in sheet.matches(pattern, starts):
            start, end = match.span()
            if sheet.free(start, end):
                sheet.protect(start, end)
