"""uvicorn in the front's own event loop."""

import asyncio
import socket
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import uvicorn

GRACE_SECONDS = 2  # for open streams at a stop; uvicorn would wait for them for ever


class Front:
    """An ASGI application on a socket that listens already."""

    def __init__(self, app: Any) -> None:
        self._server = _Server(
            uvicorn.Config(
                app,
                log_config=None,
                access_log=False,
                server_header=False,
                proxy_headers=False,
                timeout_graceful_shutdown=GRACE_SECONDS,
            )
        )
        self._task: asyncio.Task[None] | None = None

    def start(self, listening: socket.socket) -> None:
        self._task = asyncio.create_task(self._server.serve(sockets=[listening]))

    async def stop(self) -> None:
        self._server.should_exit = True
        if self._task is not None:
            await self._task


class _Server(uvicorn.Server):
    """Without signal handlers of its own: the daemon has them."""

    @contextmanager
    def capture_signals(self) -> Iterator[None]:
        yield
