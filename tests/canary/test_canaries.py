"""Planted secrets go in by every way there is; afterwards they stand nowhere (SECURITY: canary audit)."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from itertools import chain
from pathlib import Path

import pytest
from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, Envelope, Session
from bots import with_bot
from child import Child, free_port
from crash.kills import quiet, wait_until
from fakes.telegram import BotApi
from fakes.twilio import Twilio
from sms_child import take_texts
from sqlalchemy import func, select

from canary import places
from canary.canaries import CARD, CVV, Canary, drawn
from canary.ways import WAYS, Given
from deskd import app
from deskd.acts import verbs
from deskd.app import Parts
from deskd.domain.errors import Refused
from deskd.domain.ticket import Agent
from deskd.domain.words import Role
from deskd.store import people, tables

pytestmark = pytest.mark.daemon

PLANTED = 200
SECONDS = 60.0


@dataclass
class Ledger:
    """A submission server that keeps what it was given."""

    port: int = field(default_factory=free_port)
    mails: list[bytes] = field(default_factory=list)

    async def handle_DATA(self, _server: SMTP, _session: Session, envelope: Envelope) -> str:  # noqa: N802
        self.mails.append(envelope.original_content or b"")
        return "250 2.0.0 Taken"

    @contextmanager
    def open(self) -> Iterator["Ledger"]:
        controller = Controller(self, hostname="127.0.0.1", port=self.port)
        controller.start()
        try:
            yield self
        finally:
            controller.stop()


def answer_and_note(parts: Parts, given: Given) -> None:
    """What agents write: a note and a reason are freed of secrets, an answer that holds one is not sent."""
    app.add_agent(parts, "ada", Role.AGENT, (), ())
    with parts.database.read() as connection:
        agent = people.named(connection, "ada")
        codes = list(connection.scalars(select(tables.tickets.c.code).limit(9)))
    assert agent is not None
    for code in codes:
        _act(parts, verbs.note, agent, code, f"{given.witness()}: {given()}")
        _act(parts, verbs.correct, agent, code, field="priority", new="high", why=f"{given.witness()}: {given()}")
        with pytest.raises(Refused, match="holds a card number, code"):
            _act(parts, verbs.reply, agent, code, f"Thank you. {given()}")
        _act(parts, verbs.reply, agent, code, f"Thank you. {given.witness()}")
        _act(parts, verbs.open_by_hand, agent, "+8613800138000", f"{given.witness()}: {given()}", given())


def _act(parts: Parts, verb: object, agent: Agent, *about: str, **more: str) -> None:
    with parts.database.write() as connection:
        verb(parts.desk, connection, agent, *about, **more)  # type: ignore[operator]


def plant(child: Child, parts: Parts) -> Given:
    given = Given(drawn(7))
    for way in WAYS:
        way(child, given)
    wait_until(lambda: quiet(parts), SECONDS, "The desk is not quiet", child)
    answer_and_note(parts, given)
    wait_until(lambda: quiet(parts), SECONDS, "The answers have not left", child)
    return given


def test_no_planted_secret_stands_anywhere(url: str, tmp_path: Path) -> None:
    with Ledger().open() as ledger, BotApi().open() as api, Twilio().open() as twilio:
        child = Child(tmp_path / "data", ledger.port, url)
        with_bot(child, api, webhook=True)
        take_texts(child, twilio)
        parts = child.build()
        try:
            child.start(level="DEBUG")
            given = plant(child, parts)
            everywhere = chain(
                places.rows(parts),
                places.files(child.folder),
                places.metrics(child),
                places.saved(parts, child.folder),
                places.mails(ledger.mails),
                (("a text that left", str(taken.fields)) for taken in twilio.taken),
                ((f"a message to {sent.chat}", sent.text) for sent in api.ledger),
            )
            assert len(given.planted) >= PLANTED
            assert places.hits(given.planted, everywhere) == []
            assert_it_arrived(parts, given, ledger)
            assert twilio.taken
        finally:
            child.stop()
            parts.database.close()


def assert_it_arrived(parts: Parts, given: Given, ledger: Ledger) -> None:
    """Nothing was found because nothing came in? The harmless words beside the secrets are all there."""
    words = "\n".join(value for _, value in places.rows(parts) if isinstance(value, str))
    missing = [witness for witness in given.witnesses if witness not in words]
    assert missing == []
    with parts.database.read() as connection:
        parked = connection.scalar(
            select(func.count()).select_from(tables.receipts).where(tables.receipts.c.state == "parked")
        )
    assert parked == 0
    assert ledger.mails


def test_a_secret_that_stayed_is_found_in_each_notation() -> None:
    written = Canary(CARD, "", "４１１１ 1111-1111\u200b1111")
    assert places.hits([written], [("a file", b"\x00card 4111111111111111.")]) == ["card in a file"]
    assert places.hits([written], [("a file", "４１１１ 1111-1111\u200b1111".encode())]) == ["card in a file"]
    assert places.hits([written], [("a file", b"411111******1111")]) == []
    assert places.hits([Canary(CVV, "", "907")], [("messages.text", "cvv 907"), ("ids", "a907f")]) == [
        "cvv in messages.text"
    ]
