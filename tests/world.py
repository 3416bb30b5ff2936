"""A whole desk in one process, for any test: a database, a clock turned by hand, ids and randomness from a seed.

    world.write("a@example.com", "I forgot my password")   a receipt is kept, as a listener would
    world.run()                                            the pipeline makes tickets of all that was kept
    ada = world.agent("Ada")                               somebody to answer
    world.act(verbs.reply, ada, code, "Done.")             a verb of deskd/acts, in a transaction of its own
    world.settle(delivery)                                 the provider has accepted it
    world.pass_by(hours=2); world.tick()                   time goes on, and the clocks are looked at

The channel of these receipts is `line`: JSON with who, text and the like, read by `read_line`. Everything else is what
the daemon runs: the default rules and policies, the keeper, the pipeline, the store.
"""

import asyncio
import itertools
import json
import random
from collections.abc import Callable, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any, TypeVar

from sqlalchemy import select, update

from deskd import app
from deskd.acts import outcome
from deskd.acts.acknowledge import Voice
from deskd.acts.desk import Desk
from deskd.domain.ports import HOUR, MINUTE, Address, Capabilities, Incoming, IncomingKind, Receipt, Reported
from deskd.domain.states import DeliveryState, Report
from deskd.domain.ticket import Agent
from deskd.domain.words import Level, Role
from deskd.store import people, tables
from deskd.store.database import Database
from deskd.store.keeper import Keeper
from deskd.store.keyring import open_ring
from deskd.store.receipts import Vault
from deskd.texts import catalogue
from ingest.masking.formats import DEFAULT
from ingest.pipeline import Pipeline
from router import rules
from sla import policy

T = TypeVar("T")

NOW = 1_780_000_000_000_000
"""Friday, 29 May 2026, 04:26:40 in Shanghai: before the hours of `late` (8 to 22) and `office` (9 to 18)."""


LINE = Capabilities(
    name="line",
    identity="line",
    texts="email",
    secrets_in_receipt=False,
    one_conversation=False,
    acknowledges_in_place=False,
    replies_by="line",
    receipts_of_delivery=True,
    lookup_of_sent=False,
    redelivery_horizon_days=1,
    ack_deadline_s=1.0,
    text_limit=100_000,
    proves=Level.CLAIMED,
)


TALK = replace(LINE, name="talk", identity="talk", replies_by="talk", one_conversation=True, text_limit=1000)
"""As LINE, but with one conversation a contact and room for little."""


MUTE = replace(TALK, name="mute", identity="mute", replies_by="mute", receipts_of_delivery=False)
"""As TALK, but its provider never says what became of a message."""


def read_line(raw: bytes, _envelope: Mapping[str, Any], _account: str) -> Incoming:
    """A receipt of these tests. `proved`: of a proved sender; the text "boom" is a parser's defect."""
    given = json.loads(raw)
    if given["text"] == "boom":
        raise RuntimeError("a defect")
    return Incoming(
        kind=IncomingKind(given.get("kind", "message")),
        sender=Address("", given["who"]),
        subject="",
        text=given["text"],
        reply=given["text"],
        level=Level.CHANNEL if given.get("proved") else Level.CLAIMED,
        trust_why="",
        no_ack_why="" if given.get("proved") else "The sender is not proved.",
        spam_why=given.get("spam", ""),
        tokens=tuple(given.get("tokens", ())),
        references=tuple(given.get("references", ())),
        reported=Reported(**{**given["reported"], "report": Report(given["reported"]["report"])})
        if "reported" in given
        else None,
        failed=tuple((address, status, permanent) for address, status, permanent in given.get("failed", ())),
    )


