"""Runs every script of this folder and writes docs/performance.md.

    python bench/run.py [--small]

--small takes fewer mails than the goals name, for a look; the page says so.
With DESKD_TEST_PG also on PostgreSQL. Ends with 1 when a goal was missed; the page is written all the same.
"""

import argparse
import os
import platform
import subprocess
import sys

from ground import ROOT, commit, folder, fsync_ms, kinds

SCRIPTS = ("ingest", "smtp", "hooks", "events", "start", "rules", "clocks", "masking", "labels", "chat")
HEAD = """# Performance

Written by `make bench` (`bench/run.py`); not by hand. The load generator runs on the same machine, so its work is in
the figures. Beside each figure stands its goal, and what a bare baseline of the same run reached.

Commit {commit}, {cores} cores, Python {python}, {system}, databases: {kinds}; the disk syncs 4 KiB in {fsync:.2f} ms.
"""


SMALL = {
    "ingest": ["--mails", "4000"],
    "smtp": ["--mails", "1200"],
    "hooks": ["--updates", "4000"],
    "chat": ["--seconds", "10"],
}


def main() -> int:
    parser = argparse.ArgumentParser()
    parser.add_argument("--small", action="store_true")
    more = SMALL if parser.parse_args().small else {}
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
        words = [f"bench/{name}.py", *more.get(name, [])]
        done = subprocess.run([sys.executable, *words], cwd=ROOT, capture_output=True, text=True, check=False)
        missed += done.returncode != 0
        how = "reached" if done.returncode == 0 else "missed"
        print(f"{name}: {how}\n{done.stdout}{done.stderr[-2000:]}", flush=True)
        page += f"\n## {name}\n`python {' '.join(words)}`: {how}\n\n"
        page += f"```\n{done.stdout.strip() or 'It ended with an error.'}\n```\n"
    (ROOT / "docs" / "performance.md").write_text(page, "utf-8")
    return 1 if missed else 0


if __name__ == "__main__":
    sys.exit(main())
