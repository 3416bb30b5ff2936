"""Webhooks proved, kept and acknowledged, a second, and how long a provider waits; against a real `deskd run`.

    python bench/hooks.py [--updates 20000] [--connections 32] [--backlog 50000]

Updates of a bot of 3 KB, each of another chat, over connections that are kept. First with nothing else to do; with
--backlog, at 100 a second while that many receipts are drained. The client is a process of its own on the same machine.
The baseline is the same client against a bare uvicorn that answers 200 and keeps nothing.
"""

import argparse
import asyncio
import json
import pickle
import subprocess
import sys
import time
from pathlib import Path

from ground import ROOT, database_url, folder, kinds, said, stands_on

# isort: split
# What follows is found since ground has set the path.
from bots import with_bot
from child import Child, free_port
from fakes.telegram import SECRET, BotApi

from deskd import app
from deskd.domain.ports import Receipt
from deskd.store import receipts

GOAL, P99_MS, P99_BUSY_MS = 2_000.0, 50.0, 100.0
PACE, BUSY_SECONDS = 100.0, 20  # updates a second while a backlog is drained, and how long
BARE = """
import sys, uvicorn
async def app(scope, receive, send):
    if scope["type"] == "http":
        while (await receive()).get("more_body"):
            pass
        await send({"type": "http.response.start", "status": 200, "headers": [(b"content-length", b"0")]})
        await send({"type": "http.response.body", "body": b""})
uvicorn.run(app, host="127.0.0.1", port=int(sys.argv[1]), log_level="error", access_log=False)
"""


def update(number: int) -> bytes:
    chat = {"id": 10_000 + number, "type": "private", "first_name": "A"}
    text = "my transfer did not arrive " + "and I am waiting " * 150
    message = {"message_id": 1, "date": 1_780_000_000, "chat": chat, "from": chat | {"is_bot": False}, "text": text}
    return json.dumps({"update_id": number, "message": message}).encode()


async def post(reader: asyncio.StreamReader, writer: asyncio.StreamWriter, body: bytes) -> float:
    """Seconds until it was acknowledged."""
    begun = time.perf_counter()
    head = "POST /hooks/telegram/bot HTTP/1.1\r\nHost: desk\r\nContent-Type: application/json\r\n"
    head += f"X-Telegram-Bot-Api-Secret-Token: {SECRET}\r\nContent-Length: {len(body)}\r\n\r\n"
    writer.write(head.encode() + body)
    answer = await reader.readuntil(b"\r\n\r\n")
    if not answer.startswith(b"HTTP/1.1 200"):
        raise RuntimeError(f"It was answered {answer[:40]!r}")
    length = next((int(line[15:]) for line in answer.lower().split(b"\r\n") if line.startswith(b"content-length")), 0)
    await reader.readexactly(length)
    return time.perf_counter() - begun


async def client(port: int, first: int, count: int, connections: int, pace: float) -> list[float]:
    """pace: updates a second, 0 for as fast as it goes."""
    numbers, begun, took = iter(range(first, first + count)), time.perf_counter(), list[float]()

    async def one() -> None:
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        for number in numbers:
            if pace:
                await asyncio.sleep(max(begun + (number - first) / pace - time.perf_counter(), 0))
            took.append(await post(reader, writer, update(number)))
        writer.close()

    await asyncio.gather(*(one() for _ in range(connections)))
    return [*took, time.perf_counter() - begun]


def fed(port: int, where: Path, first: int, count: int, connections: int, pace: float = 0) -> tuple[float, float]:
    """(a second, p99 in ms)"""
    given = [str(n) for n in (port, first, count, connections, pace)]
    subprocess.run([sys.executable, __file__, "--client", str(where / "took"), *given], check=True, cwd=ROOT)
    *took, whole = pickle.loads((where / "took").read_bytes())
    return count / whole, sorted(took)[int(len(took) * 0.99)] * 1e3


def bare(where: Path, count: int, connections: int) -> float:
    port = free_port()
    process = subprocess.Popen([sys.executable, "-c", BARE, str(port)])
    try:
        for _ in range(100):
            try:
                return fed(port, where, 0, count, connections)[0]
            except subprocess.CalledProcessError:
                time.sleep(0.1)  # it does not listen yet
        raise RuntimeError("The bare server does not listen.")
    finally:
        process.terminate()
        process.wait()


def pile(child: Child, count: int) -> None:
    """As many receipts as if the pipeline had been away."""
    parts = child.build()
    for start in range(0, count, 500):
        some = [Receipt("telegram", "bot", f"b{n}", str(n), update(n), 0) for n in range(start, start + 500)]
        sealed = [receipts.seal(one, app.new_id, parts.vault) for one in some]
        with parts.database.write() as connection:
            receipts.keep(connection, sealed)
    parts.database.close()


def measured(kind: str, where: Path, given: argparse.Namespace) -> bool:
    with database_url(kind) as url, BotApi().open() as api:
        child = Child(where / kind, free_port(), url)
        with_bot(child, api, webhook=True)
        if given.backlog:
            return busy(child, where, given.backlog, kind)
        floor = bare(where, given.updates // 4, given.connections)
        child.start()
        got, p99 = fed(child.http, where, 0, given.updates, given.connections)
        child.stop()
        parts = child.build()
        ok = said("hooks", got, "a second", GOAL, floor, "a bare uvicorn", stands_on(parts.database, where))
        print(f"  p99 {p99:.0f} ms with {given.connections} connections (goal {P99_MS:.0f})")
        parts.database.close()
        return ok and p99 <= P99_MS


def busy(child: Child, where: Path, backlog: int, kind: str) -> bool:
    pile(child, backlog)
    child.start()
    _, p99 = fed(child.http, where, 10**6, int(PACE * BUSY_SECONDS), 8, PACE)
    child.stop()
    print(f"hooks: p99 {p99:.0f} ms (goal {P99_BUSY_MS:.0f}) at {PACE:.0f} a second while {backlog:,} drain; {kind}")
    return p99 <= P99_BUSY_MS


def main() -> int:
    parser = argparse.ArgumentParser()
    parser.add_argument("--updates", type=int, default=20_000)
    parser.add_argument("--connections", type=int, default=32)
    parser.add_argument("--backlog", type=int, default=0)
    parser.add_argument("--client", nargs=6, help=argparse.SUPPRESS)
    given = parser.parse_args()
    if given.client:
        file, port, first, count, connections = given.client[0], *map(int, given.client[1:5])
        took = asyncio.run(client(port, first, count, connections, float(given.client[5])))
        Path(file).write_bytes(pickle.dumps(took))
        return 0
    with folder() as where:
        reached = [measured(kind, where, given) for kind in kinds()]
        return 0 if all(reached) else 1


if __name__ == "__main__":
    sys.exit(main())
