"""The header block: its fields, and what single fields say. Works on bytes with limits; raises nothing.

RFC 5322 (syntax), RFC 2047 (encoded words), RFC 6532 (UTF-8 in headers).
"""

import binascii
import re
from dataclasses import dataclass

from channels.email import charset

MAX_BLOCK = 256 * 1024  # bytes of one header block; the largest seen in honest mail are some tens of KiB
MAX_FIELDS = 1000  # fields of one header block
MAX_VALUE = 64 * 1024  # bytes of one value that are looked into

_FIELD = re.compile(rb"([!-9;-~]{1,200}+)[ \t]*+:[ \t]*+(.*+(?:\n[ \t].*+)*+)\n?")
_BLANK = re.compile(rb"\n\r*\n")
_BARE = re.compile(rb"\r(?!\n)|\0")
# What makes it likely that a header block goes on behind a line that is no field.
_KNOWN = re.compile(
    rb"^(?:from|to|cc|subject|date|message-id|mime-version|content-[a-z-]+|received|reply-to|return-path|sender"
    rb"|in-reply-to|references)[ \t]*:",
    re.IGNORECASE | re.MULTILINE,
)
_FOLD = re.compile(rb"\r?\n[ \t]*")
_CONTROLS = re.compile("[\x00-\x1f\x7f\x80-\x9f]+")
_WORD = re.compile(r"=\?([^?\s]{1,80})\?([bBqQ])\?([^?]{0,3000}(?:\?(?!=)[^?]{0,200}){0,8})\?=")
_BETWEEN = re.compile(r"(?<=\?=)[ \t\r\n]+(?==\?[^?\s]{1,80}\?[bBqQ]\?)")
_ID = re.compile(r"<([^<>]{1,990})>")
_BARE_ID = re.compile(r"[^<>\s,;]{1,500}@[^<>\s,;]{1,490}")


@dataclass(slots=True)
class Header:
    """A header block: `fields` gives a lower-case name's values as folded, topmost first; the body starts at `body`."""

    fields: dict[str, list[bytes]]
    body: int
    bare_cr: bool
    warnings: list[str]

    def first(self, name: str) -> bytes | None:
        """The topmost value of a field, or None."""
        values = self.fields.get(name)
        return values[0] if values else None

    def all(self, name: str) -> list[bytes]:
        """Every value of a field, topmost first."""
        return self.fields.get(name, [])


def read(raw: bytes, start: int, end: int) -> Header:
    """The header block at raw[start:end] and the place where its body starts.

    Lines that are no field are skipped when known fields follow; else the body starts there, so that no word is lost
    when the blank line is missing.
    """
    head = Header({}, end, False, [])
    if raw.startswith((b"\n", b"\r\n"), start, end):
        head.body = start + (1 if raw[start] == 10 else 2)
        return head
    blank = _BLANK.search(raw, start, min(end, start + MAX_BLOCK))
    stop, head.body = (blank.start() + 1, blank.end()) if blank else (end, end)
    if blank is None and end - start > MAX_BLOCK:
        stop = head.body = raw.rfind(b"\n", start, start + MAX_BLOCK) + 1 or start + MAX_BLOCK
        head.warnings.append(f"header block cut at {MAX_BLOCK} bytes")
    block = raw[start:stop]
    if b"\0" in block or block.count(b"\r") != block.count(b"\r\n"):
        # EP1: an MTA sees one line where Python sees two; nothing behind a bare CR may become a field of its own.
        head.bare_cr = True
        block = _BARE.sub(b" ", block)
    used = _fields(block, head)
    if used < len(block):
        head.body = start + used
    return head


def _fields(block: bytes, head: Header) -> int:
    """Fill `head.fields`; return how much of the block they take."""
    fields, position, count, size = head.fields, 0, 0, len(block)
    last_known: int | None = None
    while position < size:
        match = _FIELD.match(block, position)
        if match is not None:
            count += 1
            if count > MAX_FIELDS:
                head.warnings.append(f"header fields after the first {MAX_FIELDS} left out")
                return size
            name = match[1].decode("ascii").lower()
            if name in fields:
                fields[name].append(match[2])
            else:
                fields[name] = [match[2]]
            position = match.end()
            continue
        line_end = block.find(b"\n", position) + 1 or size
        if last_known is None:
            last_known = max((m.start() for m in _KNOWN.finditer(block)), default=-1)
        envelope = position == 0 and block.startswith((b"From ", b">From "))
        if last_known < position and not envelope:
            head.warnings.append("no blank line between header and body")
            return position
        if not envelope:
            head.warnings.append("a line in the header is no field")
        position = line_end
    return size


def unfold(value: bytes) -> str:
    """One value as one line of text, encoded words left alone. Raw 8-bit is read as UTF-8, else guessed (EP5, EP8)."""
    value = value[:MAX_VALUE]
    if b"\n" in value:
        value = _FOLD.sub(b" ", value)
    value = value.strip()
    return value.decode("ascii") if value.isascii() and b"\x1b" not in value else charset.guess(value)


def clean(text: str) -> str:
    """No C0 or C1 control, no line break (EP8: a decoded subject may smuggle a field into our reply)."""
    return text.strip() if text.isprintable() else _CONTROLS.sub(" ", text).strip()


def words(text: str) -> str:
    """Text with its RFC 2047 encoded words decoded, fit to show: no control characters."""
    if "=?" not in text:
        return clean(text)
    text = _BETWEEN.sub("", text)
    out: list[str] = []
    pending, pending_label, position = b"", "", 0
    for match in _WORD.finditer(text):
        label = match[1].partition("*")[0]  # RFC 2231 section 5: a language may follow
        payload = _payload(match[2], match[3], label)
        if pending and (match.start() != position or label.lower() != pending_label.lower()):
            out.append(charset.decode(pending, pending_label))
            pending = b""
        if match.start() != position:
            out.append(text[position : match.start()])
        # Words that touch are joined before decoding: a character may be cut between two of them.
        pending, pending_label, position = pending + payload, label, match.end()
    if pending:
        out.append(charset.decode(pending, pending_label))
    out.append(text[position:])
    return clean("".join(out))


def _payload(encoding: str, said: str, label: str) -> bytes:
    if encoding in "qQ":
        # Raw 8-bit inside an encoded word, seen in the wild, is in the charset that the word names.
        return binascii.a2b_qp(said.encode("ascii") if said.isascii() else charset.encode(said, label), header=True)
    data = re.sub(rb"[^A-Za-z0-9+/]", b"", said.encode("ascii", "ignore"))
    data = data[:-1] if len(data) % 4 == 1 else data
    return binascii.a2b_base64(data + b"=" * (-len(data) % 4))


def text(value: bytes | None) -> str:
    """A field's value decoded for reading; "" when absent."""
    return "" if value is None else words(unfold(value))


def ids(values: list[bytes]) -> tuple[str, ...]:
    """Message ids in angle brackets out of Message-ID, In-Reply-To or References, brackets kept off, order kept (EP3).

    White space inside brackets is a fold and is dropped. Without brackets, what looks like an id is taken.
    """
    found: list[str] = []
    for value in values:
        line = unfold(value)
        hits = _ID.findall(line)
        found += ["".join(hit.split()) for hit in hits] if hits else _BARE_ID.findall(line[:4000])
    return tuple(dict.fromkeys(hit for hit in found if hit))
