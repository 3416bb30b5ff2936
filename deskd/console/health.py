"""/healthz, /readyz and /metrics: for this machine alone. What came through a proxy is an outsider's."""

import asyncio
import ipaddress
import os
import shutil
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from prometheus_client import CollectorRegistry, generate_latest
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily
from prometheus_client.registry import Collector
from sqlalchemy import Connection, text
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response

from deskd.console.context import Context
from deskd.domain.errors import StoreAway
from deskd.domain.ports import SECOND, Micros
from deskd.domain.states import DeliveryState, ObligationState, ReceiptState
from deskd.domain.words import Category, ClockKind
from deskd.store import deliveries, gauges, obligations, tickets

FORWARDED = ("x-forwarded-for", "forwarded", "x-real-ip")
LEAST_FREE = 128 << 20  # bytes of disk: below it the next large mails may be refused
Family = GaugeMetricFamily | CounterMetricFamily


class Health:
    def __init__(self, context: Context) -> None:
        self._context = context

    async def alive(self, request: Request) -> Response:
        _near(request)
        return PlainTextResponse("alive: this process answers; nothing else was asked\n")

    async def ready(self, request: Request) -> Response:
        """One line a check; 503 unless all of them are `ok`."""
        _near(request)
        folder = await asyncio.to_thread(_folder, self._context.desk().vault.folder)
        checks = {"database": await self._database(), "data folder": folder}
        lines = [f"{name}: {said}\n" for name, said in checks.items()]
        well = all(said.startswith("ok") for said in checks.values())
        return PlainTextResponse("".join(lines), 200 if well else 503)

    async def metrics(self, request: Request) -> Response:
        _near(request)
        now = self._context.clock()
        registry = CollectorRegistry()
        registry.register(await self._context.read(lambda c: _Rows(list(_families(c, now)))))
        return Response(generate_latest(registry), media_type="text/plain; version=0.0.4; charset=utf-8")

    async def _database(self) -> str:
        try:
            await self._context.read(lambda c: c.scalar(text("SELECT 1")))
        except StoreAway:
            return "away: it does not answer"
        return "ok, it answers"


class _Rows(Collector):
    def __init__(self, families: list[Family]) -> None:
        self._families = families

    def collect(self) -> Iterator[Family]:
        yield from self._families


def _families(connection: Connection, now: Micros) -> Iterator[Family]:
    """What has happened as counters, what is so now as gauges; a name that may be alerted on is there at 0 as well."""
    received, ticketed = gauges.received(connection), gauges.ticketed(connection)
    yield _counter("received", "Receipts kept", ("channel",), _sums(received, 0))
    yield _gauge(
        "receipts", "Receipts by state", ("state",), dict.fromkeys(map(str, ReceiptState), 0) | _sums(received, 1)
    )
    yield _counter("ticketed", "Tickets opened", ("channel",), _sums(ticketed, 0))
    routed = dict.fromkeys(Category, 0) | gauges.routed(connection)
    yield _counter("routed", "Decisions by the category that they chose", ("category",), routed)
    tickets_now = dict.fromkeys([*Category, "spam"], 0) | _sums(ticketed, 1)
    yield _gauge("tickets", "Tickets by the category that they have now", ("category",), tickets_now)
    yield _counter("messages", "Messages", ("direction",), gauges.said(connection))
    sent = dict.fromkeys(DeliveryState, 0) | deliveries.counts(connection)
    yield _gauge("deliveries", "Deliveries by state", ("state",), sent)
    yield _gauge("clocks", "Clocks by kind and state", ("kind", "state"), gauges.turning(connection))
    breached = dict.fromkeys(ClockKind, 0) | gauges.breached(connection)
    yield _gauge("clocks_breached", "Promises that ran past their deadline", ("kind",), breached)
    owed = dict.fromkeys(ObligationState, 0) | obligations.counts(connection)
    yield _gauge("obligations", "Answers owed to feedback, by state", ("state",), owed)
    depth, oldest = {}, {}
    for queue, n, since in tickets.depths(connection):
        depth[queue], oldest[queue] = n, (now - since) / SECOND
    yield _gauge("queue_depth", "Open tickets", ("queue",), depth)
    yield _gauge("queue_oldest_seconds", "Age of the oldest open ticket", ("queue",), oldest)
    waits = gauges.waits(connection, now)
    counts = {step: wait.count for step, wait in waits.items()}
    lags = {step: 0 if wait.since is None else max(0, now - wait.since) / SECOND for step, wait in waits.items()}
    yield _gauge("step_waiting", "What a step could do now and has not done", ("step",), counts)
    yield _gauge("step_lag_seconds", "How long the oldest of it has waited for the step", ("step",), lags)


def _sums(values: Mapping[tuple[str, str], int], part: int) -> dict[str, int]:
    """Added up by one of the two parts of the key."""
    sums: dict[str, int] = {}
    for key, n in values.items():
        sums[key[part]] = sums.get(key[part], 0) + n
    return sums


def _gauge(name: str, what: str, labels: tuple[str, ...], values: Mapping[Any, float]) -> Family:
    return _filled(GaugeMetricFamily(f"deskd_{name}", what, labels=labels), values)


def _counter(name: str, what: str, labels: tuple[str, ...], values: Mapping[Any, float]) -> Family:
    return _filled(CounterMetricFamily(f"deskd_{name}", what, labels=labels), values)


def _filled(family: Family, values: Mapping[Any, float]) -> Family:
    rows = [([str(part) for part in key] if isinstance(key, tuple) else [str(key)], n) for key, n in values.items()]
    for labels, n in sorted(rows):
        family.add_metric(labels, n)
    return family


def _folder(folder: Path) -> str:
    if not os.access(folder, os.W_OK | os.X_OK):
        return "not writable"
    free = shutil.disk_usage(folder).free
    left = f"{free >> 20} MiB free"
    return f"ok, writable, {left}" if free >= LEAST_FREE else f"full: {left}, {LEAST_FREE >> 20} are needed"


def is_near(request: Request) -> bool:
    """Whether it was asked on this machine, and not through a proxy."""
    peer = request.client.host if request.client else ""
    try:
        near = ipaddress.ip_address(peer).is_loopback
    except ValueError:
        near = False
    return near and not any(name in request.headers for name in FORWARDED)


def _near(request: Request) -> None:
    """404 for everybody who is not on this machine."""
    if not is_near(request):
        raise HTTPException(404)
