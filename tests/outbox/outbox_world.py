"""A small desk around the outbox: a clock to turn, ids in order, a provider with a ledger, rows to send."""

import asyncio
import itertools
from collections.abc import Awaitable, Callable, Mapping
from typing import Any

from sqlalchemy import insert, select

from deskd.domain.ports import SECOND, Outcome, Outgoing
from deskd.outbox.limits import Limits
from deskd.outbox.sweep import Swept, sweep
from deskd.outbox.work import Outbox
from deskd.store import deliveries as store
from deskd.store.database import Database
from deskd.store.tables import attempts, customers, deliveries, events, identities, messages, tickets

NOW = 1_800_000_000 * SECOND
ACCOUNT = "support"


class Clock:
    def __init__(self) -> None:
        self.now = NOW

    def __call__(self) -> int:
        return self.now

    def pass_by(self, seconds: float) -> None:
        self.now += int(seconds * SECOND)


class Provider:
    """A way out that keeps what it was given. `script` maps a delivery to what happens before and after the wire."""

    def __init__(self) -> None:
        self.ledger: list[Outgoing] = []
        self.before: dict[str, BaseException] = {}
        self.after: dict[str, BaseException] = {}
        self.hold: dict[str, asyncio.Event] = {}
        self.hold_before: dict[str, asyncio.Event] = {}
        self.entered, self.wired, self.left = asyncio.Event(), asyncio.Event(), asyncio.Event()
        self.at_once = self.most = 0
        self.closed = False

    async def send(self, message: Outgoing, on_wire: Callable[[], Awaitable[None]]) -> Outcome:
        self.at_once += 1
        self.entered.set()
        self.most = max(self.most, self.at_once)
        try:
            return await self._send(message, on_wire)
        finally:
            self.at_once -= 1
            self.left.set()

    async def _send(self, message: Outgoing, on_wire: Callable[[], Awaitable[None]]) -> Outcome:
        if message.delivery_id in self.hold_before:
            await self.hold_before[message.delivery_id].wait()
        if message.delivery_id in self.before:
            raise self.before[message.delivery_id]
        await on_wire()
        self.wired.set()
        self.ledger.append(message)
        if message.delivery_id in self.hold:
            await self.hold[message.delivery_id].wait()
        if message.delivery_id in self.after:
            raise self.after[message.delivery_id]
        return Outcome(f"q-{len(self.ledger)}", "250 taken")

    async def close(self) -> None:
        self.closed = True

    @property
    def sent(self) -> list[str]:
        return [message.delivery_id for message in self.ledger]


