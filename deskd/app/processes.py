"""The parts as processes: the front, the pipeline, the keepers, the worker; each ends by itself at SIGTERM."""

import asyncio
import signal
import threading
import time
from collections.abc import Callable, Sequence
from typing import Any

import uvloop

from channels.email.receive import MailListener
from deskd.app.front import Front
from deskd.app.keepers import IDLE_SECONDS, Keepers, Loop, Loops, gathered, ingesting
from deskd.app.parts import Parts, new_id, now, outbox, ring_due, web_app
from deskd.app.pollers import Pollers
from deskd.app.shared import Ready, Shared
from deskd.outbox import hearth
from deskd.outbox.bell import Bell
from deskd.store.keeper import Keeper
from ingest.masking.formats import DEFAULT
from ingest.pipeline import BATCH
from ingest.sealed import sealing

Process = Callable[[Parts, Shared, Ready], None]
"""Runs in the main thread of a process of its own and returns when it has stopped."""


def front(parts: Parts, shared: Shared, ready: Ready) -> None:
    """Gateway, forms, console, mail listeners: whatever customers and agents reach."""
    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        runner.run(_front(parts, shared, ready))


async def _front(parts: Parts, shared: Shared, ready: Ready) -> None:
    stopping, loop = asyncio.Event(), asyncio.get_running_loop()
    loop.add_signal_handler(signal.SIGTERM, stopping.set)
    if shared.doors is None:
        raise RuntimeError("The front needs its doors.")
    bell = Bell(shared.redis, parts.settings.redis.prefix)
    keeper = Keeper(parts.database, parts.vault, new_id, lambda _n: shared.nudge.give())
    fetching = Pollers(parts, sealing(keeper.keep, DEFAULT))
    listener = MailListener(parts.settings.mail.listen, keeper.keep, now, parts.settings.mail.accounts)
    web = Front(web_app(parts, keeper, lambda: ring_due(parts, bell)))
    try:
        web.start(shared.doors.http)
        await listener.start(sock=shared.doors.smtp)
        fetching.start()
        ready()
        await stopping.wait()
    finally:
        await fetching.stop()
        await listener.stop()
        await web.stop()
        await keeper.close()
        bell.close()


def pipeline_and_keepers(parts: Parts, shared: Shared, ready: Ready) -> None:
    """What one process does of both in a daemon that is whole."""
    bell = Bell(shared.redis, parts.settings.redis.prefix)
    ingest, release = ingesting(parts, bell, lambda: gathered(shared.nudge))
    _until_stopped(bell, ready, lambda stopping: [ingest, *Keepers(parts, bell).loops(stopping)], release)


def pipeline(parts: Parts, shared: Shared, ready: Ready) -> None:
    """Receipts to tickets."""
    bell = Bell(shared.redis, parts.settings.redis.prefix)
    ingest, release = ingesting(parts, bell, lambda: gathered(shared.nudge))
    _until_stopped(bell, ready, lambda _stopping: [ingest], release)


def helping_pipeline(parts: Parts, shared: Shared, ready: Ready) -> None:
    """The same while more than a batch waits: where one pipeline keeps up, two would only halve its batches."""
    bell = Bell(shared.redis, parts.settings.redis.prefix)
    ingest, release = ingesting(parts, bell, lambda: time.sleep(IDLE_SECONDS), BATCH)
    _until_stopped(bell, ready, lambda _stopping: [ingest], release)


def keepers(parts: Parts, shared: Shared, ready: Ready) -> None:
    """Clocks, sequencer, sweeper, closing, retention."""
    bell = Bell(shared.redis, parts.settings.redis.prefix)
    _until_stopped(bell, ready, Keepers(parts, bell).loops, lambda: None)


def _until_stopped(
    bell: Bell, ready: Ready, make: Callable[[threading.Event], Sequence[Loop]], release: Callable[[], None]
) -> None:
    stopping, loops = threading.Event(), Loops(make)

    def stop(_number: int, _frame: Any) -> None:
        stopping.set()

    signal.signal(signal.SIGTERM, stop)
    loops.start()
    ready()
    stopping.wait()
    loops.stop()
    release()
    bell.close()


def worker(parts: Parts, shared: Shared, ready: Ready) -> None:
    """Sends what is due, at the bell; stops by itself at SIGTERM."""
    parts.ways.refuse_weak()
    hearth.run(lambda: outbox(parts), shared.redis, parts.settings.redis.prefix, ready=ready)


ALONE: dict[str, Process] = {"front": front, "pipeline": pipeline, "keeper": keepers}
"""What `deskd run --only` may name; the worker alone is `python worker.py`."""
