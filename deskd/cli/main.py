"""`deskd`: the command line."""

import asyncio
import json
import logging
import os
import sys
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated, Any

import structlog
import typer
from sqlalchemy import Connection

from deskd import app, settings
from deskd.acts import verbs
from deskd.cli import inspect as inspection
from deskd.cli.output import fail, moment, of_ticket, show
from deskd.domain.errors import DeskError, Stale
from deskd.domain.ports import Receipt
from deskd.domain.states import DeliveryState, TicketState
from deskd.domain.ticket import Agent
from deskd.domain.words import Role
from deskd.outbox.decide import decide
from deskd.store import backup, clocks, deliveries, events, people, receipts, rule_sets, schema, tickets
from deskd.store.keeper import Keeper
from router.check import check_text
from router.explain import explain
from router.facts import Facts

cli = typer.Typer(no_args_is_help=True, add_completion=False, help="The support desk of a payment app as one daemon.")
queue = typer.Typer(no_args_is_help=True, help="What waits, most urgent first.")
ticket = typer.Typer(no_args_is_help=True, help="One ticket.")
agents = typer.Typer(no_args_is_help=True, help="Who works here.")
parked = typer.Typer(no_args_is_help=True, help="Receipts that could not be read or written.")
outgoing = typer.Typer(no_args_is_help=True, help="What leaves.")
rules = typer.Typer(no_args_is_help=True, help="The routing rules.")
audit = typer.Typer(no_args_is_help=True, help="The chain of events.")
for name, group in {
    "queue": queue, "ticket": ticket, "agents": agents, "parked": parked,
    "deliveries": outgoing, "rules": rules, "audit": audit,
}.items():  # fmt: skip
    cli.add_typer(group, name=name)

SettingsFile = Annotated[Path, typer.Option("--settings", help="The settings file", envvar="DESKD_SETTINGS")]
AsName = Annotated[str, typer.Option("--as", help="The agent who acts", envvar="DESKD_AS")]
AsJson = Annotated[bool, typer.Option("--json", help="JSON for programs")]
DEFAULT = Path("data/settings.toml")


@contextmanager
def _desk(path: Path) -> Iterator[app.Parts]:
    parts = app.build(app.prepare(path))
    try:
        yield parts
    finally:
        parts.database.close()


def _act(path: Path, name: str, unit: Callable[[app.Parts, Connection, Agent], Any]) -> Any:
    """One act of a person, in one transaction."""
    with _desk(path) as parts, parts.database.write() as connection:
        agent = people.named(connection, name)
        if agent is None or not agent.active:
            raise DeskError(f'There is no agent "{name}". `deskd agents list` shows who there is.')
        return unit(parts, connection, agent)


@cli.command()
def run(
    path: SettingsFile = DEFAULT,
    only: Annotated[str, typer.Option(help="One part in this process: front, pipeline or keeper")] = "",
) -> None:
    """The daemon: doors, pipeline, clocks, sender and console, until Ctrl-C."""
    parts = app.build(app.prepare(path))
    login = app.first_login(parts)
    parts.database.close()

    def announce(where: Mapping[str, str]) -> None:
        typer.echo("deskd is up.  " + "   ".join(f"{what} {place}" for what, place in where.items()))
        if login:
            typer.echo(f"First log-in, shown once:  {login[0]}  {login[1]}")
        sys.stdout.flush()

    if only:
        app.run_only(parts, only, announce)
    else:
        app.Tree(parts, announce).run()


@cli.command()
def doctor(path: SettingsFile = DEFAULT, as_json: AsJson = False) -> None:
    """What works, and what is off and why."""
    with _desk(path) as parts:
        rows = [{"part": part, "state": version} for part, version in parts.database.versions().items()]
        rows.append(
            {"part": "rules", "state": f"version {parts.desk.rule_version}, {len(parts.desk.rules.rules)} rules"}
        )
        rows.append({"part": "clocks", "state": ", ".join(parts.desk.book.names)})
        listen = parts.settings.mail.listen
        proved = (
            f"senders proved by {listen.authserv_id}"
            if listen.authserv_id
            else "no sender is proved: authserv_id is empty"
        )
        rows.append({"part": "mail in", "state": f"{listen.host}:{listen.smtp_port}, {proved}"})
        relay = parts.settings.mail.relay
        rows.append({"part": "mail out", "state": f"{relay.host}:{relay.port}, {relay.security}"})
        show(rows, as_json=as_json)


