"""The one suite for every registered channel, on both databases: kept once, read whole, nothing parked or dropped."""

import asyncio
import threading
from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path

import pytest
from conformance_cases import ANY_BYTES, AT, CASES, words
from world import World

import channels
from channels import Channel
from deskd.acts.acknowledge import Voice
from deskd.app.ways import Ways
from deskd.domain.ports import Incoming, IncomingKind, Receipt
from deskd.domain.states import ReceiptState
from deskd.domain.words import Direction, Language
from deskd.settings import parse
from deskd.store import tables
from deskd.store.database import Database
from deskd.store.keeper import Keeper
from deskd.texts import catalogue
from ingest.masking.formats import DEFAULT
from ingest.pipeline import Pipeline

SPOKEN = ("acknowledgement", "out_of_hours", "emergency", "secret_seen", "danger", "feedback_received")
"""The texts that may acknowledge a message (deskd/acts/acknowledge.py)."""

every = pytest.mark.parametrize("name", channels.names())


@pytest.fixture
def house(database: Database, tmp_path: Path) -> Iterator[World]:
    """A world in which all channels are real, each with the account `main`."""
    world = World(database, tmp_path / "data")
    ways = Ways(parse("", tmp_path), lambda: world.now, world.vault.ring.sign)
    declared = ways.capabilities()
    accounts = {name: ("main",) for name in declared if channels.load(name).sender}
    world.desk = replace(world.desk, channels=declared, accounts=accounts)
    in_place = frozenset(name for name, one in declared.items() if one.acknowledges_in_place)
    voice = Voice(catalogue.load(house={"brand": "UPay"}), "Asia/Shanghai", "", in_place)
    world.pipeline = Pipeline(database, lambda: world.desk, ways.readers(), DEFAULT, voice, world.ids, "one")
    yield world
    world.close()


def _kept(world: World, some: Sequence[Receipt]) -> None:
    asyncio.run(world.keeper.keep(some))


def _said(world: World) -> list[str]:
    """The words of all messages that came in, in the order of their tickets and numbers."""
    rows = [row for row in world.rows(tables.messages) if row["direction"] == "in"]
    return [row["text"] for row in sorted(rows, key=lambda row: (row["ticket_id"], row["n"]))]


def _parked(world: World) -> list[str]:
    return [row["reason"] for row in world.rows(tables.receipts) if row["state"] == ReceiptState.PARKED]


def test_every_registered_channel_has_a_case() -> None:
    assert set(CASES) == set(channels.names())


@every
def test_what_it_declares_can_be_true(name: str) -> None:
    channel: Channel = channels.load(name)
    able = channel.capabilities
    assert able.replies_by in channels.names()
    assert channels.load(able.replies_by).sender or Direction.OUT not in able.directions
    assert channels.load(able.replies_by).capabilities.identity == able.identity
    assert min(able.text_limit, able.redelivery_horizon_days, able.ack_deadline_s) > 0
    texts = catalogue.load(house={"brand": "UPay"})
    for text in SPOKEN:
        for language in Language:
            assert texts.render(text, language, able.texts, code="UP-7K3M-9QXD", due="today 14:30 (UTC+8)").text


@every
def test_the_same_thing_twice_is_one_message(name: str, house: World) -> None:
    for _ in range(2):
        _kept(house, [CASES[name].said(1, "ada")] * 2)
        house.run()
    assert [words(1) in said for said in _said(house)] == [True]


@every
def test_fifty_at_once_over_two_keepers_are_one(name: str, house: World, tmp_path: Path) -> None:
    url = house.database.url
    other = Database(url)
    kept: list[bool] = []

    def hand_over(database: Database) -> None:
        async def all_at_once() -> None:
            keeper = Keeper(database, house.vault, ids)
            answers = await asyncio.gather(*(keeper.keep([CASES[name].said(1, "ada")]) for _ in range(25)))
            kept.extend(one.repeated for answer in answers for one in answer)
            await keeper.close()

        asyncio.run(all_at_once())

    lock = threading.Lock()

    def ids() -> str:
        with lock:
            return house.ids()

    threads = [threading.Thread(target=hand_over, args=(one,)) for one in (house.database, other)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    other.close()
    house.run()
    assert (len(kept), kept.count(False), len(_said(house))) == (50, 1, 1)


@every
def test_what_comes_out_of_order_is_all_there(name: str, house: World) -> None:
    for n in (3, 1, 2):
        _kept(house, [CASES[name].said(n, "ada")])
        house.run()
    assert sorted(next(n for n in (1, 2, 3) if words(n) in said) for said in _said(house)) == [1, 2, 3]
    tickets = len(house.rows(tables.tickets))
    assert tickets == (1 if channels.load(name).capabilities.one_conversation else 3)


@every
def test_two_contacts_are_two_customers(name: str, house: World) -> None:
    _kept(house, [CASES[name].said(1, "ada"), CASES[name].said(2, "ben")])
    house.run()
    assert len({row["customer_id"] for row in house.rows(tables.tickets)}) == 2


@every
def test_a_kind_that_nobody_knows_is_a_message_that_says_so(name: str, house: World) -> None:
    case, example = CASES[name], CASES[name].said(1, "ada")
    for n, (body, envelope) in enumerate(case.odd):
        _kept(house, [replace(example, key=f"odd{n}", body=body, envelope={**example.envelope, **envelope})])
    house.run()
    assert _parked(house) == []
    outcomes = {row["outcome"] for row in house.rows(tables.receipts)}
    assert outcomes <= {"ticket", "message", "note", "spam", *case.ours}


@every
def test_any_bytes_are_read(name: str, house: World) -> None:
    case, example = CASES[name], CASES[name].said(1, "ada")
    read = Ways(parse("", Path()), lambda: AT, house.vault.ring.sign).readers()[name]
    for body in ANY_BYTES:
        made = read(body, example.envelope, "main")
        assert isinstance(made, Incoming)
        assert made.kind in set(IncomingKind)
        _kept(house, [replace(example, key=f"any{body[:9]!r}", body=body)])
    _kept(house, [case.said(7, "ben")])
    house.run()
    assert _parked(house) == []
    assert any(words(7) in said for said in _said(house))  # and none of them holds up the next


@every
def test_a_secret_in_it_is_kept_nowhere(name: str, house: World) -> None:
    example = CASES[name].said(1, "ada")
    secret = replace(example, key="s", body=example.body.replace(b"my transfer", b"card 4111111111111111 my transfer"))
    assert secret.body != example.body
    _kept(house, [secret])
    house.run()
    assert all("4111111111111111" not in said for said in _said(house))
    [row] = house.rows(tables.receipts)
    assert row["data_key"] is None  # so the raw form can be read by nobody
