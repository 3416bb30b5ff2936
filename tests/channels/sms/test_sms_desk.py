"""Texts through a whole daemon: in by signed webhooks, out by the API, cleared up by callbacks."""

import itertools
import os
import secrets
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any

import psycopg
import pytest
from child import Child
from cli_desk import short_folder
from crash.kills import quiet, wait_until
from fakes.twilio import Said, Taken, Twilio
from sms_child import running
from sqlalchemy import select

from channels.sms.config import TEXT_UNITS
from deskd import app
from deskd.acts import verbs
from deskd.app import Parts
from deskd.cli.desk import ring
from deskd.console.said import telling
from deskd.domain.ticket import Agent
from deskd.domain.words import Role
from deskd.store import people, tables

pytestmark = pytest.mark.daemon

SECONDS = 30.0
WORDS = "My transfer has not arrived"
_numbers = itertools.count(1)


@dataclass(frozen=True, slots=True)
class Desk:
    child: Child
    twilio: Twilio
    parts: Parts
    agent: Agent

    def settled(self) -> None:
        wait_until(lambda: quiet(self.parts), SECONDS, "The desk is not quiet", self.child)

    def ticket(self, who: str) -> tuple[str, Taken]:
        """The code of a new ticket of theirs, and the acknowledgement that they got."""
        assert self.twilio.text(WORDS, who) == 200
        self.settled()
        [row] = self.tickets(who)
        return row["code"], self.got(who)[-1]

    def reply(self, code: str, text: str) -> dict[str, Any]:
        """The delivery of an agent's answer, when it has ended."""
        with self.parts.database.write() as connection:
            delivery = verbs.reply(self.parts.desk, connection, self.agent, code, text)
        ring(self.parts)
        self.settled()
        return self.delivery(delivery)

    def delivery(self, wanted: str) -> dict[str, Any]:
        return next(row for row in self.rows(tables.deliveries) if row["id"] == wanted)

    def wait_for(self, delivery: str, **values: str) -> None:
        def is_so() -> bool:
            return self.delivery(delivery).items() >= values.items()

        wait_until(is_so, SECONDS, f"The delivery is not {values}", self.child)

    def tickets(self, who: str) -> list[dict[str, Any]]:
        mine = {row["id"] for row in self.rows(tables.identities) if row["address"] == who}
        return [row for row in self.rows(tables.tickets) if row["identity_id"] in mine]

    def messages(self, who: str) -> list[str]:
        mine = {row["id"] for row in self.tickets(who)}
        return [
            row["text"] for row in self.rows(tables.messages) if row["ticket_id"] in mine and row["direction"] == "in"
        ]

    def got(self, who: str) -> list[Taken]:
        return [taken for taken in self.twilio.taken if taken.fields["To"] == who]

    def rows(self, table: Any) -> list[dict[str, Any]]:
        with self.parts.database.read() as connection:
            return [dict(row) for row in connection.execute(select(table)).mappings()]


@pytest.fixture(scope="module", params=["sqlite", pytest.param("postgresql", marks=pytest.mark.postgres)])
def desk(request: pytest.FixtureRequest) -> Iterator[Desk]:
    """One daemon for all of them; each has a customer of its own."""
    url, server, name = "", os.environ.get("DESKD_TEST_PG", ""), f"deskd_sms_{secrets.token_hex(6)}"
    if request.param == "postgresql":
        url = f"{server.rpartition('/')[0]}/{name}"
        with psycopg.connect(server, autocommit=True) as connection:
            connection.execute(f'CREATE DATABASE "{name}"')
    with short_folder() as folder, running(folder / "d", url) as (child, twilio):
        parts = child.build()
        app.add_agent(parts, "ada", Role.AGENT, (), ())
        with parts.database.read() as connection:
            agent = people.named(connection, "ada")
        assert agent is not None
        yield Desk(child, twilio, parts, agent)
        parts.database.close()
    if url:
        with psycopg.connect(server, autocommit=True) as connection:
            connection.execute(f'DROP DATABASE "{name}" WITH (FORCE)')


