"""Who follows a conversation is woken when numbered events touch it: one reader a process, however many follow.

A wake-up carries nothing. What may be seen is read again by whoever wakes up, from where they stand.
"""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from functools import partial

import structlog

from deskd.console.context import Context
from deskd.store import conversations

LOOK_S = 0.05  # between two looks while anybody follows
AWAY_S = 1.0  # after a look that failed

_log = structlog.get_logger("deskd.console")


class Live:
    """`follow` must be used on one event loop. The reader runs while somebody follows, and holds no connection."""

    def __init__(self, context: Context, channel: str) -> None:
        self._context, self._channel = context, channel
        self._followers: dict[tuple[str, str], set[asyncio.Event]] = {}
        self._reader: asyncio.Task[None] | None = None
        self._begun = asyncio.Event()

    def following(self, account: str, address: str) -> int:
        return len(self._followers.get((account, address), ()))

    @property
    def everybody(self) -> int:
        return sum(len(some) for some in self._followers.values())

    @asynccontextmanager
    async def follow(self, account: str, address: str) -> AsyncIterator[asyncio.Event]:
        """Set at every touch from now on; whoever waits for it clears it before they read."""
        woken, key = asyncio.Event(), (account, address)
        self._followers.setdefault(key, set()).add(woken)
        try:
            if self._reader is None:
                self._begun.clear()
                self._reader = asyncio.create_task(self._read())
            await self._begun.wait()
            yield woken
        finally:
            self._followers[key].discard(woken)
            if not self._followers[key]:
                del self._followers[key]
            if not self._followers and self._reader:
                self._reader.cancel()
                self._reader = None

    async def _read(self) -> None:
        since: int | None = None
        while True:
            try:
                last, touched = await self._context.read(
                    partial(conversations.touched, channel=self._channel, since=since)
                )
            except Exception as error:  # noqa: BLE001 - a reader that ended would leave everybody asleep
                _log.warning("live.failed", error=type(error).__name__)
                await asyncio.sleep(AWAY_S)
                continue
            since = last
            self._begun.set()
            for woken in [one for key in touched for one in self._followers.get(key, ())]:
                woken.set()
            await asyncio.sleep(LOOK_S)
