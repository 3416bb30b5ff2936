"""Receipts: kept before they are acknowledged, read by the pipeline, destroyed when their time is over.

A body over 256 KiB is a file beside the database, sealed likewise: written, synced, renamed, its folder synced, and
only then named by a committed row.
"""

import json
import os
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, RowMapping, bindparam, func, insert, select, update
from sqlalchemy.dialects import postgresql, sqlite

from deskd.domain.crash import reach
from deskd.domain.ports import Ids, Kept, Micros, Receipt
from deskd.domain.states import ReceiptState
from deskd.store.keyring import KeyRing
from deskd.store.tables import keys, receipts

PARTITIONS = 64
FILE_BYTES = 256 * 1024  # a larger body is a file
TRIES = 3  # times a receipt may fail or end the process before it is parked
LIST_LIMIT = 200


@dataclass(frozen=True, slots=True)
class Waiting:
    """A receipt as the pipeline takes it, opened."""

    id: str
    channel: str
    account: str
    partition: int
    attempts: int
    received_at: Micros
    envelope: dict[str, Any]
    body: bytes


class Vault:
    """Sealed things below one folder: what a body, an attachment or its name on disk is."""

    def __init__(self, folder: Path, ring: KeyRing) -> None:
        self.folder = folder
        self.ring = ring

    def put(self, kind: str, name: str, sealed: bytes) -> str:
        """Writes and syncs a file; returns its name below the folder. Raises OSError when the disk is full."""
        where = self.folder / kind / name[-2:]
        where.mkdir(mode=0o700, parents=True, exist_ok=True)
        made = where / f"{name}.tmp"
        handle = os.open(made, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
        with os.fdopen(handle, "wb") as file:
            file.write(sealed)
            file.flush()
            os.fsync(file.fileno())
        reach("file:before-rename")
        made.rename(where / name)
        reach("file:after-rename")
        folder = os.open(where, os.O_RDONLY)
        try:
            os.fsync(folder)
        finally:
            os.close(folder)
        return f"{kind}/{name[-2:]}/{name}"

    def get(self, name: str) -> bytes:
        return (self.folder / name).read_bytes()

    def drop(self, name: str) -> None:
        (self.folder / name).unlink(missing_ok=True)


def any_kept(connection: Connection) -> bool:
    """Whether anything was ever received: its duplicate key is kept for ever."""
    return connection.scalar(select(keys.c.digest).limit(1)) is not None


def partition_of(lane: bytes) -> int:
    return lane[0] % PARTITIONS


def seal(receipt: Receipt, ids: Ids, vault: Vault) -> tuple[dict[str, Any], dict[str, Any]]:
    """(row of `keys`, row of `receipts`): everything that can be done before the transaction."""
    ring, receipt_id = vault.ring, ids()
    digest = ring.digest("dedupe", receipt.channel, receipt.account, receipt.key)
    lane = ring.digest("dedupe", "lane", receipt.channel, receipt.account, receipt.lane)[:16]
    envelope = json.dumps(dict(receipt.envelope)).encode()  # ASCII: peers send halves of surrogate pairs as well
    wrapped, (sealed_envelope, body) = ring.seal(receipt_id, envelope, receipt.body)
    large = len(body) > FILE_BYTES
    row = {
        "id": receipt_id,
        "channel": receipt.channel,
        "account": receipt.account,
        "partition": partition_of(lane),
        "lane": lane,
        "state": ReceiptState.KEPT,
        "attempts": 0,
        "step": "",
        "reason": "",
        "received_at": receipt.received_at,
        "settled_at": None,
        "size": len(receipt.body),
        "envelope": sealed_envelope,
        "body": None if large else body,
        "file": vault.put("receipts", receipt_id, body) if large else None,
        "data_key": wrapped,
        "outcome": "",
        "ticket_id": None,
    }
    return {"digest": digest, "receipt_id": receipt_id}, row


def keep(connection: Connection, sealed: Sequence[tuple[dict[str, Any], dict[str, Any]]]) -> list[Kept]:
    """Commits with the caller's transaction. What was ever received before is not kept again."""
    make = postgresql.insert if connection.dialect.name == "postgresql" else sqlite.insert
    claim = make(keys).on_conflict_do_nothing(index_elements=[keys.c.digest])
    in_order = sorted((key for key, _ in sealed), key=lambda key: key["digest"])  # two keepers never wait crosswise
    connection.execute(claim, in_order)
    digests = list({key["digest"] for key, _ in sealed})
    owners: dict[bytes, str] = {
        bytes(digest): receipt_id
        for digest, receipt_id in connection.execute(
            select(keys.c.digest, keys.c.receipt_id).where(keys.c.digest.in_(digests))
        )
    }
    fresh = [row for key, row in sealed if owners[key["digest"]] == row["id"]]
    if fresh:
        connection.execute(insert(receipts), fresh)
    return [Kept(owners[key["digest"]], owners[key["digest"]] != row["id"]) for key, row in sealed]


def busy_partitions(connection: Connection) -> dict[int, int]:
    """How many receipts wait in each partition that has any, those with the oldest receipt first."""
    found = (
        select(receipts.c.partition, func.count().label("waiting"))
        .where(receipts.c.state == ReceiptState.KEPT)
        .group_by(receipts.c.partition)
        .order_by(func.min(receipts.c.id))
    )
    return {row.partition: row.waiting for row in connection.execute(found)}


def waiting(connection: Connection, partitions: Collection[int], limit: int) -> list[RowMapping]:
    """The oldest kept receipts of these partitions. One that has failed before comes alone: it may end the process."""
    found = (
        select(receipts)
        .where(receipts.c.state == ReceiptState.KEPT, receipts.c.partition.in_(list(partitions)))
        .order_by(receipts.c.id)
        .limit(limit)
    )
    rows = list(connection.execute(found).mappings())
    if rows and rows[0]["attempts"]:
        return rows[:1]
    return [row for row in rows if not row["attempts"]]


def count_try(connection: Connection, receipt_ids: Collection[str], by: int = 1) -> None:
    """Counted before the work, so that a receipt that ends the process is known by it."""
    connection.execute(
        update(receipts).where(receipts.c.id.in_(list(receipt_ids))).values(attempts=receipts.c.attempts + by)
    )


def opened(row: RowMapping, vault: Vault) -> Waiting:
    """Unseals a row. Raises SettingsError when its key is gone."""
    ring, wrapped = vault.ring, bytes(row["data_key"])
    sealed = vault.get(row["file"]) if row["file"] else bytes(row["body"])
    envelope = json.loads(ring.unseal(row["id"], wrapped, bytes(row["envelope"])))
    return Waiting(
        row["id"],
        row["channel"],
        row["account"],
        row["partition"],
        row["attempts"],
        row["received_at"],
        envelope,
        ring.unseal(row["id"], wrapped, sealed),
    )


SETTLE = (  # guarded: a receipt is settled once
    update(receipts)
    .where(receipts.c.id == bindparam("b_id"), receipts.c.state == ReceiptState.KEPT)
    .values(
        state=ReceiptState.DONE,
        settled_at=bindparam("settled_at"),
        outcome=bindparam("outcome"),
        ticket_id=bindparam("ticket_id"),
    )
)
SETTLE_AND_DESTROY = SETTLE.values(data_key=None, envelope=None, body=None)
PARK = (
    update(receipts)
    .where(receipts.c.id == bindparam("b_id"), receipts.c.state == ReceiptState.KEPT)
    .values(
        state=ReceiptState.PARKED,
        settled_at=bindparam("settled_at"),
        step=bindparam("step"),
        reason=bindparam("reason"),
    )
)


def parked(connection: Connection, limit: int = LIST_LIMIT) -> list[RowMapping]:
    found = select(receipts).where(receipts.c.state == ReceiptState.PARKED).order_by(receipts.c.id)
    return list(connection.execute(found.limit(min(limit, LIST_LIMIT))).mappings())


def one(connection: Connection, receipt_id: str) -> RowMapping | None:
    return connection.execute(select(receipts).where(receipts.c.id == receipt_id)).mappings().first()


def newest_sealed(connection: Connection) -> RowMapping | None:
    """One that can still be opened, to try the key ring on."""
    found = select(receipts).where(receipts.c.data_key.is_not(None)).order_by(receipts.c.id.desc()).limit(1)
    return connection.execute(found).mappings().first()


def retry(connection: Connection, receipt_id: str) -> bool:
    """Parked → kept, with its tries counted anew; False when it is not parked any more."""
    changed = connection.execute(
        update(receipts)
        .where(receipts.c.id == receipt_id, receipts.c.state == ReceiptState.PARKED)
        .values(state=ReceiptState.KEPT, attempts=0, step="", reason="", settled_at=None)
    )
    return changed.rowcount == 1


def dismiss(connection: Connection, receipt_id: str, reason: str) -> bool:
    changed = connection.execute(
        update(receipts)
        .where(receipts.c.id == receipt_id, receipts.c.state == ReceiptState.PARKED)
        .values(state=ReceiptState.DISMISSED, reason=reason)
    )
    return changed.rowcount == 1


def over(connection: Connection, done_before: Micros, parked_before: Micros, limit: int = 1000) -> list[str]:
    """Receipts whose raw form has outlived its time."""
    done = (receipts.c.state != ReceiptState.PARKED) & (receipts.c.settled_at < done_before)
    stuck = (receipts.c.state == ReceiptState.PARKED) & (receipts.c.settled_at < parked_before)
    return list(
        connection.scalars(select(receipts.c.id).where(receipts.c.data_key.is_not(None), done | stuck).limit(limit))
    )


def destroy(connection: Connection, receipt_ids: Collection[str]) -> None:
    """Drops the wrapped keys and what they opened."""
    connection.execute(
        update(receipts).where(receipts.c.id.in_(list(receipt_ids))).values(data_key=None, envelope=None, body=None)
    )
