"""Whom a page is for, its words in the three languages, and times as people say them."""

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from deskd.console.words_chat import CHAT
from deskd.console.words_desk import DESK
from deskd.console.words_form import FORM
from deskd.console.words_names import NAMES as NAMED
from deskd.domain.ports import DAY, HOUR, MINUTE, Micros
from deskd.domain.states import ClockState
from deskd.domain.ticket import FAR
from deskd.domain.words import Language

Words = Mapping[str, str]

ORDER = (Language.EN, Language.ZH_HANS, Language.ZH_HANT)  # of the words in each row
NAMES = {Language.EN: "English", Language.ZH_HANS: "简体中文", Language.ZH_HANT: "繁體中文"}  # each in itself
_ALL: Mapping[Language, Words] = {
    language: {key: row[at] for key, row in (DESK | FORM | CHAT | NAMED).items()} | {"lang": str(language)}
    for at, language in enumerate(ORDER)
}
_UNITS = (("d", DAY), ("h", HOUR), ("min", MINUTE))
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


def language_of(accept: str, wish: str = "") -> Language:
    """The first language of ours that the reader names: `wish` of the address, then Accept-Language by its order."""
    for part in [wish, *accept.split(",")][:10]:
        tag = part.partition(";")[0].strip().lower()
        if tag.startswith("zh"):
            hant = any(place in tag for place in ("hant", "tw", "hk", "mo"))
            return Language.ZH_HANT if hant else Language.ZH_HANS
        if tag.startswith("en"):
            return Language.EN
    return Language.EN


def words_of(language: Language) -> Words:
    return _ALL[language]


def span(length: Micros, words: Words) -> str:
    """A length in its two largest units: 1 d 3 h, 25 min; Chinese likewise."""
    left = length
    parts: list[str] = []
    for name, unit in _UNITS:
        if (n := left // unit) and len(parts) < 2:
            parts.append(f"{n} {words[name]}")
        elif parts:
            break
        left %= unit
    return " ".join(parts) or words["under_a_minute"]


def hours(length: Micros, words: Words) -> str:
    """A length in hours and minutes alone: 41 h 20 min."""
    whole, rest = divmod(length, HOUR)
    parts = [f"{n} {words[name]}" for name, n in (("h", whole), ("min", rest // MINUTE)) if n]
    return " ".join(parts) or words["under_a_minute"]


def human(at: Micros | None, now: Micros, words: Words) -> str:
    """in 1 h 25 min, 2 h late, 还有 25 分钟, 超时 2 小时; "" for no deadline."""
    if at is None or at >= FAR:
        return ""
    return words["in" if at > now else "late"].format(span=span(abs(at - now), words))


def ago(at: Micros, now: Micros, words: Words) -> str:
    return words["ago"].format(span=span(max(0, now - at), words))


def standing(clock: Mapping[str, Any], words: Words) -> str:
    """How a clock stands, always by its own time: what is left or over of it, or how it ended.

    clock: a row with `left_us`, what remains of its target, and `always`, whether its calendar never rests. Where it
    rests the words say that working time is meant, and days are told as hours, for a working day has no fixed length.
    """
    state, left = clock["state"], clock["left_us"]
    if state == ClockState.CANCELLED:
        return words[state]
    length = span(abs(left), words) if clock["always"] else words["working"].format(span=hours(abs(left), words))
    late = left <= 0
    if state == ClockState.MET:
        return words["too_late" if late else "in_time"].format(span=length)
    shown = words["over" if late else "left"].format(span=length)
    return words["paused"].format(left=shown) if state == ClockState.PAUSED else shown


def local(at: Micros | None, zone: str) -> str:
    """2026-11-24 18:35 in the zone."""
    if at is None:
        return ""
    return f"{(_EPOCH + timedelta(microseconds=at)).astimezone(ZoneInfo(zone)):%Y-%m-%d %H:%M}"


def moment(at: Micros | None) -> str | None:
    """ISO 8601 in UTC, to the second, for programs."""
    return None if at is None else f"{_EPOCH + timedelta(microseconds=at):%Y-%m-%dT%H:%M:%SZ}"