class Desk:
    """Everything that a test of the outbox names."""

    def __init__(self, database: Database) -> None:
        self.database = database
        self.clock = Clock()
        self.ids = _ids()
        self.provider = Provider()
        self.settled: list[tuple[str, str, str]] = []
        self.rung: list[str] = []
        self.trouble: list[Exception] = []
        with database.write() as connection:
            connection.execute(insert(customers).values(id="c" * 32, name="Customer A", language="en", created_at=NOW))
            connection.execute(
                insert(identities).values(
                    id="i" * 32,
                    customer_id="c" * 32,
                    kind="email",
                    address="a@customer.example",
                    level="claimed",
                    blocked=False,
                    created_at=NOW,
                )
            )

    def ring(self, account: str) -> None:
        self.rung.append(account)

    def outbox(self, holder: str = "worker-1", **limits: Any) -> Outbox:
        return Outbox(
            self.database,
            lambda channel, account: self.provider,
            self.clock,
            self.ids,
            holder=holder,
            settle=self.settle,
            open_file=self.open_file,
            token=lambda row, code: f"token-of-{code}",
            limits=Limits(**({"pause": 0.0} | limits)),
        )

    def settle(self, connection: Any, row: Mapping[str, Any], state: str) -> None:
        """Counts the ticket's event in the same transaction, as the desk does."""
        if self.trouble:
            raise self.trouble.pop()
        n = connection.scalar(select(tickets.c.events).where(tickets.c.id == row["ticket_id"])) + 1
        connection.execute(tickets.update().where(tickets.c.id == row["ticket_id"]).values(events=n))
        connection.execute(
            insert(events).values(
                id=self.ids(),
                ticket_id=row["ticket_id"],
                n=n,
                kind=f"delivery.{state}",
                at=row["settled_at"] or self.clock(),
                by=row["by"],
                data="{}",
            )
        )
        self.settled.append((row["id"], str(state), row["by"]))

    def open_file(self, row: Mapping[str, Any]) -> bytes:
        if row["file"] == "gone":
            raise FileNotFoundError(row["file"])
        return b"content of " + row["file"].encode()

    def ticket(self) -> str:
        ticket_id = self.ids()
        row = dict.fromkeys(c.name for c in tickets.c if c.nullable) | dict.fromkeys(
            ("topic", "queue", "policy", "ack"), ""
        )
        row |= {"id": ticket_id, "code": f"{int(ticket_id, 16):08d}"[-8:], "customer_id": "c" * 32}
        row |= {"identity_id": "i" * 32, "channel": "email", "account": ACCOUNT, "subject": "Transfer", "state": "open"}
        row |= {"spam": False, "category": "other", "priority": 2, "language": "en", "rule_set": 1, "messages": 0}
        row |= {"tags": [], "also": [], "set_by_person": [], "events": 0, "due_at": 0, "created_at": NOW}
        with self.database.write() as connection:
            connection.execute(insert(tickets).values(row))
        return ticket_id

    def message(
        self, ticket_id: str, n: int, direction: str = "out", provider_id: str = "", text: str = "words"
    ) -> str:
        message_id = self.ids()
        row = dict.fromkeys(("author", "reply", "trust"), "") | {"id": message_id, "ticket_id": ticket_id, "n": n}
        row |= {"direction": direction, "provider_id": provider_id, "at": NOW, "subject": "Re: Transfer", "text": text}
        row |= {"language": "en", "automatic": False, "third_party": False, "level": "claimed", "found": []}
        with self.database.write() as connection:
            connection.execute(insert(messages).values(row | {"warnings": []}))
        return message_id

    def delivery(self, ticket_id: str | None = None, n: int = 1, *, due: float = 0.0, account: str = ACCOUNT) -> str:
        """A queued delivery, due `due` seconds from now; its id."""
        ticket_id = ticket_id or self.ticket()
        delivery_id = self.ids()
        row = dict.fromkeys(("report", "holder", "provider_id", "note"), "")
        row |= {"id": delivery_id, "message_id": self.message(ticket_id, n), "ticket_id": ticket_id, "channel": "email"}
        row |= {"account": account, "address": "a@customer.example", "kind": "reply", "state": "queued"}
        row |= {"due_at": self.clock() + int(due * SECOND), "attempts": 0, "fence": 0, "lease_until": 0}
        row |= {"mail_id": f"{delivery_id}@desk.example", "meets_clock": True, "created_at": NOW + n}
        with self.database.write() as connection:
            connection.execute(insert(deliveries).values(row))
        return delivery_id

    def row(self, delivery_id: str) -> dict[str, Any]:
        with self.database.read() as connection:
            row = store.by_id(connection, delivery_id)
        assert row is not None
        return row

    def state(self, delivery_id: str) -> str:
        return str(self.row(delivery_id)["state"])

    def attempts(self, delivery_id: str) -> list[tuple[int, str, str]]:
        found = select(attempts).where(attempts.c.delivery_id == delivery_id).order_by(attempts.c.n, attempts.c.id)
        with self.database.read() as connection:
            return [(row.n, row.state, row.code) for row in connection.execute(found)]

    def sweep(self) -> Swept:
        return sweep(self.database, self.clock, self, self.ids, self.settle)

    def run(self, *outboxes: Outbox, account: str = ACCOUNT) -> int:
        """Runs what is due in each of them at the same time, to the end; how many were taken."""

        async def all_of_them() -> int:
            counts = await asyncio.gather(*(outbox.run_due(account) for outbox in outboxes or (self.outbox(),)))
            return sum(counts)

        return asyncio.run(all_of_them())


def _ids() -> Callable[[], str]:
    count = itertools.count(1)
    return lambda: f"{next(count):032x}"
