"""A chat message to the agents' side, and an agent's answer to the customer's stream: milliseconds at 30 a second.

    python bench/chat.py [--seconds 60] [--rate 30] [--sessions 60] [--only sqlite]

A whole `deskd run`, all over HTTP: each session has its stream open and writes in turn. A message has arrived when
agents can read it (its row is committed; looked for every 5 ms), an answer when the customer's stream has it. The
baseline is the bare exchange: a request to the same server that keeps nothing.
"""

import argparse
import asyncio
import json
import statistics
import sys
import time
import uuid
from collections.abc import Awaitable, Callable
from pathlib import Path

from ground import database_url, folder, kinds, stands_on

# isort: split
# What follows is found since ground has set the path.
import httpx2
from child import Child
from sqlalchemy import select

from deskd import app
from deskd.app import Parts
from deskd.domain.code import shown
from deskd.domain.words import Role
from deskd.store import tables

GOAL = 300.0
LOOK_S = 0.005
LAST_S = 10.0  # for what is still under way at the end


class Clock:
    """When each thing left and when it was there, by its own name."""

    def __init__(self) -> None:
        self.left, self.there = dict[str, float](), dict[str, float]()

    def took(self) -> list[float]:
        """Milliseconds of each; an error when one never arrived."""
        if missing := set(self.left) - set(self.there):
            raise RuntimeError(f"{len(missing)} of {len(self.left)} never arrived.")
        return sorted((self.there[name] - self.left[name]) * 1e3 for name in self.left)


class Session:
    def __init__(self, base: str, answers: Clock) -> None:
        self.client = httpx2.AsyncClient(base_url=base, timeout=30)
        self.answers, self.streaming = answers, asyncio.Event()

    async def follow(self) -> None:
        async with self.client.stream("GET", "/chat/help/events", timeout=None) as stream:
            self.streaming.set()
            async for row in stream.aiter_lines():
                if row.startswith("data: ") and '"from": "us"' in row:
                    self.answers.there.setdefault(json.loads(row[6:])["text"], time.perf_counter())

    async def write(self, name: str) -> None:
        answer = await self.client.post(
            "/chat/help/messages", json={"id": name, "text": f"Where is my transfer {name}?"}
        )
        answer.raise_for_status()


async def paced(rate: float, seconds: float, do: Callable[[int], Awaitable[None]]) -> None:
    """`do(n)` begins every 1/rate seconds, however long it takes."""
    begun, tasks = time.perf_counter(), []
    for n in range(int(rate * seconds)):
        await asyncio.sleep(max(0.0, begun + n / rate - time.perf_counter()))
        tasks.append(asyncio.create_task(do(n)))
    await asyncio.gather(*tasks)


async def arrivals(parts: Parts, messages: Clock) -> None:
    """Looks for the messages that are there by now, until it is cancelled."""
    found, last = tables.messages, ""
    while True:
        with parts.database.read() as connection:
            wanted = select(found.c.id, found.c.provider_id).where(found.c.id > last, found.c.direction == "in")
            rows = connection.execute(wanted.order_by(found.c.id)).all()
        for row in rows:
            messages.there.setdefault(row.provider_id, time.perf_counter())
        last = rows[-1].id[:8] if rows else last  # ids of one batch may be committed after those of a later one
        await asyncio.sleep(LOOK_S)


async def settled(clock: Clock) -> None:
    until = time.perf_counter() + LAST_S
    while set(clock.left) - set(clock.there) and time.perf_counter() < until:  # noqa: ASYNC110 - nobody sets an event
        await asyncio.sleep(LOOK_S)


