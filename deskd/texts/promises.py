"""A promised time as a customer reads it: day, time and zone, never "as soon as possible"."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

from deskd.domain.ports import MINUTE, Micros
from deskd.domain.words import Language

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_DAYS_EN = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
_MONTHS_EN = (
    "January", "February", "March", "April", "May", "June",
    "July", "August", "September", "October", "November", "December",
)  # fmt: skip
_DAYS_ZH = "一二三四五六日"
_PLACES = {
    # how Chinese readers name the clock of a zone: Simplified, Traditional
    "Asia/Shanghai": ("北京时间", "北京時間"),
    "Asia/Hong_Kong": ("香港时间", "香港時間"),
    "Asia/Taipei": ("台北时间", "台北時間"),
    "Asia/Macau": ("澳门时间", "澳門時間"),
    "Asia/Singapore": ("新加坡时间", "新加坡時間"),
}
_NEAR = {
    Language.ZH_HANS: ("今天 ", "明天 "),
    Language.ZH_HANT: ("今天 ", "明天 "),
    Language.EN: ("today ", "tomorrow "),
}


def promise(at: Micros, zone: str, language: Language, now: Micros) -> str:
    """`at` in the zone, cut to the minute: 今天 14:30（北京时间）, tomorrow 09:00 (UTC+8), later with its date."""
    local, today = _local(at - at % MINUTE, zone), _local(now, zone).date()
    label = _zone_label(local, zone, language)
    days = (local.date() - today).days
    if days in {0, 1}:
        return f"{_NEAR[language][days]}{local:%H:%M}{label}"
    return f"{_dated(local, language, with_year=local.year != today.year)}{local:%H:%M}{label}"


def day(at: Micros, zone: str, language: Language, now: Micros) -> str:
    """The date alone, for `date`: 10月9日（周五）, Friday 9 October."""
    local, today = _local(at, zone), _local(now, zone).date()
    return _dated(local, language, with_year=local.year != today.year).rstrip(" ,")


def _local(at: Micros, zone: str) -> datetime:
    return (_EPOCH + timedelta(microseconds=at)).astimezone(ZoneInfo(zone))


def _dated(local: datetime, language: Language, *, with_year: bool) -> str:
    if language is Language.EN:
        year = f" {local.year}" if with_year else ""
        return f"{_DAYS_EN[local.weekday()]} {local.day} {_MONTHS_EN[local.month - 1]}{year}, "
    year = f"{local.year}年" if with_year else ""
    week = "周" if language is Language.ZH_HANS else "週"
    return f"{year}{local.month}月{local.day}日（{week}{_DAYS_ZH[local.weekday()]}）"


def _zone_label(local: datetime, zone: str, language: Language) -> str:
    if language is not Language.EN and zone in _PLACES:
        return f"（{_PLACES[zone][language is Language.ZH_HANT]}）"
    label = _offset(local.utcoffset() or timedelta())
    return f" ({label})" if language is Language.EN else f"（{label}）"


def _offset(offset: timedelta) -> str:
    """UTC, UTC+8, UTC-3:30."""
    minutes = int(offset.total_seconds()) // 60
    if not minutes:
        return "UTC"
    hours, rest = divmod(abs(minutes), 60)
    return f"UTC{'+' if minutes > 0 else '-'}{hours}" + (f":{rest:02d}" if rest else "")
