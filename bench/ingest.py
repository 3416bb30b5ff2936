"""Kept receipts to committed, routed, clocked tickets, a second, by as many pipelines as `deskd run` starts.

    python bench/ingest.py [--mails 20000] [--processes N] [--profile]

Mails of 3 KB, 30 % of them answers by token, half of the new ones proved (so acknowledged). The baseline inserts as
many rows into the same tables with the same statements, as many a transaction, and no more.
"""

import argparse
import cProfile
import os
import pstats
import resource
import sys
import time
from dataclasses import replace
from pathlib import Path

from ground import commit, database_url, drawn, folder, kinds, said, stands_on, work_off

# isort: split
# What follows is found since ground has set the path.
from child import Child, kept
from sqlalchemy import insert, select

from deskd import app
from deskd.app import Parts
from deskd.store import plan, receipts, tables
from ingest.pipeline import BATCH

GOAL = 500.0


def rate(parts: Parts, mails: int, processes: int) -> tuple[float, float]:
    """(mails a second, milliseconds of all pipelines' CPU a mail)."""
    kept(parts, drawn(parts, mails))
    parts.database.close()  # nothing open may be in two processes
    begun, cpu = time.perf_counter(), _children_cpu()
    pids = [_forked(parts) for _ in range(processes)]
    if any(os.waitpid(pid, 0)[1] for pid in pids):
        raise RuntimeError("A pipeline ended with an error.")
    took, cpu = time.perf_counter() - begun, _children_cpu() - cpu
    return mails / took, cpu / mails * 1e3


def _forked(parts: Parts) -> int:
    if (pid := os.fork()) != 0:
        return pid
    status = 1
    try:
        mine = replace(parts, holder=app.new_id())
        while waits(mine):
            work_off(mine)
        status = 0
    finally:
        os._exit(status)


def _children_cpu() -> float:
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


def waits(parts: Parts) -> bool:
    with parts.database.read() as connection:
        return bool(receipts.busy_partitions(connection))


def profiled(parts: Parts, mails: int) -> None:
    """Where one pipeline's time goes."""
    kept(parts, drawn(parts, mails))
    with cProfile.Profile() as profiler:
        work_off(parts)
    for order in ("cumulative", "tottime"):
        pstats.Stats(profiler).sort_stats(order).print_stats(50)


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


def measured(kind: str, where: Path, mails: int, processes: int) -> bool:
    with database_url(kind) as url, database_url(kind) as second:
        parts, other = Child(where / kind, 25, url).build(), Child(where / f"{kind}-bare", 25, second).build()
        got, cpu = rate(parts, mails, processes)
        with parts.database.read() as connection:
            count = len(list(connection.scalars(select(tables.receipts.c.id))))
        floor = bare(parts, other, count)
        ok = said("ingest", got, "mails a second", GOAL, floor, "the bare insert", stands_on(parts.database, where))
        print(f"  {processes} processes, {cpu:.2f} ms of CPU a mail")
        parts.database.close()
        other.database.close()
    return ok


def main() -> int:
    parser = argparse.ArgumentParser(description=f"Ingest at commit {commit()}")
    parser.add_argument("--mails", type=int, default=20_000)
    parser.add_argument("--processes", type=int, default=min(os.cpu_count() or 1, 4))
    parser.add_argument("--profile", action="store_true", help="of one pipeline, instead of the figure")
    parser.add_argument("--only", choices=["sqlite", "postgresql"])
    given = parser.parse_args()
    with folder() as where:
        if given.profile:
            profiled(Child(where / "profile", 25).build(), given.mails)
            return 0
        reached = [measured(k, where, given.mails, given.processes) for k in kinds() if given.only in {None, k}]
        return 0 if all(reached) else 1


if __name__ == "__main__":
    sys.exit(main())
