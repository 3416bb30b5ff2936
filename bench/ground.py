"""What every figure stands on: which databases, which commit, how fast the disk syncs, and tickets to answer to."""

import os
import platform
import secrets
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from random import Random
from shutil import rmtree

ROOT = Path(__file__).resolve().parents[1]
sys.path[:0] = [str(ROOT), str(ROOT / "tests")]

import psycopg  # noqa: E402
from child import kept  # noqa: E402
from mails import mail  # noqa: E402
from sqlalchemy import select  # noqa: E402

from deskd import app  # noqa: E402
from deskd.app import Parts  # noqa: E402
from deskd.store import tables  # noqa: E402
from deskd.store.database import Database  # noqa: E402

PG = "DESKD_TEST_PG"
REPLIES = 0.3  # of the mails answer one of ours


@contextmanager
def folder() -> Iterator[Path]:
    made = Path(tempfile.mkdtemp(prefix="deskd-bench-"))
    try:
        yield made
    finally:
        rmtree(made, ignore_errors=True)


@contextmanager
def database_url(kind: str) -> Iterator[str]:
    """ "" for SQLite; on PostgreSQL a database of this run's own, dropped afterwards."""
    if kind == "sqlite":
        yield ""
        return
    server, name = os.environ[PG], f"deskd_bench_{secrets.token_hex(6)}"
    with psycopg.connect(server, autocommit=True) as connection:
        connection.execute(f'CREATE DATABASE "{name}"')
    yield f"{server.rpartition('/')[0]}/{name}"
    with psycopg.connect(server, autocommit=True) as connection:
        connection.execute(f'DROP DATABASE "{name}" WITH (FORCE)')


def kinds() -> list[str]:
    return ["sqlite", *(["postgresql"] if os.environ.get(PG) else [])]


def commit() -> str:
    done = subprocess.run(
        ["git", "rev-parse", "--short", "HEAD"], cwd=ROOT, capture_output=True, text=True, check=False
    )
    return done.stdout.strip() or "none"


def fsync_ms(where: Path) -> float:
    """Median milliseconds of writing 4 KiB and syncing them."""
    took = []
    with (where / "fsync").open("wb", buffering=0) as file:
        for _ in range(200):
            begun = time.perf_counter()
            file.write(bytes(4096))
            os.fsync(file.fileno())
            took.append(time.perf_counter() - begun)
    return statistics.median(took) * 1e3


def stands_on(database: Database, where: Path) -> str:
    """The line beside a figure."""
    [(name, version)] = database.versions().items()
    return f"{name} {version}, fsync {fsync_ms(where):.2f} ms, commit {commit()}, Python {platform.python_version()}"


def drawn(parts: Parts, count: int, seed: int = 1) -> list[tuple[bytes, str]]:
    """(mail, recipient): 70 % from new customers, 30 % answers by token to tickets that are made here first."""
    rng = Random(seed)
    _seed(parts, max(count // 20, 1), rng)
    tickets, identities = tables.tickets, tables.identities
    found = select(tickets.c.code, identities.c.address).join(identities, identities.c.id == tickets.c.identity_id)
    with parts.database.read() as connection:
        known = [
            (str(code).lower(), str(address)) for code, address in connection.execute(found.order_by(tickets.c.id))
        ]
    made = []
    for n in range(count):
        if rng.random() < REPLIES:
            code, address = known[n % len(known)]
            to = f"support+{code}.{parts.vault.ring.sign('thread', code, address)}@desk.example"
            made.append((mail(n, rng, who=address, to=to)[0], to))
        else:
            made.append((mail(n, rng, proved=n % 2 == 0)[0], "support@desk.example"))
    return made


def _seed(parts: Parts, count: int, rng: Random) -> None:
    kept(parts, ((mail(n, rng, proved=False)[0], "support@desk.example") for n in range(10**6, 10**6 + count)))
    work_off(parts)


def work_off(parts: Parts) -> int:
    """One pipeline until nothing is left; how many receipts. Ends with an error when one was parked."""
    pipeline, total = app.pipeline(parts, lambda _accounts: None), 0
    while done := pipeline.round():
        if not done.total:
            break
        if done.parked:
            raise RuntimeError("A mail was parked; these are all meant to be read.")
        total += done.total
    pipeline.release()
    return total


def said(name: str, figure: float, unit: str, goal: float, bare: float, what: str, ground: str) -> bool:
    """Prints one figure; True when the goal is reached."""
    print(f"{name}: {figure:,.0f} {unit} (goal {goal:,.0f}); {figure / bare:.2f} of {what} ({bare:,.0f}); {ground}")
    return figure >= goal
