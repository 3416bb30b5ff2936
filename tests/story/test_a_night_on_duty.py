"""An urgent mail at night: nobody takes it, whoever is on duty gets a mail, opens its link and takes the ticket."""

import asyncio
import re
import smtplib
from email import message_from_bytes
from email.policy import default
from pathlib import Path

from fakes.smtp import SmtpSink
from sqlalchemy import select
from starlette.testclient import TestClient

from channels.email.receive import MailListener
from deskd import app, settings
from deskd.acts import duty
from deskd.app.parts import web_app
from deskd.domain.ports import MINUTE
from deskd.domain.words import Role
from deskd.store import tables
from deskd.store.keeper import Keeper

MAIL = (
    "From: Customer A <a@example.com>\r\nTo: support@desk.example\r\nSubject: help\r\n"
    "Message-ID: <1@example.com>\r\n\r\n"
    "A thief is taking money out of my account right now, I did not make this transfer\r\n"
)
LINK = re.compile(r"https://desk\.example(/duty/[\w-]{22})")


def house(folder: Path, relay_port: int) -> app.Parts:
    text = settings.default_text().replace("port = 25\n", f"port = {relay_port}\n")
    text = text.replace('public_url = ""', 'public_url = "https://desk.example"')
    text = text.replace("people = []", 'people = [{ agent = "ada", calendar = "always" }]')
    return app.build(settings.parse(text, folder))


async def four_minutes_ago(parts: app.Parts, keeper: Keeper) -> None:
    """The mail came, and nobody has looked at it since."""
    early = MailListener(
        parts.settings.mail.listen, keeper.keep, lambda: app.now() - 4 * MINUTE, parts.settings.mail.accounts
    )
    port = await early.start(0)

    def send() -> None:
        with smtplib.SMTP("127.0.0.1", port, timeout=10) as smtp:
            smtp.sendmail("a@example.com", ["support@desk.example"], MAIL.encode())

    await asyncio.to_thread(send)
    await early.stop()
    pipeline = app.pipeline(parts, lambda _accounts: None)
    while pipeline.round().total:
        pass
    pipeline.release()


async def the_night(folder: Path) -> None:
    sink = await SmtpSink().start()
    parts = house(folder, sink.port)
    keeper = Keeper(parts.database, parts.vault, app.new_id)
    app.add_agent(parts, "ada", Role.AGENT, (), ("en",), "ada@staff.example")
    await four_minutes_ago(parts, keeper)

    assert parts.database.transact(lambda connection: duty.call(parts.desk, connection)) == 1
    outbox = app.outbox(parts)
    await outbox.run_due("main")
    await outbox.close()

    [(sender, recipient, raw)] = sink.ledger
    assert (sender, recipient) == ("", "ada@staff.example")  # a bounce of it comes back to nobody
    call = message_from_bytes(raw, policy=default)
    assert (call["Auto-Submitted"].startswith("auto-"), call["In-Reply-To"]) == (True, None)
    assert "+" not in str(call["Reply-To"])  # the thread is the customer's: no answer of ours gets into it
    plain = call.get_body(("plain",))
    assert plain is not None
    words = plain.get_content()
    assert "thief" not in raw.decode("utf-8", "replace") + words
    found = LINK.search(words)
    assert found

    client = TestClient(web_app(parts, keeper, lambda: None), base_url="https://desk.example")
    assert "I take it" in client.get(found[1]).text
    assert "the ticket is yours" in client.post(found[1]).text
    with parts.database.read() as connection:
        [ticket] = connection.execute(select(tables.tickets)).mappings().all()
        [ada] = connection.execute(select(tables.agents)).mappings().all()
    assert ticket["agent_id"] == ada["id"]
    assert parts.database.transact(lambda connection: duty.call(parts.desk, connection)) == 0
    await keeper.close()
    parts.database.close()
    await sink.stop()


def test_an_urgent_mail_wakes_whoever_is_on_duty_who_takes_it_by_the_link(tmp_path: Path) -> None:
    asyncio.run(the_night(tmp_path))