@pytest.fixture
def who() -> str:
    """A customer that nobody else is."""
    return f"+1415555{next(_numbers):04d}"


@pytest.fixture
def at_once() -> Iterator[Callable[..., list[int]]]:
    with ThreadPoolExecutor(16) as pool:
        yield lambda one, things: list(pool.map(one, things))


def test_a_message_delivered_twice_and_fifty_times_at_once_is_one_ticket(
    desk: Desk, who: str, at_once: Callable[..., list[int]]
) -> None:
    form = desk.twilio.incoming(WORDS, who)
    first = desk.twilio.post("/hooks/sms/texts", form)
    assert (first[0], first[1].partition(";")[0], first[2]) == (200, "text/xml", b"<Response/>")
    assert at_once(lambda _n: desk.twilio.post("/hooks/sms/texts", form)[0], range(50)) == [200] * 50
    desk.settled()
    assert desk.messages(who) == [WORDS]
    [acknowledgement] = desk.got(who)
    assert "UP-" in acknowledgement.fields["Body"]


def test_a_slash_at_the_end_is_no_redirect_and_a_get_is_nothing(desk: Desk, who: str) -> None:
    assert desk.twilio.post("/hooks/sms/texts/", desk.twilio.incoming(WORDS, who))[0] == 200
    with pytest.raises(urllib.error.HTTPError, match="403"):
        urllib.request.urlopen(f"{desk.twilio.desk}/hooks/sms/texts?Body=x", timeout=10)
    with pytest.raises(urllib.error.HTTPError, match="404"):
        urllib.request.urlopen(f"{desk.twilio.desk}/hooks/sms/nobody", timeout=10)


def test_two_texts_at_once_are_one_ticket_and_one_acknowledgement(
    desk: Desk, who: str, at_once: Callable[..., list[int]]
) -> None:
    assert at_once(lambda words: desk.twilio.text(words, who), [WORDS, "It was yesterday"]) == [200, 200]
    desk.settled()
    assert len(desk.tickets(who)) == 1
    assert sorted(desk.messages(who)) == ["It was yesterday", WORDS]
    assert len(desk.got(who)) == 1


def test_a_forged_text_is_no_receipt(desk: Desk, who: str) -> None:
    form = desk.twilio.incoming(WORDS, who)
    status, _, body = desk.twilio.post("/hooks/sms/texts", form, **{"x-twilio-signature": "AAAA"})
    assert (status, body) == (403, b"")
    assert desk.tickets(who) == []


def test_an_answer_arrives_once_and_its_delivery_is_reported_forward_only(desk: Desk, who: str) -> None:
    code, _ = desk.ticket(who)
    sent = desk.reply(code, "We are looking into it.")
    answer = desk.got(who)[-1]
    assert (sent["state"], sent["provider_id"]) == ("accepted", answer.sid)
    assert telling(sent["state"], sent["note"]) == ""  # that it was taken is its state already
    assert [taken.fields["Body"] for taken in desk.got(who)].count("We are looking into it.") == 1
    for status in ("delivered", "sent", "delivered", "queued"):  # out of order, and twice
        assert desk.twilio.report(answer, status) == 204
    desk.wait_for(sent["id"], report="delivered")
    desk.settled()
    assert desk.delivery(sent["id"])["report"] == "delivered"
    kinds = [row["kind"] for row in desk.rows(tables.events) if row["ticket_id"] == sent["ticket_id"]]
    assert kinds.count("delivery.delivered") == 1


def test_a_long_answer_leaves_as_several_texts_in_their_order(desk: Desk, who: str) -> None:
    code, _ = desk.ticket(who)
    long = " ".join(f"Sentence number {n} of a long answer." for n in range(40))
    desk.reply(code, long)
    parts = [taken.fields["Body"] for taken in desk.got(who)[1:]]
    assert (len(parts), " ".join(parts)) == (3, long)
    assert max(map(len, parts)) <= TEXT_UNITS


