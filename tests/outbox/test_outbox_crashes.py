import os
import signal
import subprocess
import sys
import time
from collections import Counter
from pathlib import Path

import pytest
from outbox_world import Desk

from deskd.outbox.valkey import EmbeddedValkey

ROOT = Path(__file__).parents[2]
VICTIM = Path(__file__).with_name("outbox_victim.py")

# point → (state it is found in, lines in the provider's ledger, end after a sweep and another worker)
ENDS = {
    "reply-out:after-lease": ("leased", 0, "accepted"),
    "reply-out:before-wire": ("leased", 0, "accepted"),
    "reply-out:after-wire": ("wire", 0, "unknown"),
    "reply-out:after-send": ("wire", 1, "unknown"),
    "reply-out:before-outcome": ("wire", 1, "unknown"),
    "reply-out:after-outcome": ("accepted", 1, "accepted"),
}


def _work(desk: Desk, ledger: Path, point: str = "", passages: int = 1) -> int:
    words = [VICTIM, desk.database.url, ledger, *((point, str(passages)) if point else ())]
    environment = os.environ | {"PYTHONPATH": str(ROOT)}
    return subprocess.run([sys.executable, *words], env=environment, check=False, timeout=30).returncode


@pytest.mark.parametrize("point", ENDS)
def test_a_worker_killed_at_a_point_loses_and_doubles_nothing(desk: Desk, tmp_path: Path, point: str) -> None:
    found, lines, end = ENDS[point]
    desk.clock.now = time.time_ns() // 1000 - 1_000_000
    reply = desk.delivery()
    ledger = tmp_path / "ledger"
    ledger.touch()
    assert _work(desk, ledger, point) == -signal.SIGKILL
    assert (desk.state(reply), len(ledger.read_text().split())) == (found, lines)
    desk.clock.pass_by(120)
    desk.sweep()
    desk.clock.now = time.time_ns() // 1000
    with desk.database.write() as connection:  # the clock was turned on to end the lease
        connection.exec_driver_sql("UPDATE deliveries SET due_at = 0 WHERE state = 'queued'")
    assert _work(desk, ledger) == 0
    assert desk.state(reply) == end
    counted = Counter(ledger.read_text().split())
    assert counted[reply] == (1 if end == "accepted" else lines)


def test_a_worker_killed_among_many_doubles_none_and_lets_the_rest_go(desk: Desk, tmp_path: Path) -> None:
    desk.clock.now = time.time_ns() // 1000 - 1_000_000
    replies = [desk.delivery() for _ in range(40)]
    ledger = tmp_path / "ledger"
    ledger.touch()
    assert _work(desk, ledger, "reply-out:after-send", 7) == -signal.SIGKILL
    desk.clock.pass_by(120)
    swept = desk.sweep()
    with desk.database.write() as connection:
        connection.exec_driver_sql("UPDATE deliveries SET due_at = 0 WHERE state = 'queued'")
    assert _work(desk, ledger) == 0
    states = Counter(desk.state(reply) for reply in replies)
    counted = Counter(ledger.read_text().split())
    assert max(counted.values()) == 1
    assert states == Counter(accepted=40 - swept.unknown, unknown=swept.unknown)
    assert all(counted[reply] == 1 for reply in replies if desk.state(reply) == "accepted")


def test_a_worker_process_stops_on_sigterm(tmp_path: Path) -> None:
    server = EmbeddedValkey(tmp_path)
    url = server.start()
    code = (
        "import sys, worker\n"
        "class Idle:\n"
        "    async def close(self, grace): print('closed', flush=True)\n"
        "    def accounts_due(self): return []\n"
        f"worker.run(lambda: (print('ready', flush=True), Idle())[1], {url!r}, 'suite')\n"
    )
    process = subprocess.Popen(
        [sys.executable, "-c", code], cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True
    )
    assert process.stdout is not None
    assert process.stdout.readline() == "ready\n"
    process.send_signal(signal.SIGTERM)
    assert process.stdout.read() == "closed\n"
    assert process.wait(10) == 0
    process.stdout.close()
    server.stop()


def test_a_worker_process_that_cannot_begin_says_one_sentence(tmp_path: Path) -> None:
    words = [sys.executable, "worker.py", "--settings", str(tmp_path / "none.toml")]
    ended = subprocess.run(words, cwd=ROOT, capture_output=True, text=True, check=False, timeout=30)
    assert ended.returncode == 1
    assert len(ended.stderr.strip().splitlines()) == 1
