"""A promised time as a customer reads it."""

from datetime import UTC, datetime

import pytest

from deskd.domain.words import Language
from deskd.texts import day, promise

HANS, HANT, EN = Language.ZH_HANS, Language.ZH_HANT, Language.EN


def micros(*fields: int) -> int:
    return int(datetime(*fields, tzinfo=UTC).timestamp()) * 1_000_000  # type: ignore[arg-type, misc]


NOW = micros(2026, 11, 24, 1, 0)


@pytest.mark.parametrize(
    ("at", "zone", "language", "said"),
    [
        (micros(2026, 11, 24, 6, 30), "Asia/Shanghai", HANS, "今天 14:30（北京时间）"),
        (micros(2026, 11, 24, 6, 30), "Asia/Hong_Kong", HANT, "今天 14:30（香港時間）"),
        (micros(2026, 11, 24, 6, 30), "Asia/Shanghai", EN, "today 14:30 (UTC+8)"),
        (micros(2026, 11, 24, 16, 0), "Asia/Shanghai", HANS, "明天 00:00（北京时间）"),
        (micros(2026, 11, 24, 16, 0), "Asia/Shanghai", EN, "tomorrow 00:00 (UTC+8)"),
        (micros(2026, 11, 27, 2, 0), "Asia/Shanghai", HANS, "11月27日（周五）10:00（北京时间）"),
        (micros(2026, 11, 27, 2, 0), "Asia/Taipei", HANT, "11月27日（週五）10:00（台北時間）"),
        (micros(2026, 11, 27, 2, 0), "Asia/Shanghai", EN, "Friday 27 November, 10:00 (UTC+8)"),
        (micros(2027, 1, 4, 2, 0), "Asia/Shanghai", EN, "Monday 4 January 2027, 10:00 (UTC+8)"),
        (micros(2027, 1, 4, 2, 0), "Asia/Shanghai", HANS, "2027年1月4日（周一）10:00（北京时间）"),
        (micros(2026, 11, 24, 6, 30), "UTC", EN, "today 06:30 (UTC)"),
        (micros(2026, 11, 24, 6, 30), "America/St_Johns", HANS, "明天 03:00（UTC-3:30）"),
    ],
)
def test_a_promise_has_day_time_and_zone(at: int, zone: str, language: Language, said: str) -> None:
    assert promise(at, zone, language, NOW) == said


def test_a_promise_is_never_later_than_the_deadline() -> None:
    assert promise(micros(2026, 11, 24, 6, 31) - 1, "Asia/Shanghai", EN, NOW) == "today 14:30 (UTC+8)"


def test_a_day_stands_alone() -> None:
    assert day(micros(2026, 11, 27, 2, 0), "Asia/Shanghai", HANS, NOW) == "11月27日（周五）"
    assert day(micros(2026, 11, 27, 2, 0), "Asia/Shanghai", EN, NOW) == "Friday 27 November"
