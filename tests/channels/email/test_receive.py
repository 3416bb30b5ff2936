"""The SMTP door: kept before it is acknowledged."""

import asyncio
import smtplib
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import pytest

from channels.email import receive
from channels.email.config import MailAccount, MailListen
from channels.email.receipt import key_of, lane_of
from channels.email.receive import MailListener
from deskd.domain.errors import SettingsError, StoreAway
from deskd.domain.ports import Kept, Receipt

MAIL = b"Message-ID: <1@example.com>\r\nFrom: A <a@example.com>\r\nSubject: hi\r\n\r\nhello\r\n"


def talk(
    with_client: Callable[[smtplib.SMTP], Any],
    *,
    away: bool = False,
    fault: Exception | None = None,
    size: int = 36 << 20,
    accounts: Sequence[MailAccount] = (MailAccount(),),
) -> tuple[Any, list[Receipt]]:
    """What the client got, and what was kept by then."""
    kept: list[Receipt] = []

    async def keep(some: Sequence[Receipt]) -> list[Kept]:
        if away:
            raise StoreAway("no disk")
        if fault:
            raise fault
        kept.extend(some)
        return [Kept("r", repeated=False) for _ in some]

    async def main() -> Any:
        listener = MailListener(MailListen(size_limit=size), keep, lambda: 1, accounts)
        port = await listener.start(0)

        def client() -> Any:
            with smtplib.SMTP("127.0.0.1", port, timeout=10) as smtp:
                return with_client(smtp)

        try:
            return await asyncio.to_thread(client)
        finally:
            await listener.stop()

    return asyncio.run(main()), kept


def data(raw: bytes, to: str = "support@desk.example") -> Callable[[smtplib.SMTP], Any]:
    def client(smtp: smtplib.SMTP) -> Any:
        smtp.ehlo()
        smtp.mail("a@example.com")
        code, words = smtp.rcpt(to)
        return smtp.data(raw) if code == 250 else (code, words)

    return client


def test_a_mail_is_kept_byte_for_byte_with_its_envelope() -> None:
    (code, _), [receipt] = talk(data(MAIL, "support+tok@desk.example"))
    assert code == 250
    assert receipt.body == MAIL
    assert receipt.envelope["rcpt_to"] == ["support+tok@desk.example"]
    assert (receipt.account, receipt.lane) == ("main", "a@example.com")


def test_while_the_store_is_away_the_peer_keeps_the_mail() -> None:
    (code, _), kept = talk(data(MAIL), away=True)
    assert code == 451
    assert kept == []


def test_a_foreign_mailbox_and_a_mail_over_the_size_are_refused() -> None:
    assert talk(data(MAIL, "else@desk.example"))[0][0] == 550
    assert talk(data(MAIL + b"x" * 5000 + b"\r\n"), size=4096)[0][0] == 552


def test_a_bare_line_feed_smuggles_nothing() -> None:
    def client(smtp: smtplib.SMTP) -> Any:
        smtp.ehlo()
        smtp.mail("a@example.com")
        smtp.rcpt("support@desk.example")
        smtp.docmd("DATA")
        smtp.send(MAIL + b"\n.\nMAIL FROM:<evil@example.com>\r\n.\r\n")
        return smtp.getreply()

    (code, _), kept = talk(client)
    assert code >= 500
    assert kept == []


@pytest.mark.parametrize("hop", [b"", b"Received: from x\r\n\tby y\r\n", b"Return-Path: <>\r\nDelivered-To: z\r\n"])
def test_the_same_mail_has_one_key_whatever_hops_wrote_above_it(hop: bytes) -> None:
    assert key_of(hop + MAIL) == key_of(MAIL)
    assert key_of(hop + MAIL.replace(b"hello", b"hallo")) != key_of(MAIL)


def test_a_lane_is_the_sender_even_when_the_header_is_broken() -> None:
    assert lane_of(b'From: "x"\r\n <B@Example.com>\r\n\r\n', "") == "b@example.com"
    assert lane_of(b"\x00\xff", "Env@Example.com") == "env@example.com"


def test_mails_without_an_id_are_one_only_when_every_byte_is_the_same() -> None:
    bare = MAIL.partition(b"\r\n")[2]
    assert key_of(bare) == key_of(bare)
    assert key_of(b"Received: from x\r\n" + bare) != key_of(bare)


def test_one_id_over_two_contents_is_two_mails() -> None:
    assert key_of(MAIL) != key_of(MAIL.replace(b"hello", b"something else"))


