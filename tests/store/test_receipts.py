"""How a receipt is kept, opened, settled and destroyed."""

import itertools
import os
from pathlib import Path

import pytest

from deskd.domain.errors import Lost, SettingsError
from deskd.domain.ports import Receipt
from deskd.store import receipts
from deskd.store.database import Database
from deskd.store.keyring import open_ring
from deskd.store.plan import Plan, write
from deskd.store.receipts import FILE_BYTES, Vault

IDS = itertools.count(1)


@pytest.fixture
def vault(tmp_path: Path) -> Vault:
    return Vault(tmp_path / "data", open_ring(tmp_path / "data" / "keys", os.urandom))


def keep(database: Database, vault: Vault, body: bytes = b"words", key: str = "k", **envelope: object) -> str:
    receipt = Receipt("email", "support", key, "a@example.com", body, 1, envelope)
    sealed = receipts.seal(receipt, lambda: f"{next(IDS):032x}", vault)
    return database.transact(lambda connection: receipts.keep(connection, [sealed]))[0].receipt_id


def row_of(database: Database, receipt_id: str) -> receipts.RowMapping:
    with database.read() as connection:
        row = receipts.one(connection, receipt_id)
    assert row is not None
    return row


def test_what_was_kept_is_opened_as_it_came(database: Database, vault: Vault) -> None:
    kept = keep(database, vault, b"\x00\xff words", mail_from="a@example.com", rcpt_to=["b@example.com"])
    opened = receipts.opened(row_of(database, kept), vault)
    assert opened.body == b"\x00\xff words"
    assert opened.envelope == {"mail_from": "a@example.com", "rcpt_to": ["b@example.com"]}


def test_an_envelope_of_any_characters_is_kept(database: Database, vault: Vault) -> None:
    kept = keep(database, vault, mail_from="half a pair \udc80, 张@example.com")
    assert receipts.opened(row_of(database, kept), vault).envelope["mail_from"].endswith("张@example.com")


def test_no_word_lies_in_the_database_in_clear(database: Database, vault: Vault) -> None:
    row = row_of(database, keep(database, vault, b"my words", mail_from="a@example.com"))
    stored = b"".join(bytes(value) for value in row.values() if isinstance(value, bytes | memoryview))
    assert b"my words" not in stored
    assert b"example.com" not in stored


def test_a_body_over_256_kib_is_a_sealed_file(database: Database, vault: Vault) -> None:
    large = b"large words " * (FILE_BYTES // 12 + 1)
    row = row_of(database, keep(database, vault, large))
    assert row["body"] is None
    path = vault.folder / row["file"]
    assert b"large words" not in path.read_bytes()
    assert path.stat().st_mode & 0o777 == 0o600
    assert receipts.opened(row, vault).body == large
    assert not list(vault.folder.rglob("*.tmp"))


def test_a_body_of_less_is_in_its_row(database: Database, vault: Vault) -> None:
    row = row_of(database, keep(database, vault, b"x" * (FILE_BYTES - 100)))
    assert row["file"] is None
    assert row["body"] is not None


def test_a_second_of_the_same_key_is_known_by_the_first(database: Database, vault: Vault) -> None:
    first = keep(database, vault)
    assert keep(database, vault) == first
    assert keep(database, vault, key="another") != first


def test_what_was_destroyed_cannot_be_opened_and_is_still_known(database: Database, vault: Vault) -> None:
    kept = keep(database, vault)
    database.transact(lambda connection: receipts.destroy(connection, [kept]))
    row = row_of(database, kept)
    assert (row["data_key"], row["body"], row["envelope"]) == (None, None, None)
    assert keep(database, vault) == kept


def test_a_receipt_is_settled_once(database: Database, vault: Vault) -> None:
    kept = keep(database, vault)
    values = {"b_id": kept, "settled_at": 2, "outcome": "ticket", "ticket_id": None}
    plan = Plan()
    plan.change(receipts.SETTLE, values)
    database.transact(lambda connection: write(connection, [plan]))
    with pytest.raises(Lost):
        database.transact(lambda connection: write(connection, [plan]))


def test_a_parked_receipt_is_retried_or_dismissed_by_a_person_once(database: Database, vault: Vault) -> None:
    for act in (receipts.retry, lambda connection, kept: receipts.dismiss(connection, kept, "no use")):
        kept, plan = keep(database, vault, key=str(next(IDS))), Plan()
        plan.change(receipts.PARK, {"b_id": kept, "settled_at": 2, "step": "look", "reason": "a defect"})
        database.transact(lambda connection, plan=plan: write(connection, [plan]))
        with database.read() as connection:
            assert [row["id"] for row in receipts.parked(connection)] == [kept]
        done = [database.transact(lambda connection, a=act, k=kept: a(connection, k)) for _ in range(2)]
        assert done == [True, False]


def test_one_that_has_failed_before_comes_alone(database: Database, vault: Vault) -> None:
    kept = [keep(database, vault, key=str(n)) for n in range(3)]
    partition = row_of(database, kept[0])["partition"]
    database.transact(lambda connection: receipts.count_try(connection, kept[:1]))
    with database.read() as connection:
        assert [row["id"] for row in receipts.waiting(connection, [partition], 10)] == kept[:1]


def test_only_what_has_outlived_its_time_is_over(database: Database, vault: Vault) -> None:
    done, stuck = keep(database, vault, key="done"), keep(database, vault, key="stuck")
    plan = Plan()
    plan.change(receipts.SETTLE, {"b_id": done, "settled_at": 10, "outcome": "ticket", "ticket_id": None})
    plan.change(receipts.PARK, {"b_id": stuck, "settled_at": 10, "step": "look", "reason": "a defect"})
    database.transact(lambda connection: write(connection, [plan]))
    with database.read() as connection:
        assert receipts.over(connection, 11, 10) == [done]
        assert receipts.over(connection, 10, 11) == [stuck]


def test_a_row_of_another_key_ring_is_refused(database: Database, vault: Vault, tmp_path: Path) -> None:
    other = Vault(vault.folder, open_ring(tmp_path / "other", os.urandom))
    with pytest.raises(SettingsError, match="Restore data/keys"):
        receipts.opened(row_of(database, keep(database, vault)), other)
