"""Named points where the crash harness may end the process, as a power cut would.

`DESKD_CRASH=point[:n]` ends the process at the n-th passage (1 without n). Without the variable `reach` is an empty
function: the choice is made once, at import.
"""

import os
import signal
from collections.abc import Callable

VARIABLE = "DESKD_CRASH"


def _nothing(_point: str) -> None:
    pass


def _armed(point: str, passages: int) -> Callable[[str], None]:
    left = [passages]

    def reach(here: str) -> None:
        if here == point:
            left[0] -= 1
            if left[0] == 0:
                os.kill(os.getpid(), signal.SIGKILL)

    return reach


def chosen(value: str) -> Callable[[str], None]:
    """`part:point` or `part:point:n`; "" is nothing."""
    name, _, last = value.rpartition(":")
    if last.isdigit():
        return _armed(name, int(last))
    return _armed(value, 1) if value else _nothing


reach: Callable[[str], None] = chosen(os.environ.get(VARIABLE, ""))
