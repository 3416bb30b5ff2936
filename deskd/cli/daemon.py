"""`deskd run`."""

import json
import sys
from collections.abc import Mapping
from typing import Annotated

import typer

from deskd import app
from deskd.cli.options import DEFAULT, AsJson, SettingsFile


def command(
    path: SettingsFile = DEFAULT,
    only: Annotated[str, typer.Option(help="One part in this process: front, pipeline or keeper")] = "",
    as_json: AsJson = False,
) -> None:
    parts = app.build(app.prepare(path))
    login = app.first_login(parts)
    parts.database.close()

    def announce(where: Mapping[str, str]) -> None:
        if as_json:
            first = {"name": login[0], "password": login[1]} if login else None
            typer.echo(json.dumps({"up": dict(where), "first_log_in": first}))
        else:
            typer.echo("deskd is up.  " + "   ".join(f"{what} {place}" for what, place in where.items()))
            if login:
                typer.echo(f"First log-in, shown once:  {login[0]}  {login[1]}")
        sys.stdout.flush()

    if only:
        app.run_only(parts, only, announce)
    else:
        app.Tree(parts, announce).run()
