"""The doorbell: both ends of the one RQ queue. It carries an account's name and nothing else.

What rings may be lost at any time (Redis emptied, a worker killed between pop and start): the sweeper rings again for
whatever is due. So no job is ever retried, and none is kept.
"""

import contextlib
import re
import signal
import threading
from collections.abc import Callable, Iterator
from contextvars import ContextVar
from typing import Any

import structlog
from redis import Redis
from redis.backoff import NoBackoff
from redis.exceptions import RedisError
from redis.retry import Retry
from rq import Queue
from rq.exceptions import StopRequested
from rq.serializers import JSONSerializer
from rq.timeouts import BaseDeathPenalty
from rq.worker import SimpleWorker, WorkerStatus

from deskd.domain.errors import SettingsError

JOB = "worker.ring"  # the path of the job; it never changes, for it stands in queues of older versions
FOLDED_SECONDS = 5  # a ring that waits longer than this may be doubled; less than a sweep, so that none is lost long
QUEUED_SECONDS = 60  # a ring nobody answered is worth nothing: the sweeper has rung since
RESULT_SECONDS = 5
FAILURE_SECONDS = 600
ANSWER_SECONDS = 2.0  # Redis must answer in this time: an agent's reply waits for it
WAIT_SECONDS = 1  # a worker looks up this often from an empty queue
PREFIX = re.compile(r"[a-z0-9][a-z0-9_-]{0,39}")

ANSWER: ContextVar[Callable[[str], int]] = ContextVar("deskd.outbox.answer")
"""What `worker.ring` calls: set by whoever listens, in the thread that listens."""

_log = structlog.get_logger("deskd.outbox")


def _queue(url: str, prefix: str) -> Queue:
    if not PREFIX.fullmatch(prefix):
        raise SettingsError(f'redis.prefix "{prefix}" must be lower-case letters, digits, - and _, at most 40.')
    redis = Redis.from_url(
        url,
        socket_connect_timeout=ANSWER_SECONDS,
        socket_timeout=ANSWER_SECONDS,
        retry=Retry(NoBackoff(), 1),  # once: for a connection that a restarted server has closed
    )
    return Queue(prefix, connection=redis, serializer=JSONSerializer)


def _flag(prefix: str, account: str) -> str:
    return f"{prefix}:rung:{account}"


class Bell:
    """Rings. `prefix` names the queue, so that several desks, or suites, may share a server."""

    def __init__(self, url: str, prefix: str) -> None:
        self._queue = _queue(url, prefix)
        self._prefix = prefix
        self._away = False

    def ring(self, account: str) -> None:
        """Says that the account has something due; at most one such ring waits. Never raises: sweeps go on."""
        flag = _flag(self._prefix, account)
        with self._heard():
            if self._queue.connection.set(flag, "1", nx=True, ex=FOLDED_SECONDS):
                self._queue.enqueue_call(
                    JOB,
                    args=(account,),
                    description="ring",
                    ttl=QUEUED_SECONDS,
                    result_ttl=RESULT_SECONDS,
                    failure_ttl=FAILURE_SECONDS,
                )

    def answered(self, account: str) -> None:
        """A worker has begun to look: what becomes due from now on needs a ring of its own."""
        with self._heard():
            self._queue.connection.delete(_flag(self._prefix, account))

    def works(self) -> bool:
        """Whether Redis can be written to now."""
        with self._heard():
            self._queue.connection.ping()
        return not self._away

    def close(self) -> None:
        self._queue.connection.close()

    @contextlib.contextmanager
    def _heard(self) -> Iterator[None]:
        try:
            yield
        except (RedisError, OSError) as error:
            if not self._away:
                _log.warning("bell away", error=type(error).__name__)
            self._away = True
        else:
            if self._away:
                _log.info("bell back")
            self._away = False


class _NoPenalty(BaseDeathPenalty):
    """A ring returns at once; an alarm signal would end whatever the main thread does."""

    def setup_death_penalty(self) -> None:
        pass

    def cancel_death_penalty(self) -> None:
        pass


class _Listener(SimpleWorker):
    """Does not fork, and stops when told, from any thread."""

    death_penalty_class = _NoPenalty
    max_connection_wait_time = 2.0
    stopping: threading.Event

    @property
    def dequeue_timeout(self) -> int:
        return WAIT_SECONDS

    def heartbeat(self, timeout: int | None = None, pipeline: Any = None) -> None:
        """RQ comes by here each time it looks up from the queue."""
        if self.stopping.is_set() and pipeline is None:
            raise StopRequested
        super().heartbeat(timeout, pipeline)

    def request_stop(self, signum: int, frame: Any) -> None:
        """A handler of SIGTERM: talks to nobody, for it may have interrupted a talk with Redis."""
        self.stopping.set()
        self._stop_requested = True
        if self.get_state() != WorkerStatus.BUSY:
            raise StopRequested

    def _install_signal_handlers(self) -> None:
        if threading.current_thread() is threading.main_thread():
            signal.signal(signal.SIGINT, self.request_stop)
            signal.signal(signal.SIGTERM, self.request_stop)


def listen(url: str, prefix: str, answer: Callable[[str], int], stopping: threading.Event) -> None:
    """Calls `answer(account)` for every ring until `stopping` is set or, in the main thread, SIGTERM or SIGINT comes.

    Comes back to a Redis that was away. One queue only: of several, RQ loses what it has popped when it is killed.
    """
    queue = _queue(url, prefix)
    token = ANSWER.set(answer)
    try:
        while not stopping.is_set():
            with contextlib.suppress(RedisError, OSError):
                _work(queue, stopping)
            if not stopping.is_set():
                stopping.wait(1.0)  # RQ's loop ends by itself on some errors of Redis
    finally:
        ANSWER.reset(token)
        queue.connection.close()


def _work(queue: Queue, stopping: threading.Event) -> None:
    worker = _Listener([queue], connection=queue.connection, serializer=JSONSerializer, worker_ttl=60)
    worker.stopping = stopping
    worker.work(logging_level="WARNING")
