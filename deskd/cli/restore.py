"""`deskd restore`."""

import tarfile
import zlib
from pathlib import Path
from typing import Annotated

import typer

from deskd import app
from deskd.cli.options import DEFAULT, AsJson, SettingsFile
from deskd.cli.output import tell
from deskd.domain.errors import Refused
from deskd.store import backup


def command(
    source: Annotated[Path, typer.Argument(help="What `deskd backup` wrote")],
    path: SettingsFile = DEFAULT,
    as_json: AsJson = False,
) -> None:
    settings = app.prepare(path)
    one = app.OneDaemon(settings.data)
    database = app.open_database(settings)
    try:
        counts = backup.restore(database, settings.data, source)
    except (tarfile.TarError, EOFError, zlib.error, KeyError, TypeError, ValueError) as error:
        raise Refused(f"{source} is no backup of deskd, or only a part of one: {type(error).__name__}.") from error
    finally:
        database.close()
        one.release()
    rows = sum(counts.values())
    tell(f"{rows} rows restored from {source}.", {"file": str(source), "rows": rows}, as_json=as_json)
