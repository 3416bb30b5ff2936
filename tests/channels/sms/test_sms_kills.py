"""The daemon ended at a named point while texts come in and are acknowledged: nothing is lost, nothing sent twice."""

import os
import secrets
from collections import Counter
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from random import Random

import psycopg
import pytest
from child import Child
from cli_desk import short_folder
from crash.kills import DEATH_SECONDS, QUIET_SECONDS, quiet, wait_until
from fakes.twilio import Twilio
from sms_child import take_texts
from sqlalchemy import select

from deskd.app import Parts
from deskd.store import events, tables

TEXTS = 12  # of a customer each; every one is acknowledged
POINTS = (
    "keep:before-commit",
    "keep:after-commit",
    "ingest:after-lease",
    "ingest:before-commit",
    "ingest:after-commit",
    "reply-out:after-lease",
    "reply-out:before-wire",
    "reply-out:after-wire",
    "reply-out:after-send",
    "reply-out:before-outcome",
    "reply-out:after-outcome",
)
DRAWN = ("reply-out:after-send",)


def _cases() -> list[object]:
    """Every point on both databases; all but one on SQLite are the whole harness."""
    both = (pytest.mark.crash, pytest.mark.postgres)
    sqlite = [pytest.param("", point, id=point, marks=() if point in DRAWN else pytest.mark.crash) for point in POINTS]
    return sqlite + [pytest.param("postgresql", point, id=f"postgresql-{point}", marks=both) for point in POINTS]


@pytest.fixture
def url(request: pytest.FixtureRequest) -> Iterator[str]:
    """A database of the kill's own; "" is SQLite in the data folder."""
    if not request.param:
        yield ""
        return
    server, name = os.environ["DESKD_TEST_PG"], f"deskd_sms_{secrets.token_hex(6)}"
    with psycopg.connect(server, autocommit=True) as connection:
        connection.execute(f'CREATE DATABASE "{name}"')
    yield f"{server.rpartition('/')[0]}/{name}"
    with psycopg.connect(server, autocommit=True) as connection:
        connection.execute(f'DROP DATABASE "{name}" WITH (FORCE)')


def hand_over(twilio: Twilio, waiting: Sequence[dict[str, str]]) -> list[dict[str, str]]:
    """What was not answered with 200, and is posted again, as Twilio does."""
    with ThreadPoolExecutor(4) as pool:
        answers = list(pool.map(lambda form: twilio.post("/hooks/sms/texts", form)[0], waiting))
    return [form for form, status in zip(waiting, answers, strict=True) if status != 200]


def on_the_wire(parts: Parts) -> set[str]:
    found = select(tables.deliveries.c.id).where(tables.deliveries.c.state == "wire")
    with parts.database.read() as connection:
        return set(connection.scalars(found))


@pytest.mark.parametrize(("url", "point"), _cases(), indirect=["url"])
def test_a_daemon_killed_at_a_point_loses_no_text_and_sends_none_twice(url: str, point: str) -> None:
    with short_folder() as folder, Twilio().open() as twilio:
        child = Child(folder / "d", 25, url)
        take_texts(child, twilio)
        parts = child.build()
        forms = [twilio.incoming("我的转账三天了还没到账", f"+141555501{n:02d}") for n in range(TEXTS)]
        try:
            child.start(f"{point}:{1 if point.startswith('ingest:') else Random(point).randrange(1, 4)}")
            left = hand_over(twilio, forms)
            wait_until(child.dead, DEATH_SECONDS, f"{point} was not reached", child)
            wire = on_the_wire(parts)
            child.start()
            assert hand_over(twilio, hand_over(twilio, left)) == []
            wait_until(lambda: quiet(parts), QUIET_SECONDS, "The desk is not quiet", child)
            for taken in list(twilio.taken):  # callbacks that were missed are posted again, late and twice
                assert [twilio.report(taken, status) for status in ("delivered", "sent", "delivered")] == [204] * 3
            wait_until(lambda: quiet(parts), QUIET_SECONDS, "The desk is not quiet", child)
            assert child.stop() == 0
            assert_right(parts, twilio, forms, wire)
        finally:
            child.stop()
            parts.database.close()


def assert_right(parts: Parts, twilio: Twilio, forms: Sequence[dict[str, str]], wire: set[str]) -> None:
    incoming = select(tables.messages.c.provider_id).where(tables.messages.c.direction == "in")
    with parts.database.read() as connection:
        got = Counter(connection.scalars(incoming))
        rows = list(connection.execute(select(tables.deliveries)).mappings())
        assert events.verify(connection) is None
    assert got == Counter(form["MessageSid"] for form in forms)
    arrived = Counter(taken.fields["To"] for taken in twilio.taken)
    for row in rows:
        if row["state"] == "unknown":  # it stood on the wire and had not reached Twilio
            assert (row["id"] in wire, arrived[row["address"]]) == (True, 0)
        else:
            assert (row["state"], row["report"], arrived[row["address"]]) == ("accepted", "delivered", 1)
    assert len(rows) == TEXTS
