"""A receipt of the channel to a message, or to what Twilio says of one of ours. Pure, and any bytes give one."""

import json
from collections.abc import Mapping
from typing import Any

from channels.sms import codes
from channels.sms.config import CHINA, NOT_TO_CHINA
from channels.sms.receive import STATUS
from channels.twilio.request import first
from deskd.domain.ports import Address, Incoming, IncomingKind, Reported
from deskd.domain.states import Report
from deskd.domain.words import Level

TRUST = "Twilio gave the number as the sender's; a text proves no more than that."
NO_TRUST = "The sender is no phone number; anybody may bear such a name."
NO_NUMBER = "A text goes to a phone number only, and the sender is none."
OPTED_OUT = "The word that they sent stops all texts of ours to them."

# What stands in a message for whoever reads it, so in both languages.
STOPPED = "[对方以此词拒收短信，发送 START 前收不到我们的短信。 · No text of ours reaches them until they text START.]"
MEANT = "[对方也可能是指别的事，例如付款。 · They may have meant something else by it, such as a payment.]"
STARTED = "[对方重新接收短信。 · They take texts from us again.]"
EMPTY = "[空短信 · an empty text]"

STOP = frozenset({"stop", "stopall", "unsubscribe", "revoke", "optout", "退订", "退訂", "td"})
DOUBLE = frozenset({"cancel", "end", "quit"})  # stop texts too, and may be said of a payment (CHANNELS SO6)
START = frozenset({"start", "unstop"})
_AROUND = " .!。！"
_FILES_MOST = 10
_LONGEST = 64  # characters of a sender's name, of which networks allow 11, and of other words of Twilio's

REPORTS: Mapping[str, Report] = {
    "delivered": Report.DELIVERED,
    "read": Report.READ,
    "undelivered": Report.FAILED,
    "failed": Report.FAILED,
    "canceled": Report.FAILED,
}
"""Twilio's status → what it reports. All others (accepted, queued, sending, sent) say that it has the message."""


def read(raw: bytes, envelope: Mapping[str, Any], account: str) -> Incoming:
    fields = _opened(raw)
    if fields is None:
        said = raw.decode("utf-8", "replace")
        return _message("", said, said, warnings=("The receipt is not a form's JSON.",))
    path = envelope.get("path")
    if path == STATUS or (path is None and "MessageStatus" in fields and "Body" not in fields):
        return _status(fields, str(envelope.get("delivery", "")))
    return _said(fields, str(envelope.get("number", "")))


def _opened(raw: bytes) -> dict[str, Any] | None:
    """What `receive` wrote; None for anything else."""
    try:
        given = json.loads(raw)
    except (ValueError, RecursionError):
        return None
    return given if isinstance(given, dict) else None


def _said(fields: Mapping[str, Any], number: str) -> Incoming:
    sender, words, to = first(fields, "From").strip()[:_LONGEST], first(fields, "Body").strip(), first(fields, "To")
    word = words.casefold().strip(_AROUND)
    stops, known = _opting(word, first(fields, "OptOutType").upper())
    files = (f"[未取回的文件 · a file that was not fetched: {kind}]" for kind in kinds_of(fields))
    text = "\n\n".join(part for part in (words, "\n".join(files), known) if part)
    return _message(
        sender,
        text or EMPTY,
        words,
        no_ack_why=OPTED_OUT if stops else _unreached(sender),
        kind=IncomingKind.AUTOMATIC if word in STOP | START else IncomingKind.MESSAGE,
        provider_id=first(fields, "MessageSid"),
        warnings=(f"It was sent to {to}; answers leave from {number}.",) if number and to != number else (),
    )


def _unreached(sender: str) -> str:
    """Why no text of ours goes there, or ""."""
    if sender.startswith(CHINA):
        return NOT_TO_CHINA
    return "" if sender.startswith("+") else NO_NUMBER


def _opting(word: str, told: str) -> tuple[bool, str]:
    """(whether they get no text any more, what an agent must know). Twilio acts on these words by itself."""
    if told == "STOP" or word in STOP | DOUBLE:
        return True, STOPPED if word in STOP else f"{STOPPED} {MEANT}"
    return False, STARTED if told == "START" or word in START else ""


def _message(sender: str, text: str, words: str, *, no_ack_why: str = NO_NUMBER, **more: Any) -> Incoming:
    proved = sender.startswith("+")
    given: dict[str, Any] = {"kind": IncomingKind.MESSAGE} | more
    return Incoming(
        sender=Address("", sender),
        subject="",
        text=text,
        reply=words,
        level=Level.CHANNEL if proved else Level.CLAIMED,
        trust_why=TRUST if proved else NO_TRUST,
        no_ack_why=no_ack_why,
        **given,
    )


def kinds_of(fields: Mapping[str, Any]) -> list[str]:
    """The kinds of a message's files, which stay at Twilio; "?" where one is not told."""
    count = first(fields, "NumMedia")
    many = min(int(count), _FILES_MOST) if count.isascii() and count.isdigit() and len(count) < 4 else 0
    return [first(fields, f"MediaContentType{n}")[:_LONGEST] or "?" for n in range(many)]


def _status(fields: Mapping[str, Any], delivery_id: str) -> Incoming:
    state, code = first(fields, "MessageStatus") or first(fields, "SmsStatus"), first(fields, "ErrorCode")[:10]
    code = code if code.isascii() and code.isdigit() and code != "0" else ""
    report = REPORTS.get(state.lower(), Report.NONE)
    note = codes.words(code) if report is Report.FAILED else ""
    sid = first(fields, "MessageSid") or first(fields, "SmsSid")
    return Incoming(
        kind=IncomingKind.STATUS,
        sender=Address("", ""),
        subject="",
        text="",
        reply="",
        level=Level.CLAIMED,
        trust_why="",
        no_ack_why="",
        reported=Reported(sid, report, delivery_id, code, note),
    )
