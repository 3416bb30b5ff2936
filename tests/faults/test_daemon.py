"""A real daemon in trouble: nothing that was acknowledged is lost, nothing leaves twice, and what can't be is said."""

import json
import os
import secrets
import smtplib
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import psycopg
import pytest
from child import OURS, ROOT, Child
from cli_desk import CliDesk, short_folder
from disk import small_disk
from redis import Redis
from relay import Relay, open_relay
from sqlalchemy import func, select

from deskd.acts import verbs
from deskd.outbox.valkey import EmbeddedValkey
from deskd.store import people, tables

pytestmark = pytest.mark.daemon

MAIL = "From: c{key}@example.com\r\nSubject: money\r\nMessage-ID: <{key}@example.com>\r\n\r\n{text}\r\n"
MIB = 1 << 20
LIMIT = 36 * MIB  # the default of [mail.listen] size_limit
REPLIES = 6


@pytest.fixture
def relay() -> Iterator[Relay]:
    with open_relay() as opened:
        yield opened


@pytest.fixture
def desk(relay: Relay) -> Iterator[Child]:
    with short_folder() as folder:
        child = Child(folder / "data", relay.port)
        yield child
        child.stop()


@pytest.fixture
def empty_url() -> Iterator[str]:
    """A database of PostgreSQL with nothing in it."""
    server, name = os.environ["DESKD_TEST_PG"], f"deskd_test_{secrets.token_hex(6)}"
    with psycopg.connect(server, autocommit=True) as connection:
        connection.execute(f'CREATE DATABASE "{name}"')
        yield f"{server.rpartition('/')[0]}/{name}"
        connection.execute(f'DROP DATABASE "{name}" WITH (FORCE)')


def until(holds: Callable[[], bool], seconds: float = 30.0) -> bool:
    deadline = time.monotonic() + seconds
    while not holds():
        if time.monotonic() > deadline:
            return False
        time.sleep(0.02)  # what happens in other processes announces itself to nobody here
    return True


def hand_over(child: Child, key: str, text: str = "My transfer has not arrived") -> int:
    """What the daemon answers to one mail; 421 when it hangs up."""
    try:
        with smtplib.SMTP("127.0.0.1", child.smtp, timeout=30) as session:
            session.helo("mx.desk.example")
            session.mail("c@example.com")
            session.rcpt(OURS)
            return session.data(mail_of(key, text))[0]
    except smtplib.SMTPServerDisconnected:
        return 421
    except smtplib.SMTPResponseException as error:
        return error.smtp_code


def mail_of(key: str, text: str) -> bytes:
    """A mail with this text, or of a file when it is what `lines_of` makes."""
    head, _, body = MAIL.format(key=key, text=text).partition("\r\n\r\n")
    return (f"{head}\r\n{FILE}{body}" if text.startswith("QUJD") else f"{head}\r\n\r\n{body}").encode()


def keys_kept(child: Child) -> set[str]:
    """The Message-IDs of the mails that are messages by now."""
    parts = child.build()
    try:
        with parts.database.read() as connection:
            came = select(tables.messages.c.provider_id).where(tables.messages.c.direction == "in")
            return {one.strip("<>").partition("@")[0] for one in connection.scalars(came)}
    finally:
        parts.database.close()


def family(child: Child) -> list[int]:
    """The daemon's pid and those of its children."""
    assert child.process is not None
    pid = child.process.pid
    return [pid, *map(int, Path(f"/proc/{pid}/task/{pid}/children").read_text("ascii").split())]


def peak(pids: list[int]) -> int:
    """Bytes of memory that the largest of them ever had."""
    found = []
    for pid in pids:
        status = Path(f"/proc/{pid}/status").read_text("ascii")
        found += [int(line.split()[1]) * 1024 for line in status.splitlines() if line.startswith("VmHWM")]
    return max(found)


FILE = "MIME-Version: 1.0\r\nContent-Type: image/png\r\nContent-Transfer-Encoding: base64\r\n\r\n"


