"""Words that ask a customer for what nobody may ask for. Shared by the check of texts and the outbound guard.

A sentence is cut into clauses, a clause is read as marks (asking_marks.py), and a few patterns over the marks say
whether it asks: to give + a secret, we need + a secret, what is + a secret. A clause that is negated ("never tell…"),
tells what others do ("if anyone asks you…") or what has happened ("you gave…") asks for nothing.
"""

import re
import unicodedata
from dataclasses import dataclass
from functools import cache

import opencc

from deskd.texts.asking_marks import HAN, marks

SECRET = "secret"  # noqa: S105 - the name of a finding
REMOTE = "remote_control"
MESSENGER = "messenger"

SENTENCE = re.compile(r"(?:[^。！？!?\n;；.]|\.(?![ \n]|$))+[。！？!?;；.]*")
_CLAUSE = re.compile(
    r"[,，:：—]| - |(?<=\s)(?:but|then|so)(?=\s)|\sand (?=(?:please|just|kindly|instead|read|tell|send|give|text) (?:me|us|the)?)"
    r"|但是|但|然后|随后"
)
_CANTONESE = tuple(
    pair.split(" ")
    for pair in (
        "唔该 麻烦|唔 不|畀 给|俾 给|话我知 告诉我|话给我知 告诉我|我知 告诉我|𠮶 那|嗰 那|咩 什么|睇 看|攞 拿|影 拍|咗 了|嘅 的|佢 他|哋 们|冇 没|边个 谁|喺 在"
    ).split("|")
)
_CONTINUES = re.compile(
    r"\s*(?:or|nor|and never|and not|and do not|or even|in|on|over|via|also|neither|也|或|以及|更|和|无论|哪怕|即使|even|no matter|whether)"
)
_CALLS = re.compile(
    r"(?<![a-z0-9])(?:just|only|please|instead|simply|kindly|tell me|tell us|send me|send us)(?![a-z0-9])|请|只|麻烦|就|发给我|告诉我"
)

# The tables of asking.toml that each reading looks at.
_OF_SECRETS = " smhkuvpwiqdnzrtbyelagoc?"
_OF_CONTROL = " nrtpCDX?"
_OF_MESSENGERS = " nrtpMJOX?"

_SAFE = re.compile(r"[nrt]")
_ASKS = {
    "en": (
        r"[hk][^qg]{0,14}s",  # tell me … the code
        r"[hk][^q]{0,6}m",  # forward the text message
        r"s[^qgea]{0,5}[hk][.]{0,2}u",  # the code, send it to us
        r"w[.u]{0,3}s",  # what is … the code
        r"s[.]{0,4}p\??$",  # the code, please
        r"e[^q]{0,8}s.*[lhk]|l.{0,4}e.{0,6}s",  # enter the code here; enter it and send
        r"y[^q]*b.*s",  # my colleague will ask for the code
        r"^[.pvwu]{0,3}s[.]{0,2}\?",  # and the code?
    ),
    "zh": (
        r"[hk][^q]{0,20}s(?!.{0,4}q)",
        r"s[^qgad]{0,12}[hk]|^[^q]*m[^qd]{0,8}[hk]",  # 把验证码发给我
        r"w[.u]{0,3}s|s[.uo]{0,4}[wi]",  # 密码是多少
        r"e[^q]{0,8}s.*[lhk]|l.{0,4}e.{0,8}s|s[^q]{0,8}e.{0,4}l",
        r"y[^q]*b.*s",
        r"^[.pvwu]{0,5}s[.w]{0,2}\?",
    ),
}
_WANTS = {
    # nothing when it is the customer who types it, on our own pages
    "en": (r"v[^qgead]{0,10}s(?!.*e)", r"s[.uvo]{0,3}v(?!.*[ea])", r"p[.u]{0,6}s(?!.*[ea])"),
    "zh": (r"v[^qgead]{0,12}s(?!.*[ea])", r"p[.uc]{0,6}s(?!.*[ea])"),
}
_PASSES_ON = {
    # the secret was named before: "send it to me", 发我一下
    "en": (r"h[.u]{0,3}o|^[^gqa]*k[.u]{0,3}o[^gqa]*$|i|v[.]{0,2}o|h[.]?u\??$"),
    "zh": r"^[^qacd]*h[.uop]{0,4}\??$|v[.p]{0,2}\??$|^[.pu]{0,4}[wi]\??$",
}
_TELLS = {"en": r"^[^gqad]*k[.]?u\??$", "zh": r"^[^qgacd]*k[.uop]{0,4}\??$"}
"""To say it without an object: only when the secret was not named in a warning."""


