"""A data folder and `deskd` on it, called as a person would, in this process: the start is spared."""

import contextlib
import io
import json
import shutil
import sys
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import structlog

from deskd import app, settings
from deskd.cli.main import main

MAIL = "From: {who}\r\nSubject: {subject}\r\nMessage-ID: <{key}@example.com>\r\n\r\n{text}\r\n"


@dataclass(frozen=True, slots=True)
class Said:
    status: int
    out: str
    err: str
    raw: bytes

    @property
    def json(self) -> Any:
        assert self.status == 0, self.err
        return json.loads(self.out)


def deskd(*words: str, stdin: bytes = b"") -> Said:
    """`deskd words…`: its exit status and what it said."""
    out, err = io.BytesIO(), io.BytesIO()
    old, argv, status = (sys.stdin, sys.stdout, sys.stderr), sys.argv, 0
    sys.argv = ["deskd", *words]
    sys.stdin, sys.stdout, sys.stderr = (
        io.TextIOWrapper(io.BytesIO(stdin), "utf-8"),
        io.TextIOWrapper(out, "utf-8", write_through=True),
        io.TextIOWrapper(err, "utf-8", "backslashreplace", write_through=True),
    )
    try:
        main()
    except SystemExit as end:
        status = end.code if isinstance(end.code, int) else int(end.code is not None)
    finally:
        for mine in (sys.stdout, sys.stderr):
            with contextlib.suppress(ValueError):
                mine.flush()
        raw, said = out.getvalue(), err.getvalue()
        sys.stdin, sys.stdout, sys.stderr = old
        sys.argv = argv
        structlog.reset_defaults()
    return Said(status, raw.decode("utf-8", "replace"), said.decode("utf-8", "replace"), raw)


@contextlib.contextmanager
def short_folder() -> Iterator[Path]:
    """So short a path that the socket of the daemon's Valkey has room in it."""
    folder = Path(tempfile.mkdtemp(prefix="deskd-"))
    try:
        yield folder
    finally:
        shutil.rmtree(folder)


class CliDesk:
    def __init__(self, folder: Path) -> None:
        self.folder, self.file, self.code = folder, folder / "settings.toml", ""

    def __call__(self, *words: str, stdin: bytes = b"") -> Said:
        return deskd(*words, "--settings", str(self.file), stdin=stdin)

    def build(self) -> app.Parts:
        return app.build(settings.load(self.file))

    def mail(self, text: str, who: str = "a@example.com", subject: str = "transfer", key: str = "1") -> Path:
        file = self.folder / f"{key}.eml"
        file.write_text(MAIL.format(who=who, subject=subject, key=key, text=text), "utf-8", newline="")
        return file

    def ticket(self, text: str = "My transfer has not arrived", **more: str) -> str:
        """The code of a new ticket."""
        [row] = self("ingest", "email", str(self.mail(text, **more)), "--json").json
        return str(row["code"])
