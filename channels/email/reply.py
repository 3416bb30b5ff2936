"""What the sender wrote, apart from what they quoted and what their program signed (CHANNELS 1.6).

One rule stands above the others: a word of the customer's is never lost. Where text follows a quote it stays, where
nothing would be left everything stays.
"""

import re

from channels.email import marks, quotes
from channels.email.mail import Reply

MAX_LINES = 20_000  # beyond that nothing is trimmed: nobody typed it
MAX_CHARS = 1 << 20
_DELIMITERS = ("-- ", "--", "--\u00a0")  # RFC 3676 section 4.3, and what programs make of it
_LONG_NUMBER = re.compile(r"\d(?:[ -]?\d){5,}")
_PHONE = re.compile(r"tel|phone|mobile|fax|cell|电话|手机|電話|手機|^\+", re.IGNORECASE)
_TAIL = 11  # lines at the end in which a greeting is looked for
_WRAPPED = 60  # columns: a quoted line of that width may have been broken by the next program


def split(text: str, marked: str | None = None) -> Reply:
    """Split one mail's text. `marked` is its HTML as `markup.lines` gives it; used when it shows any structure."""
    if marked is not None and marks.is_marked(marked):
        text = marked
    if "&nbsp;" in text:
        text = text.replace("&nbsp;", " ")  # QQ's plain parts carry it
    if len(text) > MAX_CHARS:
        return Reply(_shown(text), "", "")
    lines = (text.replace("\r\n", "\n").replace("\r", "\n") if "\r" in text else text).split("\n")
    if len(lines) > MAX_LINES:
        return Reply(_shown(text), "", "")
    hints = [hint for hint in quotes.HINTS if hint in text]
    kept, quoted = _without_quotes(lines, hints) if hints else (lines, [])
    kept, signature, behind = _without_signature(kept, delimited="--" in hints)
    reply = "\n".join(kept).strip()
    if len(reply) < 2 and (reply in {"", ">"} or reply.isalnum()):
        # EQ1: nothing but a quote, as a forwarded mail is: all of it is what was sent.
        return Reply(_shown(text), "", "")
    behind += quoted
    return Reply(reply, _shown("\n".join(behind)) if behind else "", "\n".join(signature).strip())


def _shown(text: str) -> str:
    return marks.without_marks(text).strip()


def _without_quotes(lines: list[str], hints: list[str]) -> tuple[list[str], list[str]]:
    """(lines the sender wrote, lines they quoted). `hints` are those of quotes.HINTS that occur."""
    spans = _quoted_spans(lines, hints)
    if not spans:
        return lines, []
    bounds = [0, *(edge for span in spans for edge in span), len(lines)]
    # Pieces of the sender's own: before the first quote and behind each.
    pieces = list(zip(bounds[::2], bounds[1::2], strict=True))
    said = [any(line.strip() for line in lines[start:end]) for start, end in pieces]
    if sum(said[1:]) > 1:
        # Answers between the quoted lines: they mean nothing without those.
        last = max(end for (_, end), words in zip(pieces, said, strict=True) if words)
        return lines[:last], lines[last:]
    kept = [line for start, end in pieces for line in lines[start:end]]
    return kept, [line for start, end in spans for line in lines[start:end]]


def _quoted_spans(lines: list[str], hints: list[str]) -> list[tuple[int, int]]:
    """Ranges of quoted lines, each with the words that announce it. The last may run to the end."""
    spans: list[tuple[int, int]] = []
    size = len(lines)
    at = 0
    while at < size:
        line = lines[at]
        if not any(hint in line for hint in hints):
            at += 1
        elif quotes.is_quoted(line):
            end = _quote_end(lines, at)
            if end > at + 1 or not line.rstrip().endswith("<<"):  # ">>> look here <<<", alone, is dressed up
                _add(spans, lines, at, end)
            at = end
        elif (start := _hard_start(lines, at)) is not None:
            _add(spans, lines, start, size)
            break
        elif (opened := _announced(lines, at)) is not None:
            first, after = opened
            _add(spans, lines, first, after if after > 0 else size)
            if after < 0:
                break
            at = after
        else:
            at += 1
    return spans