def lines_of(size: int) -> str:
    """So many bytes of coded file, as the larger part of large mails is."""
    return ("QUJD" * 17 + "QQ\r\n") * (size // 72)


def test_a_mail_of_30_mb_is_a_ticket_a_larger_one_is_refused_and_memory_stays_bounded(desk: Child) -> None:
    desk.start()
    before = peak(family(desk))
    assert hand_over(desk, "large", lines_of(30_000_000)) == 250
    assert until(lambda: keys_kept(desk) == {"large"})
    for n in range(3):
        assert hand_over(desk, f"huge{n}", lines_of(LIMIT + MIB)) == 552
    grown = peak(family(desk)) - before
    assert grown < 8 * LIMIT  # parse, mask, seal: a few copies, and none is kept
    assert hand_over(desk, "after") == 250
    assert until(lambda: keys_kept(desk) == {"large", "after"})
    desk.stop()
    assert not desk.ended()


def test_replies_that_are_queued_while_redis_is_emptied_leave_once(desk: Child, relay: Relay) -> None:
    desk.start()
    for n in range(REPLIES):
        assert hand_over(desk, f"m{n}") == 250
    assert until(lambda: len(keys_kept(desk)) == REPLIES)
    cli = CliDesk(desk.folder)
    rows = {row["part"]: row for row in json.loads(cli("doctor", "--json").out)}
    assert rows["daemon"]["what"] == f"it runs as process {family(desk)[0]}"
    assert (rows["daemon"]["state"], rows["bell"]["state"], rows["mail out"]["state"]) == ("ok", "ok", "ok")
    parts = desk.build()
    with Redis.from_url(EmbeddedValkey(desk.folder / "valkey").url) as redis:
        with parts.database.write() as connection:
            admin = people.named(connection, "admin")
            assert admin is not None
            codes = list(connection.scalars(select(tables.tickets.c.code)))
            for code in codes:
                verbs.reply(parts.desk, connection, admin, code, "We look into it.")
        for _ in range(50):  # whatever rings is wiped at once, again and again
            redis.flushall()
    assert until(lambda: sum(relay.ledger.values()) >= REPLIES)
    with parts.database.read() as connection:
        states = set(connection.scalars(select(tables.deliveries.c.state)))
    parts.database.close()
    assert until(lambda: set(relay.ledger.values()) == {1} and len(relay.ledger) == REPLIES)
    assert states <= {"queued", "leased", "wire", "accepted"}


def test_a_full_disk_loses_nothing_and_is_caught_up_when_there_is_room(tmp_path: Path, relay: Relay) -> None:
    with small_disk(tmp_path / "disk") as disk:
        child = Child(disk.folder / "data", relay.port)
        try:
            child.start()
            accepted = {f"a{n}" for n in range(5) if hand_over(child, f"a{n}") == 250}
            assert len(accepted) == 5
            assert until(lambda: keys_kept(child) == accepted)
            disk.fill(family(child))
            answers = {}
            for n in range(20):
                answers[f"b{n}"] = hand_over(child, f"b{n}", lines_of(20_000 if n % 2 else 400_000))
            assert set(answers.values()) <= {250, 451, 452}
            assert {451, 452} & set(answers.values())
            disk.free(family(child))
            accepted |= {key for key, answer in answers.items() if answer == 250}
            refused = {key for key, answer in answers.items() if answer != 250}
            assert until(lambda: all(hand_over(child, key, lines_of(20_000)) == 250 for key in refused))
            assert until(lambda: keys_kept(child) == accepted | refused)
        finally:
            child.stop()
        assert CliDesk(child.folder)("audit", "verify").status == 0


@pytest.mark.postgres
def test_a_store_that_keeps_going_away_loses_and_doubles_nothing(tmp_path: Path, relay: Relay, empty_url: str) -> None:
    child = Child(tmp_path / "data", relay.port, empty_url)
    stopping = threading.Event()

    def terminate() -> None:
        with psycopg.connect(os.environ["DESKD_TEST_PG"], autocommit=True) as connection:
            name = empty_url.rpartition("/")[2]
            ends = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = %s"
            while not stopping.wait(0.05):
                connection.execute(ends, (name,))

    thread = threading.Thread(target=terminate)
    try:
        child.start()
        thread.start()
        answers = {f"m{n}": hand_over(child, f"m{n}") for n in range(60)}
        stopping.set()
        thread.join()
        assert set(answers.values()) <= {250, 451}
        refused = {key for key, answer in answers.items() if answer != 250}
        assert until(lambda: all(hand_over(child, key) == 250 for key in refused))
        assert until(lambda: keys_kept(child) == set(answers))
        parts = child.build()
        with parts.database.read() as connection:
            assert connection.scalar(select(func.count()).select_from(tables.tickets)) == len(answers)
        parts.database.close()
    finally:
        stopping.set()
        if thread.is_alive():
            thread.join()
        child.stop()


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ('password = ""', 'password = "env:DESKD_TEST_WEAK"', "The secret env:DESKD_TEST_WEAK is weak"),
        ("lmtp_port = 0", "lmtp_port = {taken}", "[mail.listen] LMTP cannot listen at {taken}: "),
    ],
)
def test_a_start_that_can_not_be_is_refused_with_one_sentence_by_the_child_that_knows(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, old: str, new: str, said: str
) -> None:
    monkeypatch.setenv("DESKD_TEST_WEAK", "sh0rt")
    child = Child(tmp_path / "data", 25)
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = str(taken.getsockname()[1])
        text = child.file.read_text("utf-8")
        assert old in text
        child.file.write_text(text.replace(old, new.format(taken=port), 1), "utf-8")
        words = [sys.executable, "-c", "from deskd.cli.main import main; main()", "run", "--settings", str(child.file)]
        environment = os.environ | {"DESKD_LOG": "CRITICAL"}
        done = subprocess.run(words, cwd=ROOT, env=environment, capture_output=True, text=True, check=False, timeout=60)
    assert done.returncode == 1
    assert said.format(taken=port) in done.stderr
    assert len(done.stderr.strip().splitlines()) == 1
    assert "sh0rt" not in done.stderr + done.stdout
