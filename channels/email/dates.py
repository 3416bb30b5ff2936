"""The Date field, as far as it can be read. Integer arithmetic: no year can overflow it (EP2, EP17)."""

import re
from datetime import UTC, datetime, timedelta, timezone

from channels.email.patterns import later

_NAMES = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
_MONTHS = {name: number for number, name in enumerate(_NAMES, 1)}
_RFC = re.compile(
    r"(\d{1,2})[\s-]+(jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec)[a-z]*[\s.,-]+(\d{2,4})[\s,]+"
    r"(\d{1,2})[:.](\d{2})(?:[:.](\d{2}))?(?:\.\d+)?\s*([+-]\s?\d{4}|[a-z]{1,5}\b)?",
    re.IGNORECASE,
)
_RFC_PLAIN = re.compile(
    r"(?:[A-Za-z]{3}, )?(\d{1,2}) ([A-Z][a-z]{2}) (\d{4}) (\d{2}):(\d{2})(?::(\d{2}))? ([+-]\d{4})", re.ASCII
)  # as programs of today write it, at half the price
# asctime(3), as old Unix programs write it: "Mon Jan  5 10:21:00 2026"
_ASCTIME = later(
    r"(jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec)[a-z]*\s+(\d{1,2})\s+(\d{1,2}):(\d{2})(?::(\d{2}))?"
    r"(?:\s+([+-]\d{4}|[a-z]{1,5}))?\s+(\d{4})",
)
_ISO = later(
    r"(\d{4})-(\d{2})-(\d{2})[T ](\d{2}):(\d{2})(?::(\d{2}))?(?:\.\d+)?\s*(Z|[+-]\d{2}:?\d{2})?",
)
# Minutes east of UTC, RFC 5322 section 4.3. Every other name is unknown there, and read as UTC.
_ZONES = {"est": -300, "edt": -240, "cst": -360, "cdt": -300, "mst": -420, "mdt": -360, "pst": -480, "pdt": -420}


def read(text: str) -> tuple[int, int] | None:
    """(microseconds UTC since 1970, zone in minutes east) of a Date value, or None when it can't be read."""
    match = _RFC_PLAIN.match(text)
    if match is None or match[2].lower() not in _MONTHS:
        match = _RFC.search(text)
    if match is not None:
        day, month, year, hour, minute, second, zone = match.groups()
        number = _MONTHS[month.lower()]
    elif match := _ASCTIME().search(text):
        month, day, hour, minute, second, zone, year = match.groups()
        number = _MONTHS[month.lower()]
    elif match := _ISO().search(text):
        year, number_text, day, hour, minute, second, zone = match.groups()
        number = int(number_text)
    else:
        return None
    years = int(year)
    if len(year) < 4:  # RFC 5322 section 4.3
        years += 2000 if years < 50 and len(year) == 2 else 1900
    offset = _offset(zone)
    try:
        local = datetime(years, number, int(day), int(hour), int(minute), min(int(second or 0), 59), tzinfo=UTC)
    except ValueError:
        return None
    return (int(local.timestamp()) - offset * 60) * 1_000_000, offset


def _offset(zone: str | None) -> int:
    if not zone:
        return 0
    zone = zone.replace(":", "").replace(" ", "")
    if zone[0] not in "+-":
        return _ZONES.get(zone.lower(), 0)
    minutes = int(zone[1:3]) * 60 + int(zone[3:5])
    if minutes >= 24 * 60:
        return 0  # "+9999": no such zone
    return -minutes if zone[0] == "-" else minutes


def iso(date: int | None, offset: int) -> str | None:
    """ISO 8601 with the offset the sender wrote; None when there is no date or it lies outside the calendar."""
    if date is None:
        return None
    try:
        moment = datetime(1970, 1, 1, tzinfo=UTC) + timedelta(microseconds=date)
        return moment.astimezone(timezone(timedelta(minutes=offset))).isoformat()
    except (OverflowError, ValueError):
        return None
