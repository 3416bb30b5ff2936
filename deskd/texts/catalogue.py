"""The texts that deskd itself says to customers: read from words/, filled in, never converted by machine.

One file a text; in it one table a channel and language with `subject` and `text`. {name} is a variable of the closed
list below; [[ … ]] is left out whole when a variable inside it is empty (a house without a hotline).
"""

import re
import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from pathlib import Path
from typing import Any

from deskd.domain.words import Language

VARIABLES = frozenset(
    {"code", "due", "link", "hotline", "summary", "brand", "fixed_line", "missing", "date"}  # the closed list
)
WORDS = Path(__file__).parent / "words"
FIXED_LINE = "fixed_line"
LINE = "line"
"""The one variant of the fixed line: it is a part of other texts and goes nowhere by itself."""

VARIABLE = re.compile(r"\{([a-z_]*)\}")
_OPTIONAL = re.compile(r"\[\[(.*?)\]\]", re.DOTALL)
_CONTROL = re.compile(r"[\x00-\x08\x0b-\x1f\x7f]")


class TextError(ValueError):
    """A text that is not there, cannot be read or lacks a value; the sentence names the place."""


class Level(StrEnum):
    OPEN = "open"  # may go to anybody: holds nothing about an account, not even that there is one
    PROVED = "proved"  # needs a proved identity


@dataclass(frozen=True, slots=True)
class Variant:
    subject: str
    text: str

    @property
    def variables(self) -> frozenset[str]:
        return frozenset(VARIABLE.findall(self.subject + self.text))


@dataclass(frozen=True, slots=True)
class Text:
    """One text with its variants by (channel, language). number: its place in the list of texts (T1 …)."""

    name: str
    number: str
    version: int
    owner: str
    level: Level
    variants: Mapping[tuple[str, Language], Variant]

    @property
    def channels(self) -> tuple[str, ...]:
        return tuple(dict.fromkeys(channel for channel, _ in self.variants))


@dataclass(frozen=True, slots=True)
class Rendered:
    """What leaves: the subject on one line (a page's heading on the form), the text without trailing blanks."""

    subject: str
    text: str


@dataclass(frozen=True, slots=True)
class Catalogue:
    """All texts by name. house: values that are the same in every text (brand, hotline), from the settings."""

    texts: Mapping[str, Text]
    house: Mapping[str, str] = field(default_factory=dict)

    def __iter__(self) -> Iterator[Text]:
        return iter(self.texts.values())

    def has(self, name: str, channel: str) -> bool:
        """Whether the text may be said on this channel at all."""
        return name in self.texts and channel in self.texts[name].channels

    def render(self, name: str, language: Language, channel: str, **variables: str) -> Rendered:
        """The text as this customer reads it.

        Raises TextError when the text, the language or the channel's variant is missing, when a variable is none of
        the closed list, and when one that the text needs outside of [[ … ]] has no value.
        """
        if unknown := set(variables) - VARIABLES:
            raise TextError(f"text {name}: {', '.join(sorted(unknown))} is no variable that texts may use")
        variant = self._variant(name, language, channel)
        values = {"brand": "", "hotline": "", **self.house, **variables}
        if "fixed_line" in variant.variables:
            values["fixed_line"] = self._fill(FIXED_LINE, self._variant(FIXED_LINE, language, LINE).text, values)
        subject = " ".join(self._fill(name, variant.subject, values).split())
        return Rendered(subject, self._fill(name, variant.text, values).strip())

    def _variant(self, name: str, language: Language, channel: str) -> Variant:
        text = self.texts.get(name)
        if text is None:
            raise TextError(f"there is no text named {name}")
        variant = text.variants.get((channel, language))
        if variant is None:
            raise TextError(f"text {name} has no {language} for {channel}")
        return variant

    @staticmethod
    def _fill(name: str, words: str, values: Mapping[str, str]) -> str:
        """Values go in as they are: braces and brackets in them mean nothing, control characters are dropped."""

        def optional(match: re.Match[str]) -> str:
            inner = match.group(1)
            return inner if all(values.get(v) for v in VARIABLE.findall(inner)) else ""

        def value(match: re.Match[str]) -> str:
            if not (found := values.get(match.group(1))):
                raise TextError(f"text {name} needs a value for {{{match.group(1)}}}")
            return _CONTROL.sub("", found)

        kept = _OPTIONAL.sub(optional, words)
        return VARIABLE.sub(value, "\n".join(line.rstrip() for line in kept.split("\n")))


def load(folder: Path = WORDS, house: Mapping[str, str] | None = None) -> Catalogue:
    """Every *.toml of the folder. Raises TextError, which names the file, on the first that is malformed."""
    texts = {path.stem: _read(path) for path in sorted(folder.glob("*.toml"))}
    if not texts:
        raise TextError(f"no texts in {folder.name}")
    return Catalogue(texts, dict(house or {}))


_HEADER = {"number": str, "version": int, "owner": str, "level": str}


def _read(path: Path) -> Text:
    try:
        raw: dict[str, Any] = tomllib.loads(path.read_text(encoding="utf-8"))
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as broken:
        raise TextError(f"text {path.name}: {broken}") from broken
    for key, kind in _HEADER.items():
        if not isinstance(raw.get(key), kind):
            raise TextError(f"text {path.name}: {key} must be given as {kind.__name__}")
    if raw["level"] not in set(Level):
        raise TextError(f"text {path.name}: level is open or proved, not {raw['level']}")
    variants = dict(_variants(path.name, {k: v for k, v in raw.items() if k not in _HEADER}))
    return Text(path.stem, raw["number"], raw["version"], raw["owner"], Level(raw["level"]), variants)


def _variants(file: str, tables: Mapping[str, Any]) -> Iterator[tuple[tuple[str, Language], Variant]]:
    for channel, languages in tables.items():
        if not isinstance(languages, dict):
            raise TextError(f"text {file}: {channel} is no known key")
        for language, words in languages.items():
            if language not in set(Language):
                raise TextError(f"text {file}: {channel} has {language}, which is none of {', '.join(Language)}")
            if (
                not isinstance(words, dict)
                or set(words) - {"subject", "text"}
                or not isinstance(words.get("text"), str)
            ):
                raise TextError(f"text {file}: [{channel}.{language}] holds subject and text, nothing else")
            yield (channel, Language(language)), Variant(str(words.get("subject", "")), str(words["text"]))
