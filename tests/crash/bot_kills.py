"""The same with a bot on Telegram: customers write to it, each is acknowledged, the daemon is ended and starts again.

Lost: an update that is no message. Doubled: one that is two, or an acknowledgement that a chat has twice.
"""

from collections import Counter
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from bots import with_bot
from child import Child, free_port
from fakes.telegram import BotApi, private
from kills import DEATH_SECONDS, QUIET_SECONDS, TRIES, quiet, states, wait_until
from sqlalchemy import select

from deskd.app import Parts
from deskd.store import tables

BY_WEBHOOK = ("hook:before-keep", "hook:after-keep")
BY_ASKING = ("poll:before-keep", "poll:after-keep")
POINTS = (*BY_WEBHOOK, *BY_ASKING)
BOTH = ("keep:before-commit", "keep:after-commit", "ingest:after-commit")
OUT = ("reply-out:before-wire", "reply-out:after-wire", "reply-out:after-send", "reply-out:before-outcome")
CHATS = 12
FIRST = 70_000_000  # number of the first chat


@dataclass(frozen=True, slots=True)
class Left:
    """As kills.Ledgers, of one kill."""

    lost: list[str]
    doubled: list[str]
    unsent: list[str]
    wire: set[str]
    unknown: set[str]


def kill(folder: Path, point: str, passages: int, url: str, *, webhook: bool) -> Left:
    with BotApi().open() as api:
        child = Child(folder, free_port(), url)
        address = with_bot(child, api, webhook=webhook)
        parts = child.build()
        try:
            child.start(f"{point}:{passages}")
            left = written(api, address, webhook=webhook)
            wait_until(child.dead, DEATH_SECONDS, f"{point} was not reached {passages} times", child)
            wire = states(parts, "wire")
            child.start()
            assert all(api.hand_over(address, update, tries=TRIES)[-1] == 200 for update in left)
            wait_until(lambda: api.waiting() == 0, QUIET_SECONDS, "Telegram still has updates", child)
            wait_until(lambda: quiet(parts), QUIET_SECONDS, "The desk is not quiet", child)
            assert child.stop() == 0
            return compared(parts, api, wire)
        finally:
            child.stop()
            parts.database.close()


def written(api: BotApi, address: str, *, webhook: bool) -> list[Any]:
    """Customers write, each in a chat of their own; what was not taken by the webhook, and comes again."""
    if not webhook:
        for n in range(CHATS):
            api.write(FIRST + n, f"My transfer {n} has not arrived")
        return []
    updates = [
        {"update_id": n, "message": private(FIRST + n, f"My transfer {n} has not arrived", n)} for n in range(CHATS)
    ]
    with ThreadPoolExecutor(4) as clients:
        taken = list(clients.map(lambda update: api.hand_over(address, update)[-1] == 200, updates))
    return [update for update, done in zip(updates, taken, strict=True) if not done]


def compared(parts: Parts, api: BotApi, wire: set[str]) -> Left:
    messages, deliveries = tables.messages, tables.deliveries
    with parts.database.read() as connection:
        got = Counter(connection.scalars(select(messages.c.text).where(messages.c.direction == "in")))
        rows: Sequence[Any] = list(connection.execute(select(deliveries)).mappings())
    arrived = Counter(str(sent.chat) for sent in api.ledger)
    unknown = {row["id"] for row in rows if row["state"] == "unknown"}
    lost = [str(n) for n in range(CHATS) if not got[f"My transfer {n} has not arrived"]]
    doubled = [what for what, times in (*got.items(), *arrived.items()) if times > 1]
    wrong = [row for row in rows if row["state"] != "accepted" or arrived[row["address"]] != 1]
    unsent = [f"{row['address']} {row['state']}" for row in wrong if row["id"] not in unknown]
    assert len(rows) == CHATS
    return Left(lost, doubled, unsent, wire, unknown)
