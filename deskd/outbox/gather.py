"""Many small writes of one event loop, one transaction: a commit costs an fsync however much is in it."""

import asyncio
from collections.abc import Callable, Sequence
from typing import Generic, TypeVar

Item = TypeVar("Item")
Result = TypeVar("Result")

GATHERED = 64  # items a transaction: it stays below 10 ms


class Gather(Generic[Item, Result]):
    """`commit(items)` runs in a thread and gives one result an item; what arrives meanwhile goes with the next one."""

    def __init__(self, commit: Callable[[Sequence[Item]], Sequence[Result]]) -> None:
        self._commit = commit
        self._waiting: list[tuple[Item, asyncio.Future[Result]]] = []
        self._flusher: asyncio.Task[None] | None = None

    async def add(self, item: Item) -> Result:
        """Returns when the item is committed; raises what its own write raised."""
        done: asyncio.Future[Result] = asyncio.get_running_loop().create_future()
        self._waiting.append((item, done))
        if self._flusher is None:
            self._flusher = asyncio.create_task(self._flush())
        return await done

    async def finish(self) -> None:
        """Waits until nothing is being written."""
        while self._flusher is not None:
            await asyncio.wait([self._flusher])

    async def _flush(self) -> None:
        try:
            await asyncio.sleep(0)  # let those that became ready in the same turn of the loop join
            while self._waiting:
                taken, self._waiting = self._waiting[:GATHERED], self._waiting[GATHERED:]
                await self._write(taken)
        finally:
            self._flusher = None

    async def _write(self, taken: list[tuple[Item, "asyncio.Future[Result]"]]) -> None:
        try:
            results = await asyncio.to_thread(self._commit, [item for item, _ in taken])
        except Exception as error:  # noqa: BLE001 - handed to the one who waits; a neighbour's error is not theirs
            if len(taken) > 1:
                for one in taken:
                    await self._write([one])
            elif not taken[0][1].done():
                taken[0][1].set_exception(error)
            return
        for (_, done), result in zip(taken, results, strict=True):
            if not done.done():  # whoever waited may have been cancelled; the write stands
                done.set_result(result)
