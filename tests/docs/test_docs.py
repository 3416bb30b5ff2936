"""The documents are true: links lead somewhere, commands exist, and the README's first example works as written."""

import os
import re
import subprocess
import sys
import tomllib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from child import ROOT, Child
from typer.main import get_command

from deskd import settings
from deskd.cli.main import build

PAGES = sorted([*ROOT.glob("*.md"), *ROOT.glob("docs/**/*.md"), *ROOT.glob("channels/*/README.md")])
LINK = re.compile(r"\]\((?!https?:|mailto:|#)([^)#\s]+)")
COMMAND = re.compile(r"(?:`|^ {4}(?:\S*/)?)deskd((?: [a-z][a-z-]*)+)", re.MULTILINE)
SECTION = re.compile(r"`\[([a-z.]+)\]`")


def shown(page: Path) -> str:
    return str(page.relative_to(ROOT))


@pytest.mark.parametrize("page", PAGES, ids=shown)
def test_every_link_leads_to_a_file(page: Path) -> None:
    missing = [link for link in LINK.findall(page.read_text("utf-8")) if not (page.parent / link).exists()]
    assert not missing


@pytest.mark.parametrize("page", PAGES, ids=shown)
def test_every_command_exists(page: Path) -> None:
    unknown = [words for words in COMMAND.findall(page.read_text("utf-8")) if not known(words.split())]
    assert not unknown


def known(words: list[str]) -> bool:
    """Whether the first words name a command; what follows are its arguments."""
    command: Any = get_command(build(words[0]))
    for word in words:
        below = getattr(command, "commands", None)
        if below is None:
            return True
        if word not in below:
            return False
        command = below[word]
    return True


@pytest.mark.parametrize("page", PAGES, ids=shown)
def test_every_section_of_the_settings_exists(page: Path) -> None:
    sections = set(headings(tomllib.loads(settings.default_text())))
    assert set(SECTION.findall(page.read_text("utf-8"))) <= sections


def headings(table: dict[str, object], above: str = "") -> Iterator[str]:
    for name, value in table.items():
        inner = value[0] if isinstance(value, list) and value else value
        if isinstance(inner, dict):
            yield f"{above}{name}"
            yield from headings(inner, f"{above}{name}.")


def test_the_first_example_of_the_readme_works_as_written(tmp_path: Path) -> None:
    readme = (ROOT / "README.md").read_text("utf-8")
    block = readme.partition("## The first example")[2].partition("\nThe form at")[0]
    script = "\n".join(line[4:] for line in block.splitlines() if line.startswith("    ") or not line.strip())
    child = Child(tmp_path / "data", 25)
    for here, there in (
        (".venv/bin/", f"{Path(sys.executable).parent}/"),
        ("/tmp/first.eml", str(tmp_path / "first.eml")),
        ("2525", str(child.smtp)),
    ):
        assert here in script
        script = script.replace(here, there)
    child.start()
    try:
        environment = os.environ | {"DESKD_SETTINGS": str(child.file), "COLUMNS": "200"}
        done = subprocess.run(["bash", "-euc", script], env=environment, capture_output=True, text=True, check=False)
    finally:
        child.stop()
    assert done.returncode == 0, done.stderr
    assert "transfers" in done.stdout
