"""Words that ask a customer for what nobody may ask for. Shared by the check of texts and the outbound guard.

A sentence is cut into clauses, a clause is read as marks (asking_marks.py), and a few patterns over the marks say
whether it asks (asking_grammar.py): to give + a secret, we need + a secret, what is + a secret. A clause that is
negated ("never tell…"), speaks of others ("if anyone asks you…") or of what has happened ("you gave…") asks nothing.
"""

import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache

import opencc

from deskd.texts import asking_grammar as grammar
from deskd.texts.asking_marks import HAN, cantonese, marks

SECRET = "secret"  # noqa: S105 - the name of a finding
REMOTE = "remote_control"
MESSENGER = "messenger"

_SENTENCE = re.compile(r"(?:[^。！？!?\n;；.]|\.(?![ \n]|$))+[。！？!?;；.]*")
_CLAUSE = re.compile(
    r"[,，:：—]| - |(?<=\s)(?:but|then|so)(?=\s)|但是|但|然后|随后"
    r"|\sand (?=(?:please|just|kindly|instead|read|tell|send|give|text)\b)"
)
_CONTINUES = re.compile(
    r"\s*(?:or|nor|and|in|on|over|via|also|neither|even|no matter|whether|也|或|以及|更|和|无论|哪怕|即使)"
)
_CALLS = re.compile(
    r"\b(?:just|only|please|instead|simply|kindly|tell me|tell us|send me|send us)\b|请|只|麻烦|就|发给我|告诉我"
)
_UNSEEN = frozenset({"Cf", "Cs"})  # formats, and halves of surrogate pairs
_QUOTED = re.compile(r"\"[^\"]{4,}\"|“[^”]{4,}”|「[^」]{4,}」")


@dataclass(frozen=True, slots=True)
class Asking:
    """code: SECRET, REMOTE or MESSENGER; matched: the sentence as it was written."""

    code: str
    matched: str


def askings(text: str) -> list[Asking]:
    """Every sentence that asks for a secret, for control of a device, or leads to another messenger."""
    found: list[Asking] = []
    spoken = False
    for sentence in sentences(text):
        plain = _plain(sentence)
        if not spoken and not grammar.may_ask(marks(grammar.AT_ALL, plain)):
            continue  # most sentences: a look by a few tables instead of all
        plain = _without_tales(plain)
        found += [Asking(code, sentence) for code in dict.fromkeys(_codes(plain, spoken=spoken))]
        spoken = grammar.names(marks(grammar.OF_SECRETS, plain))
    return found


def sentences(text: str) -> list[str]:
    """The sentences of a text, as written, without blanks around them."""
    return [s for match in _SENTENCE.finditer(text) if (s := match.group().strip())]


def _codes(plain: str, *, spoken: bool) -> Iterator[str]:
    """The findings of one sentence; spoken: the sentence before it named a secret, so that "it" means that."""
    clauses = [clause for clause in _CLAUSE.split(plain) if clause.strip()]
    read = [marks(grammar.OF_SECRETS, clause) for clause in clauses]
    yield from _of_the_whole(plain, several=len(clauses) > 1)
    safe = warned = False
    for n, clause in enumerate(clauses):
        # A negation goes on into "or …", 和…, unless those words call for something again.
        carried = safe and bool(_CONTINUES.match(clause)) and not _CALLS.search(clause)
        safe = carried or grammar.is_safe(read[n])
        if not safe:
            own = n + 1 < len(read) and grammar.left_to_the_customer(read[n + 1])
            yield from _of_a_clause(clause, read[n], spoken=spoken, warned=warned, own=own)
        spoken, warned = spoken or grammar.names(read[n]), warned or safe


def _of_a_clause(clause: str, read: str, *, spoken: bool, warned: bool, own: bool) -> Iterator[str]:
    language = _language(clause)
    named_before = spoken and grammar.gives_it(language, read, warned=warned)
    if named_before or grammar.asks(language, read) or (not own and grammar.wants(language, read)):
        yield SECRET
    if grammar.takes_control(marks(grammar.OF_CONTROL, clause)):
        yield REMOTE
    if grammar.leads_away(marks(grammar.OF_MESSENGERS, clause)):
        yield MESSENGER


def _of_the_whole(plain: str, *, several: bool) -> Iterator[str]:
    """What only shows across the commas of a sentence, read so only when nothing in it speaks for innocence."""
    read = marks(grammar.OF_SECRETS, plain)
    if grammar.undermines(read):
        yield SECRET
    if not several or grammar.is_safe(read):
        return
    if grammar.takes_control(marks(grammar.OF_CONTROL, plain)):
        yield REMOTE
    if grammar.leads_away(marks(grammar.OF_MESSENGERS, plain)):
        yield MESSENGER
    if re.search("[qga]", read):
        return
    read = re.sub("p(?=.*s)", ".", read)  # "please" of one clause asks for nothing in the next
    if grammar.asks(_language(plain), read) or grammar.wants(_language(plain), read):
        yield SECRET


def _without_tales(plain: str) -> str:
    """Without what it quotes from others: "the caller said “give me the code”" asks for nothing."""

    def kept(quote: re.Match[str]) -> str:
        around = marks(grammar.OF_SECRETS, plain[: quote.start()] + " " + plain[quote.end() :])
        return " " if grammar.recounts(marks(grammar.OF_SECRETS, quote.group()), around) else quote.group()

    return _QUOTED.sub(kept, plain)


def _language(clause: str) -> str:
    return "zh" if HAN.search(clause) else "en"


def _plain(sentence: str) -> str:
    """Folded for the tables: NFKC, lower case, simplified, mainland words, without what nobody sees, blanks single."""
    folded = unicodedata.normalize("NFKC", sentence).lower().replace("’", "'")
    seen = "".join([c for c in folded if unicodedata.category(c) not in _UNSEEN])
    simple: str = _simplifier().convert(" ".join(seen.split()))
    return cantonese(simple).replace("帐", "账").replace("你", "您").replace("妳", "您")


@cache
def _simplifier() -> opencc.OpenCC:
    return opencc.OpenCC("tw2sp")
