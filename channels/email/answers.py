"""A submission server's answers as the three fates of a mail. One table, for every step of the dialogue (EO7, EO8)."""

import re
import ssl

import aiosmtplib

from channels.email.config import MailRelay
from deskd.domain.errors import ChannelError, Fate

MINUTE = 60.0
# Reply code → seconds until the next try makes sense; other 4xx: the outbox's own back-off alone.
LATER: dict[int, float] = {
    421: 1 * MINUTE,  # the service closes: it may be back soon
    450: 5 * MINUTE,  # greylisting and mailboxes that are in use
    451: 5 * MINUTE,
    452: 5 * MINUTE,
    454: 1 * MINUTE,  # RFC 4954: the server's own log-in is away
}
LOG_IN = frozenset((530, 534, 535, 538))  # RFC 4954, RFC 3207: the server wants us to prove ourselves
SENDER = frozenset((550, 553, 554))  # at MAIL: our sender address is not taken
_ENHANCED = re.compile(r"\b([245]\.\d{1,3}\.\d{1,3})\b")  # RFC 3463
_ADDRESS = re.compile(r"[^\s<>,;:\"()]+@[^\s<>,;:\"()]+")


def answered(code: int, words: str, step: str) -> ChannelError:
    """What a reply to `step` (connect, mail, rcpt, data, dot) means; the mail has left in no case."""
    enhanced = _ENHANCED.search(words)
    status = enhanced[1] if enhanced else ""
    note = f"{code} {_ADDRESS.sub('(address)', ' '.join(words.split()))}"[:300]
    ours = _is_ours(code, status, step)
    if code < 400 or code >= 600:
        # No answer to what was asked. After the dot a server that says 2xx or 3xx may well have the mail.
        fate = Fate.AMBIGUOUS if step == "dot" else Fate.NEVER_LEFT
        return ChannelError(fate, f"The mail server answered out of turn: {note}", code=str(code))
    if code < 500 or step == "connect":
        wait = LATER.get(code) if code < 500 else 5 * MINUTE
        return ChannelError(Fate.NEVER_LEFT, note, code=status or str(code), retry_after=wait, ours=ours)
    if ours:
        return ChannelError(Fate.NEVER_LEFT, note, code=status or str(code), ours=True)
    told = "The address does not take mail." if step == "rcpt" else "The message could not be delivered."
    return ChannelError(Fate.REJECTED, note, code=status or str(code), customer=told)


def _is_ours(code: int, status: str, step: str) -> bool:
    """The server refuses us, not this mail: the whole account pauses."""
    if code < 500:
        return False
    if code in LOG_IN or step == "connect":
        return True
    if status.startswith("5.7."):  # policy: after the dot only 550, since 554 5.7.1 there judges the words
        return code in {550, 553} or step != "dot"
    return step == "mail" and code in SENDER


def unreachable(error: BaseException, relay: MailRelay) -> ChannelError:
    """Nothing left: no connection, no TLS, no log-in. A certificate or a log-in is ours to mend."""
    if isinstance(error, aiosmtplib.SMTPResponseException):
        return answered(error.code, error.message, "connect")
    cause: BaseException | None = error
    while cause is not None and not isinstance(cause, ssl.SSLError):
        cause = cause.__cause__
    # aiosmtplib says with its base class, and no connection error, that something is not on offer.
    lacking = isinstance(error, aiosmtplib.SMTPException) and not isinstance(error, OSError)
    ours = cause is not None or lacking
    why = "its certificate or TLS is not right" if cause is not None else type(error).__name__
    if lacking:
        why = "it does not offer what the settings ask for (STARTTLS or a log-in)"
    note = f"The mail server {relay.host}:{relay.port} cannot be used: {why}."
    return ChannelError(Fate.NEVER_LEFT, note, code="connect", retry_after=MINUTE, ours=ours)


def lost(error: BaseException, fate: Fate) -> ChannelError:
    """The connection ended, or the answer did not come in time."""
    note = (
        "The mail server fell silent" if isinstance(error, TimeoutError) else "The connection to the mail server broke"
    )
    where = "after the mail was sent" if fate is Fate.AMBIGUOUS else "before the mail was sent"
    return ChannelError(fate, f"{note} {where}.", code="lost", retry_after=MINUTE if fate is Fate.NEVER_LEFT else None)


def size_refused(size: int, limit: int) -> ChannelError:
    note = f"The mail has {size} bytes, and the mail server takes {limit}; send the files another way."
    return ChannelError(Fate.REJECTED, note, code="size", customer="The message is too large.")
