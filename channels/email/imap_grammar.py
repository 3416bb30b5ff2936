"""What an IMAP server says: one response, its literals in it, read by length and never by looks (RFC 3501 section 7).

Only the grammar that our commands can be answered with: status, capabilities, search results, counts, FETCH.
"""

import re
from base64 import b64encode
from dataclasses import dataclass
from typing import Any

MAX_DEPTH = 20  # of lists in lists; FETCH of what we ask for has one
STATUS = frozenset({"OK", "NO", "BAD", "BYE", "PREAUTH"})
_READ = frozenset({"CAPABILITY", "FETCH", "SEARCH"})  # of all else (FLAGS, LIST, ID …) only the kind is of use

_LITERAL = re.compile(rb"\{([0-9]{1,10})\}$")
_HEAD = re.compile(rb"(\*|\+|[!-)+-~]{1,64})(?: +([^ ]+))?(?: +([^ ]+))?")
_CODE = re.compile(rb"\[([^\]]*)\] ?(.*)", re.DOTALL)
_TOKEN = re.compile(rb' *(?:([()])|"((?:[^"\\]|\\.)*+)"|((?:[^ ()"\[]|\[[^\]]*+\])++))', re.DOTALL)
_ESCAPED = re.compile(rb"\\(.)", re.DOTALL)


class Unreadable(ValueError):
    """What the server said is no IMAP; where its next answer begins is not known any more."""


@dataclass(frozen=True, slots=True)
class Response:
    """tag: "*", "+", or whose answer it is. kind: OK, BYE, SEARCH, EXISTS, FETCH …, upper case.

    number: of `* 12 EXISTS`, else None. code: what stood in brackets (`UIDNEXT 7`). text: of a status. data: of
    CAPABILITY, FETCH and SEARCH the rest as tokens: bytes for atoms and strings, None for NIL, lists.
    """

    tag: str
    kind: str
    number: int | None = None
    code: str = ""
    text: str = ""
    data: tuple[Any, ...] = ()


def literal_size(line: bytes, *, first: bool) -> int | None:
    """How many bytes follow a line, or None. `first`: it begins the response; a status announces nothing."""
    found = _LITERAL.search(line)
    if found is None or (first and (line.startswith(b"+") or _kind(line) in STATUS)):
        return None
    return int(found[1])


def read_response(parts: list[bytes]) -> Response:
    """parts: text, literal, text, …, without line ends and without `{n}`. Raises Unreadable."""
    head = _HEAD.match(parts[0])
    if head is None:
        raise Unreadable("a line that is no answer")
    tag = head[1].decode("ascii")
    if tag == "+":
        return Response("+", "", text=_text(parts[0][1:].strip()))
    kind, number, rest = _kind(parts[0]), None, parts[0][head.end(2) :]
    if kind in STATUS:
        code, text = _status(rest.strip())
        return Response(tag, kind, None, code, text)
    if tag != "*":
        raise Unreadable("an answer that is neither OK nor NO nor BAD")
    if head[2] and head[2].isdigit() and len(head[2]) <= 10:
        number, rest = int(head[2]), parts[0][head.end(3) :]
    return Response(tag, kind, number, data=tuple(_tokens([rest, *parts[1:]])) if kind in _READ else ())


def _kind(line: bytes) -> str:
    head = _HEAD.match(line)
    word = head and (head[3] if head[2] and head[2].isdigit() else head[2])
    return word.decode("ascii", "replace").upper() if word else ""


def _status(rest: bytes) -> tuple[str, str]:
    code = _CODE.fullmatch(rest)
    return (_text(code[1]).strip(), _text(code[2])) if code else ("", _text(rest))


def _text(words: bytes) -> str:
    return words.decode("utf-8", "replace")


def _tokens(parts: list[bytes]) -> list[Any]:
    top: list[Any] = []
    open_lists = [top]
    for index, part in enumerate(parts):
        if index % 2:
            open_lists[-1].append(part)
        else:
            _read_text(part, open_lists)
    if len(open_lists) != 1:
        raise Unreadable("a list that does not end")
    return top


def _read_text(part: bytes, open_lists: list[list[Any]]) -> None:
    at, end = 0, len(part.rstrip(b" "))
    while at < end:
        found = _TOKEN.match(part, at)
        if found is None:
            raise Unreadable("a word that does not end")
        at = found.end()
        bracket, quoted, atom = found.groups()
        if bracket == b"(":
            if len(open_lists) > MAX_DEPTH:
                raise Unreadable("lists too deep")
            open_lists[-1].append([])
            open_lists.append(open_lists[-1][-1])
        elif bracket == b")":
            if len(open_lists) == 1:
                raise Unreadable("a list that did not begin")
            open_lists.pop()
        elif atom is not None:
            open_lists[-1].append(None if atom.upper() == b"NIL" else atom)
        else:
            open_lists[-1].append(_ESCAPED.sub(rb"\1", quoted))


def fields_of(response: Response) -> dict[str, Any]:
    """Of a FETCH: name in upper case → value; where a name stands twice, the first."""
    listed = response.data[0] if response.data and isinstance(response.data[0], list) else []
    found: dict[str, Any] = {}
    for name, value in zip(listed[::2], listed[1::2], strict=False):
        if isinstance(name, bytes):
            found.setdefault(name.decode("ascii", "replace").upper(), value)
    return found


def number_in(value: Any) -> int | None:
    """A whole number of at most 20 digits, else None."""
    return int(value) if isinstance(value, bytes) and value.isdigit() and len(value) <= 20 else None


def string(value: str) -> tuple[bytes, bool]:
    """(bytes, whether they have to go as a literal). RFC 3501 section 4.3: a quoted string has no 8-bit, CR or LF.

    ValueError for a NUL, which no IMAP string can hold.
    """
    if "\0" in value:
        raise ValueError("a NUL in a name or a password")
    if value.isascii() and value.isprintable():
        escaped = value.replace("\\", "\\\\").replace('"', '\\"')
        return f'"{escaped}"'.encode(), False
    return value.encode(), True


def folder_name(name: str) -> str:
    """A mailbox's name as it goes over the wire: modified UTF-7 (section 5.1.3)."""
    made: list[str] = []
    for run in re.findall(r"[ -%'-~]+|&|[^ -~]+", name):
        if run == "&":
            made.append("&-")
        elif run.isascii() and run.isprintable():
            made.append(run)
        else:
            made.append(f"&{_base64(run)}-")
    return "".join(made)


def _base64(run: str) -> str:
    return b64encode(run.encode("utf-16-be")).decode("ascii").rstrip("=").replace("/", ",")
