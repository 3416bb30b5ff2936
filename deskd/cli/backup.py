"""`deskd backup`."""

from contextlib import suppress
from pathlib import Path
from typing import Annotated

import typer

from deskd.cli.desk import opened
from deskd.cli.options import DEFAULT, AsJson, SettingsFile
from deskd.cli.output import tell
from deskd.domain.errors import Refused
from deskd.store import backup


def command(
    target: Annotated[Path, typer.Argument(help="The file to write; it must not be there yet")],
    path: SettingsFile = DEFAULT,
    as_json: AsJson = False,
) -> None:
    with opened(path) as parts:
        try:
            counts = backup.save(parts.database, parts.settings.data, target)
        except FileExistsError:
            raise Refused(f"{target} is there already. Name a file that is not.") from None
        except BaseException:
            with suppress(OSError):
                target.unlink()  # half a backup must not be taken for one
            raise
    rows = sum(counts.values())
    said = f"{rows} rows in {target}. Neither keys nor settings are in it: back up settings.toml, and apart data/keys."
    tell(said, {"file": str(target), "rows": rows}, as_json=as_json)
