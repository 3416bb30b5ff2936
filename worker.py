"""The way out on its own: `python worker.py [--settings FILE]`, as many of them as wanted over one database."""

import argparse
from collections.abc import Callable
from pathlib import Path

from deskd.domain.errors import DeskError
from deskd.outbox.bell import ANSWER
from deskd.outbox.hearth import run
from deskd.outbox.work import Outbox

__all__ = ["main", "ring", "run"]


def ring(account: str) -> int:
    """The job that the bell carries. Its path, `worker.ring`, never changes."""
    return ANSWER.get()(account)


def main() -> None:
    """Ends with one sentence, never a traceback, when it cannot begin."""
    parser = argparse.ArgumentParser(prog="worker.py", description="Sends what deskd has to say.")
    parser.add_argument("--settings", type=Path, default=Path("data/settings.toml"), metavar="FILE")
    settings = parser.parse_args().settings
    from deskd.app import build_worker  # noqa: PLC0415 - a job's process needs no composition

    make: Callable[[], Outbox]
    try:
        make, url, prefix = build_worker(settings)
    except DeskError as error:
        raise SystemExit(str(error)) from None
    run(make, url, prefix)


if __name__ == "__main__":
    main()
