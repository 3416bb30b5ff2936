"""RE2 behind one function: linear time whatever the pattern, so a rule can't stop the desk."""

from collections.abc import Callable

import re2

MAX_SHOWN = 80  # characters of the matched words that a reason quotes

Search = Callable[[bytes], str | None]
"""UTF-8 text to the words matched, or None."""


class PatternError(ValueError):
    """RE2 refuses `pattern`; the text is RE2's own. `rule`: its place in the set, where it was met in one."""

    def __init__(self, said: str, pattern: str, rule: int = -1) -> None:
        super().__init__(said)
        self.pattern = pattern
        self.rule = rule


def compile_pattern(pattern: str) -> Search:
    options = re2.Options()
    options.log_errors = False  # RE2 would write to stderr
    options.never_capture = True
    try:
        search = re2.compile(pattern, options).search
    except re2.error as error:
        said = error.args[0] if error.args else b""
        words = said.decode("utf-8", "replace") if isinstance(said, bytes) else str(said)
        raise PatternError(words, pattern) from error

    def run(text: bytes) -> str | None:
        found = search(text)
        return None if found is None else found.group().decode("utf-8", "replace")[:MAX_SHOWN]

    return run
