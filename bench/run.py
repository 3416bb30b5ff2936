"""Runs every script of this folder and writes docs/performance.md.

    python bench/run.py

With DESKD_TEST_PG also on PostgreSQL. Ends with 1 when a goal was missed; the page is written all the same.
"""

import os
import platform
import subprocess
import sys

from ground import ROOT, commit, folder, fsync_ms, kinds

SCRIPTS = ("ingest", "smtp", "events", "start", "rules", "clocks", "masking", "labels")
HEAD = """# Performance

Written by `make bench` (`bench/run.py`); not by hand. The load generator runs on the same machine, so its work is in
the figures. Beside each figure stands its goal, and what a bare baseline of the same run reached.

Commit {commit}, {cores} cores, Python {python}, {system}, databases: {kinds}; the disk syncs 4 KiB in {fsync:.2f} ms.
"""


def main() -> int:
    with folder() as where:
        synced = fsync_ms(where)
    page = HEAD.format(
        commit=commit(),
        cores=os.cpu_count(),
        python=platform.python_version(),
        system=platform.system(),
        kinds=", ".join(kinds()),
        fsync=synced,
    )
    missed = 0
    for name in SCRIPTS:
        done = subprocess.run(
            [sys.executable, f"bench/{name}.py"], cwd=ROOT, capture_output=True, text=True, check=False
        )
        missed += done.returncode != 0
        print(
            f"{name}: {'reached' if done.returncode == 0 else 'MISSED'}\n{done.stdout}{done.stderr[-2000:]}", flush=True
        )
        page += f"\n## {name}\n`python bench/{name}.py`: {'reached' if done.returncode == 0 else 'missed'}\n\n"
        page += f"```\n{done.stdout.strip() or 'It ended with an error.'}\n```\n"
    (ROOT / "docs" / "performance.md").write_text(page, "utf-8")
    return 1 if missed else 0


if __name__ == "__main__":
    sys.exit(main())
