"""A real `deskd run` as a child process on a folder of its own, for the crash harness and for bench/."""

import os
import re
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from sqlalchemy import Connection

from deskd import app, settings
from deskd.app import Parts
from deskd.domain.ports import Receipt
from deskd.store import receipts

ROOT = Path(__file__).resolve().parents[2]
START_SECONDS = 20.0
OURS = "support@desk.example"
PROVED = "Authentication-Results: mx.desk.example; dmarc=pass header.from={}\r\n"
"""What our own MTA writes above a mail whose sender's domain it has proved; `{}` is the domain."""


def free_port() -> int:
    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        return int(found.getsockname()[1])


def settings_text(url: str, relay: int, smtp: int, http: int) -> str:
    """The default settings on these ports, with loopback as the MTA that is believed."""
    text = settings.default_text()
    for old, new in (
        (r"^port = 25$", f"port = {relay}"),
        (r"^trusted_mta = \[\]$", 'trusted_mta = ["127.0.0.0/8"]'),
        (r'^authserv_id = ""$', 'authserv_id = "mx.desk.example"'),
        (r"^port = 8025$", f"port = {http}"),
        (r"^smtp_port = 2525$", f"smtp_port = {smtp}"),
        (r'^url = ""$', f'url = "{url}"'),
    ):
        text, changed = re.subn(old, new, text, count=1, flags=re.MULTILINE)  # the first url is the store's
        if not changed:
            raise ValueError(f"The default settings have no line {old} any more.")
    return text


class Child:
    """One data folder and the daemon on it, which may be started again after it was killed."""

    def __init__(self, folder: Path, relay: int, url: str = "") -> None:
        folder.mkdir(parents=True, exist_ok=True)
        self.folder, self.smtp, self.http = folder, free_port(), free_port()
        self.file = folder / "settings.toml"
        self.file.write_text(settings_text(url, relay, self.smtp, self.http), "utf-8")
        self.process: subprocess.Popen[bytes] | None = None

    def build(self) -> Parts:
        """The same desk in this process; close its database before counting on the child alone."""
        return app.build(settings.load(self.file))

    def start(self, crash: str = "", *, ready: bool = True) -> float:
        """Seconds until `/readyz` answers. `crash`: a point of deskd/domain/crash.py, as `point:n`."""
        environment = os.environ | {"DESKD_CRASH": crash, "DESKD_LOG": "WARNING"}
        words = [sys.executable, "-c", "from deskd.cli.main import main; main()", "run", "--settings", str(self.file)]
        begun = time.perf_counter()
        with (self.folder / "log").open("ab") as log:
            self.process = subprocess.Popen(words, cwd=ROOT, env=environment, stdout=log, stderr=log)
        while ready and not self.is_ready():
            if self.process.poll() is not None or time.perf_counter() - begun > START_SECONDS:
                if crash and self.process.returncode == -signal.SIGKILL:
                    break
                raise RuntimeError(f"The daemon did not start:\n{self.log()}")
            time.sleep(0.01)  # nothing announces the moment but the port itself
        return time.perf_counter() - begun

    def is_ready(self) -> bool:
        try:
            with urllib.request.urlopen(f"http://127.0.0.1:{self.http}/readyz", timeout=1) as answer:
                return bool(answer.status == 200)
        except (urllib.error.URLError, OSError):
            return False

    def dead(self) -> bool:
        return self.process is None or self.process.poll() is not None

    def stop(self) -> int:
        """SIGTERM, and SIGKILL to a daemon that does not end; the exit code."""
        if self.process is None:
            return 0
        if self.process.poll() is None:
            self.process.send_signal(signal.SIGTERM)
            try:
                self.process.wait(15)
            except subprocess.TimeoutExpired:
                self.process.kill()
        return self.process.wait()

    def log(self) -> str:
        return (self.folder / "log").read_text("utf-8", "replace")[-4000:]


def envelope(to: str = OURS) -> Mapping[str, Any]:
    return {"mail_from": "customer@mail.example", "rcpt_to": [to], "peer": "127.0.0.1", "helo": "mx.desk.example"}


def kept(parts: Parts, mails: Iterable[tuple[bytes, str]], group: int = 256) -> None:
    """Keeps (mail, recipient) pairs without a listener, `group` a commit."""
    made = [
        Receipt("email", "main", app.mail_key(raw), app.mail_lane(raw), raw, app.now(), envelope(to))
        for raw, to in mails
    ]
    for start in range(0, len(made), group):
        sealed = [receipts.seal(one, app.new_id, parts.vault) for one in made[start : start + group]]

        def keep(connection: Connection, some: Any = sealed) -> None:
            receipts.keep(connection, some)

        parts.database.transact(keep)