@cli.command("settings")
def settings_command(
    path: SettingsFile = DEFAULT, default: Annotated[bool, typer.Option("--default", help="Print the default")] = False
) -> None:
    """Checks the settings file, or prints the commented default."""
    if default:
        typer.echo(settings.default_text(), nl=False)
    else:
        settings.load(path)
        typer.echo(f"{path} is sound.")


@cli.command()
def ingest(channel: str, files: list[Path], path: SettingsFile = DEFAULT, as_json: AsJson = False) -> None:
    """Messages from files, as if they had just arrived."""
    with _desk(path) as parts:
        if channel not in app.readers(parts.settings):
            raise DeskError(f'"{channel}" takes no files; these do: {", ".join(app.readers(parts.settings))}.')
        account = parts.settings.mail.accounts[0]
        rows = asyncio.run(_keep(parts, channel, account.name, account.address, files))
        pipeline = app.pipeline(parts, lambda _accounts: None)
        while pipeline.round().total:
            pass
        pipeline.release()
        show([_outcome(parts, receipt_id) for receipt_id in rows], as_json=as_json)


async def _keep(parts: app.Parts, channel: str, account: str, address: str, files: list[Path]) -> list[str]:
    keeper = Keeper(parts.database, parts.vault, app.new_id)
    made = []
    for file in files:
        raw = file.read_bytes()
        made.append(
            Receipt(channel, account, app.mail_key(raw), app.mail_lane(raw), raw, app.now(), {"rcpt_to": [address]})
        )
    kept = await keeper.keep(made)
    await keeper.close()
    return [one.receipt_id for one in kept]


def _outcome(parts: app.Parts, receipt_id: str) -> dict[str, Any]:
    with parts.database.read() as connection:
        row = receipts.one(connection, receipt_id)
        found = tickets.by_ids(connection, [row["ticket_id"]]) if row and row["ticket_id"] else []
    said = {"receipt": receipt_id, "outcome": (row["outcome"] or row["state"]) if row else "gone"}
    return said | (of_ticket(found[0]) if found else {})


@cli.command("backup")
def backup_command(target: Path, path: SettingsFile = DEFAULT) -> None:
    """Everything but the keys into one file; a daemon may run meanwhile. Back up data/keys apart from it."""
    with _desk(path) as parts:
        counts = backup.save(parts.database, parts.settings.data, target)
    typer.echo(f"{sum(counts.values())} rows in {target}. The keys are not in it.")


@cli.command("restore")
def restore_command(source: Path, path: SettingsFile = DEFAULT) -> None:
    """Into an empty data folder or database; put data/keys back first."""
    read = app.prepare(path)
    counts = backup.restore(app.open_database(read), read.data, source)
    typer.echo(f"{sum(counts.values())} rows restored.")


@cli.command()
def migrate(path: SettingsFile = DEFAULT) -> None:
    """Brings the schema up to this version; `deskd run` does so as well."""
    typer.echo(f"The schema is {schema.upgrade(app.open_database(app.prepare(path)))}.")


@cli.command("inspect")
def inspect_command(
    kind: str,
    files: Annotated[list[Path] | None, typer.Argument()] = None,
    rules_file: Annotated[str, typer.Option("--rules", help="A rule file, or none")] = "",
) -> None:
    """What deskd makes of a message, without keeping it: email, reply, mask, route or due."""
    known = inspection.kinds(inspection.rule_set(rules_file))
    if kind not in known:
        raise DeskError(f'There is no kind "{kind}"; there are {", ".join(known)}.')
    if not files:
        inspection.answer_lines(known[kind], iter(sys.stdin.buffer.readline, b""))
        return
    for file in files:
        request = inspection.request_of(kind, file.read_bytes())
        typer.echo(json.dumps(known[kind](request), ensure_ascii=False, indent=2))


