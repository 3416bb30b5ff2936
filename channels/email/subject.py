"""Subjects without what mail programs put before them (EQ4): for threads and for showing."""

import re

MAX_PREFIXES = 20
_PREFIX = re.compile(
    r"\s*(?:(?:re|fwd?|aw|wg|sv|vs|antw|tr|rv|res|enc|r|rif|odp|回复|答复|转发|回覆|答覆|轉寄|轉發)(?:\s?\[\d{1,3}\])?\s*[:：]"
    r"|[\[【]\s*(?:external|ext|外部邮件|外部郵件|外部)\s*[\]】])\s*",
    re.IGNORECASE,
)


def bare(subject: str) -> str:
    """ "回复：RE: [External] x" is "x". A subject of prefixes only becomes ""."""
    for _ in range(MAX_PREFIXES):
        found = _PREFIX.match(subject)
        if found is None:
            break
        subject = subject[found.end() :]
    return subject.strip()
