"""What a check of `deskd doctor` says of one part."""

import re
from dataclasses import dataclass
from enum import StrEnum


class State(StrEnum):
    OK = "ok"
    OFF = "off"  # not set up, or not running; the desk does without
    LOOK = "look"  # it works, and somebody should look at it
    BROKEN = "broken"  # the desk cannot work so


@dataclass(frozen=True, slots=True)
class Row:
    """part; how it is; in what state, in words; what to do, "" for nothing. Never the value of a secret."""

    part: str
    state: State
    what: str
    do: str = ""


def without_password(url: str) -> str:
    return re.sub(r"(://[^:/@]*):[^@]*@", r"\1:…@", url)