@queue.command("list")
def queue_list(path: SettingsFile = DEFAULT, as_name: AsName = "admin", as_json: AsJson = False) -> None:
    def read(parts: app.Parts, connection: Connection, agent: Agent) -> list[dict[str, Any]]:
        found = tickets.queued(agent.queues, parts.desk.clock(), agent.id, 100, claimed=True)
        return [of_ticket(one) for one in tickets.listed(connection, found)]

    show(_act(path, as_name, read), as_json=as_json)


@queue.command("next")
def queue_next(path: SettingsFile = DEFAULT, as_name: AsName = "admin", as_json: AsJson = False) -> None:
    """Takes the most urgent ticket, and its customer with it."""
    taken = _act(path, as_name, lambda parts, c, agent: verbs.next_ticket(parts.desk, c, agent))
    show([of_ticket(one) for one in taken], as_json=as_json)


@queue.command("release")
def queue_release(code: str, path: SettingsFile = DEFAULT, as_name: AsName = "admin") -> None:
    _act(path, as_name, lambda p, c, agent: verbs.release(p.desk, c, agent, code))


@ticket.command("show")
def ticket_show(code: str, path: SettingsFile = DEFAULT, as_name: AsName = "admin", as_json: AsJson = False) -> None:
    """Everything about a ticket: messages, clocks with their ledger, events."""

    def read(_parts: app.Parts, connection: Connection, agent: Agent) -> dict[str, Any]:
        one = verbs.find(connection, agent, code).ticket
        clock_rows = [dict(row) for row in clocks.of_tickets(connection, [one.id])]
        return {
            **of_ticket(one),
            "messages": [
                {
                    "n": m["n"],
                    "direction": m["direction"],
                    "at": moment(m["at"]),
                    "text": m["text"],
                    "trust": m["trust"],
                }
                for m in tickets.thread(connection, one.id)
            ],
            "clocks": [
                {"kind": row["kind"], "state": row["state"], "due": moment(row["due_at"])} for row in clock_rows
            ],
            "events": [
                {"n": e["n"], "kind": e["kind"], "at": moment(e["at"]), "by": e["by"]}
                for e in events.of_ticket(connection, one.id)
            ],
        }

    whole = _act(path, as_name, read)
    if as_json:
        typer.echo(json.dumps(whole, ensure_ascii=False))
        return
    for part in ("messages", "clocks", "events"):
        rows = whole.pop(part)
        if part == "messages":
            show([whole], as_json=False)
        typer.echo(f"\n{part}")
        show(rows, as_json=False)


@ticket.command("reply")
def ticket_reply(
    code: str,
    text: str,
    then: TicketState = TicketState.WAITING,
    path: SettingsFile = DEFAULT,
    as_name: AsName = "admin",
) -> None:
    """Answers the customer; --then says what follows."""
    links = frozenset(app.prepare(path).desk.links)
    _act(path, as_name, lambda p, c, agent: verbs.reply(p.desk, c, agent, code, text, then=then, links=links))
    typer.echo("Queued.")


@ticket.command("note")
def ticket_note(code: str, text: str, path: SettingsFile = DEFAULT, as_name: AsName = "admin") -> None:
    _act(path, as_name, lambda p, c, agent: verbs.note(p.desk, c, agent, code, text))


@ticket.command("assign")
def ticket_assign(code: str, to: str, path: SettingsFile = DEFAULT, as_name: AsName = "admin") -> None:
    _act(path, as_name, lambda p, c, agent: verbs.assign(p.desk, c, agent, code, to))


@ticket.command("set")
def ticket_set(
    code: str,
    field: str,
    new: str,
    why: Annotated[str, typer.Option(help="Why it was wrong")],
    path: SettingsFile = DEFAULT,
    as_name: AsName = "admin",
) -> None:
    """Corrects category, topic, queue or priority."""
    _act(path, as_name, lambda p, c, agent: verbs.correct(p.desk, c, agent, code, field=field, new=new, why=why))


