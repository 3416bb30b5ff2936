"""How mail programs mark, in a page's structure, the mail that they quote (EQ3), and our own marks of that in text."""

import re

from channels.email.patterns import later

MAX_CHARS = 1 << 20
MAX_TAGS = 20_000

# Line marks that no text contains: they are taken out of the source first.
CUT = "\ue000"  # from here on the page is a quoted mail
START = "\ue001"  # words that announce a quote follow, then the quote
MAYBE = "\ue002"  # like CUT if a mail's header follows
_MARKS = re.compile("[\ue000-\ue002]")
_MARK_LINES = re.compile("^[\ue000-\ue002]\n", re.MULTILINE)

# Class and id fragments, lower case.
_QUOTE = later(
    r"gmail_quote|gmail_attr|yahoo_quoted|yahoo-quoted|protonmail_quote|tutanota_quote|zmail_extra|moz-cite-prefix"
    r"|isreplycontent|ntes_mailcontent|qmbox_quote|mail_quote|reply-?quote|front-blockquote|cite_quote|quoted-?text"
    r"|mailquote|msg_quoted|ms-outlook-mobile-reference-message|missive_quote|zohomail_quote|olk_src_body",
    re.NOFLAG,
)
_CUT_HERE = later(
    r"divrplyfwdmsg|appendonsend|mail-editor-reference-message-container|outlookmessageheader|replyforwardheader",
    re.NOFLAG,
)
# Outlook and Foxmail draw a line above the header of the mail they quote.
_RULE = later(
    r"border-top\s*:\s*(?:solid\s+#?(?:e1e1e1|b5c4df)|#?(?:e1e1e1|b5c4df)\s+solid|[\d.]+p[tx]\s+solid"
    r"\s+#?(?:e1e1e1|b5c4df))|border-top-color\s*:\s*(?:#?(?:e1e1e1|b5c4df)|rgb\(225,\s?225,\s?225\)"
    r"|rgb\(181,\s?196,\s?223\))|border:none;border-top:solid",
)
# Without one of these in its source a page has none of the marks above, no <blockquote>, and no ">" in its words but
# bare ones, which the second table finds where a line may start.
_HINTS = (
    "quote",
    "border-top",
    "&gt",
    "&#",
    "gmail_attr",
    "zmail_extra",
    "moz-cite-prefix",
    "isreplycontent",
    "ntes_mailcontent",
    "reference-message",
    "olk_src_body",
    "divrplyfwdmsg",
    "replyforwardheader",
    "appendonsend",
    "outlookmessageheader",
)
_BARE = re.compile(r">\s*>"), re.compile(r"\n[ \t\f\r]*>"), re.compile(r"\r[ \t\f]*>")
_BARE_FIRST = re.compile(r"\s*>")


def is_marked(text: str) -> bool:
    """Text of `markup.lines` that shows where quoted mail stands."""
    return "\n> " in text or text.startswith("> ") or _MARKS.search(text) is not None


def without_marks(text: str) -> str:
    """Text of `markup.lines` for reading."""
    return _MARKS.sub("", _MARK_LINES.sub("", text)).strip("\n")


def taken_out(html: str) -> str:
    """A page without the characters that we mark with."""
    return _MARKS.sub("", html) if _MARKS.search(html) else html


def may_be_marked(html: str) -> bool:
    """False only if `markup.lines(html)` is not marked: by a cheap look that saves reading the page."""
    source = html.lower()
    for hint in _HINTS:
        if hint in source:
            return True
    for bare in _BARE:
        if bare.search(source):
            return True
    return _BARE_FIRST.match(source) is not None or len(html) > MAX_CHARS or html.count("<") > MAX_TAGS


def mark_of(tag: str, attributes: dict[str, str | None]) -> str:
    """The mark that the start of an element calls for, or ""."""
    named = _named(attributes)
    if _CUT_HERE().search(named):
        return CUT
    if tag == "div" and _RULE().search(attributes.get("style") or ""):
        return MAYBE
    return START if tag != "blockquote" and _QUOTE().search(named) else ""


def is_citation(attributes: dict[str, str | None]) -> bool:
    """A <blockquote> with these attributes holds another's words."""
    cited = (attributes.get("type") or "").lower() == "cite" or "cite" in attributes
    return cited or _QUOTE().search(_named(attributes)) is not None


def _named(attributes: dict[str, str | None]) -> str:
    return f"{attributes.get('class') or ''} {attributes.get('id') or ''}".lower()
