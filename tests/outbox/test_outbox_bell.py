import itertools
import logging
import os
import signal
import socket
import threading
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
import structlog
from outbox_world import ACCOUNT, Desk
from redis import Redis

from deskd.domain.errors import SettingsError
from deskd.outbox import valkey as module
from deskd.outbox.bell import Bell
from deskd.outbox.hearth import run
from deskd.outbox.valkey import SKIPPED_POLLS, EmbeddedValkey, find_binary
from deskd.outbox.work import Outbox
from deskd.store import deliveries as store

QUEUE = "rq:queue:suite"
# What RQ keeps without an expiry: the list of waiting jobs, the one being handed over, and the sets of names.
RQS_OWN = {QUEUE, f"{QUEUE}:intermediate", "rq:queues", "rq:workers", "rq:workers:suite", "rq:finished:suite"}


@pytest.fixture
def bell(valkey: EmbeddedValkey) -> Iterator[Bell]:
    bell = Bell(valkey.url, "suite")
    yield bell
    bell.close()


@pytest.fixture
def redis(valkey: EmbeddedValkey) -> Iterator[Redis]:
    with Redis.from_url(valkey.url, decode_responses=True) as redis:
        yield redis


@pytest.fixture
def worker(valkey: EmbeddedValkey, desk: Desk) -> Iterator[Callable[[], None]]:
    """Starts workers in threads of their own; they are stopped afterwards."""
    stopping = threading.Event()
    threads: list[threading.Thread] = []

    def start() -> None:
        name = f"worker-{len(threads)}"
        arguments = (lambda: desk.outbox(name), valkey.url, "suite", stopping)
        threads.append(threading.Thread(target=run, args=arguments, name=name))
        threads[-1].start()

    yield start
    stopping.set()
    for thread in threads:
        thread.join()


def _until(done: Callable[[], bool]) -> None:
    """Ten seconds at the most."""
    pause = threading.Event()
    for _ in range(1000):
        if done():
            return
        pause.wait(0.01)
    pytest.fail("it did not come about in ten seconds")


def _until_sent(desk: Desk, count: int) -> None:
    def sent() -> bool:
        with desk.database.read() as connection:
            return store.counts(connection).get("accepted") == count

    _until(sent)


def test_a_ring_that_waits_is_not_doubled(bell: Bell, redis: Redis) -> None:
    for _ in range(5):
        bell.ring(ACCOUNT)
    bell.ring("billing")
    assert redis.llen(QUEUE) == 2


def test_what_becomes_due_after_a_worker_began_to_look_rings_again(bell: Bell, redis: Redis) -> None:
    bell.ring(ACCOUNT)
    redis.delete(QUEUE)
    bell.answered(ACCOUNT)
    bell.ring(ACCOUNT)
    assert redis.llen(QUEUE) == 1


def test_the_bell_carries_an_account_and_no_pickle(bell: Bell, redis: Redis) -> None:
    bell.ring(ACCOUNT)
    (key,) = redis.keys("rq:job:*")
    job = bell._queue.connection.hgetall(key)
    assert b"pickle" not in job[b"data"]
    assert (job[b"description"], int(job[b"failure_ttl"])) == (b"ring", 600)


def test_a_bell_without_redis_raises_nothing_and_says_so_once(tmp_path: Path) -> None:
    bell = Bell(f"unix://{tmp_path}/nobody", "suite")
    with structlog.testing.capture_logs() as logs:
        for _ in range(3):
            bell.ring(ACCOUNT)
    assert [entry["event"] for entry in logs] == ["bell away"]
    assert not bell.works()


def test_a_bell_hears_again_when_redis_is_back(tmp_path: Path) -> None:
    server = EmbeddedValkey(tmp_path)
    bell = Bell(server.url, "suite")
    bell.ring(ACCOUNT)
    server.start()
    assert bell.works()
    bell.close()
    server.stop()


def test_a_bells_name_is_checked() -> None:
    with pytest.raises(SettingsError, match=r"redis\.prefix"):
        Bell("redis://127.0.0.1:1", "two words")


def test_a_ring_makes_a_worker_send(desk: Desk, bell: Bell, worker: Callable[[], None]) -> None:
    worker()
    replies = [desk.delivery() for _ in range(40)]
    bell.ring(ACCOUNT)
    _until_sent(desk, 40)
    assert sorted(desk.provider.sent) == sorted(replies)


def test_two_workers_and_many_rings_send_everything_once(
    desk: Desk, bell: Bell, redis: Redis, worker: Callable[[], None]
) -> None:
    worker()
    worker()
    for n in range(60):
        desk.delivery()
        redis.delete(f"suite:rung:{ACCOUNT}")
        bell.ring(ACCOUNT)
        if n == 30:
            redis.flushall()
            desk.sweep()
            bell.ring(ACCOUNT)
    bell.ring(ACCOUNT)
    _until_sent(desk, 60)
    assert len(set(desk.provider.sent)) == len(desk.provider.sent) == 60


