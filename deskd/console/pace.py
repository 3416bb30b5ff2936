"""How fast one session may write: five at once, then one a second (CHANNELS C9). In memory: it may be forgotten."""

from collections import deque
from dataclasses import dataclass, field

from deskd.domain.ports import SECOND, Clock, Micros

BURST = 5
EVERY: Micros = SECOND
SESSIONS = 10_000  # remembered at once; the one that was silent longest is forgotten first
AGAIN = 20  # messages of a session that are known when they come once more: those count once


@dataclass(slots=True)
class _Pace:
    due: Micros = 0
    keys: deque[str] = field(default_factory=lambda: deque(maxlen=AGAIN))


class Paces:
    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._paces: dict[str, _Pace] = {}

    def wait(self, session: str, key: str) -> Micros:
        """0: it may come in, and is counted unless `key` was before; else how long to wait."""
        pace = self._paces.pop(session, None) or _Pace()
        self._paces[session] = pace
        while len(self._paces) > SESSIONS:
            del self._paces[next(iter(self._paces))]
        now = self._clock()
        due = max(pace.due, now)
        over = due - now - (BURST - 1) * EVERY
        if key in pace.keys or over > 0:
            return 0 if key in pace.keys else over
        pace.due = due + EVERY
        pace.keys.append(key)
        return 0
