"""Content-Type and Content-Disposition: a value and its parameters (RFC 2045, RFC 2183, RFC 2231)."""

import re
from collections.abc import Mapping
from functools import lru_cache
from urllib.parse import unquote_to_bytes

from channels.email import charset
from channels.email.headers import unfold, words

_PARAM = re.compile(r';?\s{0,20}([^\s=;"]{1,100})\s{0,20}=\s{0,20}(?:"((?:[^"\\]|\\.)*)"?|([^;]*))', re.DOTALL)
# A fold instead of the semicolon is seen in the wild, and so are spaces around the slash.
_VALUE = re.compile(r"([^;\s/=]{0,200}(?:\s{0,5}/\s{0,5}[^;\s=]{0,200})?)(?:[\s;]|$)")
_CONTINUED = re.compile(r"([^*]+)\*(\d{1,3})?(\*)?$")
_CONTROLS = re.compile("[\x00-\x1f\x7f-\x9f\u200b-\u200f\u202a-\u202e\u2060-\u2069\ufeff]")
_RESERVED = re.compile(r"(?:con|prn|aux|nul|com\d|lpt\d)(?:\.|$)", re.IGNORECASE)
_USUAL = 60  # bytes: what is longer names a boundary or a file, and comes once
MAX_PARAMS = 100
MAX_NAME = 255  # bytes, what file systems bear


def read(value: bytes | None) -> tuple[str, Mapping[str, str]]:
    """(lower-case value, {lower-case parameter: decoded value}). The first of two equal parameters counts (EP9)."""
    if value is None:
        return "", {}
    return _read_usual(value) if len(value) <= _USUAL else _read(value)


def _read(value: bytes) -> tuple[str, dict[str, str]]:
    line = unfold(value)
    found = _VALUE.match(line)
    if found is None:
        return "", {}
    kind, rest = "".join(found[1].lower().split()), line[found.end() :]
    if not rest:
        return kind, {}
    plain: dict[str, str] = {}
    pieces: dict[str, list[tuple[int, bool, str]]] = {}
    for count, match in enumerate(_PARAM.finditer(rest)):
        if count >= MAX_PARAMS:
            break
        name = match[1].lower()
        said = re.sub(r"\\(.)", r"\1", match[2]) if match[2] is not None else _token(match[3])
        if "*" in name and (parts := _CONTINUED.match(name)):
            pieces.setdefault(parts[1], []).append((int(parts[2] or 0), bool(parts[3]) or not parts[2], said))
        else:
            plain.setdefault(name, said)
    for name, parts_found in pieces.items():
        plain[name] = _joined(parts_found)
    return kind, plain


# The same few values stand in most mail: "text/plain; charset=utf-8".
_read_usual = lru_cache(maxsize=256)(_read)


def _token(text: str) -> str:
    text = text.strip()
    comment = text.find(" (")
    return text[:comment].rstrip() if comment > 0 else text


def _joined(pieces: list[tuple[int, bool, str]]) -> str:
    """RFC 2231 sections 3 and 4: pieces in their order, charset'language' before the first."""
    label, data = "", b""
    for number, encoded, said in sorted(pieces, key=lambda piece: piece[0]):
        if encoded and number == 0 and said.count("'") >= 2:
            label, _, payload = said.split("'", 2)
        else:
            payload = said
        data += unquote_to_bytes(payload) if encoded else payload.encode("utf-8", "replace")
    return charset.decode(data, label or None)


def filename(disposition: Mapping[str, str], content: Mapping[str, str]) -> str | None:
    """The name to show for a part: of Content-Disposition, else of Content-Type; no path, no tricks (EP9). Or None."""
    said = disposition.get("filename") or content.get("name") or content.get("filename") or disposition.get("name")
    if not said:
        return None
    name = words(said)
    name = _CONTROLS.sub("", name).replace("\\", "/").rstrip("/ ").rpartition("/")[2].strip()
    if name in {"", ".", ".."}:
        return None
    if _RESERVED.match(name):
        name = "_" + name
    return _short(name)


def _short(name: str) -> str:
    if len(name.encode("utf-8")) <= MAX_NAME:
        return name
    stem, dot, suffix = name.rpartition(".")
    tail = (dot + suffix) if stem and len(suffix) <= 10 else ""
    room = MAX_NAME - len(tail.encode("utf-8"))
    return (stem if tail else name).encode("utf-8")[:room].decode("utf-8", "ignore") + tail
