"""A desk with its faces: a real database, keeper and pipeline in one process, a clock that tests turn."""

import itertools
import os
import re
import threading
import uuid
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from argon2 import PasswordHasher
from sqlalchemy import select
from starlette.testclient import TestClient

import channels
from channels.chat.config import ChatAccount
from channels.chat.parse import read as read_chat
from channels.form.config import FormConfig
from channels.form.parse import read
from deskd import app
from deskd.acts.acknowledge import Voice
from deskd.acts.desk import Desk
from deskd.console.http import Context, build
from deskd.domain.ports import Kept, Receipt
from deskd.domain.ticket import Agent
from deskd.store import people, receipts, tables
from deskd.store.database import Database
from deskd.store.keyring import open_ring
from deskd.store.receipts import Vault
from deskd.texts import catalogue
from ingest.masking.formats import DEFAULT
from ingest.pipeline import Pipeline
from router import rules
from sla import policy

NOW = 1_780_000_000_000_000
HASHER = PasswordHasher(time_cost=1, memory_cost=64, parallelism=1)  # weak, so that tests are quick
SITE = "https://shop.example"  # may embed the chat
PASSWORD = "correct horse battery"
TOKEN = re.compile(r'name="csrf" value="([^"]+)"')


class ConsoleWorld:
    """`at_once`: the pipeline runs as soon as a receipt is kept, as if it were quick."""

    def __init__(self, database: Database, folder: Path, *, at_once: bool = True, secure: bool = False) -> None:
        self.database, self.now, self.at_once, self.away = database, NOW, at_once, False
        self.rings, self.kept = 0, list[Receipt]()
        counter, lock = itertools.count(1), threading.Lock()

        def ids() -> str:
            with lock:
                return f"{next(counter):032x}"

        self.ids, self.turn = ids, threading.Lock()
        self.vault = Vault(folder, open_ring(folder / "keys", os.urandom))
        self.desk = Desk(
            lambda: self.now,
            ids,
            os.urandom,
            rules.defaults(),
            1,
            policy.defaults(),
            self.vault,
            app.cover,
            {name: channels.load(name).capabilities for name in ("email", "form", "chat")},
            {"email": ("main",), "chat": ("help",)},
        )
        texts = catalogue.load(house={"brand": "UPay"})
        voice = Voice(texts, "Asia/Shanghai", "", frozenset({"form"}))
        readers = {"form": read, "chat": read_chat}
        self.pipeline = Pipeline(database, lambda: self.desk, readers, DEFAULT, voice, ids, "tests")
        context = Context(
            ring=self._rung,
            database=database,
            desk=lambda: self.desk,
            keep=self.keep,
            voice=voice,
            clock=lambda: self.now,
            random=os.urandom,
            forms={"help": FormConfig()},
            chats={"help": ChatAccount(hosts=[SITE]), "other": ChatAccount(name="other")},
            hasher=HASHER,
            secure_cookies=secure,
            ticket_wait_s=0,
        )
        self.context = replace(context)
        self.app = build(self.context)
        with database.write() as connection:
            row = {"version": 1, "hash": "h", "text": "", "author": "t", "reason": "", "created_at": 0, "active": True}
            connection.execute(tables.rule_sets.insert(), [row])
            for name, role, queues in (
                ("Agent A", "agent", ()),
                ("Agent B", "agent", ("nowhere",)),
                ("Super", "supervisor", ()),
            ):
                agent = Agent(ids(), name, role, queues, (), active=True)
                people.add(connection, agent, HASHER.hash(PASSWORD), NOW)

    async def keep(self, some: Sequence[Receipt]) -> list[Kept]:
        if self.away:
            from deskd.domain.errors import StoreAway

            raise StoreAway("The database is away.")
        self.kept += some
        sealed = [receipts.seal(receipt, self.ids, self.vault) for receipt in some]
        with self.database.write() as connection:
            kept = receipts.keep(connection, sealed)
        if self.at_once:
            self.run()
        return kept

    def _rung(self) -> None:
        self.rings += 1

    def run(self) -> None:
        with self.turn:  # one pipeline: requests that end together take turns
            while self.pipeline.round().total:
                pass

    def client(self, peer: str = "127.0.0.1", **headers: str) -> TestClient:
        scheme = "https" if self.context.secure_cookies else "http"
        return TestClient(
            self.app,
            base_url=f"{scheme}://desk.example",
            follow_redirects=False,
            client=(peer, 50000),
            headers={name.replace("_", "-"): value for name, value in headers.items()},
            raise_server_exceptions=False,
        )

    def logged_in(self, name: str = "Agent A") -> TestClient:
        client = self.client()
        answer = client.post("/console/login", data={"name": name, "password": PASSWORD})
        assert answer.status_code == 303, answer.text
        return client

    def rows(self, table: Any) -> list[Any]:
        with self.database.read() as connection:
            return list(connection.execute(select(table).order_by(next(iter(table.primary_key)))).mappings())

    def ticket(self, message: str = "我的转账三天还没到账", **more: str) -> str:
        """A ticket by the form's JSON twin; its shown code."""
        given = {"id": str(uuid.uuid4()), "email": "customer@example.com", "message": message} | more
        return str(self.client().post("/form/help", json=given).json()["code"])


def act(client: TestClient, path: str, page: str = "/console", **data: str) -> Any:
    """Posts as a person would: with the token of a page."""
    found = TOKEN.search(client.get(page).text)
    assert found
    return client.post(path, data={"csrf": found[1], **data})
