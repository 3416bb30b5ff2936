"""/healthz, /readyz and /metrics: for this machine alone. What came through a proxy is an outsider's."""

import ipaddress
from collections.abc import Iterator

from prometheus_client import CollectorRegistry, generate_latest
from prometheus_client.core import GaugeMetricFamily
from prometheus_client.registry import Collector
from sqlalchemy import Connection, text
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response

from deskd.console.context import Context
from deskd.domain.ports import SECOND, Micros
from deskd.store import deliveries, receipts, tickets, views

FORWARDED = ("x-forwarded-for", "forwarded", "x-real-ip")


class Health:
    def __init__(self, context: Context) -> None:
        self._context = context

    async def alive(self, request: Request) -> Response:
        _near(request)
        return PlainTextResponse("alive\n")

    async def ready(self, request: Request) -> Response:
        """503 by the handler of StoreAway while the database does not answer."""
        _near(request)
        await self._context.read(lambda c: c.scalar(text("SELECT 1")))
        return PlainTextResponse("ready\n")

    async def metrics(self, request: Request) -> Response:
        _near(request)
        now = self._context.clock()
        registry = CollectorRegistry()
        registry.register(await self._context.read(lambda c: _Rows(list(_families(c, now)))))
        return Response(generate_latest(registry), media_type="text/plain; version=0.0.4; charset=utf-8")


class _Rows(Collector):
    def __init__(self, families: list[GaugeMetricFamily]) -> None:
        self._families = families

    def collect(self) -> Iterator[GaugeMetricFamily]:
        yield from self._families


def _families(connection: Connection, now: Micros) -> Iterator[GaugeMetricFamily]:
    counts, backlog = views.counts(connection, now), receipts.tally(connection)
    yield _family("receipts", "Receipts that wait or are parked", "state", {"kept": 0, "parked": 0} | backlog)
    yield _family("messages", "Messages by direction", "direction", counts["messages"])
    yield _family("tickets", "Tickets by category", "category", counts["tickets"])
    yield _family("deliveries", "Deliveries by state", "state", deliveries.counts(connection))
    yield _family("clocks", "Clocks that are due to be looked at, and breached", "state", counts["clocks"])
    depth, oldest = {}, {}
    for queue, n, since in tickets.depths(connection):
        depth[queue], oldest[queue] = n, (now - since) // SECOND
    yield _family("queue_depth", "Open tickets by queue", "queue", depth)
    yield _family("queue_oldest_seconds", "Age of the oldest open ticket", "queue", oldest)


def _family(name: str, what: str, label: str, values: dict[str, int]) -> GaugeMetricFamily:
    family = GaugeMetricFamily(f"deskd_{name}", what, labels=[label])
    for key, value in sorted(values.items()):
        family.add_metric([key], value)
    return family


def _near(request: Request) -> None:
    """404 for everybody who is not on this machine."""
    peer = request.client.host if request.client else ""
    try:
        near = ipaddress.ip_address(peer).is_loopback
    except ValueError:
        near = False
    if not near or any(name in request.headers for name in FORWARDED):
        raise HTTPException(404)
