"""All of one ticket, read in one transaction, as `deskd ticket show` prints it."""

from collections.abc import Mapping
from typing import Any

import typer
from sqlalchemy import Connection

from deskd import app
from deskd.acts import verbs
from deskd.cli.output import harmless, moment, of_ticket, table, write_json
from deskd.domain.ticket import Agent
from deskd.store import clocks, events, obligations, people, tickets, views

PARTS = ("reasons", "facts", "clocks", "events")


def all_of(parts: app.Parts, connection: Connection, agent: Agent, code: str) -> dict[str, Any]:
    """JSON of it. Facts are shown short: the whole value stays sealed."""
    one = verbs.find(connection, agent, code).ticket
    [who] = tickets.identities_by_id(connection, [one.identity_id])
    decisions = views.standing_decisions(connection, one.id)
    sent, files = views.deliveries_of(connection, one.id), views.files_of(connection, one.id)
    owed = obligations.of_ticket(connection, one.id)
    holder = people.by_id(connection, one.agent_id) if one.agent_id else None
    return {
        **of_ticket(one),
        "spam": views.spam_why(connection, one.id) if one.spam else "",
        "from": who.address,
        "level": who.level,
        "acknowledged": one.ack,
        "feedback": f"{owed.state} {owed.verdict}".strip() if owed else "",
        "assigned": holder.name if holder else "",
        "with": people.holder(connection, one.customer_id, parts.desk.clock()) or "",
        "messages": [_message(m, sent, files) for m in tickets.thread(connection, one.id)],
        "reasons": [
            {"rule": r["rule"], "en": r["en"], "zh": r["zh"], "matched": r.get("matched", "")}
            for decision in decisions
            for r in decision["reasons"]
        ],
        "facts": [{"kind": fact.kind, "short": fact.short} for fact in views.facts_of(connection, one.id)],
        "clocks": [
            {"kind": c["kind"], "state": c["state"], "due": moment(c["due_at"]), "breached": moment(c["breached_at"])}
            for c in clocks.of_tickets(connection, [one.id])
        ],
        "events": [
            {"n": e["n"], "kind": e["kind"], "at": moment(e["at"]), "by": e["by"]}
            for e in events.of_ticket(connection, one.id)
        ],
    }


def show(whole: dict[str, Any], *, as_json: bool) -> None:
    if as_json:
        write_json(whole)
        return
    messages = whole.pop("messages")
    lists = {name: whole.pop(name) for name in PARTS}
    table([{"": name, " ": value} for name, value in whole.items() if value not in {"", False}])
    for message in messages:
        _print(message)
    for name, rows in lists.items():
        if rows:
            typer.echo(f"\n{name}")
            table(rows)


def _message(
    row: Mapping[str, Any], sent: Mapping[str, tuple[str, str]], files: Mapping[str, list[dict[str, Any]]]
) -> dict[str, Any]:
    state, note = sent.get(row["id"], ("", ""))
    return {
        "n": row["n"],
        "direction": row["direction"],
        "at": moment(row["at"]),
        "text": row["text"],
        "trust": row["trust"],
        "sent": f"{state} ({note})" if note else state,
        "files": [{"name": one["filename"], "bytes": one["size"]} for one in files.get(row["id"], [])],
        "warnings": row["warnings"],
    }


def _print(message: Mapping[str, Any]) -> None:
    about = [str(message["n"]), message["direction"], message["at"], message["sent"], message["trust"]]
    typer.echo("\n" + harmless("  ".join(part for part in about if part)))
    for line in message["text"].splitlines() or [""]:
        typer.echo(f"    {harmless(line)}")
    for file in message["files"]:
        typer.echo(harmless(f"    [{file['name']}, {file['bytes']} bytes]"))
    for warning in message["warnings"]:
        typer.echo(harmless(f"    ! {warning}"))
