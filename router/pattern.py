"""RE2 behind one function: linear time whatever the pattern, so a rule can't stop the desk."""

from collections.abc import Callable
from typing import Any

import re2
from re2 import _re2

MAX_SHOWN = 80  # characters of the matched words that a reason quotes

Search = Callable[[bytes], str | None]
"""UTF-8 text to the words matched, or None."""


class PatternError(ValueError):
    """RE2 refuses `pattern`; the text is RE2's own. `rule`: its name, where it was met in one."""

    def __init__(self, said: str, pattern: str, rule: str = "") -> None:
        super().__init__(said)
        self.pattern = pattern
        self.rule = rule


def _options() -> re2.Options:
    options = re2.Options()
    options.log_errors = False  # RE2 would write to stderr
    options.never_capture = True
    return options


_OPTIONS = _options()
_ANYWHERE = _re2.RE2.Anchor.UNANCHORED


def compile_pattern(pattern: str, *, later: bool = False) -> Search:
    """`later`: only its syntax is read now, a tenth of the work, and RE2 makes its program when it is first asked.

    Raises PatternError; later also when it is first asked, where the program is too large for RE2.
    """
    match = None
    if not later or _re2.Set(_ANYWHERE, _OPTIONS).Add(pattern.encode()) < 0:
        match = _match(pattern)

    def search(text: bytes) -> str | None:
        nonlocal match
        if match is None:
            match = _match(pattern)
        begin, end = match(_ANYWHERE, text, 0, len(text))[0]
        return None if begin < 0 else text[begin:end].decode("utf-8", "replace")[:MAX_SHOWN]

    return search


def _match(pattern: str) -> Any:
    """Of RE2's own class, since `re2.search` makes a generator and an object a call: a quarter of a decision."""
    regexp = _re2.RE2(pattern.encode(), _OPTIONS)
    if not regexp.ok():
        raise PatternError(regexp.error().decode("utf-8", "replace"), pattern)
    return regexp.Match