def _add(spans: list[tuple[int, int]], lines: list[str], start: int, end: int) -> None:
    if spans and not any(line.strip() for line in lines[spans[-1][1] : start]):
        spans[-1] = (spans[-1][0], end)
    else:
        spans.append((start, end))


def _quote_end(lines: list[str], at: int) -> int:
    end = at + 1
    for i in range(at + 1, len(lines)):
        if quotes.is_quoted(lines[i]):
            end = i + 1
        elif lines[i].strip() and not _broken_off(lines, i):
            break
    return end


def _broken_off(lines: list[str], at: int) -> bool:
    """The end of a quoted line that some program wrapped without repeating the mark."""
    before, line = lines[at - 1], lines[at].strip()
    return (
        quotes.is_quoted(before)
        and len(before) >= _WRAPPED
        and len(line) < _WRAPPED
        and line[:1].islower()
        and at + 1 < len(lines)
        and quotes.is_quoted(lines[at + 1])
    )


def _hard_start(lines: list[str], at: int) -> int | None:
    """Where a quoted mail starts that runs to the end, or None."""
    line = lines[at]
    if line == marks.CUT or quotes.is_separator(line):
        return at
    if line == marks.MAYBE:
        follower = _next_said(lines, at)
        return at if follower is not None and _like_label(lines[follower]) else None
    if quotes.is_bar(line):
        follower = _next_said(lines, at)
        return at if follower is not None and quotes.is_header_block(lines, follower) else None
    return at if quotes.is_header_block(lines, at) else None


def _like_label(line: str) -> bool:
    return quotes.label(line) is not None or re.match(r"^[^:：]{1,30}[:：]", line) is not None


def _next_said(lines: list[str], at: int) -> int | None:
    return next((i for i in range(at + 1, min(at + 8, len(lines))) if lines[i].strip()), None)


def _announced(lines: list[str], at: int) -> tuple[int, int] | None:
    """(first line, first line of the quote or -1 when it runs to the end) of an announced quote at lines[at]."""
    if lines[at] == marks.START:
        mark = next((i for i in range(at + 1, min(at + 9, len(lines))) if quotes.is_quoted(lines[i])), None)
        return at, mark if mark is not None else -1
    if not quotes.may_announce(lines[at]):
        return None
    follower = _next_said(lines, at)
    quoted_next = follower is not None and quotes.is_quoted(lines[follower])
    first = quotes.attribution(lines, at, quoted_next)
    if first is None:
        return None
    return first, follower if quoted_next and follower is not None else -1


def _without_signature(lines: list[str], *, delimited: bool) -> tuple[list[str], list[str], list[str]]:
    """(reply, signature, what stood behind an app's signature and so was quoted)."""
    delimiters = [at for at, line in enumerate(lines) if line in _DELIMITERS] if delimited else []
    for at in sorted(delimiters + quotes.app_signatures(lines)):
        if any(said.strip() for said in lines[:at]):
            return (lines[:at], [lines[at]], lines[at + 1 :]) if at not in delimiters else (lines[:at], lines[at:], [])
    tail = max(0, len(lines) - _TAIL)
    for at in reversed(quotes.closers([line.strip() for line in lines[tail:]])):
        if _signs(lines[tail + at + 1 :]) and any(said.strip() for said in lines[: tail + at]):
            return lines[: tail + at], lines[tail + at :], []
    return lines, [], []


def _signs(lines: list[str]) -> bool:
    """Short lines without a sentence or a bare long number: a name and a title, not words the desk needs."""
    said = [line.strip() for line in lines if line.strip()]
    return len(said) <= 6 and all(
        len(line) <= 80
        and not line.endswith(("?", "？", "。", "！"))
        and (not _LONG_NUMBER.search(line) or _PHONE.search(line) is not None)
        for line in said
    )
