"""The tutorial: one mail from the door to the answer, through real parts on loopback, in the order in which it goes."""

import asyncio
import re
import smtplib
from email import message_from_bytes
from email.policy import default
from pathlib import Path

from fakes.smtp import SmtpSink
from sqlalchemy import select

from channels.email.receive import MailListener
from deskd import app, settings
from deskd.acts import verbs
from deskd.domain.states import TicketState
from deskd.store import people, tables
from deskd.store.keeper import Keeper

MAIL = (
    "Authentication-Results: mx.desk.example; dmarc=pass header.from=example.com\r\n"
    "From: Customer A <a@example.com>\r\nTo: support@desk.example\r\nSubject: 转账\r\nMessage-ID: <1@example.com>\r\n"
    "Content-Type: text/plain; charset=utf-8\r\n\r\n我的转账三天还没到账，卡号 4111 1111 1111 1111\r\n"
)


def house(folder: Path, relay_port: int) -> app.Parts:
    text = settings.default_text().replace("port = 25\n", f"port = {relay_port}\n")
    text = text.replace("trusted_mta = []", 'trusted_mta = ["127.0.0.0/8"]')
    text = text.replace('authserv_id = ""', 'authserv_id = "mx.desk.example"')
    return app.build(settings.parse(text, folder))


async def deliver(parts: app.Parts, raw: str, to: str = "support@desk.example") -> None:
    """As the MTA would: SMTP to our door; 250 only when it is kept."""
    keeper = Keeper(parts.database, parts.vault, app.new_id)
    listener = MailListener(parts.settings.mail.listen, keeper.keep, app.now, parts.settings.mail.accounts)
    port = await listener.start(0)

    def send() -> None:
        with smtplib.SMTP("127.0.0.1", port, timeout=10) as smtp:
            smtp.sendmail("a@example.com", [to], raw.encode())

    await asyncio.to_thread(send)
    await listener.stop()
    await keeper.close()


async def send_all(parts: app.Parts) -> None:
    outbox = app.outbox(parts)
    while await outbox.run_due("main"):
        pass
    await outbox.close()


async def the_way(folder: Path) -> None:
    sink = await SmtpSink().start()
    parts = house(folder, sink.port)
    pipeline = app.pipeline(parts, lambda _accounts: None)
    name, _password = app.first_login(parts) or ("", "")

    await deliver(parts, MAIL)
    await deliver(parts, MAIL)  # a peer that did not hear our 250 hands it over again
    while pipeline.round().total:
        pass
    await send_all(parts)

    with parts.database.write() as connection:
        admin = people.named(connection, name)
        assert admin is not None
        [ticket] = verbs.next_ticket(parts.desk, connection, admin)
        assert (ticket.category, ticket.queue) == ("transfer", "transfers")
        verbs.reply(parts.desk, connection, admin, ticket.code, "正在查，今天 18:00 前告诉您。")
    await send_all(parts)
    await send_all(parts)

    acknowledgement, answer = (message_from_bytes(raw, policy=default) for _, _, raw in sink.ledger)
    assert acknowledgement["Auto-Submitted"] == "auto-replied"
    assert answer["In-Reply-To"] == "<1@example.com>"
    plain = answer.get_body(("plain",))
    assert plain is not None
    assert "正在查" in plain.get_content()

    again = MAIL.replace("<1@", "<2@").replace("三天还没到账", "谢谢，还没有到").replace("卡号 4111 1111 1111 1111", "")
    await deliver(parts, again, to=re.sub(".*<|>.*", "", str(answer["Reply-To"])))
    while pipeline.round().total:
        pass
    with parts.database.read() as connection:
        [row] = connection.execute(select(tables.tickets)).mappings().all()
        words = connection.scalars(select(tables.messages.c.text).order_by(tables.messages.c.n)).all()
    assert (row["state"], row["messages"]) == (TicketState.OPEN, 4)
    assert "4111 1111" not in "".join(words)
    pipeline.release()
    parts.database.close()
    await sink.stop()


def test_a_mail_becomes_a_ticket_and_its_answer_leaves_once(tmp_path: Path) -> None:
    asyncio.run(the_way(tmp_path))
