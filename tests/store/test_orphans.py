"""Files of the vault that no row names are swept, and nothing else is."""

import asyncio
import itertools
import os
from collections.abc import Callable
from pathlib import Path

import pytest
from sqlalchemy import Connection, insert

from deskd.domain.errors import StoreAway
from deskd.domain.ports import HOUR, MINUTE, Receipt
from deskd.store import orphans, receipts, tables
from deskd.store.database import Database
from deskd.store.keeper import Keeper
from deskd.store.keyring import open_ring
from deskd.store.plan import Plan, write
from deskd.store.receipts import FILE_BYTES, Vault

NOW = 1_780_000_000_000_000
LARGE = b"x" * (FILE_BYTES + 1)
IDS = itertools.count(1)


@pytest.fixture
def vault(tmp_path: Path) -> Vault:
    return Vault(tmp_path / "data", open_ring(tmp_path / "data" / "keys", os.urandom))


def new_id() -> str:
    return f"{next(IDS):032x}"


def keep(database: Database, vault: Vault) -> str:
    """A kept receipt whose body is a file."""
    sealed = receipts.seal(Receipt("email", "support", new_id(), "a@example.com", LARGE, 1), new_id, vault)
    return database.transact(lambda connection: receipts.keep(connection, [sealed]))[0].receipt_id


def put(vault: Vault, kind: str, *, unfinished: bool = False) -> str:
    """A file whose row was never committed; its name in the vault."""
    name = vault.put(kind, new_id(), b"sealed")
    if unfinished:
        (vault.folder / name).rename(vault.folder / f"{name}.tmp")
    return f"{name}.tmp" if unfinished else name


def aged(vault: Vault, age: int) -> None:
    for name in files(vault):
        os.utime(vault.folder / name, ns=(0, (NOW - age) * 1000))


def files(vault: Vault) -> set[str]:
    found = [path for kind in ("receipts", "attachments") for path in (vault.folder / kind).rglob("*")]
    return {str(path.relative_to(vault.folder)) for path in found if path.is_file()}


def sweep(database: Database, vault: Vault) -> int:
    return sum(orphans.sweep(database, vault, NOW, shard) for shard in orphans.SHARDS)


def attach(database: Database, vault: Vault) -> str:
    """An attachment of a committed message; its name in the vault."""
    file_id = new_id()
    name = vault.put("attachments", file_id, b"sealed")
    ids = {"customer_id": new_id(), "identity_id": new_id(), "ticket_id": new_id(), "message_id": new_id()}
    words = dict.fromkeys(("topic", "queue", "policy", "ack", "subject", "channel", "account"), "")
    ticket = words | {"id": ids["ticket_id"], "code": file_id[-8:], "state": "open", "spam": False, "category": "other"}
    ticket |= {"priority": 2, "language": "en", "tags": [], "also": [], "set_by_person": [], "rule_set": 1}
    ticket |= {"messages": 0, "events": 1, "due_at": 0, "created_at": 0}
    ticket |= {"customer_id": ids["customer_id"], "identity_id": ids["identity_id"]}
    message = dict.fromkeys(("author", "provider_id", "subject", "text", "reply", "level", "trust"), "")
    message |= {"id": ids["message_id"], "ticket_id": ids["ticket_id"], "n": 1, "direction": "in", "at": 0}
    message |= {"language": "en", "automatic": False, "third_party": False, "found": [], "warnings": []}
    identity = {"id": ids["identity_id"], "customer_id": ids["customer_id"], "kind": "email", "address": file_id}
    row = {"id": file_id, "message_id": ids["message_id"], "filename": "a.pdf", "content_type": "application/pdf"}
    with database.write() as connection:
        connection.execute(insert(tables.customers).values(id=ids["customer_id"], name="", language="en", created_at=0))
        connection.execute(
            insert(tables.identities).values(identity | {"level": "", "blocked": False, "created_at": 0})
        )
        connection.execute(insert(tables.tickets).values(ticket))
        connection.execute(insert(tables.messages).values(message))
        connection.execute(
            insert(tables.attachments).values(row | {"size": 6, "sha256": "", "file": name, "data_key": b"k"})
        )
    return name


def test_what_has_no_row_for_an_hour_is_swept_and_what_has_one_stays(database: Database, vault: Vault) -> None:
    kept, attached = keep(database, vault), attach(database, vault)
    lost = {put(vault, kind, unfinished=tmp) for kind in ("receipts", "attachments") for tmp in (False, True)}
    named = files(vault) - lost
    aged(vault, HOUR)
    assert sweep(database, vault) == 4
    assert files(vault) == named == {attached, f"receipts/{kept[-2:]}/{kept}"}
    assert sweep(database, vault) == 0


def test_what_is_younger_than_an_hour_may_still_get_its_row(database: Database, vault: Vault) -> None:
    lost = {put(vault, kind) for kind in ("receipts", "attachments")}
    aged(vault, HOUR - 1)
    assert sweep(database, vault) == 0
    assert files(vault) == lost


def test_what_a_keep_left_behind_when_the_database_was_away_is_swept(
    database: Database, vault: Vault, tmp_path: Path
) -> None:
    away = Database(f"sqlite:///{tmp_path / 'gone' / 'desk.db'}")
    keeper = Keeper(away, vault, new_id)

    async def fail() -> None:
        with pytest.raises(StoreAway):
            await keeper.keep([Receipt("email", "support", "k", "a@example.com", LARGE, 1)])
        await keeper.close()

    asyncio.run(fail())
    away.close()
    assert len(files(vault)) == 1
    aged(vault, HOUR)
    assert sweep(database, vault) == 1


def settle(connection: Connection, receipt_id: str) -> None:
    """As the pipeline does where a secret was found."""
    plan = Plan()
    values = {"b_id": receipt_id, "settled_at": 2, "outcome": "ticket", "ticket_id": None}
    plan.change(receipts.SETTLE_AND_DESTROY, values)
    write(connection, [plan])


@pytest.mark.parametrize("destroy", [lambda connection, one: receipts.destroy(connection, [one]), settle])
def test_a_file_whose_key_is_dropped_goes_at_once(
    database: Database, vault: Vault, destroy: Callable[[Connection, str], None]
) -> None:
    secret, other = keep(database, vault), keep(database, vault)
    database.transact(lambda connection: destroy(connection, secret))
    assert orphans.drop_destroyed(database, vault, [secret, other]) == 1
    assert files(vault) == {f"receipts/{other[-2:]}/{other}"}
    assert orphans.drop_destroyed(database, vault, [secret, other]) == 0
    assert orphans.drop_destroyed(database, vault, []) == 0


def test_a_file_whose_key_is_dropped_is_swept_when_a_crash_left_it(database: Database, vault: Vault) -> None:
    secret = keep(database, vault)
    database.transact(lambda connection: receipts.destroy(connection, [secret]))
    aged(vault, HOUR)
    assert sweep(database, vault) == 1
    assert files(vault) == set()


def test_a_vault_without_a_folder_has_no_orphans(database: Database, vault: Vault) -> None:
    assert sweep(database, vault) == 0


def test_every_shard_has_its_minute() -> None:
    assert {orphans.shard_of(NOW + n * MINUTE) for n in range(256)} == set(orphans.SHARDS)
