"""Secrets destroyed in what is kept before it is acknowledged; everything else stays to the letter."""

import json
from collections.abc import Collection
from typing import Any

from deskd.domain.words import Found
from ingest.masking.formats import Formats
from ingest.masking.mask import mask


def without_secrets(text: str, formats: Formats, found: set[str]) -> str:
    """The text with each secret replaced by its mark. Where what is left still holds one, facts go as well."""
    masked = mask(text, formats)
    secrets = sorted((s for s in masked.spans if s.kind.secret), key=lambda span: span.start)
    if not secrets:
        return text
    found.update(str(span.kind) for span in secrets)
    parts, at = [], 0
    for span in secrets:
        held = text[span.start : span.end]
        parts += [text[at : span.start], mask(held, formats).text if span.kind is Found.CARD else ""]
        if not parts[-1] or parts[-1] == held:
            parts[-1] = f"[{span.kind} removed]"
        at = span.end
    left = "".join([*parts, text[at:]])
    return masked.text if mask(left, formats).secret else left


def destroyed(body: bytes, ids: Collection[str], formats: Formats) -> tuple[bytes, set[str]]:
    """(the JSON without the secrets in its strings, the kinds of what was found); the same bytes where none was.

    ids: names of fields that hold no person's words. Raises ValueError when the body is no JSON.
    """
    found: set[str] = set()

    def freed(value: Any) -> Any:
        if isinstance(value, str):
            return without_secrets(value, formats, found)
        if isinstance(value, list):
            return [freed(one) for one in value]
        if isinstance(value, dict):
            return {key: one if key in ids else freed(one) for key, one in value.items()}
        return value

    given = json.loads(body)
    left = freed(given)
    return (json.dumps(left, ensure_ascii=False).encode("utf-8", "surrogatepass"), found) if found else (body, found)
