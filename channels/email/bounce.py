"""Delivery reports (RFC 3464) and complaints (RFC 5965), and bounces that only say so in words (ED1, ED3).

What stands here is a claim: whoever marks an address as undeliverable must first match it with what was sent (ED2).
"""

import re
from dataclasses import dataclass

from channels.email import automatic, headers, mime
from channels.email.addresses import Address
from channels.email.mail import Bounce
from channels.email.patterns import later

MAX_BOUNCES = 200
MAX_NOTICE = 20_000  # characters of a notice that are looked at; the returned mail follows

# Of RFC 3464 section 2.3.3, and Postfix's answer to a question. Programs write "failure" and "error" for "failed".
_ARRIVED = frozenset(("delivered", "relayed", "expanded", "deliverable"))
_GROUP = re.compile(rb"\r*\n(?:[ \t]*\r*\n)+")
_STATUS = re.compile(r"(?<![\d.])([245]\.\d{1,3}\.\d{1,3})(?![\d.])")
_REPLY_CODE = re.compile(r"(?<![\d.])([45]\d\d)(?=[ -])")
_SERVER_SAID = later(
    r"(?<![\d.])[45]\d\d[ -][245]\.\d{1,3}\.\d|rcpt to|smtp (?:error|server)|automatically generated|mail delivery"
    r"|following (?:recipient|address)",
)
_DAEMON = re.compile(r"mailer-?daemon|postmaster|mdaemon|mail[-_.]?deliver|^system administrator$", re.IGNORECASE)
_ADDRESS = r"[^\s<>()\[\]:;,\"'`|*=/@\\]{1,64}@[A-Za-z0-9][\w-]*(?:\.[\w-]+)*\.[A-Za-z]{2,}"
_ANY = re.compile(_ADDRESS)

_SUBJECT = later(
    r"undeliver|returned? mail|mail returned|deliver\w* (?:status|problem|failure|failed|report|error|has failed|issue)"
    r"|(?:failure|failed|delayed?|warning).{0,30}(?:notice|deliver|mail|message)|non[- ]?(?:remis|recapit)"
    r"|not delivered"
    r"|mail system error|could not be (?:sent|delivered)|unzustellbar|nicht zugestellt|nondeliver|non-delivery"
    r"|error (?:sending|during delivery)|processing error|rejected mail|returning message to sender|не доставлено"
    r"|недоставлен|退信|投递失败|投遞失敗|无法投递|無法投遞|无法送达|未送达|配信不能|送信できません"
    r"|エラーメール|반송|malformed recipient"
    r"|no se (?:ha podido|pudo) entregar|no entregado|mislukt|failed delivery|mail failure",
)
_PHRASE = later(
    r"could ?n[o']t be (?:delivered|sent)|(?:not|un)able to deliver|undeliver|deliver\w* (?:to|of) .{0,80}fail"
    r"|(?:address|recipient|user)\w*(?:\(e?s\))? (?:failed|had (?:permanent|delivery|transient))"
    r"|permanent(?:ly)? (?:fatal )?"
    r"(?:error|failure|fail)|was not delivered|did not reach|not (?:yet )?been delivered|failed permanently"
    r"|error deliver"
    r"|failed recipient|failed addresses|trouble delivering|not receive this message|returned because|has been delayed"
    r"|user unknown|unknown user|no such user|mailbox (?:is )?(?:full|unavailable)|quota|rejected by (?:a"
    r"|the)|n'a pas pu"
    r"|no mailbox here|nicht zugestellt|не может быть доставлено|投递失败|无法投递|退回|退信|送信できません"
    r"|送信先|失敗しました"
    r"|delivery problems|attempting to deliver|delivered to:|undisclosed address|malformed address|intended recipient"
    r"|status notification|recipient name is not recogni|is not (?:a )?valid|invalid",
)
_DELAY = later(
    r"not yet been delivered|has been delayed|warning message only|will (?:be retried|continue)|delayed \d+ hours"
    r"|\(delay\)|still undelivered|temporar(?:y|ily) (?:failure|problem)",
)
# Where the returned mail starts.
_RETURNED = later(
    r"^[\s>*-]*(?:-+ *(?:start of |begin(?:ning)? of )?(?:returned|original|unsent|message (?:text|header)"
    r"|below|this is a copy"
    r"|the header|enclosed|copy)|(?:original|returned) (?:message|mail)(?: as received| headers?)?(?: follows"
    r"| is| attached)?"
    r"|message (?:headers?|text) follow|included is a copy|your message reads|here is a copy|a copy of the original"
    r"|below is a copy|the attachment contains|received: (?:from|by)\s|return-path: |x-mailer: |mime-version: )",
    re.IGNORECASE | re.MULTILINE,
)
_FIELD = later(
    rf"^\s*(?:final|original)-recipient:\s*(?:rfc822|x-\w+)?\s*;?\s*<?({_ADDRESS})", re.IGNORECASE | re.MULTILINE
)
_OWN_LINE = later(
    rf"^[\s>*\"'|.-]*(?:\(?(?:expanded|generated) from:?\s*)?<?({_ADDRESS})>?[\"']?(?:\s+<{_ADDRESS}>)?\)?\s*"
    r"(?:$|[:;.,(\[|-]|on\s\w|generated|was|failed)",
    re.IGNORECASE | re.MULTILINE,
)
_NAMED = later(
    rf"(?:rcpt to|rcpt|recipients?|address(?:ed to)?|user|mailbox|delivered? to"
    rf"|deliver(?:ing)? (?:your )?(?:mail|message) to"
    rf"|message to|undeliverable to|for|error-for|addressed to|userid|smtp=|a|full|size|to local user"
    rf"|originally addressed to"
    rf"|5\d\d)[\s:='\"<({{]{{1,6}}(?:\"[^\"\n]{{1,80}}\"\s*<)?({_ADDRESS})",
)
_NOT_RECIPIENT = later(
    r"contact|assistance|please|mail from|mailer-daemon|postmaster|^\s*(?:to|cc|from|sender)\s*:", re.IGNORECASE
)


