"""The first phase: a receipt's bytes become masked words. Pure, outside any transaction."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import Any

from deskd.acts.intake import Said, category_of
from deskd.domain.ports import Address, File, Incoming, IncomingKind
from deskd.store.receipts import Waiting
from ingest.masking.formats import Formats
from ingest.masking.mask import mask
from router.language import language

Reader = Callable[[bytes, Mapping[str, Any], str], Incoming]
"""A channel's parser: (raw, envelope, account) → what it makes of them. Total: any bytes give a message."""

SUBJECT_LIMIT = 500  # characters kept of a subject; the raw receipt has the rest
NAME_LIMIT = 200
SEALED_TEXT_LIMIT = 1_000_000  # characters of one text; more is a file, not a message


@dataclass(frozen=True, slots=True)
class Looked:
    """A receipt, read. secret: something was destroyed in what is kept, so the raw form must be destroyed too."""

    waiting: Waiting
    incoming: Incoming
    said: Said
    name: str
    secret: bool


def look(waiting: Waiting, readers: Mapping[str, Reader], formats: Formats) -> Looked:
    incoming = _storable(readers[waiting.channel](waiting.body, waiting.envelope, waiting.account))
    subject = mask(incoming.subject[:SUBJECT_LIMIT], formats)
    text, new_words = incoming.text.replace("\r\n", "\n"), incoming.reply.replace("\r\n", "\n")
    whole = mask(text[:SEALED_TEXT_LIMIT], formats)
    same = new_words.strip() == text.strip()  # no quotation: nothing to mask twice
    reply = whole if same else mask(new_words[:SEALED_TEXT_LIMIT], formats)
    name = mask(incoming.sender.name[:NAME_LIMIT], formats)
    files = tuple(_named(file, formats) for file in incoming.files)
    wished = [mask(value, formats) for key, value in sorted(incoming.fields.items()) if key != "category"]
    texts = (subject, whole, reply, name, *wished)
    spans = [span for masked in texts for span in masked.spans]
    facts = {(fact.kind, fact.value, fact.short) for masked in (subject, reply, *wished) for fact in masked.facts}
    before = waiting.envelope.get("found", ())  # what was destroyed in the receipt before it was kept
    said = Said(
        receipt_id=waiting.id,
        at=waiting.received_at,
        subject=subject.text,
        text=whole.text,
        reply=reply.text.strip(),
        language=incoming.language or str(language(f"{subject.text}\n{reply.text}")),
        level=incoming.level,
        trust_why=incoming.trust_why,
        no_ack_why=incoming.no_ack_why,
        provider_id=incoming.provider_id,
        sent_at=incoming.sent_at,
        automatic=incoming.kind is not IncomingKind.MESSAGE,
        spam_why=incoming.spam_why,
        wished_category=category_of(incoming.fields.get("category", "")),
        found=tuple(sorted({*incoming.found, *before, *(str(span.kind) for span in spans)})),
        facts=tuple(sorted((str(kind), value, short) for kind, value, short in facts)),
        files=files,
        warnings=incoming.warnings,
    )
    return Looked(waiting, incoming, said, name.text, any(masked.secret for masked in texts))


def _storable(incoming: Incoming) -> Incoming:
    """Its words without what no database takes as text: NUL, and halves of surrogate pairs."""
    return replace(
        incoming,
        sender=Address(_text(incoming.sender.name), _text(incoming.sender.address)),
        subject=_text(incoming.subject),
        text=_text(incoming.text),
        reply=_text(incoming.reply),
        provider_id=_text(incoming.provider_id),
        fields={key: _text(value) for key, value in incoming.fields.items()},
        files=tuple(replace(file, filename=_text(file.filename)) for file in incoming.files),
    )


def _text(given: str) -> str:
    if given.isascii():
        return given.replace("\0", "")
    return given.replace("\0", "").encode("utf-8", "replace").decode()


def _named(file: File, formats: Formats) -> File:
    """A card number stands in file names too."""
    return replace(file, filename=mask(file.filename, formats).text)
