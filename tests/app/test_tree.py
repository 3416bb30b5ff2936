"""The process tree of a real daemon: what starts, what ends, and in what order."""

import os
import signal
import smtplib
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from child import OURS, ROOT, Child
from sqlalchemy import func, select

from deskd import app, settings
from deskd.app.shared import Nudge, open_doors
from deskd.domain.errors import SettingsError
from deskd.outbox.valkey import EmbeddedValkey
from deskd.store import rule_sets, tables

pytestmark = pytest.mark.daemon

EVERYTHING = """
[[rules]]
name = "all"
strength = "default"
when = {}
then = { category = "other", topic = "unclear", queue = "triage", priority = "low", policy = "other" }
reason = { en = "Everything.", zh = "全部。" }
"""
MAIN = "from deskd.cli.main import main; main()"
MAIL = "From: <a@example.com>\r\nSubject: money\r\nMessage-ID: <{}@example.com>\r\n\r\nMy transfer has not arrived\r\n"


@pytest.fixture
def desk(tmp_path: Path) -> Iterator[Child]:
    child = Child(tmp_path / "data", 25)
    yield child
    child.stop()


def until(holds: Callable[[], bool], seconds: float = 15.0) -> bool:
    """Looks again and again; False when the time is over."""
    deadline = time.monotonic() + seconds
    while not holds():
        if time.monotonic() > deadline:
            return False
        time.sleep(0.02)  # what happens in other processes announces itself to nobody here
    return True


def children(pid: int) -> dict[int, str]:
    """pid → command line of the processes that this one has started."""
    found = Path(f"/proc/{pid}/task/{pid}/children").read_text("ascii").split()
    return {int(one): Path(f"/proc/{one}/cmdline").read_text("utf-8") for one in found}


def alive(pid: int) -> bool:
    try:
        return Path(f"/proc/{pid}/stat").read_text("ascii").split(")")[1].split()[0] != "Z"
    except FileNotFoundError:
        return False


def mail(child: Child, key: str) -> None:
    with smtplib.SMTP("127.0.0.1", child.smtp, timeout=10) as session:
        session.sendmail("a@example.com", [OURS], MAIL.format(key))


def tickets(child: Child) -> int:
    parts = child.build()
    try:
        with parts.database.read() as connection:
            return int(connection.scalar(select(func.count()).select_from(tables.tickets)) or 0)
    finally:
        parts.database.close()


def pid_of(child: Child) -> int:
    assert child.process is not None
    return child.process.pid


def test_it_stops_in_time_and_leaves_no_process_behind(desk: Child) -> None:
    desk.start()
    started = children(pid_of(desk))
    assert sum("valkey-server" in line for line in started.values()) == 1
    named = {Path(f"/proc/{pid}/comm").read_text("utf-8").strip() for pid in started}
    assert {"deskd-front", "deskd-pipeline", "deskd-worker"} <= named
    begun = time.monotonic()
    assert desk.stop() == 0
    assert time.monotonic() - begun < 10
    assert not any(alive(pid) for pid in started)


def test_children_of_a_supervisor_that_is_killed_end_by_themselves_and_the_next_start_goes_on(desk: Child) -> None:
    desk.start()
    started = children(pid_of(desk))
    os.kill(pid_of(desk), signal.SIGKILL)
    assert desk.stop() == -signal.SIGKILL
    assert until(lambda: not any(alive(pid) for pid in started))
    desk.start()
    mail(desk, "after")
    assert until(lambda: tickets(desk) == 1)


def test_a_child_that_is_killed_is_started_again_behind_the_same_doors(desk: Child) -> None:
    desk.start()
    before = children(pid_of(desk))
    for pid, line in before.items():
        if "valkey-server" not in line:
            os.kill(pid, signal.SIGKILL)
    assert until(lambda: len(set(children(pid_of(desk))) - set(before)) == len(before) - 1)
    assert until(desk.is_ready)
    mail(desk, "again")
    assert until(lambda: tickets(desk) == 1)


def deskd(*words: str) -> tuple[int, str]:
    """Exit status and standard error of a command."""
    command = [sys.executable, "-c", MAIN, *words]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    return done.returncode, done.stderr


