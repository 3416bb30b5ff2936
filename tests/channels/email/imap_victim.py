"""A poller as a process of its own, for the tests that end it: `imap_victim.py DATABASE FOLDER PORT POINT PASSAGES`.

Fetches all that lies in the mailbox, its cursor a file that is synced and renamed. It ends there at that passage.
"""

import asyncio
import os
import sys
import uuid
from pathlib import Path

from deskd.domain import crash

if sys.argv[4:]:  # before the poller is imported, which takes the function by name
    crash.reach = crash.chosen(f"{sys.argv[4]}:{sys.argv[5]}:alone")

from channels.email.config import MailAccount
from channels.email.imap import ImapPoller
from deskd.store.database import Database
from deskd.store.keeper import Keeper
from deskd.store.keyring import open_ring
from deskd.store.receipts import Vault

NOW = 1_796_000_000_000_000


class FileCursor:
    def __init__(self, path: Path) -> None:
        self._path = path

    async def load(self) -> str:
        return self._path.read_text() if self._path.exists() else ""

    async def save(self, value: str) -> None:
        made = self._path.with_suffix(".tmp")
        with made.open("w") as file:
            file.write(value)
            file.flush()
            os.fsync(file.fileno())
        made.rename(self._path)


async def main(url: str, folder: Path, port: int) -> None:
    imap = {"host": "127.0.0.1", "port": port, "security": "none", "user": "support", "password": "env:IMAP"}
    account = MailAccount.model_validate({"imap": imap | {"import_existing": True}})
    keeper = Keeper(Database(url), Vault(folder, open_ring(folder / "keys", os.urandom)), lambda: uuid.uuid4().hex)
    await ImapPoller(account, "open-sesame", lambda: NOW).run(keeper.keep, FileCursor(folder / "cursor"))


if __name__ == "__main__":
    asyncio.run(main(sys.argv[1], Path(sys.argv[2]), int(sys.argv[3])))