@dataclass(frozen=True, slots=True)
class Notice:
    """What a mail says of itself: `returns_to` is its return path in lower case, b"<>" where it wants no answer."""

    sender: Address | None
    returns_to: bytes
    subject: str
    text: str


def read(raw: bytes, tree: mime.Tree, notice: Notice) -> tuple[bool, tuple[Bounce, ...]]:
    """(is this a bounce, what it says of each recipient). A delayed mail is a bounce that is not permanent."""
    reported, found = _from_reports(raw, tree)
    if found is not None:
        return bool(found), found
    head = tree.root.head
    named = head.first("x-failed-recipients")
    failed = [address.strip("<>") for address in _ANY.findall(headers.text(named))] if named else []
    if not (reported or failed or _is_notice(tree, notice)):
        return False, ()
    ours = {address.lower() for value in head.all("to") for address in _ANY.findall(headers.unfold(value))}
    return True, _from_words(notice.text, notice.subject, failed, ours)


def is_feedback_report(tree: mime.Tree) -> bool:
    """An ARF complaint: a report with a feedback-report part."""
    return any(part.kind == "message/feedback-report" for part in tree.leaves)


def _from_reports(raw: bytes, tree: mime.Tree) -> tuple[bool, tuple[Bounce, ...] | None]:
    """(is there a report, what it says or None when it names nobody)."""
    reported = False
    named = False
    found: dict[str, Bounce] = {}
    for part in tree.leaves:
        if part.kind not in {"message/delivery-status", "message/global-delivery-status"}:
            continue
        reported = True
        for group in _GROUP.split(mime.payload(raw, part))[: MAX_BOUNCES * 2]:
            bounce, action = _from_group(headers.read(group.strip(b"\r\n") + b"\n\n", 0, len(group) + 2))
            named = named or bounce is not None
            if bounce is not None and action not in _ARRIVED:
                found.setdefault(bounce.recipient.lower(), bounce)
    return reported, tuple(found.values())[:MAX_BOUNCES] if named else None


