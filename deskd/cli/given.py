"""What a person hands over by file or standard input; what can't be used is one sentence that names it."""

import sys
from pathlib import Path

from deskd.domain.errors import DeskError


def content(file: Path) -> bytes:
    try:
        return file.read_bytes()
    except OSError as error:
        raise DeskError(f"{file} can't be read: {error.strerror}.") from error


def text(file: Path) -> str:
    return _decoded(content(file), str(file))


def words(said: str) -> str:
    """The argument itself, or standard input for "-"."""
    return _decoded(sys.stdin.buffer.read(), "Standard input").rstrip("\n") if said == "-" else said


def _decoded(raw: bytes, place: str) -> str:
    try:
        return raw.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = raw.count(b"\n", 0, error.start) + 1
        raise DeskError(f"{place} is not UTF-8 text: line {line} has a byte that can't be read.") from error