@ticket.command("spam")
def ticket_spam(code: str, path: SettingsFile = DEFAULT, as_name: AsName = "admin") -> None:
    _act(path, as_name, lambda p, c, agent: verbs.spam(p.desk, c, agent, code, is_spam=True))


@ticket.command("release")
def ticket_release(code: str, path: SettingsFile = DEFAULT, as_name: AsName = "admin") -> None:
    """It is no spam: its clocks start at the time of receipt."""
    _act(path, as_name, lambda p, c, agent: verbs.spam(p.desk, c, agent, code, is_spam=False))


@ticket.command("resolve")
def ticket_resolve(code: str, path: SettingsFile = DEFAULT, as_name: AsName = "admin") -> None:
    _act(path, as_name, lambda p, c, agent: verbs.move(p.desk, c, agent, code, TicketState.RESOLVED))


@agents.command("add")
def agents_add(
    name: str,
    role: Role = Role.AGENT,
    queues: Annotated[str, typer.Option(help="Names with commas; none: all")] = "",
    languages: Annotated[str, typer.Option(help="Names with commas")] = "",
    path: SettingsFile = DEFAULT,
) -> None:
    """A new agent; the password is made here and shown once."""
    with _desk(path) as parts:
        password = app.add_agent(parts, name, role, _names(queues), _names(languages))
    typer.echo(f"{name} may log in with the password {password}  (shown once)")


@agents.command("list")
def agents_list(path: SettingsFile = DEFAULT, as_json: AsJson = False) -> None:
    with _desk(path) as parts, parts.database.read() as connection:
        rows = [
            {"name": a.name, "role": a.role, "queues": ",".join(a.queues) or "all", "active": a.active}
            for a in people.everybody(connection)
        ]
    show(rows, as_json=as_json)


@agents.command("off")
def agents_off(name: str, path: SettingsFile = DEFAULT) -> None:
    """Ends the person's log-ins and claims at once."""
    with _desk(path) as parts:
        if not parts.database.transact(lambda connection: people.switch_off(connection, name)):
            raise DeskError(f'There is no agent "{name}".')


@parked.command("list")
def parked_list(path: SettingsFile = DEFAULT, as_json: AsJson = False) -> None:
    with _desk(path) as parts, parts.database.read() as connection:
        keys = ("id", "channel", "account", "step", "reason", "size")
        rows = [{key: row[key] for key in keys} for row in receipts.parked(connection)]
    show(rows, as_json=as_json)


@parked.command("show")
def parked_show(receipt: str, path: SettingsFile = DEFAULT) -> None:
    """The raw receipt, opened."""
    with _desk(path) as parts, parts.database.read() as connection:
        row = receipts.one(connection, receipt)
        if row is None or row["data_key"] is None:
            raise DeskError("There is no such receipt, or its raw form has been destroyed.")
        sys.stdout.buffer.write(receipts.opened(row, parts.vault).body)


@parked.command("retry")
def parked_retry(receipt: str, path: SettingsFile = DEFAULT) -> None:
    with _desk(path) as parts:
        if not parts.database.transact(lambda connection: receipts.retry(connection, receipt)):
            raise DeskError("That receipt is not parked.")


@parked.command("dismiss")
def parked_dismiss(receipt: str, why: Annotated[str, typer.Option()], path: SettingsFile = DEFAULT) -> None:
    with _desk(path) as parts:
        if not parts.database.transact(lambda connection: receipts.dismiss(connection, receipt, why)):
            raise DeskError("That receipt is not parked.")


@outgoing.command("list")
def deliveries_list(path: SettingsFile = DEFAULT, as_json: AsJson = False) -> None:
    with _desk(path) as parts, parts.database.read() as connection:
        keys = ("id", "kind", "state", "report", "attempts", "note")
        rows = [{key: row[key] for key in keys} for row in deliveries.listed(connection, list(DeliveryState))]
    show(rows, as_json=as_json)