async def exchange(child: Child, parts: Parts, given: argparse.Namespace) -> tuple[list[float], list[float], float]:
    messages, answers = Clock(), Clock()
    base = f"http://127.0.0.1:{child.http}"
    sessions = [Session(base, answers) for _ in range(given.sessions)]
    agent = httpx2.AsyncClient(base_url=base, timeout=30)
    for one in sessions:
        (await one.client.get("/chat/help")).raise_for_status()
    tasks = [asyncio.create_task(one.follow()) for one in sessions]
    await asyncio.gather(*(one.streaming.wait() for one in sessions))
    looking = asyncio.create_task(arrivals(parts, messages))

    async def write(n: int) -> None:
        name = str(uuid.uuid4())
        messages.left[name] = time.perf_counter()
        await sessions[n % len(sessions)].write(name)

    await paced(given.rate, given.seconds, write)
    await settled(messages)
    looking.cancel()
    with parts.database.read() as connection:
        codes = [
            shown(code) for code in connection.scalars(select(tables.tickets.c.code).order_by(tables.tickets.c.id))
        ]
    csrf = await logged_in(agent, app.add_agent(parts, "ada", Role.ADMIN, (), ()))

    async def answer(n: int) -> None:
        words, where = f"We are looking for it: {n}.", f"/console/t/{codes[n % len(codes)]}/reply"
        answers.left[words] = time.perf_counter()
        done = await agent.post(where, data={"csrf": csrf, "reply": words, "then": "waiting"})
        if done.status_code != 303:
            raise RuntimeError(f"An answer was refused: {done.status_code}.")

    await paced(given.rate, given.seconds, answer)
    await settled(answers)
    bare = await bare_exchange(agent)
    for task in tasks:
        task.cancel()
    await asyncio.gather(*tasks, looking, return_exceptions=True)
    for client in (agent, *(one.client for one in sessions)):
        await client.aclose()
    return messages.took(), answers.took(), bare


async def logged_in(agent: httpx2.AsyncClient, password: str) -> str:
    await agent.post("/console/login", data={"name": "ada", "password": password})
    page = (await agent.get("/console")).text
    return page.partition('name="csrf" value="')[2].partition('"')[0]


async def bare_exchange(client: httpx2.AsyncClient) -> float:
    took = []
    for _ in range(200):
        begun = time.perf_counter()
        await client.get("/readyz")
        took.append((time.perf_counter() - begun) * 1e3)
    return statistics.median(took)


def measured(kind: str, where: Path, given: argparse.Namespace) -> bool:
    with database_url(kind) as url:
        child = Child(where / kind, 25, url)
        child.start()
        parts = child.build()
        try:
            said, heard, bare = asyncio.run(exchange(child, parts, given))
        finally:
            child.stop()
        line = stands_on(parts.database, where)
        parts.database.close()
    reached = [
        figure("message to the agents' side", said, bare, given.rate),
        figure("answer to the customer's stream", heard, bare, given.rate),
    ]
    print(f"  {given.sessions} streams open; {line}")
    return all(reached)


def figure(name: str, took: list[float], bare: float, rate: float) -> bool:
    p50, p95, p99 = (took[min(int(len(took) * part), len(took) - 1)] for part in (0.5, 0.95, 0.99))
    print(
        f"{name}: p50 {p50:.0f} ms, p95 {p95:.0f} ms (goal {GOAL:.0f}), p99 {p99:.0f} ms, of {len(took)} at {rate:g} a "
        f"second; p95 is {p95 / bare:.0f} times the bare exchange ({bare:.1f} ms)"
    )
    return p95 <= GOAL


def main() -> int:
    parser = argparse.ArgumentParser(description="A chat message in, an answer out, in milliseconds")
    parser.add_argument("--seconds", type=float, default=60)
    parser.add_argument("--rate", type=float, default=30)
    parser.add_argument("--sessions", type=int, default=60)
    parser.add_argument("--only", choices=["sqlite", "postgresql"])
    given = parser.parse_args()
    with folder() as where:
        reached = [measured(kind, where, given) for kind in kinds() if given.only in {None, kind}]
        return 0 if all(reached) else 1


if __name__ == "__main__":
    sys.exit(main())
