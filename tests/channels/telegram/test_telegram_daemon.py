"""A real `deskd run` and a Bot API with a ledger: from a customer's message to the answer on their phone."""

import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest
from bots import with_bot
from child import Child, free_port
from cli_desk import CliDesk
from fakes.telegram import BLOCKED, SECRET, TOKEN, BotApi, private
from sqlalchemy import select

from deskd import app
from deskd.acts import verbs
from deskd.app import Parts
from deskd.domain.words import Role
from deskd.outbox.bell import Bell
from deskd.outbox.valkey import EmbeddedValkey
from deskd.store import people, tables

pytestmark = pytest.mark.daemon

CUSTOMER = 4_503_599_627_370_495  # the largest that Telegram may give: 52 bits
SECONDS = 30.0


class Desk:
    """The daemon, the same desk in this process, and the Bot API between it and the customers."""

    def __init__(self, folder: Path, url: str, api: BotApi, *, webhook: bool) -> None:
        self.api, self.child = api, Child(folder, free_port(), url)
        self.hook = with_bot(self.child, api, webhook=webhook)
        self.parts: Parts = self.child.build()
        app.add_agent(self.parts, "ada", Role.AGENT, (), ())

    def until(self, holds: Callable[[], bool]) -> None:
        deadline = time.monotonic() + SECONDS
        while not holds():
            assert time.monotonic() < deadline, self.child.log()
            time.sleep(0.02)  # what happens in other processes announces itself to nobody here

    def rows(self, table: Any) -> list[Any]:
        with self.parts.database.read() as connection:
            return list(connection.execute(select(table).order_by(table.c.id)).mappings())

    def incoming(self) -> list[str]:
        return [row["text"] for row in self.rows(tables.messages) if row["direction"] == "in"]

    def settled(self, count: int) -> bool:
        rows = self.rows(tables.deliveries)
        return len(rows) == count and all(row["settled_at"] for row in rows)

    def reply(self, text: str) -> None:
        [ticket] = self.rows(tables.tickets)
        with self.parts.database.write() as connection:
            agent = people.named(connection, "ada")
            assert agent is not None
            verbs.reply(self.parts.desk, connection, agent, ticket["code"], text)
        bell = Bell(EmbeddedValkey(self.child.folder / "valkey").url, self.parts.settings.redis.prefix)
        app.ring_due(self.parts, bell)
        bell.close()

    def sent(self) -> list[str]:
        assert {one.chat for one in self.api.ledger} <= {CUSTOMER}
        return [one.text for one in self.api.ledger]


@pytest.fixture
def api() -> Iterator[BotApi]:
    with BotApi().open() as opened:
        yield opened


@pytest.fixture
def desk(request: pytest.FixtureRequest, url: str, api: BotApi, tmp_path: Path) -> Iterator[Desk]:
    """request.param: whether Telegram calls us."""
    made = Desk(tmp_path / "data", url, api, webhook=request.param)
    try:
        made.child.start(level="DEBUG")
        yield made
    finally:
        made.child.stop()
        made.parts.database.close()
    log = (made.child.folder / "log").read_text("utf-8", "replace")
    assert '"event": "http"' in log
    assert not [secret for secret in (TOKEN.partition(":")[2], SECRET) if secret in log]


@pytest.mark.parametrize("desk", [True], indirect=True)
def test_by_webhook_one_message_is_one_ticket_however_often_it_comes_and_each_answer_arrives_once(desk: Desk) -> None:
    update = {"update_id": 900_000, "message": private(CUSTOMER, "My transfer has not arrived", 1)}
    assert desk.api.hand_over(desk.hook, update, secret="wrong_secret") == [403]
    assert [desk.api.hand_over(desk.hook, update) for _ in range(2)] == [[200], [200]]
    with ThreadPoolExecutor(50) as many:
        assert list(many.map(lambda _: desk.api.hand_over(desk.hook, update), range(50))) == [[200]] * 50
    desk.until(lambda: desk.settled(1))
    [ticket] = desk.rows(tables.tickets)
    assert (ticket["category"], ticket["channel"], ticket["account"]) == ("transfer", "telegram", "bot")
    assert desk.incoming() == ["My transfer has not arrived"]
    [acknowledgement] = desk.sent()
    assert f"UP-{ticket['code'][:4]}-{ticket['code'][4:]}" in acknowledgement
    assert len(acknowledgement) <= 120

    desk.reply("We looked at it again. " * 220)  # 5,060 characters: two messages, in their order
    desk.until(lambda: desk.settled(3))
    first, second = desk.sent()[1:]
    assert f"{first} {second}" == ("We looked at it again. " * 220).strip()
    assert max(len(first), len(second)) <= 4096
    assert {row["state"] for row in desk.rows(tables.deliveries)} == {"accepted"}

    later = {"update_id": 5, "message": private(CUSTOMER, "Thank you, it is there", 9)}  # numbered anew
    assert desk.api.hand_over(desk.hook, later) == [200]
    desk.until(lambda: len(desk.incoming()) == 2)
    assert len(desk.rows(tables.tickets)) == 1


