"""A mail's bytes read into a `Mail`. Pure and total: any bytes give a Mail, in time that grows with their number.

The steps, each in its own file: the tree of parts (mime.py, headers.py, params.py), charsets (charset.py), body and
attachments (body.py, markup.py), what was quoted (reply.py, quotes.py), bounces (bounce.py), automatic mail
(automatic.py), addresses and dates (addresses.py, dates.py).
"""

from typing import Any

from channels.email import addresses, automatic, body, bounce, dates, headers, marks, markup, mime, reply
from channels.email.addresses import Address
from channels.email.mail import Attachment, Bounce, Mail, Reply

__all__ = ["Address", "Attachment", "Bounce", "Mail", "Reply", "parse", "split_reply", "to_json"]


def parse(raw: bytes, *, null_sender: bool = False) -> Mail:
    """Read one mail; what limits cut is named in `warnings`. `null_sender`: its envelope was `MAIL FROM:<>`."""
    tree = mime.structure(raw)
    head = tree.root.head
    content = body.read(raw, tree)
    said = reply.split(content.text, content.marked)
    senders = addresses.mailboxes(head.all("from"))
    sender = next((box for box in senders if box.address), senders[0] if senders else None)
    subject = headers.text(head.first("subject"))
    date, zone = dates.read(headers.text(head.first("date"))) or (None, 0)
    returns_to = b"<>" if null_sender else (head.first("return-path") or b"").strip().lower()
    is_bounce, bounces = bounce.read(raw, tree, bounce.Notice(sender, returns_to, subject, content.text))
    auto_reply = not is_bounce and automatic.is_auto_reply(head, subject)
    return Mail(
        from_=sender,
        from_count=max(len(head.all("from")), sum(1 for box in senders if box.address)),
        reply_to=addresses.mailboxes(head.all("reply-to")),
        subject=subject,
        message_id=next(iter(headers.ids(head.all("message-id"))), None),
        in_reply_to=next(iter(headers.ids(head.all("in-reply-to"))), None),
        references=headers.ids(head.all("references")),
        date=date,
        date_offset=zone,
        plain=content.plain,
        html=content.html,
        text=content.text,
        reply=said.reply,
        quoted=said.quoted,
        signature=said.signature,
        attachments=tuple(content.attachments),
        is_bounce=is_bounce,
        bounces=bounces,
        is_auto_reply=auto_reply,
        suppress_auto_answer=is_bounce
        or automatic.suppress(head, sender, tree.kind, auto_reply or b"<>" in returns_to),
        is_feedback_report=bounce.is_feedback_report(tree),
        warnings=tuple(tree.warnings),
        bare_cr=head.bare_cr,
        head=head,
    )


def split_reply(text: str | None, html: str | None) -> Reply:
    """Split what somebody wrote from what they quoted; by the HTML's structure when there is any, else by the text."""
    marked = markup.lines(html) if html is not None else None
    if text is None:
        text = marks.without_marks(marked) if marked is not None else ""
    return reply.split(text, marked)


def to_json(mail: Mail) -> dict[str, Any]:
    """The result of `deskd inspect email` (DESIGN 7). Attachments are hashed here."""
    return {
        "from": _box(mail.from_) if mail.from_ else None,
        "to": [_box(box) for box in mail.to],
        "cc": [_box(box) for box in mail.cc],
        "reply_to": [_box(box) for box in mail.reply_to],
        "subject": mail.subject,
        "message_id": mail.message_id,
        "in_reply_to": mail.in_reply_to,
        "references": list(mail.references),
        "date": dates.iso(mail.date, mail.date_offset),
        "plain": mail.plain,
        "html": mail.html,
        "text": mail.text,
        "reply": mail.reply,
        "quoted": mail.quoted,
        "signature": mail.signature,
        "attachments": [_file(attachment) for attachment in mail.attachments],
        "is_bounce": mail.is_bounce,
        "bounces": [
            {"recipient": b.recipient, "status": b.status, "reason": b.reason, "permanent": b.permanent}
            for b in mail.bounces
        ],
        "is_auto_reply": mail.is_auto_reply,
        "suppress_auto_answer": mail.suppress_auto_answer,
        "is_feedback_report": mail.is_feedback_report,
        "warnings": list(mail.warnings),
    }


def _box(box: Address) -> dict[str, str]:
    return {"name": box.name, "address": box.address}


def _file(attachment: Attachment) -> dict[str, Any]:
    return {
        "filename": attachment.filename,
        "content_type": attachment.content_type,
        "size": attachment.size,
        "md5": attachment.md5,
        "sha256": attachment.sha256,
        "inline": attachment.inline,
        "content_id": attachment.content_id,
    }
