"""The command line as a whole: what every command has, and that the light ones stay light."""

import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from cli_desk import CliDesk, deskd
from typer.main import get_command

from deskd.cli.main import COMMANDS, build

ROOT = Path(__file__).resolve().parents[2]
NAMED = {  # issue by issue, what must be there
    "queue": {"list", "next", "release"},
    "ticket": {"new", "show", "reply", "note", "facts", "assign", "set", "spam", "release", "resolve", "unreachable"},
    "agents": {"add", "list", "mail", "off", "password", "token", "tokens", "revoke"},
    "parked": {"list", "show", "retry", "dismiss"},
    "deliveries": {"list", "decide"},
    "rules": {"check", "explain", "history", "activate", "diff", "export"},
    "audit": {"verify"},
}


def leaves(name: str) -> Iterator[tuple[str, Any]]:
    whole: Any = get_command(build(name))
    command = whole.commands[name]
    below: dict[str, Any] = getattr(command, "commands", {})
    yield from ((f"{name} {verb}", one) for verb, one in below.items())
    if not below:
        yield name, command


@pytest.mark.parametrize("name", COMMANDS)
def test_every_command_has_a_help_and_says_json(name: str) -> None:
    for called, command in leaves(name):
        assert command.help, called
        assert "--json" in [opt for param in command.params for opt in param.opts], called


@pytest.mark.parametrize("noun", NAMED)
def test_every_noun_has_its_verbs(noun: str) -> None:
    assert {called.partition(" ")[2] for called, _ in leaves(noun)} == NAMED[noun]


def test_the_help_names_every_command() -> None:
    said = deskd("--help")
    assert said.status == 0
    assert all(name in said.out for name in COMMANDS)


@pytest.mark.parametrize("words", [["--help"], ["settings", "--default"], ["inspect", "reply"]])
def test_a_light_command_loads_neither_the_store_nor_the_faces(words: list[str]) -> None:
    code = (
        "import sys; from deskd.cli.main import main\n"
        "try: main()\nexcept SystemExit: pass\n"
        "print(sorted({'sqlalchemy', 'fastapi', 'starlette', 'deskd.app', 'rq'} & set(sys.modules)), file=sys.stderr)"
    )
    done = subprocess.run(
        [sys.executable, "-c", code, *words], cwd=ROOT, capture_output=True, text=True, check=True, input=""
    )
    assert done.stderr.strip() == "[]"


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["quue"], "No such command"),
        (["ticket"], "Usage"),
        (["ticket", "shwo"], "No such command"),
        (["ticket", "show"], "Missing argument"),
        (["ticket", "set", "UP-7K3M-9QXD", "queue", "x"], "--why"),
        (["rules", "activate", "two"], "int"),
        (["agents", "add", "x", "--role", "king"], "king"),
        (["run", "--never"], "No such option"),
        (["backup"], "Missing argument"),
    ],
)
def test_a_wrong_call_is_told_how_it_is_called(words: list[str], said: str) -> None:
    done = deskd(*words)
    assert done.status == 2
    assert said in done.out + done.err
    assert "Traceback" not in done.err


def test_words_that_are_no_utf8_are_one_sentence(desk: CliDesk) -> None:
    done = desk("ticket", "note", "UP-7K3M-9QXD", "caf\udce9")
    assert (done.status, "not UTF-8" in done.err, done.out) == (1, True, "")


def test_a_defect_is_one_sentence_with_its_place(desk: CliDesk, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(_path: object) -> None:
        raise KeyError("a customer's words")

    monkeypatch.setattr("deskd.app.prepare", broken)
    done = desk("queue", "list")
    assert done.status == 1
    assert "A defect of deskd ended this: KeyError at test_commands.py:" in done.err
    assert "customer" not in done.err
    assert "Traceback" not in done.err


def test_who_reads_our_output_may_hang_up(desk: CliDesk) -> None:
    command = [sys.executable, "-c", "from deskd.cli.main import main; main()", "settings", "--default"]
    with subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as started:
        assert started.stdout
        assert started.stderr
        started.stdout.close()
        said = started.stderr.read()
    assert "Traceback" not in said