@outgoing.command("decide")
def deliveries_decide(
    delivery: str,
    verdict: Annotated[str, typer.Argument(help="accepted, rejected or again")],
    why: Annotated[str, typer.Option(help="The evidence")],
    path: SettingsFile = DEFAULT,
    as_name: AsName = "admin",
) -> None:
    """What a person found out about an unknown outcome: accepted, rejected, or again (send it once more)."""
    with _desk(path) as parts:
        settled = app.settle(parts)
        decide(parts.database, delivery, verdict, by=as_name, why=why, now=app.now(), ids=app.new_id, settle=settled)


@ticket.command("new")
def ticket_new(
    address: str,
    text: str,
    reason: Annotated[str, typer.Option(help="call, visit, or why we write first")],
    path: SettingsFile = DEFAULT,
    as_name: AsName = "admin",
    as_json: AsJson = False,
) -> None:
    """For a call or a visit: the same rules, clocks and levels; the address is claimed."""

    def make(parts: app.Parts, connection: Connection, agent: Agent) -> dict[str, Any]:
        return of_ticket(verbs.open_by_hand(parts.desk, connection, agent, address, text, reason))

    show([_act(path, as_name, make)], as_json=as_json)


@rules.command("check")
def rules_check(file: Annotated[Path | None, typer.Argument()] = None, as_json: AsJson = False) -> None:
    """What is wrong or doubtful in a rule file (default: the shipped ones)."""
    text = file.read_text("utf-8") if file else settings.rules_default_text()
    rows = [{"rule": one.rule, "line": one.line, "code": one.code, "finding": one.text} for one in check_text(text)]
    show(rows, as_json=as_json)


@rules.command("history")
def rules_history(path: SettingsFile = DEFAULT, as_json: AsJson = False) -> None:
    """The versions: the one that runs, and candidates from changed files."""
    with _desk(path) as parts, parts.database.read() as connection:
        rows = [
            {"version": row["version"], "active": row["active"], "author": row["author"], "hash": row["hash"][:12]}
            for row in rule_sets.listed(connection)
        ]
    show(rows, as_json=as_json)


@rules.command("activate")
def rules_activate(version: int, path: SettingsFile = DEFAULT) -> None:
    """Puts a version in force; a running daemon takes it within a second, between two batches."""
    with _desk(path) as parts:
        if not parts.database.transact(lambda connection: rule_sets.activate(connection, version)):
            raise DeskError(f"There is no rule set {version}. `deskd rules history` lists them.")


@rules.command("explain")
def rules_explain(text: str, path: SettingsFile = DEFAULT) -> None:
    """Every rule in order: matched or not, and by what."""
    with _desk(path) as parts:
        explained = explain(Facts(text=text, at=app.now()), parts.desk.rules)
    for trace in explained.traces:
        typer.echo(f"{'yes' if trace.held else 'no ':3} {trace.strength:8} {trace.rule}")


@audit.command("verify")
def audit_verify(path: SettingsFile = DEFAULT) -> None:
    """Walks the chain of events from its beginning."""
    with _desk(path) as parts, parts.database.read() as connection:
        broken = events.verify(connection)
    if broken is not None:
        raise DeskError(f"The chain of events is broken at number {broken}.")
    typer.echo("The chain is whole.")


def _names(text: str) -> tuple[str, ...]:
    return tuple(part.strip() for part in text.split(",") if part.strip())


def _log_as_json() -> None:
    level = logging.getLevelNamesMapping().get(os.environ.get("DESKD_LOG", "INFO").upper(), logging.INFO)
    structlog.configure(
        processors=[
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            structlog.processors.JSONRenderer(ensure_ascii=False),
        ],
        wrapper_class=structlog.make_filtering_bound_logger(level),
        logger_factory=structlog.PrintLoggerFactory(sys.stderr),
    )


def main() -> None:
    """What a person did wrong, or can mend, is one sentence and exit 1; never a traceback."""
    _log_as_json()
    try:
        cli()
    except Stale as stale:
        typer.echo(f"{stale}\n\n{stale.text}", err=True)
        raise SystemExit(1) from None
    except (DeskError, OSError) as error:
        raise SystemExit(fail(str(error)).exit_code) from None
