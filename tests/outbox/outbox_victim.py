"""A worker as a process of its own, for the tests that end it: `outbox_victim.py DATABASE LEDGER [POINT PASSAGES]`.

Sends what is due on the account once, into the ledger: one line a delivery, synced before the answer. With a point,
it ends there at that passage.
"""

import asyncio
import os
import sys
import time
import uuid
from collections.abc import Awaitable, Callable, Mapping
from pathlib import Path
from typing import Any

from deskd.domain import crash
from deskd.domain.ports import Outcome, Outgoing
from deskd.store.database import Database

if sys.argv[3:]:  # before the outbox is imported, which takes the function by name
    crash.reach = crash.chosen(f"{sys.argv[3]}:{sys.argv[4]}:alone")

from deskd.outbox.work import Outbox


class LedgerSender:
    """The provider's side of a delivery, kept on disk: what stands here has arrived."""

    def __init__(self, path: Path) -> None:
        self._path = path

    async def send(self, message: Outgoing, on_wire: Callable[[], Awaitable[None]]) -> Outcome:
        await on_wire()
        with self._path.open("a") as ledger:
            ledger.write(message.delivery_id + "\n")
            ledger.flush()
            os.fsync(ledger.fileno())
        return Outcome("q-1", "250 taken")

    async def close(self) -> None:
        pass


def settle(connection: Any, row: Mapping[str, Any], state: str) -> None:
    pass


def main(url: str, ledger: str) -> None:
    database = Database(url)
    outbox = Outbox(
        database,
        lambda channel, account: LedgerSender(Path(ledger)),
        lambda: time.time_ns() // 1000,
        lambda: uuid.uuid4().hex,
        holder=f"victim-{os.getpid()}",
        settle=settle,
        open_file=lambda row: b"",
        token=lambda row, code: "",
    )
    asyncio.run(outbox.run_due("support"))
    database.close()


if __name__ == "__main__":
    main(*sys.argv[1:3])
