"""What the end of a call means for what was sent: one table, the same for every provider (CHANNELS X9).

Until the request is on its way nothing has left. From then on silence and a server's own fault are ambiguous; an
answer below 500 is not. `retry_after` is None where asking again would be wrong or of no use; of a GET or HEAD a
second one does no harm (RFC 9110 section 9.2.1), so there it is set also when the first may have arrived.
No note names a path, a query or a body: bot tokens stand in paths.
"""

import socket
import ssl
from collections.abc import Mapping
from dataclasses import dataclass, field
from email.utils import parsedate_to_datetime

import httpx2

from deskd.domain.errors import ChannelError, Fate

MINUTE = 60.0  # seconds; until the next try where the peer names no time
LONGEST_WAIT = 24 * 60 * MINUTE  # a peer that asks for more is not believed
SAFE = frozenset(("GET", "HEAD"))
_NOT_TAKEN = frozenset((408, 429))  # RFC 9110 15.5.9: it never read the request whole; RFC 6585 4: too many


@dataclass(frozen=True, slots=True)
class Answer:
    """Header names are in small letters; `body` is decoded and whole. Any status but a redirect."""

    method: str
    host: str
    status: int
    headers: Mapping[str, str] = field(repr=False)
    body: bytes = field(repr=False)


def refusal(answer: Answer) -> ChannelError | None:
    """What its status says, for a caller that has found nothing better in the body; None for 2xx."""
    status, note = answer.status, f"{answer.host} answered {answer.status}."
    code = str(status)
    if 200 <= status < 300:
        return None
    if status in _NOT_TAKEN:
        return ChannelError(Fate.NEVER_LEFT, note, code=code, retry_after=_wait(answer.headers))
    if status == 401:  # our credentials, not this message
        return ChannelError(Fate.NEVER_LEFT, note, code=code, retry_after=MINUTE, ours=True)
    if 400 <= status < 500:
        return ChannelError(Fate.REJECTED, note, code=code)
    again = _wait(answer.headers) if answer.method in SAFE else None
    return ChannelError(Fate.AMBIGUOUS, note, code=code, retry_after=again)


def _wait(headers: Mapping[str, str]) -> float:
    """Retry-After in seconds (RFC 9110 section 10.2.3); a date is counted from the peer's own Date, by its clock."""
    text = headers.get("retry-after", "").strip()
    if text.isascii() and text.isdigit():
        return min(float(text[:9]), LONGEST_WAIT)
    try:
        apart = parsedate_to_datetime(text) - parsedate_to_datetime(headers.get("date", ""))
    except (TypeError, ValueError):  # ValueError: no date; TypeError: one of them without a zone
        return MINUTE
    return min(max(apart.total_seconds(), 0.0), LONGEST_WAIT)


def not_listed() -> ChannelError:
    return ChannelError(Fate.REJECTED, "This URL leads to no server that deskd may speak to.", code="url")


def not_admitted(host: str) -> ChannelError:
    """Its name resolves to an address that it may not have: a changed or poisoned zone. The account pauses."""
    note = f"The name {host} leads to an address inside a network or of no single host."
    return ChannelError(Fate.NEVER_LEFT, note, code="address", retry_after=MINUTE, ours=True)


def malformed() -> ChannelError:
    return ChannelError(Fate.REJECTED, "The request could not be written: a header is not legal.", code="request")


def unreachable(host: str, error: BaseException) -> ChannelError:
    """Nothing left: no name, no connection, no TLS. A certificate is for us to look at: the account pauses."""
    code, why = "connect", "it takes no connection"
    if isinstance(error, socket.gaierror):
        code, why = "name", "its name is not found"
    elif isinstance(error, (TimeoutError, httpx2.TimeoutException)):
        why = "there is no connection in time"
    elif _of_tls(error):
        code, why = "tls", "its certificate or TLS is not right"
    note = f"The server {host} cannot be used: {why}."
    return ChannelError(Fate.NEVER_LEFT, note, code=code, retry_after=MINUTE, ours=code == "tls")


def _of_tls(error: BaseException | None) -> bool:
    while error is not None and not isinstance(error, ssl.SSLError):
        error = error.__cause__ or error.__context__
    return error is not None


def lost(method: str, host: str, error: BaseException) -> ChannelError:
    """The request was on its way, and its answer did not come, or not whole."""
    silent = isinstance(error, TimeoutError)
    note = f"{host} fell silent after the request." if silent else f"The connection to {host} broke after the request."
    again = MINUTE if method in SAFE else None
    return ChannelError(Fate.AMBIGUOUS, note, code="timeout" if silent else "lost", retry_after=again)


def unusable(method: str, host: str, why: str, code: str) -> ChannelError:
    """An answer that we do not take: asking again would bring the same. It may stand for a message accepted."""
    fate = Fate.REJECTED if method in SAFE else Fate.AMBIGUOUS
    return ChannelError(fate, f"{host} {why}.", code=code)
