"""How the command line speaks: tables for people, JSON with --json, one sentence for what went wrong."""

import datetime as dt
import json
from collections.abc import Iterable, Mapping
from typing import Any

import typer
from rich.console import Console
from rich.table import Table

from deskd.domain import code
from deskd.domain.ports import Micros
from deskd.domain.ticket import FAR, Ticket
from deskd.domain.words import Priority


def moment(at: Micros | None) -> str:
    """ISO 8601 in UTC, to the second; "" for none."""
    if at is None or at >= FAR:
        return ""
    return dt.datetime.fromtimestamp(at / 1_000_000, dt.UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def of_ticket(ticket: Ticket) -> dict[str, Any]:
    return {
        "code": code.shown(ticket.code),
        "state": str(ticket.state),
        "category": str(ticket.category),
        "topic": ticket.topic,
        "queue": ticket.queue,
        "priority": str(list(Priority)[ticket.priority]),
        "due": moment(ticket.due_at),
        "subject": ticket.subject,
    }


def show(rows: Iterable[Mapping[str, Any]], *, as_json: bool) -> None:
    many = list(rows)
    if as_json:
        typer.echo(json.dumps(many, ensure_ascii=False))
        return
    if not many:
        typer.echo("Nothing.")
        return
    table = Table(*many[0], box=None, header_style="bold")
    for row in many:
        table.add_row(*(str(value) for value in row.values()))
    Console(width=None).print(table)


def fail(sentence: str) -> typer.Exit:
    typer.echo(sentence, err=True)
    return typer.Exit(1)
