"""`deskd parked`: what could not be read or written waits for a person."""

import base64
import sys
from typing import Annotated

import typer
from sqlalchemy import Connection

from deskd import app
from deskd.acts import parked
from deskd.cli.desk import act, opened
from deskd.cli.options import DEFAULT, AsJson, AsName, SettingsFile, group
from deskd.cli.output import harmless, moment, show, tell, write_json
from deskd.domain.errors import NotFound
from deskd.domain.ticket import Agent
from deskd.store import receipts

Id = Annotated[str, typer.Argument(help="The receipt's id, as `deskd parked list` has it")]

command = group()


@command.command("list")
def list_(path: SettingsFile = DEFAULT, as_json: AsJson = False) -> None:
    """The oldest first, with the step that failed and why."""
    with opened(path) as parts, parts.database.read() as connection:
        rows = [
            {"id": row["id"], "received": moment(row["received_at"])}
            | {key: row[key] for key in ("channel", "account", "step", "reason", "size")}
            for row in receipts.parked(connection)
        ]
    show(rows, as_json=as_json)


@command.command("show")
def show_one(receipt: Id, path: SettingsFile = DEFAULT, as_json: AsJson = False) -> None:
    """The raw receipt, opened: byte for byte into a file or pipe, harmless on a terminal."""
    with opened(path) as parts, parts.database.read() as connection:
        row = receipts.one(connection, receipt)
        if row is None or row["data_key"] is None:
            raise NotFound(f"There is no receipt {receipt}, or its raw form has been destroyed.")
        waiting = receipts.opened(row, parts.vault)
    if as_json:
        raw = base64.b64encode(waiting.body).decode()
        write_json({"id": waiting.id, "channel": waiting.channel, "envelope": waiting.envelope, "raw_b64": raw})
    elif sys.stdout.isatty():
        typer.echo(harmless(waiting.body.decode("utf-8", "replace").replace("\r\n", "\n")))
    else:
        sys.stdout.buffer.write(waiting.body)


@command.command("retry")
def retry(receipt: Id, path: SettingsFile = DEFAULT, as_name: AsName = "admin", as_json: AsJson = False) -> None:
    """Gives it to the pipeline again, with three tries."""
    act(path, as_name, lambda _parts, connection, agent: parked.retry(connection, agent, receipt))
    tell("It waits for the pipeline again.", {"id": receipt, "state": "kept"}, as_json=as_json)


@command.command("dismiss")
def dismiss(
    receipt: Id,
    why: Annotated[str, typer.Option(help="Why nothing is to come of it; kept with your name")],
    path: SettingsFile = DEFAULT,
    as_name: AsName = "admin",
    as_json: AsJson = False,
) -> None:
    """Nothing comes of it; said by a person, with a reason."""

    def unit(parts: app.Parts, connection: Connection, agent: Agent) -> None:
        parked.dismiss(parts.desk, connection, agent, receipt, why)

    act(path, as_name, unit)
    tell("It is dismissed.", {"id": receipt, "state": "dismissed"}, as_json=as_json)
