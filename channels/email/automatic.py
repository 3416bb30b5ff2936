"""Automatic mail: what answered by itself, and what must not be answered by a machine (EA1, EA2)."""

import re

from channels.email.addresses import Address
from channels.email.headers import Header, unfold
from channels.email.patterns import later

# X-Auto-Response-Suppress sits on human mail too: it forbids an answer and says nothing about the mail itself.
_SUPPRESS = re.compile(r"\b(?:all|oof|autoreply)\b", re.IGNORECASE)
_BULK = frozenset(("bulk", "list", "junk", "auto_reply", "auto-reply"))
_NOT = frozenset(("", "no", "false", "0", "none"))
_PRECEDENCE = ("precedence", "x-precedence")
_ANSWERS = frozenset(("auto_reply", "auto-reply", "autoreply"))
_ANSWERED = frozenset(("x-autoreply", "x-autorespond", "x-autoresponder", "x-autoreply-from", "x-mail-autoreply"))
_FIRST_WORD = re.compile(r"[\w-]+")
_ROBOT = re.compile(
    r"(?:mailer[-_.]?daemon|postmaster|(?:do[-_.]?)?(?:not?|never)[-_.]?(?:reply|answer|responder)|bounces?"
    r"|auto[-_.]?(?:reply|responder|notify|confirm)|majordomo|listserv|daemon)(?:[-+_.=].*)?",
    re.IGNORECASE,
)
_ROBOT_AFTER = re.compile(r".*[-+_.](?:no[-_.]?reply|donotreply|bounces?)", re.IGNORECASE)
_SUBJECT = later(
    r"^\W*(?:(?:re|aw|sv|fw|fwd|回复|答复)\s*[:：]\s*)*(?:out[ -]of[ -](?:the[ -])?office|automatic reply"
    r"|auto(?:matic)?"
    r"[- ]?(?:reply|response|antwort|responder)|auto(?:reply)?\s*[:：]|autoreply|away from (?:my |the )?(?:mail|office)"
    r"|on vacation\s*[:：]|vacation (?:reply|response|notice)|i am (?:currently )?out of (?:the )?office"
    r"|自动回复|自動回覆|自动答复|自動回復|自动应答|外出自动|abwesen(?:heit|d)|automatische antwort"
    r"|r[ée]ponse automatique"
    r"|absence du bureau|respuesta autom[áa]tica|fuera de (?:la )?oficina|risposta automatica|resposta autom[áa]tica"
    r"|automatisch antwoord|afwezig|autosvar|automatiskt svar|автоответ|автоматический ответ|自動返信|不在通知"
    r"|부재중|자동 ?회신)",
)
# Lists (RFC 2919, RFC 2369), campaigns and loops: one of these fields is enough.
_NO_ANSWER = frozenset(
    (
        "list-id",
        "list-unsubscribe",
        "list-post",
        "list-help",
        "list-subscribe",
        "list-owner",
        "list-archive",
        "mailing-list",
        "x-loop",
        "feedback-id",
    )
)


def is_auto_reply(head: Header, subject: str) -> bool:
    """A machine answered in somebody's place (RFC 3834): vacation notes, receipts of other desks."""
    submitted = _word(head, "auto-submitted")
    if submitted in {"auto-replied", "auto-notified"}:
        return True
    if submitted == "no":
        return False
    return (
        any(_said_yes(head, name) for name in _ANSWERED & head.fields.keys())
        or any(_word(head, name) in _ANSWERS for name in _PRECEDENCE)
        or _SUBJECT().match(subject) is not None
    )


def suppress(head: Header, sender: Address | None, kind: str, unanswerable: bool) -> bool:
    """No automatic answer may go to this mail. Says nothing about dropping it (EA2).

    unanswerable: it answered by itself, or has an empty return path. Our own addresses and our own loop mark are known
    to the caller only.
    """
    if unanswerable or kind == "multipart/report" or (sender is not None and is_robot(sender.address)):
        return True
    return (
        not head.fields.keys().isdisjoint(_NO_ANSWER)
        or _word(head, "auto-submitted") not in {"", "no"}
        or any(_word(head, name) in _BULK for name in _PRECEDENCE)
        or _said_yes(head, "x-auto-generated")
        or _SUPPRESS.search(unfold(head.first("x-auto-response-suppress") or b"")) is not None
    )


def is_robot(address: str) -> bool:
    """An address behind which nobody reads: mailer-daemon, postmaster, no-reply and their like."""
    local = address.rpartition("@")[0]
    return _ROBOT.fullmatch(local) is not None or _ROBOT_AFTER.fullmatch(local) is not None


def _said_yes(head: Header, name: str) -> bool:
    value = head.first(name)
    return value is not None and unfold(value).lower() not in _NOT


def _word(head: Header, name: str) -> str:
    """The first word of a field, lower case, parameters and comments left off; "" when it is absent."""
    value = head.first(name)
    found = _FIRST_WORD.match(unfold(value).lower()) if value is not None else None
    return found[0] if found else ""
