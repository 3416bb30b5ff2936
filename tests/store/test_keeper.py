"""Many listeners hand the keeper receipts; it answers when they are committed, or says that they are not."""

import asyncio
import itertools
import os
from collections.abc import Sequence
from pathlib import Path

import pytest
from sqlalchemy import func, select

from deskd.domain.errors import StoreAway
from deskd.domain.ports import Kept, Receipt
from deskd.store import receipts, tables
from deskd.store.database import Database
from deskd.store.keeper import Keeper
from deskd.store.keyring import open_ring
from deskd.store.receipts import FILE_BYTES, Vault


@pytest.fixture
def vault(tmp_path: Path) -> Vault:
    return Vault(tmp_path / "data", open_ring(tmp_path / "data" / "keys", os.urandom))


def make(database: Database, vault: Vault, heard: list[int] | None = None) -> Keeper:
    count = itertools.count(1)
    return Keeper(database, vault, lambda: f"{next(count):032x}", (heard if heard is not None else []).append)


def receipt(key: str, body: bytes = b"words") -> Receipt:
    return Receipt("email", "support", key, "a@example.com", body, 1)


def keep_all(keeper: Keeper, some: Sequence[Receipt]) -> list[Kept | BaseException]:
    """Each handed over by a listener of its own, all at once."""

    async def run() -> list[Kept | BaseException]:
        answers = await asyncio.gather(*(keeper.keep([one]) for one in some), return_exceptions=True)
        await keeper.close()
        return [answer if isinstance(answer, BaseException) else answer[0] for answer in answers]

    return asyncio.run(run())


def stored(database: Database) -> int:
    with database.read() as connection:
        return int(connection.scalar(select(func.count()).select_from(tables.receipts)) or 0)


def test_the_same_thing_fifty_times_at_once_is_one_receipt(database: Database, vault: Vault) -> None:
    answers = keep_all(make(database, vault), [receipt("same")] * 50)
    assert stored(database) == 1
    assert len({answer.receipt_id for answer in answers}) == 1
    assert [answer.repeated for answer in answers].count(False) == 1


def test_two_keepers_at_once_keep_one(database: Database, vault: Vault) -> None:
    ids = itertools.count(1)
    pair = [Keeper(database, vault, lambda: f"{next(ids):032x}") for _ in range(2)]

    async def run() -> list[list[Kept]]:
        mine = [keeper.keep([receipt(str(n)) for n in order]) for keeper, order in zip(pair, orders, strict=True)]
        answers = await asyncio.gather(*mine)
        for keeper in pair:
            await keeper.close()
        return answers

    orders = (range(40), reversed(range(40)))
    answers = asyncio.run(run())
    assert stored(database) == 40
    assert sorted(kept.receipt_id for kept in answers[0]) == sorted(kept.receipt_id for kept in answers[1])


def test_the_file_of_a_repeated_receipt_does_not_stay(database: Database, vault: Vault) -> None:
    keep_all(make(database, vault), [receipt("same", b"x" * (FILE_BYTES + 1))] * 3)
    assert len([path for path in (vault.folder / "receipts").rglob("*") if path.is_file()]) == 1


def test_what_came_together_is_told_once_and_repeats_are_not_counted(database: Database, vault: Vault) -> None:
    heard: list[int] = []
    keep_all(make(database, vault, heard), [receipt("a"), receipt("b"), receipt("a")])
    assert sum(heard) == 2


def test_answers_come_in_the_order_of_what_was_handed_over(database: Database, vault: Vault) -> None:
    keeper = make(database, vault)

    async def run() -> list[Kept]:
        answers = await keeper.keep([receipt("a"), receipt("b"), receipt("a")])
        await keeper.close()
        return answers

    first, second, third = asyncio.run(run())
    assert first.receipt_id == third.receipt_id != second.receipt_id
    assert [kept.repeated for kept in (first, second, third)] == [False, False, True]


def test_a_store_that_is_away_is_told_to_all_who_wait(vault: Vault, tmp_path: Path) -> None:
    away = Database(f"sqlite:///{tmp_path / 'gone' / 'desk.db'}")
    answers = keep_all(make(away, vault), [receipt(str(n)) for n in range(3)])
    assert [type(answer) for answer in answers] == [StoreAway] * 3
    away.close()


def test_a_disk_that_is_full_is_a_store_that_is_away(
    database: Database, vault: Vault, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*_: object) -> str:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(vault, "put", full, raising=True)
    [answer] = keep_all(make(database, vault), [receipt("large", b"x" * (FILE_BYTES + 1))])
    assert isinstance(answer, StoreAway)
    assert "No space left" in str(answer)
    assert stored(database) == 0


def test_a_defect_reaches_those_who_wait_and_the_next_are_kept(
    database: Database, vault: Vault, monkeypatch: pytest.MonkeyPatch
) -> None:
    keeper, seal = make(database, vault), receipts.seal

    def sometimes(one: Receipt, *rest: object) -> object:
        if one.key == "bad":
            raise RuntimeError("a defect")
        return seal(one, *rest)  # type: ignore[arg-type]

    monkeypatch.setattr(receipts, "seal", sometimes)

    async def run() -> None:
        with pytest.raises(RuntimeError, match="a defect"):
            await asyncio.wait_for(keeper.keep([receipt("bad")]), 10)
        await keeper.keep([receipt("good")])
        await keeper.close()

    asyncio.run(run())
    assert stored(database) == 1
