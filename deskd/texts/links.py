"""Links in outgoing words, and whether their hosts are on the list."""

import re
import unicodedata
from urllib.parse import urlsplit

_URL = re.compile(
    r"(?<![a-z])(?:[a-z][a-z0-9+.-]{1,20}://[^\s<>\"'“”「」（）()，。；、]+|(?:javascript|data|vbscript):\S+)"
)
_TOP = (
    "com|cn|net|org|io|co|me|app|xyz|top|info|cc|vip|shop|site|online|tv|hk|tw|sg|my|uk|us|eu|ru|in|de|jp|kr|link|ly|gl|"
    "gg|to|id|pro|club|live|work|fun|icu|tk|ml|ga|cf|gq|ws|biz|mobi|asia|wang|ltd|group|tech|store|space|website|"
    "support|help|chat|page|dev|ai|finance|money|pay|bank|example|test"
)
_BARE = re.compile(
    rf"(?<![\w@./-])(?:[a-z0-9](?:[a-z0-9-]{{0,61}}[a-z0-9])?\.)+(?:{_TOP})(?![a-z0-9-]|\.[a-z0-9])", re.ASCII
)
_IP = re.compile(r"(?<![\w.])[0-9]{1,3}(?:\.[0-9]{1,3}){3}(?=[:/])")


def foreign_links(text: str, allowed: frozenset[str]) -> list[str]:
    """Each link or bare host that is not on the list, as written after folding.

    allowed: host names in lower case; one that begins with a dot allows every host below it as well.
    """
    folded = unicodedata.normalize("NFKC", text).lower()
    folded = "".join([c for c in folded if unicodedata.category(c) != "Cf"]).replace("。", "。 ")
    found: dict[str, None] = {}
    for match in _URL.finditer(folded):
        url = match.group().rstrip(".,;:!?")
        if not _allowed(_host(url), allowed) or not url.startswith(("http://", "https://", "mailto:", "tel:")):
            found[url] = None
    for match in (*_BARE.finditer(_URL.sub(" ", folded)), *_IP.finditer(_URL.sub(" ", folded))):
        if not _allowed(match.group(), allowed):
            found[match.group()] = None
    return list(found)


def _host(url: str) -> str:
    try:
        return urlsplit(url).hostname or ""
    except ValueError:
        return ""


def _allowed(host: str, allowed: frozenset[str]) -> bool:
    return host in allowed or any(a.startswith(".") and (host == a[1:] or host.endswith(a)) for a in allowed)
