"""The same with the chat: customers write and send again until it is taken, each is acknowledged in their conversation.

Lost: a message that is not in its customer's conversation. Doubled: one that is there twice, or an answer that is.
"""

import json
import urllib.error
import urllib.request
import uuid
from collections import Counter
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path

from child import Child, free_port
from kills import DEATH_SECONDS, QUIET_SECONDS, TRIES, quiet, states, wait_until
from sqlalchemy import select

from deskd.app import Parts
from deskd.store import conversations, tables
from deskd.store.conversations import Conversation

POINTS = (
    "keep:before-commit",
    "keep:after-commit",
    "ingest:before-commit",
    "ingest:after-commit",
    "reply-out:before-wire",
    "reply-out:after-wire",
    "reply-out:after-send",
    "reply-out:before-outcome",
    "reply-out:after-outcome",
)
CUSTOMERS = 12


@dataclass(frozen=True, slots=True)
class Left:
    """As kills.Ledgers, of one kill. unsent: acknowledgements that are neither shown nor unknown."""

    lost: list[str]
    doubled: list[str]
    unsent: list[str]
    wire: set[str]
    unknown: set[str]


@dataclass
class Customer:
    """A page that has written one message, and its cookie once it has one."""

    n: int
    cookie: str = ""
    key: str = field(default_factory=lambda: str(uuid.uuid4()))

    def write(self, port: int) -> bool:
        """Whether it was acknowledged; each try as the page makes it, with the same id."""
        where = f"http://127.0.0.1:{port}/chat/help"
        try:
            if not self.cookie:
                with urllib.request.urlopen(where, timeout=10) as page:
                    self.cookie = page.headers["set-cookie"].partition(";")[0]
            body = json.dumps({"id": self.key, "text": f"My transfer {self.n} has not arrived"}).encode()
            headers = {"content-type": "application/json", "cookie": self.cookie}
            with urllib.request.urlopen(
                urllib.request.Request(f"{where}/messages", body, headers), timeout=10
            ) as answer:
                return answer.status in {200, 201}
        except (urllib.error.URLError, OSError):
            return False


def kill(folder: Path, point: str, passages: int, url: str) -> Left:
    child = Child(folder, free_port(), url)
    parts = child.build()
    customers = [Customer(n) for n in range(CUSTOMERS)]
    try:
        child.start(f"{point}:{passages}")
        left = written(child.http, customers)
        wait_until(child.dead, DEATH_SECONDS, f"{point} was not reached {passages} times", child)
        wire = states(parts, "wire")
        child.start()
        for _ in range(TRIES):
            left = written(child.http, left)
        assert not left, f"{len(left)} messages are not acknowledged by a daemon that runs"
        wait_until(lambda: quiet(parts), QUIET_SECONDS, "The desk is not quiet", child)
        assert child.stop() == 0
        return compared(parts, wire)
    finally:
        child.stop()
        parts.database.close()


def written(port: int, customers: Sequence[Customer]) -> list[Customer]:
    """Whose message was not acknowledged, and is sent again."""
    with ThreadPoolExecutor(4) as pages:
        taken = list(pages.map(lambda one: one.write(port), customers))
    return [one for one, done in zip(customers, taken, strict=True) if not done]


def compared(parts: Parts, wire: set[str]) -> Left:
    with parts.database.read() as connection:
        rows = list(connection.execute(select(tables.deliveries)).mappings())
        addresses = list(connection.scalars(select(tables.identities.c.address)))
        talks = [conversations.lines(connection, Conversation("chat", "help", "chat", one), 0) for one in addresses]
    got = Counter(line.text for lines in talks for line in lines if not line.ours)
    shown = Counter(line.delivery_id for lines in talks for line in lines if line.ours)
    unknown = {row["id"] for row in rows if row["state"] == "unknown"}
    lost = [str(n) for n in range(CUSTOMERS) if not got[f"My transfer {n} has not arrived"]]
    doubled = [what for what, times in (*got.items(), *shown.items()) if times > 1]
    unsent = [row["state"] for row in rows if row["id"] not in unknown and shown[row["id"]] != 1]
    assert len(rows) == CUSTOMERS
    return Left(lost, doubled, unsent, wire, unknown)
