"""The check of the texts: what ops may not turn on. Pure; the command line and the suite call it."""

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass

from deskd.domain.words import Language
from deskd.texts.asking import askings
from deskd.texts.catalogue import FIXED_LINE, LINE, VARIABLE, VARIABLES, Catalogue, Level, Text, Variant
from deskd.texts.links import foreign_links
from deskd.texts.sizes import CHAT_CHARACTERS, MAIL_WORDS, SMS_SEGMENTS, sms_segments, words


@dataclass(frozen=True, slots=True)
class Finding:
    """What is wrong where. problem is for machines, sentence for people."""

    text: str
    channel: str
    language: str
    problem: str
    sentence: str


CUSTOMERS_WORDS = frozenset(
    {"subject", "message", "body", "quote", "customer", "name", "sender", "question", "original"}
)
"""Names that an author would give to what the customer wrote: texts never repeat it."""

_SAMPLES = {
    # values as long as they get, to measure with
    "code": "UP-7K3M-9QXD", "due": "Wednesday 30 September 2026, 14:30 (UTC+8)", "date": "Wednesday 30 September 2026",
    "link": "https://upay.example/s/0123456789abcdefghijkl", "hotline": "+86 400 000 0000", "brand": "UPay",
    "summary": "the bank returned the amount", "missing": "the transaction number", "fixed_line": "",
}  # fmt: skip
_WRITTEN_CHANNELS = frozenset({"email", "form"})
_ACCOUNT_FACT = re.compile(
    r"(?:您|你)的(?:账户|帐户|帳戶|账号|帳號|余额|餘額|银行卡|信用卡|交易)"
    r"|your (?:account|balance|card|transfer|transaction)s?\b",
    re.IGNORECASE,
)
_VAGUE = re.compile(
    r"尽快|盡快|儘快|尽早|稍后|稍後|as soon as|asap|shortly|敬请谅解|敬請諒解|亲[，,爱]|[!！]",
    re.IGNORECASE,
)
_OPT_OUT = re.compile(r"\b(?:STOP|END|CANCEL|QUIT|UNSUBSCRIBE)\b", re.IGNORECASE)

Problems = Iterator[tuple[str, str]]
Rule = Callable[[Text, str, Language, Variant, frozenset[str]], Problems]


def check(catalogue: Catalogue, links_allowed: frozenset[str]) -> list[Finding]:
    """Every finding in every text; empty when all may be used. links_allowed: as in links.foreign_links."""
    findings = []
    for text in catalogue:
        findings += [Finding(text.name, channel, "", *problem) for channel, problem in _missing_languages(text)]
        for (channel, language), variant in text.variants.items():
            for rule in RULES:
                found = rule(text, channel, language, variant, links_allowed)
                findings += [Finding(text.name, channel, language, *problem) for problem in found]
    return findings


def _missing_languages(text: Text) -> Iterator[tuple[str, tuple[str, str]]]:
    for channel in text.channels:
        for language in Language:
            if (channel, language) not in text.variants:
                yield channel, ("language_missing", f"there is no {language} for {channel}")


def _variables(text: Text, channel: str, language: Language, variant: Variant, links: frozenset[str]) -> Problems:
    for name in sorted(variant.variables - VARIABLES):
        if name in CUSTOMERS_WORDS:
            yield "echo", f"{{{name}}} repeats what the customer wrote; texts never do"
        else:
            yield "unknown_variable", f"{{{name}}} is none of {', '.join(sorted(VARIABLES))}"
    if text.level is Level.OPEN and "summary" in variant.variables:
        yield "account_fact", "{summary} holds facts of an account; a text that uses it is proved, not open"


def _size(text: Text, channel: str, language: Language, variant: Variant, links: frozenset[str]) -> Problems:
    said = VARIABLE.sub(
        lambda m: _SAMPLES.get(m.group(1), ""), variant.text.replace("[[", "").replace("]]", "")
    ).strip()
    if channel in _WRITTEN_CHANNELS and words(said) > MAIL_WORDS:
        yield "too_long", f"{words(said)} words before the fixed line; a mail or a page has {MAIL_WORDS}"
    elif channel == "sms" and sms_segments(said) > SMS_SEGMENTS:
        yield "too_long", f"{sms_segments(said)} segments; an SMS has {SMS_SEGMENTS}"
    elif channel not in _WRITTEN_CHANNELS | {"sms", LINE} and len(said) > CHAT_CHARACTERS:
        yield "too_long", f"{len(said)} characters; a chat message has {CHAT_CHARACTERS}"


def _filled(said: str) -> str:
    """With a sample for each variable and every optional part."""
    return VARIABLE.sub(lambda m: _SAMPLES.get(m.group(1), ""), said.replace("[[", "").replace("]]", ""))


def _links(text: Text, channel: str, language: Language, variant: Variant, links: frozenset[str]) -> Problems:
    for link in foreign_links(f"{variant.subject}\n{variant.text}", links):
        yield "foreign_link", f"{link} is not on the list of our own addresses"


def _asks(text: Text, channel: str, language: Language, variant: Variant, links: frozenset[str]) -> Problems:
    for asking in askings(_filled(f"{variant.subject}\n{variant.text}")):
        yield "asks_for_secret", f"this asks for what we never ask ({asking.code}): {asking.matched}"


def _manner(text: Text, channel: str, language: Language, variant: Variant, links: frozenset[str]) -> Problems:
    said = f"{variant.subject}\n{variant.text}"
    if vague := _VAGUE.search(said):
        yield "manner", f"“{vague.group()}”: a text names a time and keeps its voice down"
    if text.level is Level.OPEN and (fact := _ACCOUNT_FACT.search(said)):
        yield "account_fact", f"“{fact.group()}”: an open text does not even say that an account exists"
    if channel in _WRITTEN_CHANNELS and FIXED_LINE not in variant.variables:
        yield "no_fixed_line", "{fixed_line}, what we never ask, stands in every text that has room for it"
    if channel == "sms" and language is Language.EN and (word := _OPT_OUT.search(said)):
        yield "opt_out_word", f"“{word.group()}” in an SMS unsubscribes the reader on some networks"


RULES: tuple[Rule, ...] = (_variables, _size, _links, _asks, _manner)