def test_a_mail_to_two_accounts_is_a_receipt_each_with_its_own_recipients() -> None:
    def client(smtp: smtplib.SMTP) -> Any:
        return smtp.sendmail("a@example.com", ["support+x@desk.example", "Help@desk.example"], MAIL)

    refused, kept = talk(client, accounts=[MailAccount(), MailAccount(name="help", address="help@desk.example")])
    assert refused == {}
    assert [(r.account, r.envelope["rcpt_to"]) for r in kept] == [
        ("help", ["Help@desk.example"]),
        ("main", ["support+x@desk.example"]),
    ]


def test_the_envelope_says_who_handed_the_mail_over() -> None:
    _, [receipt] = talk(data(MAIL))
    assert {k: v for k, v in receipt.envelope.items() if k != "helo"} == {
        "mail_from": "a@example.com",
        "rcpt_to": ["support@desk.example"],
        "peer": "127.0.0.1",
        "protocol": "smtp",
    }


def test_a_bounce_has_no_sender_and_is_taken() -> None:
    def client(smtp: smtplib.SMTP) -> Any:
        return smtp.sendmail("", ["support@desk.example"], MAIL)

    _, [receipt] = talk(client)
    assert receipt.envelope["mail_from"] == ""


@pytest.mark.parametrize("to", ["postmaster", "Postmaster@desk.example"])
def test_mail_to_the_postmaster_is_taken(to: str) -> None:
    (code, _), [receipt] = talk(data(MAIL, to))
    assert (code, receipt.account) == (250, "main")


def test_the_greeting_names_size_and_pipelining() -> None:
    def client(smtp: smtplib.SMTP) -> Any:
        smtp.ehlo()
        return smtp.esmtp_features

    features, _ = talk(client, size=4096)
    assert features["size"] == "4096"
    assert {"pipelining", "8bitmime", "smtputf8", "enhancedstatuscodes"} <= set(features)


def test_a_mail_over_the_size_is_refused_before_and_after_its_bytes() -> None:
    def client(smtp: smtplib.SMTP) -> Any:
        smtp.ehlo()
        declared = smtp.docmd("MAIL", "FROM:<a@example.com> SIZE=5000")
        smtp.mail("a@example.com")
        smtp.rcpt("support@desk.example")
        return declared, smtp.data(MAIL + b"x" * 70_000 + b"\r\n"), smtp.noop()

    (declared, sent, after), kept = talk(client, size=4096)
    assert declared[0] == sent[0] == 552
    assert declared[1].startswith(b"5.3.4")
    assert sent[1].startswith(b"5.3.4")
    assert (after[0], kept) == (250, [])


@pytest.mark.parametrize(
    "body", [b"", b"\r\n", b"one.\r\n.two\r\n..\r\n...three.\r\n", b"x" * 200_000 + b".\r\n", b".\r\n" * 30_000]
)
def test_dots_and_lines_of_any_length_arrive_as_they_were(body: bytes) -> None:
    (code, _), [receipt] = talk(data(MAIL + body))
    assert code == 250
    assert receipt.body == MAIL + body


def test_what_a_client_sends_ahead_is_answered_in_order() -> None:
    def client(smtp: smtplib.SMTP) -> Any:
        smtp.ehlo()
        smtp.send(b"MAIL FROM:<a@example.com>\r\nRCPT TO:<support@desk.example>\r\nRCPT TO:<x@y.example>\r\nDATA\r\n")
        answers = [smtp.getreply()[0] for _ in range(4)]
        smtp.send(MAIL + b".\r\nRSET\r\n")
        return [*answers, smtp.getreply()[0], smtp.getreply()[0]]

    codes, kept = talk(client)
    assert codes == [250, 250, 550, 354, 250, 250]
    assert len(kept) == 1