def _from_group(head: headers.Header) -> tuple[Bounce | None, str]:
    recipient = _mailbox(head.first("original-recipient")) or _mailbox(head.first("final-recipient"))
    action = headers.text(head.first("action")).lower().partition(" ")[0]
    if not recipient:
        return None, action
    reason = headers.text(head.first("diagnostic-code"))
    status = _STATUS.search(headers.text(head.first("status"))) or _STATUS.search(reason)
    code = status[1] if status else ""
    return Bounce(recipient, code, reason or action, action != "delayed" and not code.startswith("4")), action


def _mailbox(value: bytes | None) -> str:
    said = headers.text(value).rpartition(";")[2].strip()
    found = _ANY.search(said)
    return found[0] if found else ""


def _is_notice(tree: mime.Tree, said: Notice) -> bool:
    sender, back = said.sender, said.returns_to
    titled = _SUBJECT().search(said.subject) is not None
    name = sender.address.rpartition("@")[0] if sender is not None else ""
    named = _DAEMON.search(name) is not None
    daemon = named or b"mailer-daemon" in back or b"postmaster" in back
    notice = said.text[:MAX_NOTICE]
    if titled and named and ("daemon" in name.lower() or b"mailer-daemon" in back or _returns(tree, notice)):
        return True  # who says it and what it says suffice: the words of old and foreign servers are in no table
    if not (titled or daemon) or _PHRASE().search(notice) is None:
        return False
    if daemon:
        return titled or "daemon" in name.lower() or _REPLY_CODE.search(notice) is not None
    if not name or back == b"<>" or (sender is not None and automatic.is_robot(sender.address)):
        return titled
    # Customers too write of what was not delivered: without a daemon it takes a mail server's own words.
    return titled and tree.root.head.first("in-reply-to") is None and _SERVER_SAID().search(notice) is not None


def _returns(tree: mime.Tree, notice: str) -> bool:
    """The mail that did not arrive comes back, attached or below the words."""
    attached = any(part.kind in {"message/rfc822", "text/rfc822-headers"} for part in tree.leaves)
    return attached or _RETURNED().search(notice, 20) is not None


def _from_words(text: str, subject: str, failed: list[str], ours: set[str]) -> tuple[Bounce, ...]:
    notice = text[:MAX_NOTICE].replace("\r", "")
    cut = _RETURNED().search(notice, 20)
    notice = notice[: cut.start()] if cut else notice
    recipients = failed or _recipients(notice, ours) or [a for a in _ANY.findall(subject) if a.lower() not in ours][:1]
    delayed = _DELAY().search(notice) is not None or _DELAY().search(subject) is not None
    return tuple(
        _described(notice, recipient, delayed)
        for recipient in list({address.lower(): address for address in recipients}.values())[:MAX_BOUNCES]
    )


def _recipients(notice: str, ours: set[str]) -> list[str]:
    ways = (
        _FIELD().findall(notice),
        [match[1] for match in _OWN_LINE().finditer(notice) if not _NOT_RECIPIENT().search(_line(notice, match))],
        [match[1] for match in _NAMED().finditer(notice) if not _NOT_RECIPIENT().search(_line(notice, match))],
        [match[0] for match in _ANY.finditer(notice) if not _NOT_RECIPIENT().search(_line(notice, match))],
    )
    for found in ways:
        kept = [address.rstrip(".") for address in found if address.lower() not in ours]
        if kept:
            return kept
    return []


def _line(text: str, match: re.Match[str]) -> str:
    start = text.rfind("\n", 0, match.start(0) + 1) + 1
    end = text.find("\n", match.end(0))
    return text[start : end if end >= 0 else len(text)]


def _described(notice: str, recipient: str, delayed: bool) -> Bounce:
    at = notice.lower().find(recipient.lower())
    around = notice[max(at, 0) : max(at, 0) + 600]
    status = _STATUS.search(around) or _STATUS.search(notice)
    code = status[1] if status else ""
    if not code and (reply := _REPLY_CODE.search(around)):
        code = f"{reply[1][0]}.0.0"
    reason = " ".join(around[len(recipient) :].split())[:300].strip("<>:;,. ")
    return Bounce(recipient, code, reason, not delayed and not code.startswith("4"))
