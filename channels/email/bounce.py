"""Delivery reports (RFC 3464) and complaints (RFC 5965), and bounces that only say so in words (ED1, ED3)."""

import re

from channels.email import automatic, headers, mime
from channels.email.mail import Address, Bounce

MAX_BOUNCES = 200
_GROUP = re.compile(rb"\r*\n[ \t]*\r*\n")


def read(
    raw: bytes, tree: mime.Tree, sender: Address | None, subject: str, text: str
) -> tuple[bool, tuple[Bounce, ...]]:
    """(is this a bounce, what it says of each recipient)."""
    found: list[Bounce] = []
    reported = False
    for part in tree.leaves:
        if part.kind in {"message/delivery-status", "message/global-delivery-status"}:
            reported = True
            found += _from_report(mime.payload(raw, part))
    if found:
        return any(bounce.reason != "delivered" for bounce in found), tuple(found[:MAX_BOUNCES])
    return reported, ()


def is_feedback_report(tree: mime.Tree) -> bool:
    """An ARF complaint: multipart/report with a feedback-report part."""
    return any(part.kind == "message/feedback-report" for part in tree.leaves)


def _from_report(body: bytes) -> list[Bounce]:
    found: list[Bounce] = []
    for group in _GROUP.split(body):
        head = headers.read(group.strip(b"\r\n") + b"\n\n", 0, len(group) + 2)
        bounce = _from_group(head)
        if bounce is not None:
            found.append(bounce)
    return found


def _from_group(head: headers.Header) -> Bounce | None:
    recipient = _address(head.first("original-recipient")) or _address(head.first("final-recipient"))
    action = headers.text(head.first("action")).lower()
    if not recipient:
        return None
    status = re.search(r"[245]\.\d{1,3}\.\d{1,3}", headers.text(head.first("status")))
    code = status[0] if status else ""
    reason = headers.text(head.first("diagnostic-code")) or action
    return Bounce(recipient, code, reason, action == "failed" and not code.startswith("4"))


def _address(value: bytes | None) -> str:
    said = headers.text(value)
    said = said.rpartition(";")[2].strip().strip("<>")
    return said if "@" in said else ""
