"""A receipt of the channel to a message, or to what Twilio says of one of ours. Pure, and any bytes give one."""

import json
import unicodedata
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from channels.sms import codes
from channels.sms.receive import STATUS
from channels.twilio.request import first
from deskd.domain.ports import Address, Incoming, IncomingKind, Reported
from deskd.domain.states import Report
from deskd.domain.words import Level

TRUST = "Twilio gave the number as the sender's; a text proves no more than that."
NO_NUMBER = "A text goes back to a phone number only, and the sender is none."
OPTED_OUT = "The word that they sent stops all texts of ours to them."

STOP = frozenset({"stop", "stopall", "unsubscribe", "revoke", "optout", "退订", "退訂", "td"})
DOUBLE = frozenset({"cancel", "end", "quit"})  # stop texts too, and may be said of a payment (CHANNELS SO6)
START = frozenset({"start", "unstop"})
_AROUND = " .!。！"
_FILES_MOST = 10

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
        return _message("", raw.decode("utf-8", "replace"), TRUST, NO_NUMBER, ("The receipt is not a form's JSON.",))
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
    sender, said = number_of(first(fields, "From")), _clean(first(fields, "Body"))
    words = "\n".join([said, *files_of(fields)] if said else files_of(fields)) or "[an empty message]"
    to = _clean(first(fields, "To"))
    warnings = (f"It was sent to {to}; answers leave from {number}.",) if number and to != number else ()
    word = said.casefold().strip(_AROUND)
    opting, known = _opting(word, first(fields, "OptOutType").upper())
    no_ack_why = OPTED_OUT if opting == "STOP" else "" if sender.startswith("+") else NO_NUMBER
    made = _message(sender, words, TRUST, no_ack_why, warnings)
    kind = IncomingKind.AUTOMATIC if word in STOP | START else IncomingKind.MESSAGE
    text = f"{words}\n\n[{known}]" if known else words
    return replace(made, kind=kind, text=text, provider_id=first(fields, "MessageSid"))


def _opting(word: str, told: str) -> tuple[str, str]:
    """(STOP, START or "", what an agent must know). Twilio acts on these words by itself, without our doing."""
    if told == "STOP" or word in STOP | DOUBLE:
        double = " They may have meant something else by it, such as a payment." if word not in STOP else ""
        return "STOP", f"By this word no text of ours reaches them until they text START.{double}"
    if told == "START" or word in START:
        return "START", "They take texts from us again."
    return "", ""


def _message(sender: str, words: str, trust: str, no_ack_why: str, warnings: tuple[str, ...]) -> Incoming:
    return Incoming(
        kind=IncomingKind.MESSAGE,
        sender=Address("", sender),
        subject="",
        text=words,
        reply=words,
        level=Level.CHANNEL if sender.startswith("+") else Level.CLAIMED,
        trust_why=trust,
        no_ack_why=no_ack_why,
        warnings=warnings,
    )


def files_of(fields: Mapping[str, Any]) -> list[str]:
    """A line for each file of a message: its kind. It stays at Twilio, and an agent must know that it was there."""
    count = first(fields, "NumMedia")
    many = min(int(count), _FILES_MOST) if count.isascii() and count.isdigit() and len(count) < 4 else 0
    kinds = (_clean(first(fields, f"MediaContentType{n}")) or "unknown" for n in range(many))
    return [f"[a file that deskd does not fetch: {kind}]" for kind in kinds]


def _status(fields: Mapping[str, Any], delivery_id: str) -> Incoming:
    state, code = first(fields, "MessageStatus") or first(fields, "SmsStatus"), first(fields, "ErrorCode")
    code = code if code.isascii() and code.isdigit() and code != "0" else ""
    report = REPORTS.get(state.lower(), Report.NONE)
    note = codes.words(code) if report is Report.FAILED else f"Twilio: {_clean(state)[:40]}"
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


def number_of(given: str) -> str:
    """A sender as it is: E.164, or the letters of a name, or a short code (CHANNELS SI7)."""
    return _clean(given).strip()[:64]


def _clean(text: str) -> str:
    """Without what no database or screen should get; line ends and tabs stay."""
    kept = "".join(c for c in text if c in "\n\t" or unicodedata.category(c) not in {"Cc", "Cs"})
    return kept.strip()
