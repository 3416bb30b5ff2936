"""The whole of masking: fold, let each finder speak in turn, write the text anew.

The order is the policy. What an earlier finder has claimed no later one may take: keys before numbers, the house's own
numbers and resident ids before cards, cards before quantities, security codes before amounts, passwords and PINs before
one-time codes. A password that is tied to its word ("password: …") comes before everything that has a shape.
"""

from collections.abc import Mapping

from ingest.masking import amounts, cards, codes, facts, keys, ordinary
from ingest.masking.fold import fold
from ingest.masking.formats import DEFAULT, Formats
from ingest.masking.shapes import Fact, Masked, Sheet, Span


def mask(text: str, formats: Formats = DEFAULT) -> Masked:
    """Destroy secrets, shorten facts, say what was met.

    Linear in the length of the text; pure. Masking a masked text changes nothing more.
    """
    plain, index = fold(text)
    sheet = Sheet(plain)
    if not sheet.empty:
        _find(sheet, formats)
    return _written(text, sheet, index)


def _find(sheet: Sheet, formats: Formats) -> None:
    ordinary.protect_marks_and_dates(sheet)
    keys.find_seeds(sheet)
    keys.find_keys(sheet)
    codes.find_passwords(sheet, linked=True)
    facts.find_house_numbers(sheet, formats)
    facts.find_resident_ids(sheet)
    facts.find_emails(sheet)
    cards.find_cards(sheet)
    ordinary.protect_quantities(sheet)
    cards.find_cvv(sheet)
    codes.find_passwords(sheet, linked=False)
    codes.find_pins(sheet)
    amounts.find_amounts(sheet)
    facts.find_phones(sheet)
    codes.find_codes(sheet)


def _written(text: str, sheet: Sheet, index: list[int] | None) -> Masked:
    if not sheet.marks:
        return Masked(text)
    sheet.marks.sort(key=lambda mark: mark.start)
    parts: list[str] = []
    spans: list[Span] = []
    found: list[Fact] = []
    at = 0
    for mark in sheet.marks:
        start, end = (mark.start, mark.end) if index is None else (index[mark.start], index[mark.end - 1] + 1)
        spans.append(Span(start, end, mark.kind))
        if mark.fact is not None:
            found.append(mark.fact)
        if mark.shown is not None:
            parts += (text[at:start], mark.shown)
            at = end
    parts.append(text[at:])
    return Masked("".join(parts), tuple(spans), tuple(found))


def inspect(request: Mapping[str, object], formats: Formats = DEFAULT) -> dict[str, object]:
    """One answer of `deskd inspect mask`: {"text"} in, {"text", "spans": [{"start", "end", "kind"}]} out."""
    text = request.get("text")
    if not isinstance(text, str):
        raise TypeError('inspect mask wants {"text": "..."}')
    masked = mask(text, formats)
    spans = [{"start": s.start, "end": s.end, "kind": str(s.kind)} for s in masked.spans]
    return {"text": masked.text, "spans": spans}
