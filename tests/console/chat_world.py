"""A chat over real HTTP: the faces on a port; pipeline, sequencer and sender run when they are told to."""

import asyncio
import http.client
import json
import socket
import threading
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

from console_world import ConsoleWorld, act
from sqlalchemy import select

from channels.chat.send import ChatSender
from deskd.acts import outcome
from deskd.app.front import Front
from deskd.domain import code as public_code
from deskd.outbox.work import Outbox
from deskd.store import events, tables

SECONDS = 20.0  # for an answer that must come; nothing is measured by it


@dataclass
class Events:
    """A stream as a browser reads it. all: what came so far, as (event, id, data)."""

    connection: http.client.HTTPConnection
    answer: http.client.HTTPResponse
    all: list[tuple[str, str, dict[str, Any]]] = field(default_factory=list)

    def next(self) -> tuple[str, str, dict[str, Any]]:
        name, number, data = "", "", ""
        while row := self.answer.fp.readline().decode():
            row = row.rstrip("\n")
            if row.startswith("event: "):
                name = row[7:]
            elif row.startswith("id: "):
                number = row[4:]
            elif row.startswith("data: "):
                data = row[6:]
            elif not row and data:
                self.all.append((name, number, json.loads(data)))
                return self.all[-1]
        raise EOFError("The stream has ended.")

    def line(self) -> tuple[str, dict[str, Any]]:
        """(number, what it says) of the next message."""
        while True:
            name, number, data = self.next()
            if name == "message":
                return number, data

    def comment(self) -> str:
        while row := self.answer.fp.readline().decode():
            if row.startswith(":"):
                return row.strip()
        raise EOFError("The stream has ended.")

    def cut(self) -> None:
        """As when a train goes into a tunnel: nobody says goodbye."""
        if self.connection.sock:
            self.connection.sock.close()
        self.answer.close()
        self.connection.close()


@dataclass
class Customer:
    """A browser: its cookie, if it has one by now."""

    port: int
    cookie: str = ""
    open: list[Events] = field(default_factory=list)

    def send(self, method: str, path: str, given: object = None, **headers: str) -> tuple[int, Any, Any]:
        """(status, headers, what the JSON says)."""
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=SECONDS)
        body = None if given is None else json.dumps(given).encode()
        connection.request(method, path, body, self._headers(headers, json=body is not None))
        answer = connection.getresponse()
        raw = answer.read()
        connection.close()
        if cookie := answer.headers.get("set-cookie"):
            self.cookie = cookie.partition(";")[0]
        said = json.loads(raw) if raw and answer.headers["content-type"] == "application/json" else raw.decode()
        return answer.status, answer.headers, said

    def write(self, text: str, key: str = "", chat: str = "help") -> int:
        given = {"id": key or str(uuid.uuid4()), "text": text}
        return self.send("POST", f"/chat/{chat}/messages", given)[0]

    def listen(self, after: str = "", chat: str = "help") -> Events:
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=SECONDS)
        headers = {"last-event-id": after} if after else {}
        connection.request("GET", f"/chat/{chat}/events", headers=self._headers(headers))
        answer = connection.getresponse()
        assert answer.status == 200, answer.status
        self.open.append(Events(connection, answer))
        return self.open[-1]

    def seen(self, upto: int, *, read: bool) -> int:
        return self.send("POST", "/chat/help/seen", {"seq": upto, "read": read})[0]

    def leave(self) -> None:
        for stream in self.open:
            stream.cut()

    def _headers(self, more: dict[str, str], *, json: bool = False) -> dict[str, str]:
        given = {name.replace("_", "-"): value for name, value in more.items()}
        return (
            ({"cookie": self.cookie} if self.cookie else {})
            | ({"content-type": "application/json"} if json else {})
            | given
        )


class ChatDesk:
    """What stands behind the page. `settle`: whatever waits is made a ticket, sent and numbered."""

    def __init__(self, world: ConsoleWorld, port: int) -> None:
        self.world, self.port = world, port
        self.customers: list[Customer] = []

    def customer(self, cookie: str = "") -> Customer:
        self.customers.append(Customer(self.port, cookie))
        return self.customers[-1]

    def settle(self) -> None:
        self.world.run()
        asyncio.run(self._deliver())
        self.number()

    def number(self) -> None:
        with self.world.database.write() as connection:
            events.number(connection, events.last(connection))

    def code(self) -> str:
        """Of the newest ticket."""
        return public_code.shown(str(max(self.world.rows(tables.tickets), key=lambda row: row["id"])["code"]))

    def answer(self, text: str, code: str = "", then: str = "waiting") -> None:
        agent, where = self.world.logged_in(), f"/console/t/{code or self.code()}"
        assert act(agent, f"{where}/reply", where, reply=text, then=then).status_code == 303
        self.settle()

    def act(self, name: str, **given: str) -> None:
        where = f"/console/t/{self.code()}"
        assert act(self.world.logged_in("Super"), f"{where}/{name}", where, **given).status_code == 303
        self.number()

    def deliveries(self) -> list[tuple[str, str, str]]:
        """(kind, state, report), the eldest first."""
        with self.world.database.read() as connection:
            rows = connection.execute(
                select(found := tables.deliveries).order_by(found.c.created_at, found.c.id)
            ).mappings()
            return [(row["kind"], row["state"], row["report"]) for row in rows]

    async def _deliver(self) -> None:
        world = self.world
        outbox = Outbox(
            world.database,
            lambda _channel, _account: ChatSender(),
            lambda: world.now,
            world.ids,
            holder=world.ids(),
            settle=lambda c, row, state: outcome.settle(world.desk, c, row, state),
            open_file=lambda _row: b"",
            token=lambda _row, _code: "",
        )
        await outbox.run_due("help")
        await outbox.close()


@contextmanager
def served(world: ConsoleWorld) -> Iterator[ChatDesk]:
    """The faces on a free port, from a thread."""
    loop, front = asyncio.new_event_loop(), Front(world.app)
    listening = socket.create_server(("127.0.0.1", 0))
    thread = threading.Thread(target=loop.run_forever)
    thread.start()

    async def start() -> None:
        front.start(listening)

    asyncio.run_coroutine_threadsafe(start(), loop).result(SECONDS)
    desk = ChatDesk(world, listening.getsockname()[1])
    try:
        yield desk
    finally:
        for customer in desk.customers:
            customer.leave()
        asyncio.run_coroutine_threadsafe(front.stop(), loop).result(SECONDS)
        asyncio.run_coroutine_threadsafe(loop.shutdown_default_executor(), loop).result(SECONDS)
        loop.call_soon_threadsafe(loop.stop)
        thread.join(SECONDS)
        loop.close()
