"""`deskd`: the command line. Only the module of the command that was asked for is imported."""

import errno
import gc
import io
import logging
import os
import sys
from collections.abc import Mapping
from importlib import import_module
from pathlib import Path

import structlog
import typer

from deskd.cli.output import fail, harmless
from deskd.domain.errors import DeskError, Stale

COMMANDS: Mapping[str, tuple[str, str]] = {
    "run": ("deskd.cli.daemon", "The daemon: doors, pipeline, clocks, sender and console, until Ctrl-C."),
    "doctor": ("deskd.cli.doctor", "What works, what is off, what is broken, and what to do."),
    "settings": ("deskd.cli.settings", "Checks the settings file, or prints the commented default."),
    "ingest": ("deskd.cli.ingest", "Messages from files, as if they had just arrived."),
    "inspect": ("deskd.cli.inspect", "What deskd makes of a message, without keeping it."),
    "queue": ("deskd.cli.queue", "What waits, most urgent first."),
    "ticket": ("deskd.cli.ticket", "One ticket: see it, answer it, correct it."),
    "agents": ("deskd.cli.agents", "Who works here."),
    "parked": ("deskd.cli.parked", "Receipts that could not be read or written."),
    "deliveries": ("deskd.cli.deliveries", "What leaves, and what became of it."),
    "rules": ("deskd.cli.rules", "The routing rules and their versions."),
    "audit": ("deskd.cli.audit", "The chain of events."),
    "backup": ("deskd.cli.backup", "Everything but the keys into one file; a daemon may run meanwhile."),
    "restore": ("deskd.cli.restore", "A backup into an empty data folder or database; put its keys back first."),
    "migrate": ("deskd.cli.migrate", "Brings the schema up to this version; `deskd run` does so as well."),
}
"""Name → the module whose `command` it is, and its help."""

EXPLAIN = "DESKD_LOG"
"""The least severe line that is logged: DEBUG, INFO (for `run`), WARNING, ERROR (for all else)."""

GARBAGE = 50_000
"""New objects until the collector looks: nothing of what a start loads is garbage, and it looked 300 times for it."""


def build(named: str) -> typer.Typer:
    """All commands by name and help; `named` is the one that is going to be called."""
    cli = typer.Typer(
        no_args_is_help=True,
        add_completion=False,
        pretty_exceptions_enable=False,
        help="The support desk of a payment app as one daemon.",
        epilog="Exit status: 0 done; 1 refused, broken or not found, in one sentence; 2 wrongly called.",
    )
    for name, (module, what) in COMMANDS.items():
        found = import_module(module).command if name == named else _other
        if isinstance(found, typer.Typer):
            cli.add_typer(found, name=name, help=what)
        else:
            cli.command(name, help=what)(found)
    return cli


def main() -> None:
    """What a person did wrong, or can mend, is one sentence and exit 1; never a traceback."""
    gc.set_threshold(GARBAGE)
    named = sys.argv[1] if len(sys.argv) > 1 else ""
    _log_as_json(os.environ.get(EXPLAIN, "INFO" if named == "run" else "ERROR"))
    if isinstance(sys.stdout, io.TextIOWrapper):
        sys.stdout.reconfigure(errors="backslashreplace")  # for a terminal that knows no Chinese
    try:
        _refuse_bytes(sys.argv)
        build(named)()
    except Stale as stale:
        raise fail(f"{stale}\n\n{stale.text}") from None
    except DeskError as error:
        raise fail(str(error)) from None
    except OSError as error:
        if error.errno == errno.EPIPE:  # whoever read our output has seen enough
            os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
            raise SystemExit(1) from None
        raise fail(_of_system(error)) from None
    except Exception as error:
        if os.environ.get(EXPLAIN) == "DEBUG":
            raise
        raise fail(
            f"A defect of deskd ended this: {type(error).__name__} at {_place(error)}. "
            f"Please report it; {EXPLAIN}=DEBUG shows the whole of it."
        ) from None


def _other() -> None:
    """Stands for the commands that were not asked for."""


def _refuse_bytes(words: list[str]) -> None:
    for word in words:
        if not word.isprintable() and any("\udc80" <= char <= "\udcff" for char in word):
            raise DeskError(f"What was typed is not UTF-8: {harmless(word.encode('utf-8', 'replace').decode())}")


def _of_system(error: OSError) -> str:
    what = error.strerror or type(error).__name__
    return f"{error.filename}: {what}." if error.filename else f"The system refused: {what}."


def _place(error: BaseException) -> str:
    """File and line, without the words: they may be a customer's."""
    trace = error.__traceback__
    while trace is not None and trace.tb_next is not None:
        trace = trace.tb_next
    return f"{Path(trace.tb_frame.f_code.co_filename).name}:{trace.tb_lineno}" if trace else "an unknown place"


def _log_as_json(level: str) -> None:
    structlog.configure(
        processors=[
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            structlog.processors.JSONRenderer(ensure_ascii=False),
        ],
        wrapper_class=structlog.make_filtering_bound_logger(
            logging.getLevelNamesMapping().get(level.upper(), logging.INFO)
        ),
        logger_factory=structlog.PrintLoggerFactory(sys.stderr),
    )