def test_a_lost_answer_is_cleared_up_by_the_callback_and_nothing_is_sent_again(desk: Desk, who: str) -> None:
    code, _ = desk.ticket(who)
    desk.twilio.next.append(Said(lost=True))
    sent = desk.reply(code, "The answer that got lost.")
    assert sent["state"] == "unknown"
    [ticket] = desk.tickets(who)
    assert ticket["answered_at"] is None
    answer = desk.got(who)[-1]
    assert desk.twilio.report(answer, "sent") == 204
    desk.wait_for(sent["id"], state="accepted", provider_id=answer.sid)
    [ticket] = desk.tickets(who)
    assert ticket["answered_at"] is not None
    bodies = [asked["Body"] for asked in desk.twilio.asked if asked["To"] == who]
    assert bodies.count("The answer that got lost.") == 1


def test_what_fails_later_is_taken_back_and_the_ticket_is_ours_again(desk: Desk, who: str) -> None:
    code, _ = desk.ticket(who)
    sent = desk.reply(code, "It is done.")
    assert desk.tickets(who)[0]["state"] == "waiting"
    assert desk.twilio.report(desk.got(who)[-1], "undelivered", "30003") == 204
    desk.wait_for(sent["id"], report="failed")
    [ticket] = desk.tickets(who)
    assert (ticket["state"], ticket["answered_at"]) == ("open", None)
    assert "the phone was off or out of reach (30003)" in desk.delivery(sent["id"])["note"]


def test_an_answer_that_is_refused_leaves_the_ticket_open_with_the_reason(desk: Desk, who: str) -> None:
    code, _ = desk.ticket(who)
    desk.twilio.next.append(Said(400, 21610))
    sent = desk.reply(code, "Hello?")
    assert (sent["state"], desk.tickets(who)[0]["state"]) == ("rejected", "open")
    assert "opted out" in sent["note"]


def test_what_was_never_taken_is_sent_again_by_itself(desk: Desk, who: str) -> None:
    code, _ = desk.ticket(who)
    desk.twilio.next.append(Said(429, 20429))
    with desk.parts.database.write() as connection:
        delivery = verbs.reply(desk.parts.desk, connection, desk.agent, code, "Later.")
    ring(desk.parts)
    wait_until(lambda: desk.delivery(delivery)["attempts"] == 1, SECONDS, "It was not tried", desk.child)
    wait_until(lambda: desk.delivery(delivery)["state"] == "queued", SECONDS, "It does not wait", desk.child)
    with desk.parts.database.write() as connection:
        connection.execute(tables.deliveries.update().where(tables.deliveries.c.id == delivery).values(due_at=0))
    ring(desk.parts)
    desk.wait_for(delivery, state="accepted")
    assert [taken.fields["Body"] for taken in desk.got(who)].count("Later.") == 1


def test_a_report_of_what_we_never_sent_says_nothing_to_us(desk: Desk, who: str) -> None:
    stranger = Taken("SM" + "f" * 32, {"StatusCallback": "https://desk.example/hooks/sms/texts/status", "To": who})
    assert desk.twilio.report(stranger, "failed", "30005") == 204
    desk.settled()
    assert desk.tickets(who) == []


def test_stop_is_a_note_in_the_open_conversation_without_an_answer(desk: Desk, who: str) -> None:
    desk.ticket(who)
    assert desk.twilio.text("STOP", who) == 200
    desk.settled()
    assert desk.messages(who)[-1].startswith("STOP")
    assert len(desk.tickets(who)) == len(desk.got(who)) == 1


def test_a_card_number_in_a_text_is_destroyed_before_it_is_kept(desk: Desk, who: str) -> None:
    assert desk.twilio.text("card ４１１１ 1111-1111 1111 please", who) == 200
    desk.settled()
    [text] = desk.messages(who)
    assert "1111 1111" not in text
    assert "1111-1111" not in text
    assert desk.tickets(who)[0]["subject"] == ""
