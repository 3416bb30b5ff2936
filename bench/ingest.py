"""Kept receipts to committed, routed, clocked tickets, a second, by one pipeline in one process.

    python bench/ingest.py [--mails 20000] [--profile]

Mails of 3 KB, 30 % of them answers by token, half of the new ones proved (so acknowledged). The baseline inserts as
many rows into the same tables with the same statements, as many a transaction, and no more.
"""

import argparse
import cProfile
import pstats
import sys
import time
from pathlib import Path

from ground import commit, database_url, drawn, folder, kinds, said, stands_on, work_off

# isort: split
# What follows is found since ground has set the path.
from child import Child, kept
from sqlalchemy import insert, select

from deskd.app import Parts
from deskd.store import plan, tables
from ingest.pipeline import BATCH

GOAL = 500.0


def rate(parts: Parts, mails: int, profile: bool) -> tuple[float, float]:
    """(mails a second, milliseconds of this process's CPU a mail)."""
    kept(parts, drawn(parts, mails))
    profiler = cProfile.Profile()
    begun, cpu = time.perf_counter(), time.process_time()
    if profile:
        profiler.enable()
    done = work_off(parts)
    profiler.disable()
    took, cpu = time.perf_counter() - begun, time.process_time() - cpu
    if profile:
        pstats.Stats(profiler).sort_stats("cumulative").print_stats(60)
        pstats.Stats(profiler).sort_stats("tottime").print_stats(40)
    return done / took, cpu / done * 1e3


def bare(parts: Parts, other: Parts, receipts: int) -> float:
    """The same rows, in the order of the tables, into an empty database; receipts a second."""
    rows = []
    with parts.database.read() as connection:
        for table in plan.ORDER:
            found = connection.execute(select(table)).mappings()
            rows += [(table, dict(row)) for row in found]
    together = max(len(rows) * BATCH // receipts, 1)
    begun = time.perf_counter()
    for start in range(0, len(rows), together):
        some = rows[start : start + together]
        with other.database.write() as connection:
            for table in plan.ORDER:
                if mine := [row for where, row in some if where is table]:
                    connection.execute(insert(table), mine)
    return receipts / (time.perf_counter() - begun)


def measured(kind: str, where: Path, mails: int, profile: bool) -> bool:
    with database_url(kind) as url, database_url(kind) as second:
        parts, other = Child(where / kind, 25, url).build(), Child(where / f"{kind}-bare", 25, second).build()
        got, cpu = rate(parts, mails, profile)
        with parts.database.read() as connection:
            receipts = len(list(connection.scalars(select(tables.receipts.c.id))))
        floor = bare(parts, other, receipts)
        ok = said("ingest", got, "mails a second", GOAL, floor, "the bare insert", stands_on(parts.database, where))
        print(f"  {cpu:.2f} ms of CPU a mail")
        parts.database.close()
        other.database.close()
    return ok


def main() -> int:
    parser = argparse.ArgumentParser(description=f"Ingest at commit {commit()}")
    parser.add_argument("--mails", type=int, default=20_000)
    parser.add_argument("--profile", action="store_true")
    parser.add_argument("--only", choices=["sqlite", "postgresql"])
    given = parser.parse_args()
    with folder() as where:
        reached = [measured(k, where, given.mails, given.profile) for k in kinds() if given.only in {None, k}]
        return 0 if all(reached) else 1


if __name__ == "__main__":
    sys.exit(main())
