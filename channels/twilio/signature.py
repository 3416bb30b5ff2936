"""X-Twilio-Signature: HMAC-SHA1 of the URL and every field of the form, in base 64, under an AuthToken.

Source: Twilio's "Webhooks security" page; the cases in tests/channels/twilio/. The vendor's library has the same rules
and raises on what a stranger may send (CHANNELS SI2); here whatever does not fit is simply not signed.
"""

import base64
import hashlib
import hmac
import re
from collections.abc import Iterable, Iterator, Sequence
from urllib.parse import parse_qsl

Fields = Sequence[tuple[str, str]]
"""Names and values as the form has them, decoded, blank ones included, nothing trimmed."""

_PORTS = {"http": "80", "https": "443"}
_URL = re.compile(r"([A-Za-z]+)://([^/?#]*)([^#]*)")  # the fragment holds connection overrides and is not signed
_HOST = re.compile(r"(.*?)(?::([0-9]+))?")


def form_signed(url: str, fields: Fields, signature: str, tokens: Iterable[str]) -> bool:
    """Whether one of the tokens signed this form, posted to this URL."""
    return any(_is(signature, token, one + _joined(fields)) for one in _notations(url) for token in tokens)


def body_signed(url: str, body: bytes, signature: str, tokens: Iterable[str]) -> bool:
    """The same of a body that is no form: its SHA-256 stands in the query, which is signed with the URL."""
    query = url.partition("#")[0].partition("?")[2]
    told = [value for name, value in parse_qsl(query) if name == "bodySHA256"]
    digest = hashlib.sha256(body).hexdigest()
    if len(told) != 1 or not hmac.compare_digest(told[0].lower().encode(), digest.encode()):
        return False
    return any(_is(signature, token, one) for one in _notations(url) for token in tokens)


def _joined(fields: Fields) -> str:
    """By name, then by value; a pair that stands there twice counts once."""
    return "".join(name + value for name, value in sorted(set(fields)))


def _notations(url: str) -> Iterator[str]:
    """With the port and without it: which one is signed has changed with the scheme and over the years."""
    found = _URL.fullmatch(url.partition("#")[0])
    if found is None:
        return
    scheme, authority, rest = found.groups()
    user, at, place = authority.rpartition("@")
    split = _HOST.fullmatch(place)
    host, port = split.groups() if split else (place, None)
    port = port or _PORTS.get(scheme.lower(), "")
    yield f"{scheme}://{user}{at}{host}{rest}"
    if port:
        yield f"{scheme}://{user}{at}{host}:{port}{rest}"


def _is(signature: str, token: str, text: str) -> bool:
    mac = hmac.digest(token.encode(), text.encode("utf-8", "surrogatepass"), "sha1")
    return hmac.compare_digest(signature.encode("utf-8", "surrogatepass"), base64.b64encode(mac))