def test_redis_emptied_while_replies_wait_loses_none(
    desk: Desk, bell: Bell, redis: Redis, worker: Callable[[], None]
) -> None:
    for _ in range(10):
        desk.delivery()
    bell.ring(ACCOUNT)
    redis.flushall()
    worker()
    assert desk.provider.sent == []
    for account in desk.sweep().rung:
        bell.ring(account)
    _until_sent(desk, 10)
    assert len(desk.provider.sent) == 10


def test_no_key_is_left_without_an_expiry_but_rqs_own(
    desk: Desk, bell: Bell, redis: Redis, worker: Callable[[], None]
) -> None:
    worker()
    desk.delivery()
    bell.ring(ACCOUNT)
    _until_sent(desk, 1)
    bell.ring("billing")
    _until(lambda: not redis.exists("suite:rung:billing"))  # answered, though RQ may still be settling the job
    _until(lambda: {key for key in redis.scan_iter() if redis.ttl(key) == -1} <= RQS_OWN)


def test_a_worker_whose_bell_is_away_goes_and_looks_itself(
    desk: Desk, valkey: EmbeddedValkey, worker: Callable[[], None], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("deskd.outbox.hearth.ROUND_SECONDS", 0.05)
    logging.getLogger("rq.worker").addHandler(logging.NullHandler())
    worker()
    os.kill(valkey.pid or 0, signal.SIGKILL)
    desk.delivery()
    _until_sent(desk, 1)


def test_a_worker_that_cannot_build_what_it_sends_with_ends_and_says_why(valkey: EmbeddedValkey) -> None:
    def broken() -> Outbox:
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        run(broken, valkey.url, "suite", threading.Event())


def test_valkey_dead_is_started_again_with_what_it_had(valkey: EmbeddedValkey, redis: Redis) -> None:
    redis.set("kept", "1")
    redis.bgrewriteaof()
    assert valkey.pid
    os.kill(valkey.pid, signal.SIGTERM)
    os.waitid(os.P_PID, valkey.pid, os.WEXITED | os.WNOWAIT)
    assert valkey.poll()
    assert redis.get("kept") == "1"


def test_valkey_that_keeps_ending_is_started_ever_more_rarely(
    valkey: EmbeddedValkey, monkeypatch: pytest.MonkeyPatch
) -> None:
    valkey.stop()
    tries: list[int] = []

    def fail(self: EmbeddedValkey) -> str:
        tries.append(now)
        raise SettingsError("no")

    monkeypatch.setattr(EmbeddedValkey, "start", fail)
    for poll in range(100):
        now = poll
        assert not valkey.poll()
    gaps = [after - before for before, after in itertools.pairwise(tries)]
    assert gaps[:5] == [1, 2, 4, 8, 16]
    assert max(gaps) <= SKIPPED_POLLS + 1


def test_valkey_ends_the_server_that_a_killed_supervisor_left(tmp_path: Path) -> None:
    left, new = EmbeddedValkey(tmp_path), EmbeddedValkey(tmp_path)
    left.start()
    old = left.pid
    assert new.start() == left.url
    assert left._process is not None
    assert left._process.wait(5) == 0
    assert new.pid != old
    new.stop()


def test_valkey_clears_a_socket_that_nobody_answers(tmp_path: Path) -> None:
    (tmp_path / "run").mkdir()
    with socket.socket(socket.AF_UNIX) as stale:
        stale.bind(str(tmp_path / "run" / "valkey.sock"))
    server = EmbeddedValkey(tmp_path)
    server.start()
    server.stop()


def test_valkey_starts_anew_when_its_file_is_broken(tmp_path: Path) -> None:
    folder = tmp_path / "valkey" / "appendonlydir"
    folder.mkdir(parents=True)
    (folder / "appendonly.aof.manifest").write_bytes(b"nonsense\n")
    server = EmbeddedValkey(tmp_path)
    server.start()
    assert (tmp_path / "valkey" / "appendonlydir.broken").exists()
    server.stop()


def test_valkey_finds_a_short_place_for_its_socket(tmp_path: Path) -> None:
    deep = tmp_path / ("deep" * 25)
    server = EmbeddedValkey(deep)
    path = Path(server.start().removeprefix("unix://"))
    assert (len(os.fsencode(path)) < 100, path.is_relative_to(tmp_path)) == (True, False)
    server.stop()
    assert not path.parent.exists()


def test_valkey_dies_with_its_supervisor(tmp_path: Path) -> None:
    reader, writer = os.pipe()
    supervisor = os.fork()
    if supervisor == 0:
        server = EmbeddedValkey(tmp_path)
        server.start()
        os.write(writer, str(server.pid).encode())
        signal.pause()
    pid = int(os.read(reader, 20))
    end = os.pidfd_open(pid)
    os.kill(supervisor, signal.SIGKILL)
    os.waitpid(supervisor, 0)
    import select

    assert select.select([end], [], [], 5)[0]
    for handle in (reader, writer, end):
        os.close(handle)


def test_without_any_server_one_sentence_names_the_setting(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module.importlib.util, "find_spec", lambda name: None)
    monkeypatch.setenv("PATH", "")
    with pytest.raises(SettingsError, match=r"redis\.url"):
        find_binary()