def test_who_guesses_recipients_is_let_go(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(receive, "MAX_REFUSED", 2)

    def client(smtp: smtplib.SMTP) -> Any:
        smtp.ehlo()
        smtp.mail("a@example.com")
        return [smtp.rcpt(f"{n}@desk.example")[0] for n in range(3)]

    assert talk(client)[0] == [550, 550, 421]


def test_too_many_recipients_are_asked_to_come_again(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(receive, "MAX_RECIPIENTS", 1)

    def client(smtp: smtplib.SMTP) -> Any:
        smtp.ehlo()
        smtp.mail("a@example.com")
        return [smtp.rcpt(f"support+{n}@desk.example")[0] for n in range(2)]

    assert talk(client)[0] == [250, 452]


def test_too_many_connections_are_asked_to_come_again(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(receive, "MAX_CONNECTIONS", 1)

    def client(smtp: smtplib.SMTP) -> Any:
        with pytest.raises(smtplib.SMTPConnectError) as caught:
            smtplib.SMTP("127.0.0.1", smtp.sock.getpeername()[1], timeout=10)
        return caught.value.smtp_code

    assert talk(client)[0] == 421


def test_more_mail_at_once_than_fits_is_asked_to_come_again(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(receive, "MAX_HELD", 1000)
    (code, _), kept = talk(data(MAIL + b"x" * 2000 + b"\r\n"))
    assert (code, kept) == (452, [])


def test_a_fault_of_ours_leaves_the_mail_with_the_peer() -> None:
    (code, words), _ = talk(data(MAIL), fault=RuntimeError("a secret word"))
    assert code == 451
    assert b"secret" not in words


def test_the_250_comes_after_the_commit() -> None:
    order: list[str] = []

    async def main() -> None:
        begun, committed = asyncio.Event(), asyncio.Event()

        async def keep(some: Sequence[Receipt]) -> list[Kept]:
            begun.set()
            await committed.wait()
            order.append("committed")
            return [Kept("r", repeated=False) for _ in some]

        listener = MailListener(MailListen(), keep, lambda: 1, [MailAccount()])
        port = await listener.start(0)

        def client() -> None:
            with smtplib.SMTP("127.0.0.1", port, timeout=10) as smtp:
                smtp.sendmail("a@example.com", ["support@desk.example"], MAIL)
                order.append("250")

        sent = asyncio.create_task(asyncio.to_thread(client))
        await begun.wait()
        committed.set()
        await sent
        await listener.stop()

    asyncio.run(main())
    assert order == ["committed", "250"]


def test_a_stop_lets_a_mail_that_is_being_kept_be_answered() -> None:
    async def main() -> int:
        begun, committed = asyncio.Event(), asyncio.Event()

        async def keep(some: Sequence[Receipt]) -> list[Kept]:
            begun.set()
            await committed.wait()
            return [Kept("r", repeated=False) for _ in some]

        listener = MailListener(MailListen(), keep, lambda: 1, [MailAccount()])
        port = await listener.start(0)

        def client() -> int:
            smtp = smtplib.SMTP("127.0.0.1", port, timeout=10)
            try:
                return int(data(MAIL)(smtp)[0])
            finally:
                smtp.close()

        sent = asyncio.create_task(asyncio.to_thread(client))
        await begun.wait()
        stopped = asyncio.create_task(listener.stop())
        committed.set()
        await stopped
        return await sent

    assert asyncio.run(main()) == 250


def _for_others(path: str) -> int:
    return Path(path).stat().st_mode & 0o007


def test_lmtp_answers_once_for_each_recipient_and_knows_no_ehlo(tmp_path: Path) -> None:
    kept: list[Receipt] = []
    path = str(tmp_path / "l")

    async def main() -> list[bytes]:
        async def keep(some: Sequence[Receipt]) -> list[Kept]:
            kept.extend(some)
            return [Kept("r", repeated=False) for _ in some]

        listener = MailListener(MailListen(lmtp_socket=path), keep, lambda: 1, [MailAccount()])
        await listener.start(0)
        assert await asyncio.to_thread(_for_others, path) == 0
        reader, writer = await asyncio.open_unix_connection(path)
        writer.write(b"EHLO x\r\nLHLO x\r\nMAIL FROM:<a@example.com>\r\nRCPT TO:<support@desk.example>\r\n")
        writer.write(b"RCPT TO:<else@desk.example>\r\nRCPT TO:<support+x@desk.example>\r\nDATA\r\n")
        writer.write(MAIL + b".\r\nQUIT\r\n")
        answers = [line for line in (await reader.read()).split(b"\r\n") if line[3:4] == b" "]
        writer.close()
        await writer.wait_closed()
        await listener.stop()
        return answers

    answers = asyncio.run(main())
    assert not Path(path).exists()
    codes = [int(answer[:3]) for answer in answers]
    assert codes == [220, 500, 250, 250, 250, 550, 250, 354, 250, 250, 221]
    assert [(r.envelope["peer"], r.envelope["protocol"]) for r in kept] == [("unix", "lmtp")]


def test_lmtp_that_cannot_listen_is_one_sentence_and_no_open_port(tmp_path: Path) -> None:
    async def main() -> None:
        async def keep(_some: Sequence[Receipt]) -> list[Kept]:
            return []

        await MailListener(MailListen(lmtp_socket=str(tmp_path / "no" / "l")), keep, lambda: 1, []).start(0)

    with pytest.raises(SettingsError, match="LMTP cannot listen"):
        asyncio.run(main())


def test_the_crash_points_stand_around_the_commit_and_before_the_250(monkeypatch: pytest.MonkeyPatch) -> None:
    passed: list[str] = []
    monkeypatch.setattr(receive, "reach", passed.append)
    (code, _), kept = talk(data(MAIL))
    assert (code, len(kept)) == (250, 1)
    assert passed == ["mail-in:before-keep", "mail-in:after-keep"]
    talk(data(MAIL), away=True)
    assert passed[2:] == ["mail-in:before-keep"]
