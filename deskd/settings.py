"""The settings: one TOML file, joined from the models that the packages declare. No secret stands in it."""

import os
import tomllib
from collections.abc import Mapping, Sequence
from functools import cache, lru_cache
from pathlib import Path
from typing import Any

from pydantic import BaseModel, ConfigDict, Field, ValidationError

import channels
from channels.email.config import MailAccount, MailListen, MailRelay
from channels.form.config import FormConfig
from deskd.domain.errors import SettingsError
from router import rules
from router.rules import RuleSet
from sla import policy
from sla.duty import Duty, roster
from sla.policy import SlaBook

_STRICT = ConfigDict(extra="forbid", frozen=True)
SHORTEST_SECRET = 8  # characters; a shorter one is taken for a mistake


class Desk(BaseModel):
    """The house."""

    model_config = _STRICT

    brand: str = Field("UPay", description="The name that customers know")
    zone: str = Field("Asia/Shanghai", description="The zone in which promises to customers are worded")
    hotline: str = Field("", description="The 24-hour number for emergencies, if there is one")
    links: list[str] = Field(default_factory=list, description="Hosts that outgoing words may link to")


class Web(BaseModel):
    """Pages, forms and hooks."""

    model_config = _STRICT

    host: str = Field("127.0.0.1", description="Where HTTP listens; TLS is the proxy's")
    port: int = Field(8025, ge=0, le=65535, description="Its port; taken: the next free one is used and printed")
    public_url: str = Field("", description="https://… as customers reach it; empty: on this machine only")


class Store(BaseModel):
    """Where everything is kept."""

    model_config = _STRICT

    url: str = Field("", description="postgresql://…; empty: SQLite in the data folder")
    raw_days: int = Field(7, ge=1, le=90, description="Days that the raw form of a receipt is kept, sealed")
    parked_days: int = Field(30, ge=1, le=365, description="The same, of a parked receipt")


class RedisSettings(BaseModel):
    """The doorbell of the workers."""

    model_config = _STRICT

    url: str = Field(
        "",
        pattern=r"^((redis|rediss|unix)://.+)?$",
        description="redis://… or unix://…; empty: the Valkey that deskd brings along",
    )
    prefix: str = Field("deskd", pattern=r"^[a-z][a-z0-9-]{0,30}$", description="The name of our queue in it")


class Pipeline(BaseModel):
    """How receipts become tickets."""

    model_config = _STRICT

    processes: int = Field(0, ge=0, le=64, description="Processes that do so; 0: one a core, at most 4")


class Mail(BaseModel):
    """Mail in and out."""

    model_config = _STRICT

    listen: MailListen = MailListen()
    relay: MailRelay = MailRelay()
    accounts: list[MailAccount] = Field(default_factory=lambda: [MailAccount()], min_length=1)


class Forms(BaseModel):
    """The forms: /form/NAME."""

    model_config = _STRICT

    pages: list[FormConfig] = Field(default_factory=lambda: [FormConfig()], description="One page each")


class Settings(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, arbitrary_types_allowed=True)

    desk: Desk = Desk()
    web: Web = Web()
    store: Store = Store()
    redis: RedisSettings = RedisSettings()
    pipeline: Pipeline = Pipeline()
    mail: Mail = Mail()
    form: Forms = Forms()
    duty: Duty = Duty()
    ways: Mapping[str, Any] = Field(default_factory=dict, description="Channel → its section, of all other channels")
    data: Path = Path("data")
    book: SlaBook
    rules: RuleSet
    rules_text: str = Field(repr=False)


_SECTIONS: dict[str, type[BaseModel]] = {
    "desk": Desk,
    "web": Web,
    "store": Store,
    "redis": RedisSettings,
    "pipeline": Pipeline,
    "mail": Mail,
    "form": Forms,
    "duty": Duty,
}


@cache
def _ways() -> Mapping[str, type[BaseModel]]:
    """Section → its model, of the channels that declare one."""
    found = {name: channels.load(name) for name in channels.names()}
    return {name: channel.get("settings") for name, channel in found.items() if channel.settings}


_CLOCKS = ("calendars", "policies")
_RULES = ("words", "rules")


