"""What several commands are told in the same words."""

from pathlib import Path
from typing import Annotated

import typer

DEFAULT = Path("data/settings.toml")

SettingsFile = Annotated[Path, typer.Option("--settings", help="The settings file", envvar="DESKD_SETTINGS")]
AsName = Annotated[str, typer.Option("--as", help="The agent who acts", envvar="DESKD_AS")]
AsJson = Annotated[bool, typer.Option("--json", help="JSON for programs")]
Code = Annotated[str, typer.Argument(help="The ticket's code: UP-7K3M-9QXD, or 7k3m9qxd")]
Words = Annotated[str, typer.Argument(help="What is to be said; - reads it from standard input")]


def group() -> typer.Typer:
    """Commands under one noun; its help stands in the table of deskd/cli/main.py."""
    return typer.Typer(no_args_is_help=True)
