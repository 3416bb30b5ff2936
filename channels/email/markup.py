"""HTML to the text that a reader sees: links kept, hidden text dropped, no word lost (EP12).

The parser is Lexbor's; the walk is ours, iterative. Lexbor takes quadratic time on deep nesting (100,000 open <div>:
13 s measured), so huge pages are stripped by pattern instead.
"""

import re
from html import unescape

from selectolax.lexbor import LexborHTMLParser, LexborNode

from channels.email import marks
from channels.email.patterns import later

_BLOCK = frozenset(
    (
        "address",
        "article",
        "aside",
        "blockquote",
        "body",
        "center",
        "dd",
        "details",
        "div",
        "dl",
        "dt",
        "fieldset",
        "figure",
        "footer",
        "form",
        "h1",
        "h2",
        "h3",
        "h4",
        "h5",
        "h6",
        "header",
        "hr",
        "html",
        "li",
        "main",
        "nav",
        "ol",
        "p",
        "pre",
        "section",
        "table",
        "tbody",
        "thead",
        "tfoot",
        "tr",
        "ul",
        "caption",
    )
)
_SPACED = frozenset(("p", "h1", "h2", "h3", "h4", "h5", "h6"))
_SKIPPED = frozenset(
    (
        "script",
        "style",
        "head",
        "title",
        "template",
        "noscript",
        "svg",
        "math",
        "object",
        "iframe",
        "-comment",
        "-doctype",
        "select",
        "audio",
        "video",
    )
)
_HIDDEN = later(
    r"display\s*:\s*none|visibility\s*:\s*hidden|mso-hide\s*:\s*all|font-size\s*:\s*0(?:px|pt|em|%)?\s*(?:;|!|$)"
    r"|(?:^|;)\s*opacity\s*:\s*0(?:\.0+)?\s*(?:;|!|$)",
)
_SPACE = re.compile(r"[ \t\r\n\f]+")
_SCHEME = re.compile(r"^(?:https?://|mailto:|tel:|ftp://)?(?:www\.)?")
_GAPS = re.compile(r"\n{3,}")
_STRIP_HIDDEN = later(r"<(script|style|title)\b[^<>]*>.*?(?:</\1\s*>|\Z)", re.IGNORECASE | re.DOTALL)
_STRIP_BREAK = later(r"<(?:br|/p|/div|/tr|/li|/h[1-6]|/td)\b[^<>]*>")
_STRIP_TAG = re.compile(r"<[^<>]*>")


def to_text(html: str) -> str:
    """What a reader sees, quoted mail in front of "> "."""
    return marks.without_marks(lines(html))


def lines(html: str) -> str:
    """Like `to_text`, with a mark on a line of its own where the client's structure says that a quoted mail starts."""
    if len(html) > marks.MAX_CHARS or html.count("<") > marks.MAX_TAGS:
        return _stripped(html)
    html = marks.taken_out(html).replace("\0", "")
    tree = LexborHTMLParser(html)
    root = tree.body or tree.root
    if root is None:
        return ""
    writer = _Writer()
    _walk(root, writer)
    return writer.text()


def _stripped(html: str) -> str:
    text = _STRIP_HIDDEN().sub(" ", html)
    text = _STRIP_TAG.sub("", _STRIP_BREAK().sub("\n", text))
    text = "\n".join(line.strip() for line in marks.taken_out(unescape(text)).splitlines())
    return _GAPS.sub("\n\n", text).encode("utf-8", "replace").decode("utf-8")