class World:
    """`now` is the time of everything in it, in microseconds UTC; nothing moves it but `write` (by 1) and `pass_by`."""

    def __init__(self, database: Database, folder: Path, seed: int = 1) -> None:
        self.database = database
        counter = itertools.count(1)
        self.ids: Callable[[], str] = lambda: f"{next(counter):032x}"
        self.now = NOW
        chance = random.Random(seed).randbytes
        self.vault = Vault(folder, open_ring(folder / "keys", chance))
        self.desk = Desk(
            lambda: self.now,
            self.ids,
            chance,
            rules.defaults(),
            1,
            policy.defaults(),
            self.vault,
            app.cover,
            {"line": LINE, "talk": TALK, "mute": MUTE},
            {"line": ("main",), "talk": ("main", "second"), "mute": ("main",)},
        )
        self.keeper = Keeper(database, self.vault, self.ids)
        self.voice = Voice(catalogue.load(house={"brand": "UPay"}), "Asia/Shanghai", "", frozenset())
        self.pipeline = self.another("one")
        with database.write() as connection:
            row = {"version": 1, "hash": "h", "text": "", "author": "t", "reason": "", "created_at": 0, "active": True}
            connection.execute(tables.rule_sets.insert(), [row])

    def another(self, holder: str, least: int = 1) -> Pipeline:
        """A further pipeline over the same database, as another process would have it."""
        return Pipeline(
            self.database,
            lambda: self.desk,
            {"line": read_line, "talk": read_line, "mute": read_line},
            DEFAULT,
            self.voice,
            self.ids,
            holder,
            least=least,
        )

    def pass_by(self, *, hours: float = 0, minutes: float = 0) -> None:
        self.now += round(hours * HOUR + minutes * MINUTE)

    def write(self, who: str, text: str, **more: Any) -> None:
        """Keeps what a customer wrote, on `line` or another channel and account.

        more: channel, account, key, proved, kind, tokens, references, spam, failed, reported (see `read_line`).
        """
        self.now += 1
        body = json.dumps({"who": who, "text": text, **more}).encode()
        key = str(more.get("key", self.now))

        async def keep() -> None:
            where = str(more.get("channel", "line")), str(more.get("account", "main"))
            await self.keeper.keep([Receipt(*where, key, who, body, self.now)])

        asyncio.run(keep())

    def run(self) -> None:
        """Until nothing that was kept is left to do."""
        while self.pipeline.round().total:
            pass

    def ticket(self, who: str = "a@example.com", text: str = "I forgot my password", **more: Any) -> str:
        """The code of a new ticket of this customer."""
        self.write(who, text, **more)
        self.run()
        return str(max(self.rows(tables.tickets), key=lambda row: row["id"])["code"])

    def answer(self, code: str, who: str, text: str, **more: Any) -> None:
        """The customer of the ticket writes again, to the address that we answer from."""
        token = f"{code.lower()}.{self.vault.ring.sign('thread', code.lower(), who)}"
        self.write(who, text, tokens=[token], **more)
        self.run()

    def agent(
        self,
        name: str = "Ada",
        queues: tuple[str, ...] = (),
        role: Role = Role.AGENT,
        *,
        mail: str = "",
        languages: tuple[str, ...] = (),
    ) -> Agent:
        made = Agent(self.ids(), name, role, queues, languages, True, mail)
        with self.database.write() as connection:
            assert people.add(connection, made, "", self.now)
        return made

    def act(self, verb: Callable[..., T], *about: Any, **more: Any) -> T:
        """verb(desk, connection, *about, **more) in a transaction of its own."""
        with self.database.write() as connection:
            return verb(self.desk, connection, *about, **more)

    def settle(self, delivery_id: str, state: DeliveryState = DeliveryState.ACCEPTED) -> None:
        """What the provider said of a delivery, as the worker writes it and tells the desk."""
        mine = tables.deliveries.c.id == delivery_id
        settled = update(tables.deliveries).where(mine).values(state=state, settled_at=self.now)
        with self.database.write() as connection:
            row = connection.execute(settled.returning(*tables.deliveries.c)).mappings().one()
            outcome.settle(self.desk, connection, row, state)

    def tick(self) -> dict[str, int]:
        return self.act(outcome.tick)

    def rows(self, table: Any) -> list[Any]:
        """All rows of a table, by its key."""
        with self.database.read() as connection:
            return list(connection.execute(select(table).order_by(next(iter(table.primary_key)))).mappings())

    def clock(self, code: str, kind: str) -> Any:
        """The row of a ticket's clock: first_response, next_response or resolution."""
        [ticket_id] = [row["id"] for row in self.rows(tables.tickets) if row["code"] == code]
        return next(c for c in self.rows(tables.clocks) if (c["ticket_id"], c["kind"]) == (ticket_id, kind))

    def close(self) -> None:
        asyncio.run(self.keeper.close())