@pytest.mark.parametrize("desk", [True], indirect=True)
def test_poison_by_webhook_is_taken_and_the_next_good_one_is_a_ticket(desk: Desk) -> None:
    poison = (b"", b"\xff", b"[" * 50_000, b'{"update_id": 1, "message": {"chat": "none"}}', b'{"update_id": 2}')
    assert [desk.api.hand_over(desk.hook, raw) for raw in poison] == [[200]] * len(poison)
    kicked = {"chat": private(CUSTOMER, "", 1)["chat"], "new_chat_member": {"status": "kicked"}}
    start = private(CUSTOMER, "/start from-the-app", 1)
    group = private(CUSTOMER, "hello all", 2) | {"chat": {"id": -100, "type": "group"}}
    for n, update in enumerate(({"my_chat_member": kicked}, {"message": start}, {"message": group})):
        assert desk.api.hand_over(desk.hook, {"update_id": 10 + n, **update}) == [200]
    good = {"update_id": 20, "message": private(CUSTOMER, "I forgot my password", 3)}
    assert desk.api.hand_over(desk.hook, good) == [200]
    desk.until(lambda: "I forgot my password" in desk.incoming())
    desk.until(lambda: all(row["state"] == "done" for row in desk.rows(tables.receipts)))
    desk.until(lambda: desk.settled(1))
    mine = [row for row in desk.rows(tables.identities) if row["kind"] == "telegram"]
    assert [row["address"] for row in mine] == [str(CUSTOMER)]
    outcomes = [row["outcome"] for row in desk.rows(tables.receipts)]
    assert outcomes.count("notice") == 4  # the three, and the update that holds nothing
    assert outcomes.count("ticket") == len(poison)  # four that could not be read, and the good one


@pytest.mark.parametrize("desk", [False], indirect=True)
def test_by_asking_a_conversation_goes_on_in_one_ticket_and_a_blocked_bot_is_told(desk: Desk) -> None:
    desk.api.write(CUSTOMER, "My transfer has not arrived")
    desk.until(lambda: desk.settled(1))
    desk.api.write(CUSTOMER, "It was 500 yesterday")
    desk.until(lambda: len(desk.incoming()) == 2 and desk.api.waiting() == 0)
    assert len(desk.rows(tables.tickets)) == 1
    assert len(desk.sent()) == 1

    desk.api.planned.append(BLOCKED)
    desk.reply("Which bank was it?")
    desk.until(lambda: desk.settled(2))
    refused = desk.rows(tables.deliveries)[-1]
    assert refused["state"] == "rejected"
    assert refused["note"] == "The customer has blocked the bot: nothing reaches them on Telegram."
    assert desk.rows(tables.tickets)[0]["state"] == "open"


@pytest.mark.parametrize("desk", [False], indirect=True)
def test_an_answer_that_was_taken_and_not_confirmed_is_unknown_and_goes_no_second_time(desk: Desk) -> None:
    desk.api.planned.append("take, then 502")
    desk.api.write(CUSTOMER, "My transfer has not arrived")
    desk.until(lambda: desk.settled(1))
    assert desk.rows(tables.deliveries)[0]["state"] == "unknown"
    desk.reply("Which bank was it?")
    desk.until(lambda: desk.settled(2))
    assert len(desk.sent()) == 2
    assert desk.api.calls.count("sendMessage") == 2


@pytest.mark.parametrize("webhook", [False, True])
def test_doctor_says_how_the_bot_hears_and_names_it_off_without_its_token(
    webhook: bool, api: BotApi, tmp_path: Path
) -> None:
    child = Child(tmp_path / "data", free_port())
    with_bot(child, api, webhook=webhook)
    desk = CliDesk(child.folder)
    found = {row["part"]: row for row in desk("doctor", "--json").json}
    assert found["telegram bot"]["state"] == "ok"
    assert ("setWebhook" in found["telegram bot"]["do"] or "public_url" in found["telegram bot"]["do"]) is webhook
    (child.folder / "bot-token").unlink()
    done = desk("doctor", "--json")
    row = {row["part"]: row for row in done.json}["telegram bot"]
    assert (done.status, row["state"]) == (0, "off")
    assert "bot-token is not there" in row["what"]


def test_a_daemon_whose_bot_has_no_token_runs_all_the_same_and_says_so(api: BotApi, tmp_path: Path) -> None:
    child = Child(tmp_path / "data", free_port())
    with_bot(child, api, webhook=False)
    (child.folder / "bot-token").unlink()
    child.start()
    assert child.stop() == 0
    assert '"event": "account.off"' in child.log()
    assert api.calls == []
