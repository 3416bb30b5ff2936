"""A form's receipt read into a message. The receipt is JSON that deskd wrote itself, its secrets already destroyed.

Total: a receipt that cannot be read as such JSON gives a message with the bytes as text and a warning.
"""

import base64
import binascii
import json
from collections.abc import Mapping
from typing import Any

from deskd.domain.ports import Address, File, Incoming, IncomingKind
from deskd.domain.words import Level

TRUST = "The address was typed into the form; nothing proves that it is the sender's."
NO_ACK = "The page they saw was the acknowledgement."

ASKED = {  # what a form asks beside the message, as its row says it; pages say it in the reader's language
    "phone": "Registered phone",
    "reference": "Order or transaction",
    "time": "Time",
    "amount": "Amount",
}


def read(raw: bytes, envelope: Mapping[str, Any], account: str) -> Incoming:
    """What the customer filled in. `reply` is the message alone; `text` has the other answers below it."""
    given, warnings = _opened(raw)
    message = _word(given, "message")
    fields = {name: value for name in ("category", *ASKED) if (value := _word(given, name))}
    below = [f"{label}: {fields[name]}" for name, label in ASKED.items() if name in fields]
    found = given.get("found")
    if isinstance(found, list) and found:
        warnings.append(f"Removed before anything was kept: {', '.join(map(str, found))}.")
    return Incoming(
        kind=IncomingKind.MESSAGE,
        sender=Address(_word(given, "name"), _word(given, "email")),
        subject=_word(given, "subject"),
        text="\n".join([message, "", *below]) if below else message,
        reply=message,
        level=Level.CLAIMED,
        trust_why=TRUST,
        no_ack_why=NO_ACK,
        provider_id=str(envelope.get("id", "")),
        files=tuple(_files(given, warnings)),
        fields=fields,
        spam_why=_word(given, "spam_why"),
        warnings=tuple(warnings),
        found=tuple(map(str, found)) if isinstance(found, list) else (),
    )


def _opened(raw: bytes) -> tuple[dict[str, Any], list[str]]:
    try:
        given = json.loads(raw)
    except (ValueError, RecursionError):
        given = None
    if isinstance(given, dict):
        return given, []
    return {"message": raw.decode("utf-8", "replace")}, ["The receipt is not the JSON that a form writes."]


def _word(given: Mapping[str, Any], name: str) -> str:
    value = given.get(name, "")
    return value if isinstance(value, str) else ""


def _files(given: Mapping[str, Any], warnings: list[str]) -> list[File]:
    files: list[File] = []
    listed = given.get("files")
    for row in listed if isinstance(listed, list) else []:
        try:
            data = base64.b64decode(row["data"], validate=True)
            files.append(File(str(row["filename"]), str(row["content_type"]), data))
        except (KeyError, TypeError, ValueError, binascii.Error):
            warnings.append("An attachment could not be read.")
    return files
