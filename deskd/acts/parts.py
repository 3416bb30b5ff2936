"""A text that is longer than its channel takes, in parts that are not."""

_ENDS = ("\n\n", "\n", "。", "！", "？", ". ", "! ", "? ", "，", " ")
"""Where a text is cut, the best place first."""


def parts(text: str, limit: int) -> list[str]:
    """In order, none over `limit` UTF-16 units, none empty; cut between paragraphs, sentences or words where it can be.

    A cut stands in the second half of what would fit, so that no part is a mere scrap.
    """
    made, rest = [], text.strip()
    while len(head := _fitting(rest, limit)) < len(rest):
        at = next((at for end in _ENDS if (at := head.rfind(end) + len(end)) >= len(head) // 2 + len(end)), len(head))
        made.append(rest[:at].rstrip())
        rest = rest[at:].lstrip()
    return [*made, rest]


def _fitting(text: str, limit: int) -> str:
    """The longest beginning of at most `limit` UTF-16 units (a character beyond U+FFFF is two)."""
    cut = text.encode("utf-16-le", "replace")[: 2 * limit]
    return cut.decode("utf-16-le", "ignore")
