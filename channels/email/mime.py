"""The tree of a mail's parts, as offsets into its bytes (RFC 2045, RFC 2046). Iterative, limited, total (ES1, EP18).

Nothing is decoded here but transfer encodings, and those only when a part is asked for its bytes.
"""

import binascii
import re
from collections.abc import Mapping
from dataclasses import dataclass

from channels.email import headers, params

MAX_DEPTH = 50  # multiparts inside one another
MAX_PARTS = 500
MAX_DELIMITERS = 20_000  # lines looked at that start like a boundary: bounds the work on hostile mail

_GUESS = re.compile(rb"^--([^\r\n]{1,200}?)[ \t]*\r?\n(?=[A-Za-z-]{2,40}[ \t]*:|\r?\n)", re.MULTILINE)
_LINE_END = re.compile(rb"[ \t]*(?:\r*\n|\r?\Z)")
_KIND = re.compile(r"[a-z0-9!#$&^_.+-]+/[a-z0-9!#$&^_.+*-]+")
_ENCODINGS = frozenset((b"base64", b"quoted-printable"))
_ENCODING = re.compile(rb"base64|quoted-printable|x-uu|uuencode")
_NOT_BASE64 = re.compile(rb"[^A-Za-z0-9+/=]+")
_PADDING = re.compile(rb"={1,}")
_UU_BEGIN = re.compile(rb"^begin [0-7]{3,4} ([^\r\n]{1,255})\r?\n", re.MULTILINE)


@dataclass(slots=True, eq=False)
class Part:
    """One node; raw[start:end] is the body as it stands on the wire. `first`: nothing stands before it in its parent.

    It knows its parent and not its children: without cycles a mail's tree is gone when it has been read.
    """

    head: headers.Header
    kind: str
    params: Mapping[str, str]
    disposition: str
    disposition_params: Mapping[str, str]
    start: int
    end: int
    depth: int
    parent: "Part | None" = None
    first: bool = True

    @property
    def name(self) -> str | None:
        """File name fit to show, or None."""
        if not self.disposition_params and not self.params:
            return None
        return params.filename(self.disposition_params, self.params)


@dataclass(slots=True)
class Tree:
    """`leaves` in the order in which they stand; `root` is the mail itself, `kind` what it says it is."""

    root: Part
    kind: str
    leaves: list[Part]
    warnings: list[str]


def structure(raw: bytes) -> Tree:
    """The parts of a mail. Limits that cut something are named in `warnings`."""
    start = _mail_start(raw)
    root = _part(raw, start, len(raw), None, "text/plain")
    tree = Tree(root, root.kind, [], list(root.head.warnings))
    budget = _Budget(MAX_DELIMITERS, MAX_PARTS)
    pending = [root]
    while pending:
        part = pending.pop()
        children = _split(raw, part, budget, tree.warnings) if part.kind.startswith("multipart/") else []
        if children:
            pending += reversed(children)
            continue
        if part.kind.startswith("multipart/"):
            part.kind = "text/plain"  # no boundary to be found: what is there is text
        tree.leaves.append(part)
    tree.warnings = list(dict.fromkeys(tree.warnings))
    return tree


@dataclass(slots=True)
class _Budget:
    delimiters: int
    parts: int


def _mail_start(raw: bytes) -> int:
    # Blank lines before the first field are no end of the header.
    start = 0
    while raw.startswith((b"\n", b"\r\n"), start) and start < 1000:
        start += 1 if raw[start] == 10 else 2
    return start if start < len(raw) else 0


def _part(raw: bytes, start: int, end: int, parent: Part | None, default: str) -> Part:
    head = headers.read(raw, start, end)
    types = head.all("content-type")
    kind, parameters = params.read(types[0] if types else None)
    if len(types) > 1 and not _KIND.fullmatch(kind):
        kind, parameters = next(
            (read for read in map(params.read, types[1:]) if _KIND.fullmatch(read[0])), (kind, parameters)
        )
    if not types:
        kind = default
    elif not _KIND.fullmatch(kind):
        kind = "text/html" if "html" in kind else "text/plain"  # RFC 2045 section 5.2; "text" without a subtype
    disposition, disposition_parameters = params.read(head.first("content-disposition"))
    return Part(
        head,
        kind,
        parameters,
        disposition,
        disposition_parameters,
        head.body,
        end,
        parent.depth + 1 if parent else 0,
        parent,
    )


def _split(raw: bytes, part: Part, budget: _Budget, warnings: list[str]) -> list[Part]:
    """The children of a multipart; [] when it has none that can be found."""
    if part.depth >= MAX_DEPTH:
        warnings.append(f"parts deeper than {MAX_DEPTH} left as they are")
        return []
    boundary = part.params.get("boundary", "").rstrip(" \t").encode("utf-8")
    ranges = _ranges(raw, part, boundary, budget, warnings) if boundary else []
    if not ranges:
        guess = _GUESS.search(raw, part.start, min(part.end, part.start + 100_000))
        if guess is None or guess[1] == boundary:
            return []
        warnings.append("boundary missing or wrong, guessed")
        ranges = _ranges(raw, part, guess[1], budget, warnings)
    default = "message/rfc822" if part.kind == "multipart/digest" else "text/plain"
    children: list[Part] = []
    for start, end in ranges:
        if budget.parts <= 0:
            warnings.append(f"parts after the first {MAX_PARTS} left out")
            break
        budget.parts -= 1
        child = _part(raw, start, end, part, default)
        warnings += child.head.warnings
        child.first = not children
        children.append(child)
    return children


