"""How the command line speaks: tables for people, JSON with --json, one sentence for what went wrong."""

import datetime as dt
import json
import re
import sys
from collections.abc import Iterable, Mapping
from typing import Any

import typer

from deskd.domain import code
from deskd.domain.ports import Micros
from deskd.domain.ticket import FAR, Ticket
from deskd.domain.words import Priority

PIPED_COLUMNS = 1000  # without a terminal nothing is wrapped: programs read a row a line
# What a customer wrote must not steer an agent's terminal: C0 and C1 controls (ECMA-48) but tab and line feed, and the
# marks that turn the direction of writing (Unicode TR9).
_STEERS = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069]")


def harmless(text: str) -> str:
    return _STEERS.sub("\N{REPLACEMENT CHARACTER}", text)


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
    """A list: one JSON array, or a table."""
    many = list(rows)
    if as_json:
        write_json(many)
    elif many:
        table(many)
    else:
        typer.echo("Nothing.")


def show_one(row: Mapping[str, Any], *, as_json: bool) -> None:
    """One thing: one JSON object, or a table of one row."""
    if as_json:
        write_json(row)
    else:
        table([row])


def tell(sentence: str, row: Mapping[str, Any], *, as_json: bool) -> None:
    """What was done: a sentence, or one JSON object that says the same."""
    if as_json:
        write_json(row)
    else:
        typer.echo(harmless(sentence))


def write_json(value: Any) -> None:
    typer.echo(json.dumps(value, ensure_ascii=False))


def table(rows: list[Mapping[str, Any]]) -> None:
    """One column for each key of the first row. Square brackets are what somebody wrote, never a style."""
    from rich.console import Console  # noqa: PLC0415 - programs that ask for JSON need not wait for it
    from rich.table import Table  # noqa: PLC0415

    named = any(name.strip() for name in rows[0])
    drawn = Table(box=None, header_style="bold", pad_edge=False, show_header=named)
    for name in rows[0]:
        drawn.add_column(name, overflow="fold")
    for row in rows:
        drawn.add_row(*(harmless(str(value)).replace("\n", " ") for value in row.values()))
    width = None if sys.stdout.isatty() else PIPED_COLUMNS
    Console(width=width, markup=False, emoji=False, highlight=False).print(drawn)


def fail(sentence: str) -> SystemExit:
    """The end of a command that could not do what it was asked; to be raised."""
    typer.echo(harmless(sentence), err=True)
    return SystemExit(1)
