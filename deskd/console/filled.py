"""What was filled in, from the page or as JSON: checked, and freed of secrets before anybody keeps it."""

import base64
import binascii
import json
import re
import uuid
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from starlette.datastructures import UploadFile
from starlette.exceptions import HTTPException
from starlette.requests import Request

from channels.form.config import FormConfig
from deskd.acts.customers import MAIL
from deskd.domain.ports import File
from ingest.masking.destroy import without_secrets
from ingest.masking.formats import Formats

WORDS = ("email", "name", "category", "phone", "reference", "time", "amount", "subject", "message")
MASKED = tuple(name for name in WORDS if name not in {"email", "category"})
LIMITS = dict.fromkeys(WORDS, 200) | {"email": 254, "subject": 500}  # characters; the message's is the form's own
TRAP = "website"  # a field that people don't see; programmes fill it in
TYPE = re.compile(r"[a-z0-9.+-]{1,60}/[a-z0-9.+-]{1,100}")


@dataclass(frozen=True, slots=True)
class Filled:
    """id: the UUID that makes it one. words: by the names of WORDS, those left empty included."""

    id: str
    words: Mapping[str, str] = field(default_factory=lambda: dict.fromkeys(WORDS, ""))
    files: tuple[File, ...] = ()
    trapped: bool = False

    def renewed(self, new_id: str) -> "Filled":
        return replace(self, id=new_id)


class Unreadable(Exception):
    """errors: field → which sentence of the form's words (x_…) says what is wrong."""

    def __init__(self, filled: Filled, errors: dict[str, str]) -> None:
        super().__init__(", ".join(errors))
        self.filled, self.errors = filled, errors


async def from_page(request: Request, config: FormConfig, new_id: Callable[[], str]) -> Filled:
    async with request.form(max_files=20, max_fields=40, max_part_size=1 << 20) as form:
        words = {name: _clean(form.get(name, "")) for name in WORDS}
        files, large = [], False
        for given in form.getlist("files"):
            if isinstance(given, UploadFile) and (given.filename or given.size):
                large = large or (given.size or 0) > config.max_file_bytes
                kind = (given.content_type or "").lower()
                files.append(
                    File(_clean(given.filename or "file")[:200], _type(kind), b"" if large else await given.read())
                )
        filled = Filled(_uuid(str(form.get("id", ""))) or new_id(), words, tuple(files), bool(form.get(TRAP)))
    return _checked(filled, config, {"files": "files"} if large else {})


async def from_json(request: Request, config: FormConfig) -> Filled:
    """One object: the names of WORDS, `id` or the header Idempotency-Key, `files` (filename, content_type, data)."""
    try:
        given = json.loads(await request.body())
    except (ValueError, RecursionError) as error:
        raise HTTPException(400) from error
    if not isinstance(given, dict):
        raise HTTPException(400)
    errors = {str(name)[:100]: "unknown" for name in set(given) - {*WORDS, "id", "files"}}
    errors |= {name: "type" for name in WORDS if not isinstance(given.get(name, ""), str)}
    key = _uuid(str(given.get("id") or request.headers.get("idempotency-key", "")))
    if not key:
        errors["id"] = "id"
    files = _files(given.get("files", []))
    if files is None:
        errors["files"] = "files"
    return _checked(Filled(key, {n: _clean(given.get(n, "")) for n in WORDS}, files or ()), config, errors)


def sealed_words(filled: Filled, formats: Formats) -> dict[str, Any]:
    """The receipt's body: every field without its secrets, facts left for the pipeline to take out."""
    found: set[str] = set()
    body: dict[str, Any] = dict(filled.words)
    for name in MASKED:
        body[name] = without_secrets(filled.words[name], formats, found)
    body["files"] = [
        {
            "filename": without_secrets(file.filename, formats, found),
            "content_type": file.content_type,
            "data": base64.b64encode(file.data).decode(),
        }
        for file in filled.files
    ]
    body["found"] = sorted(found)
    body["spam_why"] = "A field that people cannot see was filled in." if filled.trapped else ""
    return body


def _checked(filled: Filled, config: FormConfig, errors: dict[str, str]) -> Filled:
    words = dict(filled.words)
    words["email"] = words["email"].strip().lower()
    for name in WORDS:
        if len(words[name]) > (config.text_limit if name == "message" else LIMITS[name]):
            errors[name] = "long"
    if "email" not in errors and (len(words["email"]) > LIMITS["email"] or not MAIL.fullmatch(words["email"])):
        errors["email"] = "email"
    if not words["message"].strip():
        errors.setdefault("message", "message")
    if words["category"] and words["category"] not in set(config.categories):
        errors["category"] = "category"
    if len(filled.files) > config.max_files or any(len(f.data) > config.max_file_bytes for f in filled.files):
        errors["files"] = "files"
    filled = replace(filled, words=words)
    if errors:
        raise Unreadable(filled, errors)
    return filled


def _files(given: object) -> tuple[File, ...] | None:
    """None when any of them is not what it must be."""
    if not isinstance(given, list):
        return None
    files = []
    for row in given[:20]:
        if not isinstance(row, dict) or set(row) - {"filename", "content_type", "data"}:
            return None
        if not all(isinstance(value, str) for value in row.values()) or "data" not in row:
            return None
        try:
            data = base64.b64decode(row["data"], validate=True)
        except (ValueError, binascii.Error):
            return None
        files.append(File(_clean(row.get("filename", "file"))[:200], _type(row.get("content_type", "").lower()), data))
    return tuple(files)


def _type(given: str) -> str:
    kind = given.partition(";")[0].strip()
    return kind if TYPE.fullmatch(kind) else "application/octet-stream"


def _uuid(text: str) -> str:
    try:
        return str(uuid.UUID(text.strip()))
    except ValueError:
        return ""


def _clean(given: object) -> str:
    """Text that every database takes: no NUL, no lone surrogate, plain line ends."""
    if not isinstance(given, str):
        return ""
    return given.replace("\x00", "").replace("\r\n", "\n").encode("utf-8", "replace").decode()
