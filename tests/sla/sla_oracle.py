"""What a patient person with a wall clock would count: minute by minute, with none of the calendar's arithmetic."""

import datetime as dt
from dataclasses import dataclass
from zoneinfo import ZoneInfo

DAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
MINUTE = 60_000_000


@dataclass(frozen=True)
class Wall:
    """A calendar as plain text. grid: minutes a step; every edge of it and of the zone lies on the grid."""

    zone: str
    hours: dict[str, list[tuple[str, str]]]
    holidays: tuple[str, ...] = ()
    workdays: tuple[str, ...] = ()
    grid: int = 1

    def config(self) -> dict[str, object]:
        return {"zone": self.zone, "hours": self.hours, "holidays": self.holidays, "workdays": self.workdays}

    def open(self, at: int) -> bool:
        local = dt.datetime.fromtimestamp(at // 1_000_000, ZoneInfo(self.zone))
        day, face = f"{local:%Y-%m-%d}", f"{local:%H:%M}"
        spans = self.hours.get(DAYS[local.weekday()], [])
        if day in self.workdays:
            spans = spans or next(self.hours[name] for name in DAYS if self.hours.get(name))
        elif day in self.holidays:
            return False
        return any(opens <= face < closes for opens, closes in spans)

    def add(self, start: int, minutes: int) -> int:
        at = start
        while minutes > 0:
            minutes -= self.grid * self.open(at)
            at += self.grid * MINUTE
        return at

    def worked(self, since: int, until: int) -> int:
        step = self.grid * MINUTE
        return sum(step for at in range(since, until, step) if self.open(at))
