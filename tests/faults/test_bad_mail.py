"""Mail of every sort of badness: each is a ticket or parked, and the command that brings it ends well."""

import asyncio
from pathlib import Path

import pytest
from child import Child
from cli_desk import CliDesk
from sqlalchemy import select

from deskd import app
from deskd.acts import verbs
from deskd.store import people, tables

HEAD = b"From: a@example.com\r\nSubject: x\r\nMessage-ID: <1@example.com>\r\n"
BAD = {
    "nothing": b"",
    "one byte": b"\x00",
    "every byte": bytes(range(256)) * 4,
    "no header": b"\r\n\r\nMy transfer has not arrived",
    "no body": HEAD + b"\r\n",
    "headers without an end": HEAD * 50,
    "an unknown charset": HEAD + b"Content-Type: text/plain; charset=klingon-8\r\n\r\n\xbf\xd7\r\n",
    "a charset that is none": HEAD + b'Content-Type: text/plain; charset="\x00\xff"\r\n\r\nhello\r\n',
    "bytes that its charset has not": HEAD + b"Content-Type: text/plain; charset=utf-8\r\n\r\n\xff\xfe\xc3\x28\r\n",
    "half of base 64": HEAD + b"Content-Transfer-Encoding: base64\r\n\r\nQUJ\xff=\r\n",
    "a multipart without a boundary": HEAD + b"Content-Type: multipart/mixed\r\n\r\n--\r\n\r\nhello\r\n",
    "a multipart that never ends": HEAD + b"Content-Type: multipart/mixed; boundary=b\r\n\r\n--b\r\n\r\nhello",
    "parts in parts": HEAD
    + b"".join(b"Content-Type: multipart/mixed; boundary=b%d\r\n\r\n--b%d\r\n" % (n, n) for n in range(500)),
    "a line of a million": HEAD + b"\r\n" + b"x" * 1_000_000,
    "a header of a million": HEAD + b"X: " + b"x" * 1_000_000 + b"\r\n\r\nhello\r\n",
    "a sender that is none": b"From: \xff<<@>,\x00\r\n\r\nhello\r\n",
    "a date of nowhere": HEAD + b"Date: Mon, 99 Foo 99999 99:99:99 +9999\r\n\r\nhello\r\n",
    "a name of a file that climbs": HEAD
    + b'Content-Type: application/x; name="../../etc/passwd\x00"\r\nContent-Disposition: attachment\r\n\r\nx\r\n',
}


@pytest.fixture(scope="module")
def desk(tmp_path_factory: pytest.TempPathFactory) -> CliDesk:
    return CliDesk(tmp_path_factory.mktemp("bad") / "data")


@pytest.mark.parametrize("name", BAD)
def test_a_bad_mail_is_a_ticket_or_parked(desk: CliDesk, tmp_path: Path, name: str) -> None:
    file = tmp_path / "bad.eml"
    file.write_bytes(BAD[name])
    [row] = desk("ingest", "email", str(file), "--json").json
    assert row["outcome"] in {"ticket", "append", "parked"}, row
    assert desk("queue", "list", "--as", "admin").status in {0, 1}


def test_while_its_secret_is_missing_a_reply_waits_and_says_so(tmp_path: Path) -> None:
    child = Child(tmp_path / "data", 25)
    text = child.file.read_text("utf-8").replace('password = ""', f'password = "file:{tmp_path}/secret"', 1)
    child.file.write_text(text, "utf-8")
    desk = CliDesk(child.folder)
    code = desk.ticket()
    parts = desk.build()
    app.first_login(parts)

    async def send() -> None:
        outbox = app.outbox(parts)
        await outbox.run_due("main")
        await outbox.close()

    with parts.database.write() as connection:
        admin = people.named(connection, "admin")
        assert admin is not None
        verbs.reply(parts.desk, connection, admin, code, "We look into it.")
    asyncio.run(send())
    with parts.database.read() as connection:
        [row] = connection.execute(select(tables.deliveries)).mappings()
    parts.database.close()
    assert row["state"] == "queued"
    assert "Mail out is off: the secret file:" in row["note"]
    assert row["due_at"] > app.now()