@dataclass(frozen=True, slots=True)
class Asking:
    """code: SECRET, REMOTE or MESSENGER; matched: the sentence as it was written."""

    code: str
    matched: str


def sentences(text: str) -> list[str]:
    """The sentences of a text, as written, without blanks around them."""
    return [s for match in SENTENCE.finditer(text) if (s := match.group().strip())]


def askings(text: str) -> list[Asking]:
    """Every sentence that asks for a secret, for control of a device, or leads to another messenger."""
    found: list[Asking] = []
    spoken = False
    for sentence in sentences(text):
        plain = _plain(sentence)
        found += [Asking(code, sentence) for code in _codes(plain, spoken=spoken)]
        spoken = bool(re.search("[sm]", marks(_OF_SECRETS, plain)))
    return found


def _codes(plain: str, *, spoken: bool) -> list[str]:
    """The findings of one sentence. A clause carries its negation on to one that goes on with "or", "nor", "和"."""
    found: dict[str, None] = {}
    safe = named_safely = False
    clauses = [c for c in _CLAUSE.split(plain) if c.strip()]
    whole = marks(_OF_SECRETS, plain)
    if "z" in whole and re.search("[sm]", whole) and not re.search("z.*q", whole):
        found[SECRET] = None
    if not re.search("[nrtX]", whole + marks(_OF_MESSENGERS, plain)) and len(clauses) > 1:
        if _asks_for_control(marks(_OF_CONTROL, plain)):
            found[REMOTE] = None
        if _leads_away(marks(_OF_MESSENGERS, plain)):
            found[MESSENGER] = None
        if not re.search("[qga]", whole):
            clauses.append(plain)
    read = [marks(_OF_SECRETS, clause) for clause in clauses]
    for n, (clause, of_secrets) in enumerate(zip(clauses, read, strict=True)):
        carried = safe and bool(_CONTINUES.match(clause)) and not _CALLS.search(clause)
        safe = carried or bool(_SAFE.search(of_secrets))
        if safe:
            spoken, named_safely = spoken or bool(re.search("[sm]", of_secrets)), True
            continue
        own = n + 1 < len(read) and bool(re.search("[ea]", read[n + 1])) and not re.search("[hkl]", read[n + 1])
        if _asks_for_secret(clause, of_secrets, spoken=spoken, open_=not named_safely, own=own):
            found[SECRET] = None
        spoken = spoken or bool(re.search("[sm]", of_secrets))
        if _asks_for_control(marks(_OF_CONTROL, clause)):
            found[REMOTE] = None
        if _leads_away(marks(_OF_MESSENGERS, clause)):
            found[MESSENGER] = None
    return list(found)


def _asks_for_secret(clause: str, read: str, *, spoken: bool, open_: bool, own: bool) -> bool:
    """spoken: whether a secret has been named up to here, so that "send it to me" means it."""
    language = "zh" if HAN.search(clause) else "en"
    if any(re.search(p, read) for p in _ASKS[language]):
        return True
    if not own and any(re.search(p, read) for p in _WANTS[language]):
        return True
    if not spoken or "s" in read:
        return False
    return bool(re.search(_PASSES_ON[language], read) or (open_ and re.search(_TELLS[language], read)))


def _asks_for_control(read: str) -> bool:
    return "C" in read and bool(re.search(r"[Dp?]", read)) and not re.search("[nrtX]", read)


def _leads_away(read: str) -> bool:
    return "M" in read and bool(re.search(r"[Jp?]|O.?M", read)) and not re.search("[nrtX]", read)


def _plain(sentence: str) -> str:
    """Folded for the tables: NFKC, lower case, simplified, mainland words, without what nobody sees, blanks single."""
    folded = unicodedata.normalize("NFKC", sentence).lower().replace("’", "'")
    seen = "".join([c for c in folded if unicodedata.category(c) != "Cf"])
    simple: str = _simplifier().convert(" ".join(seen.split()))
    for said, meant in _CANTONESE:
        simple = simple.replace(said, meant)
    return simple.replace("帐", "账").replace("你", "您").replace("妳", "您")


@cache
def _simplifier() -> opencc.OpenCC:
    return opencc.OpenCC("tw2sp")
