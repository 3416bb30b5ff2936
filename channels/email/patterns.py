"""Patterns that are compiled when the first mail needs them."""

import re
from collections.abc import Callable
from functools import cache


def later(pattern: str, flags: re.RegexFlag = re.IGNORECASE) -> Callable[[], re.Pattern[str]]:
    """A large pattern, compiled at its first call and kept: a start, and a command that reads no mail, are spared it.

    The word tables of twenty languages take tens of milliseconds.
    """
    return cache(lambda: re.compile(pattern, flags))
