"""The keeper: many listeners hand it receipts, one commit keeps all that came while the last one was under way."""

import asyncio
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor

from deskd.domain.crash import reach
from deskd.domain.errors import StoreAway
from deskd.domain.ports import Ids, Kept, Receipt
from deskd.store import receipts
from deskd.store.database import Database
from deskd.store.receipts import Vault

GROUP = 256  # receipts of one commit
Waiting = tuple[Sequence[Receipt], asyncio.Future[list[Kept]]]


class Keeper:
    """`await keeper.keep(receipts)` returns when they are committed; StoreAway when that can't be had now.

    `kept` is called after each commit with the receipts that are new, as a hint for the pipeline of this process.
    """

    def __init__(
        self, database: Database, vault: Vault, ids: Ids, kept: Callable[[int], None] = lambda _n: None
    ) -> None:
        self._database, self._vault, self._ids, self._kept = database, vault, ids, kept
        self._waiting: list[Waiting] = []
        self._task: asyncio.Task[None] | None = None
        self._thread = ThreadPoolExecutor(1, thread_name_prefix="keeper")

    async def keep(self, some: Sequence[Receipt]) -> list[Kept]:
        loop = asyncio.get_running_loop()
        answer: asyncio.Future[list[Kept]] = loop.create_future()
        self._waiting.append((some, answer))
        if self._task is None or self._task.done():
            self._task = loop.create_task(self._commit_all())
        return await answer

    async def close(self) -> None:
        if self._task is not None and not self._task.done():
            await asyncio.wait([self._task])
        self._thread.shutdown()

    async def _commit_all(self) -> None:
        loop = asyncio.get_running_loop()
        while self._waiting:
            group, self._waiting = self._waiting[:GROUP], self._waiting[GROUP:]
            try:
                answers = await loop.run_in_executor(self._thread, self._commit, [some for some, _ in group])
            except (StoreAway, OSError) as error:
                away = error if isinstance(error, StoreAway) else StoreAway(f"The disk refused a receipt: {error}.")
                _fail(group, away)
                continue
            except Exception as error:  # noqa: BLE001 - a defect must reach those who wait, or they wait for ever
                _fail(group, error)
                continue
            for (_, answer), kept in zip(group, answers, strict=True):
                if not answer.done():  # the peer may have gone; what it sent is kept all the same
                    answer.set_result(kept)

    def _commit(self, groups: list[Sequence[Receipt]]) -> list[list[Kept]]:
        sealed = [receipts.seal(receipt, self._ids, self._vault) for some in groups for receipt in some]
        reach("keep:before-commit")
        with self._database.write() as connection:
            kept = receipts.keep(connection, sealed)
        reach("keep:after-commit")
        for (_, row), result in zip(sealed, kept, strict=True):
            if result.repeated and row["file"]:
                self._vault.drop(row["file"])
        self._kept(sum(not result.repeated for result in kept))
        answers = iter(kept)
        return [[next(answers) for _ in some] for some in groups]


def _fail(group: Sequence[Waiting], error: Exception) -> None:
    for _, answer in group:
        if not answer.done():
            answer.set_exception(error)