def load(path: Path) -> Settings:
    """Reads a file. SettingsError is one sentence that names the place."""
    try:
        return parse(path.read_text("utf-8-sig"), path.parent.resolve(), str(path))
    except OSError as error:
        raise SettingsError(
            f"The settings {path} can't be read: {error.strerror}. Name a file with --settings."
        ) from error
    except UnicodeDecodeError as error:
        line = error.object.count(b"\n", 0, error.start) + 1
        raise SettingsError(
            f"{path} is not UTF-8: line {line} has a byte that can't be read. Save it as UTF-8."
        ) from error


def parse(text: str, data: Path, place: str = "settings.toml") -> Settings:
    try:
        given = _read(text)
    except tomllib.TOMLDecodeError as error:
        raise SettingsError(f"{place} is no TOML: {error}. Compare with `deskd settings --default`.") from error
    unknown = sorted(set(given) - {*_SECTIONS, *_ways(), *_CLOCKS, *_RULES})
    if unknown:
        known = ", ".join(sorted({*_SECTIONS, *_ways(), *_CLOCKS, *_RULES}))
        raise SettingsError(f"{place}: there is no section [{unknown[0]}]; known are {known}.")
    clocks = {key: given[key] for key in _CLOCKS if key in given}
    book = policy.load(clocks, place) if clocks else policy.defaults()
    chosen = _rules(text, place) if any(key in given for key in _RULES) else None
    fit(chosen or rules.defaults(), book, place)
    sections: dict[str, Any] = {
        name: _section(model, given.get(name, {}), f"{place} [{name}]") for name, model in _SECTIONS.items()
    }
    roster(sections["duty"], book.calendars, f"{place} [duty]")
    ways = {name: _section(model, given.get(name, {}), f"{place} [{name}]") for name, model in _ways().items()}
    _distinct(sections["mail"].accounts, ways, place)
    shown = _shown(text, given, place) if chosen else rules_default_text()
    return Settings(data=data, book=book, rules=chosen or rules.defaults(), rules_text=shown, ways=ways, **sections)


def _distinct(mail: Sequence[MailAccount], ways: Mapping[str, Any], place: str) -> None:
    """SettingsError when two accounts have one name: what waits on an account, and its pauses, go by that alone."""
    taken = dict.fromkeys((account.name for account in mail), "mail")
    if len(taken) < len(mail):
        raise SettingsError(f"{place} [mail]: two accounts have one name; give one of them another.")
    for channel, section in ways.items():
        for account in section.accounts:
            if account.name in taken:
                raise SettingsError(
                    f"{place} [{channel}]: an account of [{taken[account.name]}] is called {account.name!r} already; "
                    "give one of them another name."
                )
            taken[account.name] = channel


def _shown(text: str, given: Mapping[str, Any], place: str) -> str:
    """The rules as they are written: what the store keeps has none of the other sections, and no secret of theirs."""
    cut = rules.only_rules(text)
    if cut == rules_default_text():
        return cut
    try:
        whole = tomllib.loads(cut) == {key: given[key] for key in _RULES if key in given}
    except tomllib.TOMLDecodeError:
        whole = False
    if not whole:
        raise SettingsError(f"{place}: a line within a value begins like a section, with a bracket; indent that line.")
    return cut


@lru_cache(maxsize=4)
def rules_of(text: str) -> RuleSet:
    """The rules in a text that may hold other sections as well. SettingsError names the rule and its line.

    The file and the store mostly hold the same text: it is compiled once a process.
    """
    try:
        given = _read(text)
    except tomllib.TOMLDecodeError as error:
        raise SettingsError(f"The rules are no TOML: {error}.") from error
    if not shaped(given):
        raise SettingsError('Rules are written as tables [[rules]], word groups in one table [words] as "…" or ["…"].')
    return rules.load(given.get("rules", []), given.get("words", {}), lines=rules.rule_lines(text))


@lru_cache(maxsize=1)  # the whole file, then its rules
def _read(text: str) -> Mapping[str, Any]:
    return tomllib.loads(text)


