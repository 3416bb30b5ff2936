"""Words that ask a customer for what nobody may ask for. Shared by the check of texts and the outbound guard.

A sentence is cut into clauses. A clause that wants a secret handed over, wants control of a device or leads to another
messenger is an asking, unless it is negated ("never tell…"), reports what others do ("if anyone asks you to…") or asks
about the past ("did you give…"). Traditional characters are simplified first, so each pattern stands once.
"""

import unicodedata
from dataclasses import dataclass
from functools import cache

import opencc

from deskd.texts import asking_patterns as words

SECRET = "secret"  # noqa: S105 - the name of a finding
REMOTE = "remote_control"
MESSENGER = "messenger"


@dataclass(frozen=True, slots=True)
class Asking:
    """code: SECRET, REMOTE or MESSENGER; matched: the sentence as it was written."""

    code: str
    matched: str


def sentences(text: str) -> list[str]:
    """The sentences of a text, as written, without blanks around them."""
    return [s for match in words.SENTENCE.finditer(text) if (s := match.group().strip())]


def askings(text: str) -> list[Asking]:
    """Every sentence that asks for a secret, for control of a device, or leads to another messenger."""
    found: list[Asking] = []
    last_secret = False
    for sentence in sentences(text):
        plain = _plain(sentence)
        codes = _codes(plain, secret_before=last_secret)
        found += [Asking(code, sentence) for code in codes]
        last_secret = bool(words.SECRETS.search(plain))
    return found


def _codes(plain: str, *, secret_before: bool) -> list[str]:
    """The findings of one sentence. A clause carries its negation on to one that goes on with "or", "nor", "和"."""
    found: dict[str, None] = {}
    negated = False
    spoken = secret_before
    for clause in words.CLAUSE.split(plain):
        carried = negated and bool(words.CONTINUES.match(clause)) and not words.CALLS.search(clause)
        negated = carried or _negated(clause)
        spoken = spoken or bool(words.SECRETS.search(clause))
        if negated or words.EN_REPORTED.search(clause) or words.ZH_REPORTED.search(clause):
            continue
        if _asks_for_secret(clause, plain, spoken=spoken):
            found[SECRET] = None
        if words.REMOTE.search(clause) and not words.REMOTE_END.search(clause):
            found[REMOTE] = None
        if words.MESSENGER.search(clause):
            found[MESSENGER] = None
    return list(found)


def _asks_for_secret(clause: str, sentence: str, *, spoken: bool) -> bool:
    """spoken: whether a secret has been named up to here, so that "send it to me" means it."""
    if words.EN_ASKS.search(clause) or words.ZH_ASKS.search(clause):
        return True
    if words.EN_BARE.match(clause) and words.EN_HAND.search(sentence):
        return True
    passed_on = words.EN_PASS_ON.search(clause) or words.ZH_PASS_ON.search(clause)
    if spoken and passed_on and not words.SUSPECT.search(sentence):
        return True
    if words.EN_POLITE.search(clause) and not words.EN_SAFE.search(clause):
        return True
    return bool(words.ZH_POLITE.search(clause)) and not words.ZH_SAFE.search(clause)


def _negated(clause: str) -> bool:
    if words.EN_FALSE_NO.search(clause) or words.ZH_FALSE_NO.search(clause):
        return False
    return bool(words.EN_NEGATED.search(clause) or words.ZH_NEGATED.search(clause))


def _plain(sentence: str) -> str:
    """Folded for the patterns: NFKC, lower case, simplified, without what nobody sees, blanks single."""
    folded = unicodedata.normalize("NFKC", sentence).lower().replace("’", "'")
    seen = "".join([c for c in folded if unicodedata.category(c) != "Cf"])
    simple: str = _simplifier().convert(" ".join(seen.split()))
    return simple.replace("帐", "账").replace("你", "您").replace("妳", "您")


@cache
def _simplifier() -> opencc.OpenCC:
    return opencc.OpenCC("t2s")
