"""`deskd rules`: check before, explain after, and put a version in force."""

import difflib
import tomllib
from pathlib import Path
from typing import Annotated, Any

import typer
from sqlalchemy import Connection

from deskd import app, settings
from deskd.acts.rights import may
from deskd.cli.desk import act, opened
from deskd.cli.given import text as read_text
from deskd.cli.options import DEFAULT, AsJson, AsName, SettingsFile, Words, group
from deskd.cli.output import harmless, moment, show, table, tell, write_json
from deskd.domain.errors import NotFound, SettingsError
from deskd.domain.ticket import Agent
from deskd.domain.words import Role
from deskd.store import rule_sets
from router.check import Finding, check, check_text
from router.decide import decide
from router.explain import explain
from router.facts import Facts
from sla import policy

command = group()


@command.command("check")
def check_(
    file: Annotated[Path | None, typer.Argument(help="Rules or whole settings; none: those of --settings")] = None,
    path: SettingsFile = DEFAULT,
    as_json: AsJson = False,
) -> None:
    """What is wrong or doubtful in a rule file; exit 1 when it can't be used."""
    place = file or path
    written = read_text(place) if file or path.exists() else settings.rules_default_text()
    found = _findings(written, str(place))
    show(
        [{"rule": one.rule, "line": one.line, "code": one.code, "finding": one.text} for one in found], as_json=as_json
    )
    if any(one.code == "invalid" for one in found):
        raise SystemExit(1)


@command.command("explain")
def explain_(
    text: Words,
    subject: Annotated[str, typer.Option(help="The mail's subject")] = "",
    channel: Annotated[str, typer.Option(help="The way it came: email, form")] = "",
    every: Annotated[
        bool, typer.Option("--all", help="Also the rules that did not hold, with their conditions")
    ] = False,
    path: SettingsFile = DEFAULT,
    as_json: AsJson = False,
) -> None:
    """Where a message would go by the rules in force, and which rules held on which words."""
    with opened(path) as parts:
        facts = Facts(text=text, subject=subject, channel=channel, at=app.now())
        made, explained = decide(facts, parts.desk.rules), explain(facts, parts.desk.rules)
    decision = {"category": made.category, "topic": made.topic, "queue": made.queue, "priority": made.priority}
    traces = [trace for trace in explained.traces if every or as_json or trace.held]
    if as_json:
        asked = [[{"asks": s.asks or s.name, "held": s.held, "said": s.said} for s in t.steps] for t in traces]
        rows = [{"rule": t.rule, "strength": t.strength, "held": t.held, "said": t.said} for t in traces]
        write_json({**decision, "rules": [row | {"asked": s} for row, s in zip(rows, asked, strict=True)]})
        return
    table([decision])
    for trace in traces:
        said = f"  {trace.said}" if trace.said else ""
        typer.echo(harmless(f"{'yes' if trace.held else 'no ':3} {trace.strength:8} {trace.rule}{said}"))
        for step in trace.steps if every else ():
            typer.echo(harmless(f"{'':14}{'  ' * step.depth}{'+' if step.held else '-'} {step.name} {step.asks}"[:160]))


@command.command("history")
def history(path: SettingsFile = DEFAULT, as_json: AsJson = False) -> None:
    """The versions: the one in force, and candidates from changed files. The newest first."""
    with opened(path) as parts, parts.database.read() as connection:
        rows = [
            {
                "version": row["version"],
                "active": bool(row["active"]),
                "made": moment(row["created_at"]),
                "author": row["author"],
                "hash": row["hash"][:12],
            }
            for row in rule_sets.listed(connection)
        ]
    show(rows, as_json=as_json)


@command.command("activate")
def activate(version: int, path: SettingsFile = DEFAULT, as_name: AsName = "admin", as_json: AsJson = False) -> None:
    """Puts a version in force, if it loads; a running daemon takes it within a second, between two batches."""

    def unit(parts: app.Parts, connection: Connection, agent: Agent) -> None:
        may(agent, Role.OPS)
        place = f"The rule set {version} stays out of force"
        try:
            rules = settings.rules_of(_text(connection, version))
        except SettingsError as error:
            raise SettingsError(f"{place}: {error}") from error
        settings.fit(rules, parts.settings.book, place)
        rule_sets.activate(connection, version, app.now())

    act(path, as_name, unit)
    tell(f"Version {version} is in force.", {"version": version, "active": True}, as_json=as_json)


@command.command("diff")
def diff(
    version: Annotated[int, typer.Argument(help="The candidate")],
    base: Annotated[int | None, typer.Argument(help="What it is compared with; none: the version in force")] = None,
    path: SettingsFile = DEFAULT,
    as_json: AsJson = False,
) -> None:
    """What a version changes, line by line."""
    with opened(path) as parts, parts.database.read() as connection:
        old = base if base is not None else rule_sets.active_version(connection) or 0
        before, after = _text(connection, old).splitlines(), _text(connection, version).splitlines()
    lines = list(difflib.unified_diff(before, after, f"version {old}", f"version {version}", lineterm="", n=2))
    if as_json:
        write_json({"from": old, "to": version, "diff": lines})
        return
    for line in lines or ["No difference."]:
        typer.echo(harmless(line))


@command.command("export")
def export(
    version: Annotated[int | None, typer.Argument(help="None: the one in force")] = None,
    path: SettingsFile = DEFAULT,
    as_json: AsJson = False,
) -> None:
    """The text of a version, as it was written."""
    with opened(path) as parts, parts.database.read() as connection:
        chosen = version if version is not None else rule_sets.active_version(connection) or 0
        written = _text(connection, chosen)
    tell(written.rstrip("\n"), {"version": chosen, "text": written}, as_json=as_json)


def _text(connection: Connection, version: int) -> str:
    found = rule_sets.text_of(connection, version)
    if found is None:
        raise NotFound(f"There is no rule set {version}. `deskd rules history` lists them.")
    return found


def _findings(text: str, place: str) -> list[Finding]:
    """Of a rule file, or of whole settings, whose own policies are the ones that exist then."""
    try:
        given: dict[str, Any] = tomllib.loads(text)
        if not set(given) - {"rules", "words"} and settings.shaped(given):
            return check_text(text, policies=policy.defaults().names)
        read = settings.parse(text, Path(), place)
    except (tomllib.TOMLDecodeError, SettingsError) as error:
        return [Finding("invalid", "", 0, str(error))]
    return check(read.rules, policies=read.book.names)
