"""RE2 behind one function: linear time whatever the pattern, so a rule can't stop the desk."""

from collections.abc import Callable

import re2

MAX_SHOWN = 80  # characters of the matched words that a reason quotes

Search = Callable[[bytes], str | None]
"""UTF-8 text to the words matched, or None."""


class PatternError(ValueError):
    """RE2 refuses the pattern; the text is RE2's own."""


def compile_pattern(pattern: str) -> Search:
    options = re2.Options()
    options.log_errors = False  # RE2 would write to stderr
    options.never_capture = True
    try:
        search = re2.compile(pattern, options).search
    except re2.error as error:
        said = error.args[0] if error.args else b""
        raise PatternError(said.decode("utf-8", "replace") if isinstance(said, bytes) else str(said)) from error

    def run(text: bytes) -> str | None:
        found = search(text)
        return None if found is None else found.group().decode("utf-8", "replace")[:MAX_SHOWN]

    return run
