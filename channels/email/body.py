"""Which parts are the body, which are attachments, and what an agent reads (EP10, EP13, EP18)."""

import re
from dataclasses import dataclass, field

from channels.email import charset, marks, markup, mime
from channels.email.mail import Attachment

_META = re.compile(rb"<meta[^>]{0,200}charset\s*=\s*[\"']?([A-Za-z0-9_:.-]{2,40})", re.IGNORECASE)
_BOMS = ((b"\xef\xbb\xbf", "utf-8"), (b"\xff\xfe", "utf-16"), (b"\xfe\xff", "utf-16"))
_BODY_KINDS = frozenset(("text/plain", "text/html"))
_EXTENSION = {"message/rfc822": ".eml", "text/calendar": ".ics"}
_STUB = 200  # characters that a plain part which says nothing may have


@dataclass(slots=True)
class Content:
    """What a mail says and carries. `shown` is the body in order: (text, html or None) a piece, the better alternative
    only."""

    plain: str | None = None
    html: str | None = None
    text: str = ""
    marked: str | None = None
    attachments: list[Attachment] = field(default_factory=list)


@dataclass(slots=True)
class _Piece:
    html: bool
    text: str
    group: mime.Part | None


def read(raw: bytes, tree: mime.Tree) -> Content:
    """Sort the leaves of a mail into body and attachments and decode them."""
    content = Content()
    pieces: list[_Piece] = []
    for part in tree.leaves:
        if _is_body(part):
            data = mime.payload(raw, part)
            if part.kind == "text/plain" and b"begin " in data:
                data, files = mime.uu_files(data)
                content.attachments += [
                    Attachment(charset.guess(name), "application/octet-stream", False, None, bytes_)
                    for name, bytes_ in files
                ]
            pieces.append(_Piece(part.kind == "text/html", _decoded(data, part), _alternative(part)))
        else:
            content.attachments.append(_attachment(raw, part))
    plains = [piece.text for piece in pieces if not piece.html]
    htmls = [piece.text for piece in pieces if piece.html]
    content.plain = _joined(plains) if plains else None
    content.html = "".join(htmls) if htmls else None
    _choose(content, pieces)
    if not content.text.strip() and not content.attachments:
        content.text = _last_resort(raw, tree)
    return content


def _choose(content: Content, pieces: list[_Piece]) -> None:
    """Fill `text` (what an agent reads) and `marked` (the HTML's lines, where they show what is quoted)."""
    plain = content.plain or ""
    if content.html is None:
        content.text = plain
        return
    with_plain = {piece.group for piece in pieces if not piece.html and piece.group is not None and piece.text.strip()}
    all_plain = all(piece.group in with_plain for piece in pieces if piece.html)
    if all_plain and len(plain) >= _STUB and not marks.may_be_marked(content.html):
        content.text = plain  # reading the page would add nothing
        return
    content.marked = markup.lines(content.html)
    if all(piece.html for piece in pieces):
        content.text = marks.without_marks(content.marked)
    elif all_plain:
        content.text = marks.without_marks(content.marked) if _is_stub(plain, content.marked) else plain
    else:
        # Apple Mail and list servers interleave plain and HTML pieces: all of them are the body, in their order.
        said = [
            markup.to_text(piece.text) if piece.html else piece.text
            for piece in pieces
            if not (piece.html and piece.group in with_plain)
        ]
        content.text = _joined(said)


def _is_stub(plain: str, marked: str) -> bool:
    """A plain part that only says that there is an HTML part."""
    seen = marks.without_marks(marked)
    return len(plain) < _STUB and len("".join(seen.split())) > 2 * len("".join(plain.split())) + _STUB


def _joined(texts: list[str]) -> str:
    if len(texts) == 1:
        return texts[0]
    return "\n".join(text.rstrip("\r\n") for text in texts if text.strip())


def _alternative(part: mime.Part) -> mime.Part | None:
    above = part.parent
    while above is not None:
        if above.kind == "multipart/alternative":
            return above
        above = above.parent
    return None


def _is_body(part: mime.Part) -> bool:
    if part.kind not in _BODY_KINDS or part.disposition == "attachment":
        return False
    if part.name is None:
        return True
    # A named text part is a file, unless it is the only thing there or stands first and inline.
    if part.parent is None:
        return part.disposition != "attachment"
    return part.disposition == "" and part.first and part.parent.kind != "multipart/mixed"


def _decoded(data: bytes, part: mime.Part) -> str:
    label = part.params.get("charset")
    if part.kind == "text/html":
        label = label or _html_label(data)
    text = charset.decode(data, label)
    return text.replace("\0", "") if "\0" in text else text


def _html_label(data: bytes) -> str | None:
    """EP7: the MIME label came first; then a BOM, then <meta>."""
    for bom, label in _BOMS:
        if data.startswith(bom):
            return label
    found = _META.search(data, 0, 4096)
    return found[1].decode("ascii") if found else None


def _attachment(raw: bytes, part: mime.Part) -> Attachment:
    identity = part.head.first("content-id")
    content_id = None
    if identity is not None:
        content_id = identity.decode("latin-1").strip().strip("<>").strip() or None
    return Attachment(
        part.name,
        part.kind,
        part.disposition == "inline" or (content_id is not None and part.disposition != "attachment"),
        content_id,
        mime.payload(raw, part),
    )


def _last_resort(raw: bytes, tree: mime.Tree) -> str:
    # EP18: never an empty ticket when the mail has one printable line, be it only a preamble.
    body = charset.guess(raw[tree.root.start : tree.root.end][: marks.MAX_CHARS]).replace("\0", "")
    return body if any(c.isprintable() and not c.isspace() for c in body) else ""
