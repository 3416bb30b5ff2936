"""`deskd deliveries`."""

from typing import Annotated, Any

import typer

from deskd import app
from deskd.cli.desk import agent, opened, ring
from deskd.cli.options import DEFAULT, AsJson, AsName, SettingsFile, group
from deskd.cli.output import moment, show, show_one
from deskd.domain import code
from deskd.domain.states import DeliveryState
from deskd.outbox.decide import decide
from deskd.store import deliveries

command = group()


@command.command("list")
def list_(
    state: Annotated[list[DeliveryState] | None, typer.Option(help="Only these; may be given again")] = None,
    path: SettingsFile = DEFAULT,
    as_json: AsJson = False,
) -> None:
    """The newest first."""
    with opened(path) as parts, parts.database.read() as connection:
        rows = [
            _of(row) | {"ticket": code.shown(row["ticket_code"])}
            for row in deliveries.listed(connection, state or list(DeliveryState))
        ]
    show(rows, as_json=as_json)


@command.command("decide")
def decide_(
    delivery: Annotated[str, typer.Argument(help="Its id, as `deskd deliveries list` has it")],
    verdict: Annotated[str, typer.Argument(help="accepted, rejected or again")],
    why: Annotated[str, typer.Option(help="The evidence; kept with your name")],
    path: SettingsFile = DEFAULT,
    as_name: AsName = "admin",
    as_json: AsJson = False,
) -> None:
    """What a person found out about an unknown outcome, or that a rejected one goes once more."""
    with opened(path) as parts:
        with parts.database.read() as connection:
            who = agent(connection, as_name)
        row = decide(
            parts.database,
            delivery,
            verdict,
            by=who,
            why=why,
            cover=parts.desk.cover,
            now=app.now(),
            ids=app.new_id,
            settle=app.settle(parts),
        )
        ring(parts)
    show_one(_of(row), as_json=as_json)


def _of(row: Any) -> dict[str, Any]:
    return {key: row[key] for key in ("id", "kind", "state", "report", "attempts", "note")} | {
        "due": moment(row["due_at"]) if row["state"] == DeliveryState.QUEUED else ""
    }
