"""`deskd audit`."""

from deskd.cli.desk import opened
from deskd.cli.options import DEFAULT, AsJson, SettingsFile, group
from deskd.cli.output import tell, write_json
from deskd.domain.errors import DeskError
from deskd.store import events

command = group()


@command.callback()
def audit() -> None:
    """Keeps `verify` a word of its own while there is no second one."""


@command.command("verify")
def verify(path: SettingsFile = DEFAULT, as_json: AsJson = False) -> None:
    """Walks the chain of events from its beginning; exit 1 where it is broken."""
    with opened(path) as parts, parts.database.read() as connection:
        broken = events.verify(connection)
        last, _ = events.last(connection)
    if broken is not None:
        if as_json:
            write_json({"whole": False, "broken_at": broken, "events": last})
        raise DeskError(f"The chain of events is broken at number {broken}.")
    tell(f"The chain is whole: {last} events.", {"whole": True, "broken_at": None, "events": last}, as_json=as_json)