class _Writer:
    """Gathers lines: white space collapsed as a browser does, "> " before quoted ones."""

    __slots__ = ("_gap", "_line", "_pre", "done", "quote")

    def __init__(self) -> None:
        self.done: list[str] = []
        self._line: list[str] = []
        self._gap: int | None = None
        self.quote = 0
        self._pre = 0

    def say(self, text: str) -> None:
        if self._pre:
            head, *rest = text.replace("\r\n", "\n").split("\n")
            self._line.append(head)
            for more in rest:
                self.end(force=True)
                self._line.append(more)
            return
        text = _SPACE.sub(" ", text)
        if text[:1] == " " and (not self._line or self._line[-1][-1:] == " "):
            text = text[1:]
        if text:
            self._line.append(text)

    def end(self, *, force: bool = False) -> None:
        line = "".join(self._line).rstrip(" ")
        self._line.clear()
        if line or force:
            if self._gap is not None and self.done:
                self.done.append("> " * min(self._gap, self.quote))
            self._gap = None
            self.done.append("> " * self.quote + line)

    def gap(self) -> None:
        self.end()
        self._gap = self.quote if self._gap is None else min(self._gap, self.quote)

    def mark(self, mark: str) -> None:
        self.end()
        self.done.append(mark)

    def announced(self) -> bool:
        """The line before ends as an attribution does."""
        last = self.done[-1].rstrip() if self.done else ""
        return last.endswith((":", "：")) and any(c.isdigit() for c in last)

    def pre(self, step: int) -> None:
        self._pre += step

    def text(self) -> str:
        self.end()
        return _GAPS.sub("\n\n", "\n".join(line.rstrip() for line in self.done))


def _walk(root: LexborNode, out: _Writer) -> None:
    node: LexborNode | None = root.child
    open_nodes: list[tuple[LexborNode, str, bool]] = []
    while node is not None or open_nodes:
        if node is None:
            node, tag, quoted = open_nodes.pop()
            _leave(node, tag, quoted, out)
            node = node.next
            continue
        tag = node.tag or ""
        if tag == "-text":
            out.say(node.text_content or "")
        elif tag not in _SKIPPED:
            attributes = node.attributes
            if not (attributes and _hidden(attributes)):
                quoted = _enter(tag, attributes, out)
                child = node.child
                if child is not None:
                    open_nodes.append((node, tag, quoted))
                    node = child
                    continue
                _leave(node, tag, quoted, out)
        node = node.next


def _hidden(attributes: dict[str, str | None]) -> bool:
    if "hidden" in attributes:
        return True
    style = attributes.get("style")
    return bool(style) and _HIDDEN().search(style or "") is not None


def _enter(tag: str, attributes: dict[str, str | None], out: _Writer) -> bool:
    """Write what the start of an element means; True when all inside it is quoted."""
    if tag in _BLOCK:
        return _enter_block(tag, attributes, out)
    if tag == "br":
        out.end(force=True)
    elif tag in {"td", "th"}:
        out.say(" ")
    elif tag == "img" and (alt := (attributes.get("alt") or "").strip()):
        out.say(f"[{alt}]")
    return False


def _enter_block(tag: str, attributes: dict[str, str | None], out: _Writer) -> bool:
    out.end()
    quoted = _marked(tag, attributes, out) if attributes else False
    if tag == "blockquote" and not quoted:
        quoted = out.announced()
    if tag in _SPACED:
        out.gap()
    elif tag == "li":
        out.say("- ")
    elif tag == "pre":
        out.pre(1)
    elif tag == "hr":
        out.say("________________________________")
        out.end()
    if quoted:
        out.quote += 1
    return quoted


def _marked(tag: str, attributes: dict[str, str | None], out: _Writer) -> bool:
    """Write the mark that an element's attributes call for; True for a blockquote that holds another's words."""
    mark = marks.mark_of(tag, attributes)
    if mark:
        out.mark(mark)
    return tag == "blockquote" and marks.is_citation(attributes)


def _leave(node: LexborNode, tag: str, quoted: bool, out: _Writer) -> None:
    if tag == "a":
        _link(node, out)
        return
    if tag not in _BLOCK:
        return
    out.end()
    if quoted:
        out.quote -= 1
    if tag == "pre":
        out.pre(-1)
    if tag in _SPACED:
        out.gap()


def _link(node: LexborNode, out: _Writer) -> None:
    target = (node.attributes.get("href") or "").strip()
    if not target.lower().startswith(("http:", "https:", "mailto:", "tel:", "ftp:")):
        return
    said = "".join((node.text(deep=True) or "").split())
    if said and _plain_link(said) == _plain_link(target):
        return
    out.say(f" <{target}>" if said else f"<{target}>")


def _plain_link(text: str) -> str:
    return _SCHEME.sub("", text.lower()).rstrip("/")