def test_a_second_start_is_refused_with_the_pid_of_the_first(desk: Child) -> None:
    desk.start()
    status, said = deskd("run", "--settings", str(desk.file))
    assert status == 1
    assert f"runs on {desk.folder} already, as process {pid_of(desk)}" in said
    assert "Traceback" not in said


@pytest.mark.parametrize(("part", "said"), [("front", "--only needs redis.url"), ("printer", 'no part "printer"')])
def test_a_part_alone_that_cannot_run_says_why(desk: Child, part: str, said: str) -> None:
    status, why = deskd("run", "--only", part, "--settings", str(desk.file))
    assert (status, said in why, "Traceback" in why) == (1, True, False)


def test_the_parts_run_as_processes_of_their_own_over_one_store_and_one_redis(desk: Child, tmp_path: Path) -> None:
    valkey = EmbeddedValkey(tmp_path)
    before, _, after = desk.file.read_text("utf-8").partition("[redis]")
    after = after.replace('url = ""', f'url = "{valkey.start()}"', 1)
    desk.file.write_text(f"{before}[redis]{after}", "utf-8")
    parts = [["-c", MAIN, "run", "--only", part] for part in ("front", "pipeline", "keeper")] + [["worker.py"]]
    words = [[sys.executable, *part, "--settings", str(desk.file)] for part in parts]
    started = [subprocess.Popen(one, cwd=ROOT, stdout=subprocess.DEVNULL) for one in words]
    try:
        assert until(desk.is_ready, 30)
        mail(desk, "apart")
        assert until(lambda: tickets(desk) == 1)
        for one in started:
            one.send_signal(signal.SIGTERM)
        assert [one.wait(10) for one in started] == [0, 0, 0, 0]
    finally:
        for one in started:
            one.kill()
            one.wait()
        valkey.stop()


def test_rules_that_are_activated_decide_in_a_daemon_that_runs(desk: Child) -> None:
    desk.start()
    parts = desk.build()
    try:
        with parts.database.write() as connection:
            version = rule_sets.add(connection, "x", EVERYTHING, author="ops", at=app.now(), active=False)
            rule_sets.activate(connection, version, app.now())
        keys = (f"m{n}" for n in range(100))

        def decided() -> bool:
            mail(desk, next(keys))
            with parts.database.read() as connection:
                return version in set(connection.scalars(select(tables.decisions.c.rule_set)))

        assert until(decided)
    finally:
        parts.database.close()


def test_a_port_in_use_gives_way_to_the_next_free_one(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        text = (
            settings.default_text()
            .replace("port = 8025", f"port = {port}")
            .replace("smtp_port = 2525", "smtp_port = 0")
        )
        doors = open_doors(settings.parse(text, tmp_path))
        assert port < doors.http.getsockname()[1] < port + 20
        doors.http.close()
        doors.smtp.close()


def test_a_host_that_is_not_ours_is_named_with_its_setting(tmp_path: Path) -> None:
    text = settings.default_text().replace('host = "127.0.0.1"', 'host = "192.0.2.1"', 1)  # of [web]
    with pytest.raises(SettingsError, match=r"\[web\] port: nothing from 8025 .* on 192\.0\.2\.1"):
        open_doors(settings.parse(text, tmp_path))


def test_ids_of_forked_processes_never_meet() -> None:
    app.new_id()
    made: list[list[str]] = []
    for _ in range(2):
        read, write = os.pipe()
        if os.fork() == 0:
            os.write(write, "".join(app.new_id() for _ in range(500)).encode())
            os._exit(0)
        os.close(write)
        with os.fdopen(read) as told:
            text = told.read()
        made.append([text[at : at + 32] for at in range(0, len(text), 32)])
    assert len({*made[0], *made[1]}) == 1000


def test_a_nudge_wakes_and_many_are_one() -> None:
    nudge = Nudge()
    for _ in range(100_000):  # more than a pipe holds
        nudge.give()
    nudge.wait(60)
    for _ in range(20):
        nudge.wait(0)
    begun = time.monotonic()
    nudge.wait(0.05)
    assert time.monotonic() - begun >= 0.04
