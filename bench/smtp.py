"""SMTP sessions (connect, one mail, quit) to routed tickets, a second, all in, against a real `deskd run`.

    python bench/smtp.py [--mails 5000] [--sessions 8]

The client is a process of its own. From the first connect until the last receipt is a ticket or a message of one; the
acknowledgements leave to a sink meanwhile. The baseline is the same client against a bare aiosmtpd that keeps nothing.
"""

import argparse
import asyncio
import os
import pickle
import subprocess
import sys
import time
from pathlib import Path

from ground import ROOT, database_url, drawn, folder, kinds, said, stands_on

# isort: split
# What follows is found since ground has set the path.
from child import Child, free_port
from sqlalchemy import func, select

from deskd.domain.states import ReceiptState
from deskd.store import tables
from deskd.store.database import Database

GOAL = 250.0
SINK = """
import sys
from aiosmtpd.controller import Controller
class Sink:
    async def handle_DATA(self, server, session, envelope):
        return "250 2.0.0 Taken"
Controller(Sink(), hostname="127.0.0.1", port=int(sys.argv[1])).start()
print("ready", flush=True)
sys.stdin.read()
"""


async def session(port: int, raw: bytes, to: str) -> None:
    reader, writer = await asyncio.open_connection("127.0.0.1", port)

    async def said_to(words: bytes, code: bytes) -> None:
        writer.write(words)
        while (line := await reader.readline())[3:4] == b"-":
            pass
        if not line.startswith(code):
            raise RuntimeError(f"{words[:40]!r} was answered with {line!r}")

    await said_to(b"", b"220")
    await said_to(b"EHLO mx.desk.example\r\n", b"250")
    await said_to(b"MAIL FROM:<bounce@mx.desk.example>\r\n", b"250")
    await said_to(f"RCPT TO:<{to}>\r\n".encode(), b"250")
    await said_to(b"DATA\r\n", b"354")
    await said_to(raw.replace(b"\r\n.", b"\r\n..") + (b".\r\n" if raw.endswith(b"\r\n") else b"\r\n.\r\n"), b"250")
    await said_to(b"QUIT\r\n", b"221")
    writer.close()


async def client(port: int, mails: list[tuple[bytes, str]], sessions: int) -> None:
    waiting = iter(mails)

    async def one() -> None:
        for raw, to in waiting:
            await session(port, raw, to)

    await asyncio.gather(*(one() for _ in range(sessions)))


def fed(port: int, file: Path, sessions: int) -> None:
    words = [sys.executable, __file__, "--client", str(port), "--file", str(file), "--sessions", str(sessions)]
    subprocess.run(words, check=True, cwd=ROOT)


def sink(port: int) -> "subprocess.Popen[bytes]":
    made = subprocess.Popen([sys.executable, "-c", SINK, str(port)], stdin=subprocess.PIPE, stdout=subprocess.PIPE)
    assert made.stdout is not None
    made.stdout.readline()
    return made


def end(process: "subprocess.Popen[bytes]") -> None:
    process.communicate()  # its input ends, and so does it


def until(database: Database, wanted: int) -> None:
    count = select(func.count()).select_from(tables.receipts).where(tables.receipts.c.state == ReceiptState.DONE)
    deadline = time.perf_counter() + 120
    while time.perf_counter() < deadline:
        with database.read() as connection:
            if int(connection.scalar(count) or 0) >= wanted:
                return
        time.sleep(0.02)
    raise RuntimeError("Not all mails became tickets within two minutes.")


def cpu(child: Child) -> dict[str, float]:
    """Seconds of CPU that each of the daemon's processes has used."""
    assert child.process is not None
    pid, found = child.process.pid, {}
    for one in Path(f"/proc/{pid}/task/{pid}/children").read_text().split():
        name, _, rest = Path(f"/proc/{one}/stat").read_text().partition("(")[2].rpartition(")")
        found[name] = sum(map(int, rest.split()[11:13])) / os.sysconf("SC_CLK_TCK")
    return found


def measured(kind: str, where: Path, mails: int, sessions: int) -> bool:
    out, file = free_port(), where / "mails"
    outside = sink(out)
    with database_url(kind) as url:
        child = Child(where / kind, out, url)
        parts = child.build()
        file.write_bytes(pickle.dumps(drawn(parts, mails)))
        begun = time.perf_counter()
        fed(out, file, sessions)
        floor = mails / (time.perf_counter() - begun)
        child.start()
        begun, before = time.perf_counter(), cpu(child)
        fed(child.smtp, file, sessions)
        acknowledged = mails / (time.perf_counter() - begun)
        until(parts.database, mails + max(mails // 20, 1))
        got = mails / (time.perf_counter() - begun)
        used = {name: (seconds - before.get(name, 0)) * 1e3 / mails for name, seconds in cpu(child).items()}
        child.stop()
        ok = said("smtp", got, "sessions a second", GOAL, floor, "a bare sink", stands_on(parts.database, where))
        print(f"  acknowledged: {acknowledged:,.0f} a second; {sessions} sessions at once; milliseconds of CPU a mail:")
        print("  " + ", ".join(f"{name} {each:.2f}" for name, each in sorted(used.items())))
        parts.database.close()
    end(outside)
    return ok


def main() -> int:
    parser = argparse.ArgumentParser()
    parser.add_argument("--mails", type=int, default=5_000)
    parser.add_argument("--sessions", type=int, default=8)
    parser.add_argument("--client", type=int, help=argparse.SUPPRESS)
    parser.add_argument("--file", type=Path, help=argparse.SUPPRESS)
    given = parser.parse_args()
    if given.client:
        asyncio.run(client(given.client, pickle.loads(given.file.read_bytes()), given.sessions))
        return 0
    with folder() as where:
        reached = [measured(kind, where, given.mails, given.sessions) for kind in kinds()]
        return 0 if all(reached) else 1


if __name__ == "__main__":
    sys.exit(main())
