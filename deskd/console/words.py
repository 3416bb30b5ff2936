"""Whom a page is for, its words in the three languages, and times as people say them."""

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from deskd.console.words_desk import DESK
from deskd.console.words_form import FORM
from deskd.console.words_said import SAID
from deskd.domain.ports import DAY, HOUR, MINUTE, Micros
from deskd.domain.states import ClockState
from deskd.domain.ticket import FAR
from deskd.domain.words import Language

Words = Mapping[str, str]

ORDER = (Language.EN, Language.ZH_HANS, Language.ZH_HANT)  # of the words in each row
NAMES = {Language.EN: "English", Language.ZH_HANS: "简体中文", Language.ZH_HANT: "繁體中文"}  # each in itself
_ALL: Mapping[Language, Words] = {
    language: {key: row[at] for key, row in (DESK | FORM).items()} | {"lang": str(language)}
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


def said(sentence: str, words: Words) -> str:
    """A sentence of ours in the reader's language, if it is known; else as it stands."""
    chinese = SAID.get(sentence)
    if chinese is None or words["lang"] == Language.EN:
        return sentence
    return chinese[words["lang"] == Language.ZH_HANT]


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


def human(at: Micros | None, now: Micros, words: Words) -> str:
    """in 1 h 25 min, 2 h late, 还有 25 分钟, 超时 2 小时; "" for no deadline."""
    if at is None or at >= FAR:
        return ""
    return words["in" if at > now else "late"].format(span=span(abs(at - now), words))


def ago(at: Micros, now: Micros, words: Words) -> str:
    return words["ago"].format(span=span(max(0, now - at), words))


def running(clock: Mapping[str, Any], now: Micros, words: Words) -> str:
    """How a clock stands: what is left of it, or how it ended."""
    state, due = clock["state"], clock["due_at"]
    if state == ClockState.PAUSED:
        left = clock["target_us"] - clock["ran_us"]
        return words["left" if left >= 0 else "over"].format(span=span(abs(left), words))
    if state == ClockState.MET and due is not None and clock["met_at"] is not None:
        early = due - clock["met_at"]
        return words["in_time" if early > 0 else "too_late"].format(span=span(abs(early), words))
    if state == ClockState.RUNNING:
        return human(due, now, words)
    return words[state]


def local(at: Micros | None, zone: str) -> str:
    """2026-11-24 18:35 in the zone."""
    if at is None:
        return ""
    return f"{(_EPOCH + timedelta(microseconds=at)).astimezone(ZoneInfo(zone)):%Y-%m-%d %H:%M}"


def moment(at: Micros | None) -> str | None:
    """ISO 8601 in UTC, to the second, for programs."""
    return None if at is None else f"{_EPOCH + timedelta(microseconds=at):%Y-%m-%dT%H:%M:%SZ}"
