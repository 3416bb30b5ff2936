"""Automatic mail: what answered by itself, and what must not be answered by a machine (EA1, EA2)."""

import re

from channels.email.mail import Address

# X-Auto-Response-Suppress sits on human mail too: it forbids an answer and says nothing about the mail itself.
_SUPPRESS = re.compile(r"\b(?:all|oof|autoreply)\b", re.IGNORECASE)
_BULK = frozenset(("bulk", "list", "junk", "auto_reply", "auto-reply"))
_YES = frozenset(("", "no", "false", "0", "none"))
_ROBOT = re.compile(
    r"(?:mailer[-_.]?daemon|postmaster|(?:do[-_.]?)?(?:not?|never)[-_.]?(?:reply|answer|responder)|bounces?"
    r"|auto[-_.]?(?:reply|responder|notify|confirm)|majordomo|listserv|daemon)(?:[-+_.=].*)?", re.IGNORECASE)
_ROBOT_AFTER = re.compile(r".*[-+_.](?:no[-_.]?reply|donotreply|bounces?)", re.IGNORECASE)
_SUBJECT = re.compile(
    r"^\W*(?:(?:re|aw|sv|fw|fwd|回复|答复)\s*[:：]\s*)*(?:out[ -]of[ -](?:the[ -])?office|automatic reply|auto(?:matic)?"
    r"[- ]?(?:reply|response|antwort|responder)|auto(?:reply)?\s*[:：]|autoreply|away from (?:my |the )?(?:mail|office)"
    r"|on vacation\s*[:：]|vacation (?:reply|response|notice)|i am (?:currently )?out of (?:the )?office"
    r"|自动回复|自動回覆|自动答复|自動回復|自动应答|外出自动|abwesen(?:heit|d)|automatische antwort|r[ée]ponse automatique"
    r"|absence du bureau|respuesta autom[áa]tica|fuera de (?:la )?oficina|risposta automatica|resposta autom[áa]tica"
    r"|automatisch antwoord|afwezig|autosvar|automatiskt svar|автоответ|автоматический ответ|自動返信|不在通知"
    r"|부재중|자동 ?회신)", re.IGNORECASE)
_NOISE_LISTS = ("list-id", "list-unsubscribe", "list-post", "list-help", "list-subscribe", "list-owner", "list-archive",
                "mailing-list")


class Fields:
    """Header values by name, lower case and unfolded, as these checks need them."""

    __slots__ = ("_values",)

    def __init__(self, fields: tuple[tuple[str, str], ...]) -> None:
        values: dict[str, str] = {}
        for name, value in fields:
            values.setdefault(name, value.strip().lower())
        self._values = values

    def get(self, name: str) -> str | None:
        return self._values.get(name)

    def __contains__(self, name: str) -> bool:
        return name in self._values


def is_auto_reply(fields: Fields, subject: str) -> bool:
    """A machine answered in somebody's place (RFC 3834): vacation notes, receipts of other desks."""
    submitted = (fields.get("auto-submitted") or "").partition(";")[0].strip()
    if submitted in {"auto-replied", "auto-notified"} or submitted.startswith("auto-replied"):
        return True
    if submitted == "no":
        return False
    if _said_yes(fields, "x-autoreply") or _said_yes(fields, "x-autorespond") or "x-autoreply-from" in fields:
        return True
    if _first_word(fields, "precedence") in {"auto_reply", "auto-reply"}:
        return True
    if _first_word(fields, "x-precedence") in {"auto_reply", "auto-reply"} or "x-mail-autoreply" in fields:
        return True
    return _SUBJECT.match(subject) is not None


def suppress(fields: Fields, sender: Address | None, kind: str, auto_reply: bool) -> bool:
    """No automatic answer may go to this mail. Says nothing about dropping it (EA2). Our own addresses and our own
    loop mark are known to the caller only."""
    if auto_reply or kind == "multipart/report":
        return True
    if fields.get("return-path") == "<>":
        return True
    if (fields.get("auto-submitted") or "no").partition(";")[0].strip() not in {"no", ""}:
        return True
    if _first_word(fields, "precedence") in _BULK or _first_word(fields, "x-precedence") in _BULK:
        return True
    if any(name in fields for name in _NOISE_LISTS):
        return True
    if _SUPPRESS.search(fields.get("x-auto-response-suppress") or ""):
        return True
    if "x-loop" in fields or _said_yes(fields, "x-auto-generated") or "feedback-id" in fields:
        return True
    return sender is not None and is_robot(sender.address)


def is_robot(address: str) -> bool:
    """An address behind which nobody reads: mailer-daemon, postmaster, no-reply and their like."""
    local = address.rpartition("@")[0]
    return _ROBOT.fullmatch(local) is not None or _ROBOT_AFTER.fullmatch(local) is not None


def _said_yes(fields: Fields, name: str) -> bool:
    value = fields.get(name)
    return value is not None and value not in _YES


def _first_word(fields: Fields, name: str) -> str:
    return (fields.get(name) or "").partition(",")[0].partition(";")[0].strip()
