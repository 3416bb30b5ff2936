"""What rows, rules and refusals say, in the reader's language: sentences of ours, names, marks. Else as it stands."""

import re
from collections.abc import Mapping
from functools import cache

import opencc

from channels.form import parse
from deskd.console.words_said import PATTERNS, SAID
from deskd.domain.words import Found, Language

Words = Mapping[str, str]

_GAP = re.compile(r"\{(\w+)\}")
_NAMED = re.compile(r"(, | or )")  # between the names of a list
_MARK = re.compile(r"\[(card) ([0-9*]+)\]|\[([a-z]+) removed\]")
_ASKED_AS = {label: name for name, label in parse.ASKED.items()}
_ASKED = re.compile(rf"^({'|'.join(map(re.escape, _ASKED_AS))}): ", re.MULTILINE)
_SMTP = re.compile(r"[0-9]{3}(?:[ -]|$)")  # 250 OK


def said(sentence: str, words: Words) -> str:
    """A sentence of ours in the reader's language, if it is known; else as it stands."""
    if words["lang"] == Language.EN:
        return sentence
    hant = words["lang"] == Language.ZH_HANT
    if chinese := SAID.get(sentence):
        return chinese[hant]
    for pattern, row in _patterns():
        if match := pattern.fullmatch(sentence):
            gaps = {name: _filled(name, value, words) for name, value in match.groupdict().items()}
            return row[hant].format(**gaps)
    return sentence


def ours(english: str, simplified: str, words: Words) -> str:
    """A sentence that rules or the guard keep in English and Simplified; Traditional is made from it."""
    if words["lang"] == Language.EN:
        return english
    return traditional(simplified) if words["lang"] == Language.ZH_HANT else simplified


@cache
def traditional(simplified: str) -> str:
    """In the characters and words of Taiwan. For our own sentences to agents; what customers read is written."""
    made: str = _converter().convert(simplified)
    return made


def named(kind: str, name: str, words: Words) -> str:
    """A topic, queue, tag … by its name: `named("topic", "delayed")`; one that is not ours as it is written."""
    return words.get(f"{kind}_{name}", name)


def matter(name: str, words: Words) -> str:
    """An also label: category/topic."""
    category, _, topic = name.partition("/")
    shown = words.get(category, category)
    return f"{shown} · {named('topic', topic, words)}" if topic else shown


def body(text: str, words: Words) -> str:
    """A message with the marks of masking and the questions of the form in the reader's language."""
    if words["lang"] != Language.EN:
        text = _MARK.sub(lambda mark: _mark(mark, words), text)
        text = _ASKED.sub(lambda label: f"{words[f'asked_{_ASKED_AS[label[1]]}']}: ", text)
    return text


def telling(state: str, note: str) -> str:
    """The note of a delivery where it says something to a person; that a server took it is its state already."""
    return "" if state == "accepted" and _SMTP.match(note) else note


def _mark(mark: re.Match[str], words: Words) -> str:
    kind = mark[1] or mark[3]
    if kind not in set(Found):
        return mark[0]
    shown = words.get(f"found_{kind}", words.get(f"fact_{kind}", kind))
    return f"[{shown} {mark[2]}]" if mark[1] else words["mark_removed"].format(kind=shown)


def _filled(name: str, value: str, words: Words) -> str:
    """The names of our vocabularies by kind; anything else (people, codes, addresses) as it is."""
    if name == "said":
        return said(value, words)
    if name not in _KINDS:
        return value
    kinds = _KINDS[name]
    parts = _NAMED.split(value)
    return "".join(
        {", ": "、", " or ": words["or"]}.get(part)
        or next((words[kind + part] for kind in kinds if kind + part in words), part)
        for part in parts
    )


_KINDS: Mapping[str, tuple[str, ...]] = {
    "field": ("",),
    "names": ("", "topic_", "queue_"),
    "topics": ("topic_",),
    "category": ("",),
    "queue": ("queue_",),
    "state": ("", "s_"),
    "states": ("", "s_"),
    "into_state": ("", "s_"),
    "role": ("",),
    "was_role": ("",),
    "kind": ("k_",),
    "found": ("found_", "fact_"),
    "clock": ("",),
}
"""Gaps of the patterns that hold names of ours, and the first parts of the keys under which they stand."""


@cache
def _patterns() -> list[tuple[re.Pattern[str], tuple[str, str]]]:
    """Gaps match anything but a line's end; the patterns are tried in the order of the table."""
    return [(re.compile(_readable(english)), row) for english, row in PATTERNS.items()]


def _readable(english: str) -> str:
    parts = _GAP.split(english)
    return "".join(f"(?P<{part}>.+?)" if n % 2 else re.escape(part) for n, part in enumerate(parts))


@cache
def _converter() -> opencc.OpenCC:
    return opencc.OpenCC("s2twp")
