"""The words of a mail laid out: plain text in lines, and a plain page of the same words."""

import html
import re
import unicodedata

from channels.email.patterns import later

WIDTH = 76  # columns of a line; a Chinese character takes two
_HAN = later("[\u3400-\u9fff\uf900-\ufaff]", re.NOFLAG)
_NOT_FIRST = frozenset("，。、；：？！）」』】》〉”’…—,.;:?!)]}%")  # never at the start of a line
_NOT_LAST = frozenset("（「『【《〈“‘([{")  # never at its end
_UNIT = re.compile(r"[ \t]+|[!-~]+|.", re.DOTALL)  # spaces, a word or link of ASCII, one other character

_PAGE = (
    '<!DOCTYPE html>\n<html lang="{lang}"><head><meta charset="utf-8"></head>\n'
    '<body style="font-family:sans-serif;font-size:15px;line-height:1.5">\n{body}\n</body></html>\n'
)


def is_chinese(words: str) -> bool:
    """Some Chinese is enough: a mail to a Chinese reader may be full of links and numbers."""
    return len(_HAN().findall(words)) * 10 >= len(words.split()) and _HAN().search(words) is not None


def wrapped(words: str) -> str:
    """Lines of at most 76 columns where they can be broken: at spaces, between Chinese characters, never in a link."""
    return "\n".join(_wrap(line.rstrip()) for line in words.rstrip("\n").split("\n")) + "\n"


def as_html(words: str) -> str:
    """Paragraphs at blank lines, breaks at line ends. No link is made and nothing is loaded: it is text."""
    paragraphs = [part for part in re.split(r"\n[ \t]*\n", words.strip("\n")) if part.strip()]
    body = "\n".join(f"<p>{html.escape(part).replace(chr(10), '<br>' + chr(10))}</p>" for part in paragraphs)
    return _PAGE.format(lang="zh" if is_chinese(words) else "en", body=body)


def _wrap(line: str) -> str:
    if _columns(line) <= WIDTH:
        return line
    lines: list[str] = []
    current, used = "", 0
    for unit in _units(line):
        width = _columns(unit)
        if used + width > WIDTH and current.strip():
            lines.append(current.rstrip())
            current, used = "", 0
            if not unit.strip():
                continue
        current, used = current + unit, used + width
    lines.append(current.rstrip())
    return "\n".join(lines)


def _units(line: str) -> list[str]:
    """What must stay together: words, and Chinese characters with the marks that may not begin or end a line."""
    units: list[str] = []
    for unit in _UNIT.findall(line):
        glued = units and ((unit[0] in _NOT_FIRST and units[-1].strip()) or units[-1][-1] in _NOT_LAST)
        if glued and len(units[-1]) < WIDTH:
            units[-1] += unit
        else:
            units.append(unit)
    return units


def _columns(text: str) -> int:
    if text.isascii():
        return len(text)
    return sum(2 if unicodedata.east_asian_width(c) in "WF" else 1 for c in text)
