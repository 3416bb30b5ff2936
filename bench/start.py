"""Seconds from the start of `deskd run` until /readyz answers, and what it holds in memory when idle.

    python bench/start.py

The first start makes its database and its keys; the others find them. Memory is the sum of the proportional set sizes
of the daemon and its children. The baseline is a bare Python that starts, and one that imports the same libraries.
"""

import statistics
import subprocess
import sys
import time
from pathlib import Path

from ground import ROOT, database_url, folder, kinds, stands_on

# isort: split
# What follows is found since ground has set the path.
from child import Child, free_port

GOAL, MEMORY = 2.0, 300.0
RUNS = 3
IDLE = 3.0


def tree(pid: int) -> list[int]:
    children = Path(f"/proc/{pid}/task/{pid}/children").read_text().split()
    return [pid, *(below for child in children for below in tree(int(child)))]


def pss(pid: int) -> float:
    """Megabytes."""
    total = 0
    for one in tree(pid):
        for line in Path(f"/proc/{one}/smaps_rollup").read_text().splitlines():
            if line.startswith("Pss:"):
                total += int(line.split()[1])
    return total / 1024


def took(code: str) -> float:
    runs = []
    for _ in range(RUNS):
        begun = time.perf_counter()
        subprocess.run([sys.executable, "-c", code], check=True, cwd=ROOT)
        runs.append(time.perf_counter() - begun)
    return statistics.median(runs)


def measured(kind: str, where: Path) -> bool:
    with database_url(kind) as url:
        child = Child(where / kind, free_port(), url)
        first = child.start()
        child.stop()
        later = []
        for _ in range(RUNS):
            later.append(child.start())
            if len(later) == RUNS:
                time.sleep(IDLE)
                held = pss(child.process.pid if child.process else 0)
            child.stop()
        parts = child.build()
        line = stands_on(parts.database, where)
        parts.database.close()
    again, python, imported = statistics.median(later), took("pass"), took("import deskd.cli.daemon")
    print(f"start: {again:.2f} s, the first {first:.2f} s (goal {GOAL:g}); {again / python:.0f} times a bare Python")
    print(f"  ({python:.3f} s), {again / imported:.1f} times its imports ({imported:.2f} s); {line}")
    print(f"  idle memory: {held:.0f} MB (goal {MEMORY:.0f})")
    return first <= GOAL and held <= MEMORY


def main() -> int:
    with folder() as where:
        reached = [measured(kind, where) for kind in kinds()]
        return 0 if all(reached) else 1


if __name__ == "__main__":
    sys.exit(main())