def shaped(given: Mapping[str, Any]) -> bool:
    """Whether rules and words are tables at all; what stands in them is the router's to judge."""
    rows, words = given.get("rules", []), given.get("words", {})
    if not isinstance(rows, list) or not isinstance(words, dict):
        return False
    groups = [[said] if isinstance(said, str) else said for said in words.values()]
    return all(isinstance(said, list) and all(isinstance(one, str) for one in said) for said in groups)


def fit(chosen: RuleSet, book: SlaBook, place: str) -> None:
    """SettingsError when a rule gives a policy that there is none of: each of its messages would be parked."""
    for number, rule in enumerate(chosen.rules):
        if rule.then.policy is not None and rule.then.policy not in book.policies:
            line = f" (line {chosen.lines[number]})" if number < len(chosen.lines) else ""
            known = ", ".join(book.names)
            raise SettingsError(
                f"{place}: rule {rule.name!r}{line} gives the policy {rule.then.policy!r}; there are {known}."
            )


def secret(reference: str) -> str:
    """What `file:PATH` or `env:NAME` names; "" for none, and for one that is not there: its account is off.

    One that is weak, or that can't be read, stops the start: SettingsError, never with the value in it.
    """
    if not reference:
        return ""
    kind, _, name = reference.partition(":")
    if kind not in {"env", "file"} or not name:
        raise SettingsError("A secret in the settings must be given as file:PATH or env:NAME, not as itself.")
    value = os.environ.get(name, "") if kind == "env" else _secret_file(Path(name))
    if value and len(value) < SHORTEST_SECRET:
        raise SettingsError(f"The secret {reference} is weak: it needs {SHORTEST_SECRET} characters or more.")
    return value


def default_text() -> str:
    """The commented default, from the models themselves: what `settings.toml` at the root is."""
    parts = ["# deskd's settings. Every value here is the default; no secret stands in this file.\n"]
    for name, model in {**_SECTIONS, **_ways()}.items():
        parts.append(_written(name, model()))
    return "\n".join([*parts, policy.defaults_text(), rules_default_text()])


def rules_default_text() -> str:
    return Path(rules.__file__).with_name("defaults.toml").read_text("utf-8")


def _rules(text: str, place: str) -> RuleSet:
    try:
        return rules_of(text)
    except SettingsError as error:
        raise SettingsError(f"{place}: {error}") from error


def _secret_file(path: Path) -> str:
    try:
        return path.read_text("utf-8").strip()
    except FileNotFoundError:
        return ""
    except (OSError, UnicodeDecodeError) as error:
        why = error.strerror if isinstance(error, OSError) else "it is not UTF-8"
        raise SettingsError(f"The secret in {path} can't be read: {why}.") from error


def _section(model: type[BaseModel], given: Any, place: str) -> BaseModel:
    try:
        return model.model_validate(given)
    except ValidationError as error:
        first = error.errors(include_url=False, include_input=False)[0]
        where = ".".join(str(part) for part in first["loc"])
        said = "is not known" if first["type"] == "extra_forbidden" else first["msg"].removeprefix("Value error, ")
        raise SettingsError(f"{place} {where}: {said}. Compare with `deskd settings --default`.") from error


def _written(name: str, model: BaseModel, *, listed: bool = False) -> str:
    lines = [f"# {(type(model).__doc__ or '').splitlines()[0]}", f"[[{name}]]" if listed else f"[{name}]"]
    nested: list[str] = []
    for key, field in type(model).model_fields.items():
        value = getattr(model, key)
        if isinstance(value, BaseModel):
            nested.append(_written(f"{name}.{key}", value))
        elif isinstance(value, list) and value and isinstance(value[0], BaseModel):
            nested += [_written(f"{name}.{key}", one, listed=True) for one in value]
        else:
            lines += [f"# {field.description}" if field.description else "", f"{key} = {_literal(value)}"]
    return "\n".join([*(line for line in lines if line), "", *nested])


def _literal(value: Any) -> str:
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, int | float):
        return f"{value:_}" if isinstance(value, int) and value > 99_999 else str(value)
    if isinstance(value, list | tuple):
        return "[" + ", ".join(_literal(one) for one in value) + "]"
    escaped = str(value).replace("\\", "\\\\").replace('"', '\\"')
    return f'"{escaped}"'
