"""`deskd doctor`: a row a part. Exit 1 when one is broken."""

from collections.abc import Callable, Iterator
from pathlib import Path

from deskd import settings
from deskd.cli import checks_accounts, checks_store, checks_ways
from deskd.cli.checks import Row, State
from deskd.cli.options import DEFAULT, AsJson, SettingsFile
from deskd.cli.output import show
from deskd.domain.errors import SettingsError
from deskd.settings import Settings

CHECKS: tuple[Callable[[Settings], Iterator[Row]], ...] = (
    checks_store.folder,
    checks_store.store,
    checks_ways.clocks,
    checks_ways.mail,
    checks_accounts.accounts,
    checks_ways.web,
    checks_ways.running,
)


def command(path: SettingsFile = DEFAULT, as_json: AsJson = False) -> None:
    rows = list(examine(path))
    show([{"part": r.part, "state": str(r.state), "what": r.what, "do": r.do} for r in rows], as_json=as_json)
    if any(row.state is State.BROKEN for row in rows):
        raise SystemExit(1)


def examine(path: Path) -> Iterator[Row]:
    try:
        there = path.exists() or path.is_symlink()
        read = settings.load(path) if there else settings.parse(settings.default_text(), path.parent.resolve())
    except SettingsError as error:
        yield Row("settings", State.BROKEN, str(error))
        return
    if there:
        yield Row("settings", State.OK, f"{path}, {len(read.rules.rules)} rules")
    else:
        yield Row("settings", State.OFF, f"{path} is not there: the defaults", "The first `deskd run` makes it.")
    for check in CHECKS:
        yield from check(read)
