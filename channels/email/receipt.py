"""What makes a mail's receipt unique, and what keeps order: by a look at the header block, without parsing the mail."""

import hashlib
import re

HEAD_BYTES = 65_536  # of the mail, in which the header's fields are looked for

# What each hop writes above a mail: it differs when the same mail is handed over again.
_TRACE = re.compile(
    rb"(?:(?:received|x-received|return-path|delivered-to|x-original-to|envelope-to|delivery-date|received-spf"
    rb"|authentication-results|arc-[a-z-]+|x-(?:spam|spamd|virus|rspamd|envelope)-[a-z-]+)"
    rb"[ \t]*:[^\n]*\n(?:[ \t][^\n]*\n)*)*",
    re.IGNORECASE,
)
_ID = re.compile(rb"^message-id[ \t]*:\s*\S", re.IGNORECASE | re.MULTILINE)
_FROM = re.compile(rb"^from[ \t]*:((?:[^\n]*\n)(?:[ \t][^\n]*\n)*)", re.IGNORECASE | re.MULTILINE)
_ADDRESS = re.compile(rb"[^\s<>@,;:\"()]{1,64}@[^\s<>@,;:\"()]{1,255}")


def key_of(raw: bytes) -> str:
    """One key for the same mail handed over twice, in hexadecimal (CHANNELS X4).

    With a Message-ID: all but the trace fields on top, the id and the content alike. Without one the whole of it: two
    mails of a program that writes neither id nor date are two.
    """
    start = 0
    if _ID.search(_head(raw)):
        trace = _TRACE.match(raw)
        start = trace.end() if trace else 0
    return hashlib.sha256(memoryview(raw)[start:]).hexdigest()


def lane_of(raw: bytes, mail_from: str) -> str:
    """The address in From by a cheap look, else the envelope's sender, lower case: what keeps order, no identity."""
    found = _FROM.search(_head(raw))
    addresses = _ADDRESS.findall(found[1][:2000]) if found else []
    return addresses[-1].decode("utf-8", "replace").lower() if addresses else mail_from.lower()


def _head(raw: bytes) -> bytes:
    end = raw.find(b"\r\n\r\n", 0, HEAD_BYTES)
    return raw[: end + 2] if end >= 0 else raw[:HEAD_BYTES]
