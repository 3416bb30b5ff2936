"""What a customer sent as a file goes to the agent's disk and is never shown by the browser as a page of ours.

Disposition `attachment`, no sniffing, and a policy that puts whatever opens it all the same into an empty sandbox
(OWASP ASVS 3.5.4).
"""

import unicodedata
from urllib.parse import quote

from starlette.responses import Response

from deskd.domain.ports import File

SANDBOX = "sandbox; default-src 'none'; frame-ancestors 'none'"
UNKNOWN = "application/octet-stream"
SAFE = frozenset(  # types that no browser runs; all else is bytes
    {
        "application/pdf",
        "application/zip",
        "audio/mpeg",
        "audio/ogg",
        "audio/wav",
        "image/bmp",
        "image/gif",
        "image/heic",
        "image/jpeg",
        "image/png",
        "image/tiff",
        "image/webp",
        "text/csv",
        "text/plain",
        "video/mp4",
        "video/quicktime",
    }
)
NAME_LIMIT = 150  # characters; file systems stop at 255 bytes
_UNSAFE = frozenset('/\\:*?"<>|')  # what some file system takes for something else than a letter of a name


def answer(file: File) -> Response:
    kind = file.content_type.partition(";")[0].strip().lower()
    headers = {
        "content-type": kind if kind in SAFE else UNKNOWN,
        "content-disposition": disposition(file.filename),
        "content-security-policy": SANDBOX,
    }
    return Response(file.data, headers=headers)


def disposition(filename: str) -> str:
    """RFC 6266: the whole name percent-encoded in UTF-8, and before it one in plain ASCII for older programs."""
    name = plain(filename)
    ascii_name = "".join(c if c.isascii() and c != "%" else "_" for c in name)  # a "%" is misread: RFC 6266, appendix D
    return f"attachment; filename=\"{ascii_name}\"; filename*=UTF-8''{quote(name, safe='')}"


def plain(filename: str) -> str:
    """The name on one line, in the order in which it was written, without a path: as a page or a disk may show it.

    Controls and format characters go (seen in the wild: U+202E, which shows `gpj.exe` as `exe.jpg`).
    """
    kept = (c for c in filename if unicodedata.category(c) not in {"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"})
    name = "".join("_" if c in _UNSAFE else c for c in kept).strip(". ")
    if len(name) > NAME_LIMIT:
        stem, dot, ending = name.rpartition(".")
        ending = dot + ending if stem and len(ending) <= 10 else ""
        name = name[: NAME_LIMIT - len(ending)].rstrip(". ") + ending
    return name or "file"
