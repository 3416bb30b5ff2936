"""Named points where the crash harness may end the process, as a power cut would.

`DESKD_CRASH=point[:n[:alone]]` ends the whole process group at the n-th passage (1 without n), or, alone, only the
process that passes. Without the variable `reach` is an empty function: the choice is made once, at import.
"""

import mmap
import os
import signal
import struct
from collections.abc import Callable

VARIABLE = "DESKD_CRASH"
ALONE = "alone"
_COUNT = struct.Struct("q")


def _nothing(_point: str) -> None:
    pass


def _armed(point: str, passages: int, *, alone: bool) -> Callable[[str], None]:
    """Passages are counted over all processes that are forked from this one, and lead to one end only."""
    left = mmap.mmap(-1, _COUNT.size)
    _COUNT.pack_into(left, 0, passages)

    def reach(here: str) -> None:
        if here == point:
            (now,) = _COUNT.unpack_from(left)
            _COUNT.pack_into(left, 0, now - 1)
            if now == 1:
                _end(alone=alone)

    return reach


def _end(*, alone: bool) -> None:
    if alone:
        os.kill(os.getpid(), signal.SIGKILL)
    os.killpg(0, signal.SIGKILL)


def chosen(value: str) -> Callable[[str], None]:
    """`part:point`, `part:point:n` or `part:point:n:alone`; "" is nothing."""
    alone = value.endswith(f":{ALONE}")
    name, _, last = value.removesuffix(f":{ALONE}").rpartition(":")
    if last.isdigit():
        return _armed(name, int(last), alone=alone)
    return _armed(f"{name}:{last}", 1, alone=alone) if value else _nothing


reach: Callable[[str], None] = chosen(os.environ.get(VARIABLE, ""))
