"""What masking answers, and the sheet its finders write on."""

from dataclasses import dataclass, field

from deskd.domain.words import Found


@dataclass(frozen=True, slots=True)
class Span:
    """Where something was met: offsets into the text as it was given, end exclusive."""

    start: int
    end: int
    kind: Found


@dataclass(frozen=True, slots=True)
class Fact:
    """What an agent may need. value is whole and belongs in an encrypted field; short is what every text shows.

    name: what the house calls the number (a format's name), or empty. Values: a phone in E.164, an amount as
    "1234.50 CNY" (currency empty when none was written), everything else as it was written.
    """

    kind: Found
    value: str
    short: str
    name: str = ""


@dataclass(frozen=True, slots=True)
class Masked:
    """The text that may be kept and read, with what was met on the way, in the order of the text."""

    text: str
    spans: tuple[Span, ...] = ()
    facts: tuple[Fact, ...] = ()

    @property
    def secret(self) -> bool:
        """Whether a secret was destroyed: then the raw receipt's key must go as well (DESIGN 5)."""
        return any(span.kind.secret for span in self.spans)


@dataclass(frozen=True, slots=True)
class Mark:
    """One finding on the sheet, in the sheet's own offsets. shown is None where the words stay as they are."""

    start: int
    end: int
    kind: Found
    shown: str | None
    fact: Fact | None = None


@dataclass(slots=True)
class Sheet:
    """The folded text, what of it is spoken for, and the marks.

    text has one plain character for each character of the message (fold.py), low is the same in lower case. The first
    finder to claim a place keeps it; a later one is refused.
    """

    text: str
    low: str
    marks: list[Mark] = field(default_factory=list)
    cards: list[Mark] = field(default_factory=list)
    taken: bytearray = field(default_factory=bytearray)

    def __post_init__(self) -> None:
        self.taken = bytearray(len(self.text))

    def free(self, start: int, end: int) -> bool:
        return self.taken.find(1, start, end) < 0

    def protect(self, start: int, end: int) -> None:
        """Say that a place holds something ordinary, so that no later finder takes it."""
        self.taken[start:end] = b"\x01" * (end - start)

    def claim(self, mark: Mark) -> bool:
        if not self.free(mark.start, mark.end):
            return False
        self.protect(mark.start, mark.end)
        self.marks.append(mark)
        return True

    def destroy(self, start: int, end: int, kind: Found) -> bool:
        """Leave a typed mark where a secret stood."""
        return self.claim(Mark(start, end, kind, f"[{kind} removed]"))

    def keep(self, start: int, end: int, fact: Fact) -> bool:
        """Take a fact out and leave its short form."""
        return self.claim(Mark(start, end, fact.kind, fact.short, fact))