def _ranges(raw: bytes, part: Part, boundary: bytes, budget: _Budget, warnings: list[str]) -> list[tuple[int, int]]:
    delimiter = b"--" + boundary
    found: list[tuple[int, int]] = []
    opened = -1
    position = part.start
    while budget.parts >= len(found):
        at = raw.find(delimiter, position, part.end)
        if at < 0:
            break
        position = at + len(delimiter)
        budget.delimiters -= 1
        if budget.delimiters < 0:
            warnings.append(f"boundaries after the first {MAX_DELIMITERS} not looked at")
            break
        if at > part.start and raw[at - 1] not in (10, 13):
            continue
        last = raw.startswith(b"--", position, part.end)
        line = _LINE_END.match(raw, position + 2 if last else position, part.end)
        if line is None:
            if not last:
                continue
            line_end = position + 2  # "--boundary--junk": closed all the same
        else:
            line_end = line.end()
        if opened >= 0:
            found.append((opened, _before(raw, opened, at)))
        opened, position = (-1 if last else line_end), line_end
    if opened >= 0 and opened < part.end:
        found.append((opened, part.end))  # no closing boundary: the rest belongs to the last part
    return found


def _before(raw: bytes, start: int, at: int) -> int:
    """The line break before a boundary belongs to the boundary."""
    if at > start and raw[at - 1] == 10:
        at -= 1
    if at > start and raw[at - 1] == 13:
        at -= 1
    return at


def payload(raw: bytes, part: Part) -> bytes:
    """The body of a leaf, transfer encoding undone as far as it can be."""
    body = raw[part.start : part.end]
    value = part.head.first("content-transfer-encoding")
    if value is None:
        return body
    word = value.strip().lower()
    if word not in _ENCODINGS:
        encoding = _ENCODING.search(word)
        if encoding is None:
            return body
        word = encoding[0]
    if word == b"base64":
        return from_base64(body)
    if word == b"quoted-printable":
        return binascii.a2b_qp(body)
    found = _UU_BEGIN.search(body)
    return from_uu(body, found.end())[0] if found else body


def from_base64(body: bytes) -> bytes:
    """Base64 with junk inside, padding in the middle or missing at the end, a list's footer behind it (EP18)."""
    end = body.find(b"=")
    tail = body[end:].lstrip(b"=") if end >= 0 else b""
    if not tail.strip():
        return _base64_run(body)
    out = [_base64_run(body[:end])]
    runs = _PADDING.split(tail)[:1000]
    out += [_base64_run(_leading_base64(run, padded=i < len(runs) - 1)) for i, run in enumerate(runs)]
    return b"".join(out)


def _leading_base64(run: bytes, *, padded: bool) -> bytes:
    """The lines behind padding that look like base64: a list's footer in clear does not."""
    lines = run.split()
    kept: list[bytes] = []
    for i, line in enumerate(lines):
        whole = len(line) % 4 == 0 or (padded and i == len(lines) - 1)
        if not whole or _NOT_BASE64.search(line) or (i == 0 and len(line) < 8 and len(lines) > 1):
            break
        kept.append(line)
    return b"".join(kept)


def _base64_run(run: bytes) -> bytes:
    try:
        return binascii.a2b_base64(run)
    except binascii.Error:
        run = _NOT_BASE64.sub(b"", run).rstrip(b"=")
        run = run[:-1] if len(run) % 4 == 1 else run
        return binascii.a2b_base64(run + b"=" * (-len(run) % 4))


def from_uu(body: bytes, start: int) -> tuple[bytes, int]:
    """(bytes, where the "end" line ends) of uuencoded lines from `start` on."""
    out: list[bytes] = []
    position = start
    while position < len(body):
        line_end = body.find(b"\n", position) + 1 or len(body)
        line = body[position:line_end].rstrip(b"\r\n")
        position = line_end
        if line.strip() in {b"end", b""} and line[:1] != b" ":
            if line.strip():
                break
            continue
        try:
            out.append(binascii.a2b_uu(line))
        except binascii.Error:
            # Trailing characters that some encoders add: the length byte says how much counts.
            wanted = (((line[0] - 32) & 63) * 4 + 5) // 3
            try:
                out.append(binascii.a2b_uu(line[:wanted]))
            except binascii.Error:
                break
    return b"".join(out), position


def uu_files(body: bytes) -> tuple[bytes, list[tuple[bytes, bytes]]]:
    """Text without its uuencoded files, and those: [(name, bytes)]."""
    if b"begin " not in body:
        return body, []
    files: list[tuple[bytes, bytes]] = []
    kept: list[bytes] = []
    position = 0
    while len(files) < MAX_PARTS and (found := _UU_BEGIN.search(body, position)):
        data, after = from_uu(body, found.end())
        if not data:
            kept.append(body[position : found.end()])
            position = found.end()
            continue
        kept.append(body[position : found.start()])
        files.append((found[1].strip(), data))
        position = after
    kept.append(body[position:])
    return b"".join(kept), files
