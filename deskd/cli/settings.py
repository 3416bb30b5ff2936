"""`deskd settings`."""

from typing import Annotated

import typer

from deskd import settings
from deskd.cli.options import DEFAULT, AsJson, SettingsFile
from deskd.cli.output import tell, write_json


def command(
    path: SettingsFile = DEFAULT,
    default: Annotated[bool, typer.Option("--default", help="Print the commented default")] = False,
    as_json: AsJson = False,
) -> None:
    if default:
        written = settings.default_text()
        write_json({"default": written}) if as_json else typer.echo(written, nl=False)
        return
    read = settings.load(path)
    said = {"file": str(path), "sound": True, "rules": len(read.rules.rules), "policies": list(read.book.names)}
    tell(f"{path} is sound.", said, as_json=as_json)
