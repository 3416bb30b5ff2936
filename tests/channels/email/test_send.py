"""What each answer of a submission server means."""

import asyncio
import ssl
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from email import message_from_bytes
from email.policy import default
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from fakes.smtp import SmtpSink

from channels.email import send as send_module
from channels.email.compose import compose
from channels.email.config import MailAccount, MailRelay
from channels.email.send import MailSender
from deskd.domain.errors import ChannelError, Fate
from deskd.domain.ports import Outcome, Outgoing

ACCOUNT = MailAccount(name="main", address="support@desk.example", from_name="客服")
OUTLOOK_ID = "AM0PR08MB3025" + "0123456789ABCDEF" * 4 + "@AM0PR08MB3025.eurprd08.prod.example"


def outgoing(**values: object) -> Outgoing:
    given = {
        "delivery_id": "d1",
        "account": "main",
        "address": "a@example.com",
        "subject": "转账没到账",
        "text": "正在查。\n",
    }
    return Outgoing(**(given | {"message_id": "d1.tok@deskd.invalid", "created_at": 1_780_000_000_000_000} | values))  # type: ignore[arg-type]


async def _send(sink: SmtpSink, wired: list[int]) -> Outcome:
    await sink.start()
    sender = MailSender(MailRelay(host="127.0.0.1", port=sink.port), {"main": ACCOUNT})

    async def on_wire() -> None:
        wired.append(len(sink.ledger))

    try:
        return await sender.send(outgoing(), on_wire)
    finally:
        await sender.close()
        await sink.stop()


def send(sink: SmtpSink) -> tuple[Outcome | ChannelError, bool]:
    wired: list[int] = []
    try:
        return asyncio.run(_send(sink, wired)), bool(wired)
    except ChannelError as error:
        return error, bool(wired)


def test_an_accepted_mail_leaves_once_and_the_wire_is_told_before_the_data() -> None:
    sink = SmtpSink()
    outcome, wired = send(sink)
    assert isinstance(outcome, Outcome)
    assert wired
    assert [(s, r) for s, r, _ in sink.ledger] == [("support@desk.example", "a@example.com")]


@pytest.mark.parametrize(
    ("sink", "fate", "ours", "wire"),
    [
        (SmtpSink(rcpt="450 4.2.1 greylisted"), Fate.NEVER_LEFT, False, False),
        (SmtpSink(rcpt="550 5.1.1 no such user"), Fate.REJECTED, False, False),
        (SmtpSink(rcpt="530 5.7.0 log in first"), Fate.NEVER_LEFT, True, False),
        (SmtpSink(dot="451 4.3.0 later"), Fate.NEVER_LEFT, False, True),
        (SmtpSink(dot="552 5.2.2 box full"), Fate.REJECTED, False, True),
        (SmtpSink(after_dot="drop"), Fate.AMBIGUOUS, False, True),
    ],
    ids=["greylist", "no such user", "our fault", "later after the dot", "no after the dot", "silence after the dot"],
)
def test_a_refusal_says_whether_it_may_be_tried_again(sink: SmtpSink, fate: Fate, ours: bool, wire: bool) -> None:
    error, wired = send(sink)
    assert isinstance(error, ChannelError)
    assert (error.fate, error.ours, wired) == (fate, ours, wire)


def test_nobody_listening_means_that_nothing_left() -> None:
    async def nobody() -> None:
        sender = MailSender(MailRelay(host="127.0.0.1", port=1), {"main": ACCOUNT})
        await sender.send(outgoing(), lambda: asyncio.sleep(0))

    with pytest.raises(ChannelError) as caught:
        asyncio.run(nobody())
    assert caught.value.fate is Fate.NEVER_LEFT


def test_long_message_ids_are_never_folded_into_encoded_words() -> None:
    raw = compose(outgoing(in_reply_to=OUTLOOK_ID, references=tuple(f"{n}{OUTLOOK_ID}" for n in range(60))), ACCOUNT)
    head = raw.partition(b"\r\n\r\n")[0]
    threading = [line for line in head.split(b"\r\n") if OUTLOOK_ID.encode() in line]
    assert len(threading) == 11
    assert not any(b"=?" in line for line in threading)
    assert message_from_bytes(raw, policy=default)["Subject"] == "Re: 转账没到账"


def test_the_same_message_gives_the_same_bytes_on_every_try() -> None:
    assert compose(outgoing(), ACCOUNT) == compose(outgoing(), ACCOUNT)


def test_a_line_break_in_a_subject_makes_no_header() -> None:
    mail = message_from_bytes(compose(outgoing(subject="hi\r\nBcc: x@example.com\ud800"), ACCOUNT), policy=default)
    assert mail["Bcc"] is None


def test_only_automatic_mail_says_that_it_is() -> None:
    person = message_from_bytes(compose(outgoing(), ACCOUNT), policy=default)
    machine = message_from_bytes(compose(outgoing(automatic=True), ACCOUNT), policy=default)
    assert person["Auto-Submitted"] is None
    assert (machine["Auto-Submitted"], machine["X-Auto-Response-Suppress"]) == ("auto-replied", "All")


def test_plain_text_is_never_sent_beyond_this_machine() -> None:
    with pytest.raises(ValueError, match="in clear"):
        MailRelay(host="mail.example.com", security="none")


async def _all(
    sink: SmtpSink, messages: Sequence[Outgoing], *, together: bool = False, **relay: object
) -> list[Outcome | ChannelError]:
    """What became of each, over one sender."""
    await sink.start()
    settings = {"host": "127.0.0.1", "port": sink.port, "timeout_s": 5} | relay
    sender = MailSender(MailRelay.model_validate(settings), {"main": ACCOUNT})

    async def one(message: Outgoing) -> Outcome | ChannelError:
        try:
            return await sender.send(message, lambda: asyncio.sleep(0))
        except ChannelError as error:
            return error

    try:
        if together:
            return list(await asyncio.gather(*map(one, messages)))
        return [await one(message) for message in messages]
    finally:
        await sender.close()
        await sink.stop()


def send_all(sink: SmtpSink, *messages: Outgoing, **relay: object) -> list[Outcome | ChannelError]:
    return asyncio.run(_all(sink, messages or (outgoing(),), **relay))  # type: ignore[arg-type]


def refused(sink: SmtpSink, *messages: Outgoing, **relay: object) -> ChannelError:
    [error] = send_all(sink, *messages, **relay)
    assert isinstance(error, ChannelError)
    return error


@pytest.mark.parametrize(
    ("sink", "fate", "code", "ours"),
    [
        (SmtpSink(greeting="421 4.3.2 shutting down"), Fate.NEVER_LEFT, "4.3.2", False),
        (SmtpSink(greeting="554 5.7.1 you are listed"), Fate.NEVER_LEFT, "5.7.1", True),
        (SmtpSink(mail="451 4.3.0 later"), Fate.NEVER_LEFT, "4.3.0", False),
        (SmtpSink(mail="530 5.7.0 log in first"), Fate.NEVER_LEFT, "5.7.0", True),
        (SmtpSink(mail="553 5.1.8 sender rejected"), Fate.NEVER_LEFT, "5.1.8", True),
        (SmtpSink(mail="550 sender unknown"), Fate.NEVER_LEFT, "550", True),
        (SmtpSink(mail="552 5.3.4 too big"), Fate.REJECTED, "5.3.4", False),
        (SmtpSink(rcpt="550 5.7.1 not from you"), Fate.NEVER_LEFT, "5.7.1", True),
        (SmtpSink(rcpt="554 5.7.1 relay access denied"), Fate.NEVER_LEFT, "5.7.1", True),
        (SmtpSink(rcpt="552 5.2.2 mailbox full"), Fate.REJECTED, "5.2.2", False),
        (SmtpSink(rcpt="452 4.5.3 too many"), Fate.NEVER_LEFT, "4.5.3", False),
        (SmtpSink(data="451 4.7.1 greylisted"), Fate.NEVER_LEFT, "4.7.1", False),
        (SmtpSink(data="554 5.5.1 no valid recipients"), Fate.REJECTED, "5.5.1", False),
        (SmtpSink(data="250 what"), Fate.NEVER_LEFT, "250", False),
        (SmtpSink(dot="550 5.7.26 not authenticated"), Fate.NEVER_LEFT, "5.7.26", True),
        (SmtpSink(dot="554 5.7.1 words refused"), Fate.REJECTED, "5.7.1", False),
        (SmtpSink(dot="421 4.4.2 closing"), Fate.NEVER_LEFT, "4.4.2", False),
        (SmtpSink(dot="354 what"), Fate.AMBIGUOUS, "354", False),
        (SmtpSink(dot="gibberish"), Fate.AMBIGUOUS, "lost", False),
        (SmtpSink(at_data="drop"), Fate.NEVER_LEFT, "lost", False),
        (SmtpSink(after_dot="drop"), Fate.AMBIGUOUS, "lost", False),
    ],
    ids=lambda value: str(value) if isinstance(value, str) else None,
)
def test_every_answer_at_every_step_has_one_meaning(sink: SmtpSink, fate: Fate, code: str, ours: bool) -> None:
    error = refused(sink)
    assert (error.fate, error.code, error.ours) == (fate, code, ours)
    assert len(sink.ledger) == (1 if sink.after_dot else 0)


@pytest.mark.parametrize(
    ("sink", "fate"),
    [(SmtpSink(at_data="stall"), Fate.NEVER_LEFT), (SmtpSink(after_dot="stall"), Fate.AMBIGUOUS)],
    ids=["before the bytes", "after the dot"],
)
def test_silence_is_ambiguous_only_after_the_bytes(sink: SmtpSink, fate: Fate) -> None:
    assert refused(sink, timeout_s=0.2, data_timeout_s=0.2).fate is fate


def test_later_says_when() -> None:
    assert refused(SmtpSink(rcpt="450 4.2.0 greylisted")).retry_after == 300
    assert refused(SmtpSink(mail="421 4.3.2 busy")).retry_after == 60
    assert refused(SmtpSink(after_dot="drop")).retry_after is None


def test_no_error_names_the_customer() -> None:
    error = refused(SmtpSink(rcpt="550 5.1.1 <a@example.com>: no a@example.com here"))
    assert "example.com" not in str(error)
    assert error.customer == "The address does not take mail."


def test_a_mail_over_the_servers_size_is_not_begun() -> None:
    sink = SmtpSink(extensions=("SIZE 1000",))
    error = refused(sink, outgoing(text="x" * 3000))
    assert (error.fate, error.code) == (Fate.REJECTED, "size")
    assert not any(command.startswith("MAIL") for command in sink.commands)


@pytest.mark.parametrize("size", ["SIZE", "SIZE 0", "SIZE 100000"])
def test_a_server_without_a_smaller_limit_gets_the_mail(size: str) -> None:
    sink = SmtpSink(extensions=(size,))
    assert isinstance(send_all(sink)[0], Outcome)
    assert any(" SIZE=" in command for command in sink.commands)


def test_reports_of_failure_are_asked_for_where_the_server_offers_them() -> None:
    sink = SmtpSink(extensions=("DSN",))
    send_all(sink, outgoing(), outgoing(automatic=True))
    mail = [command for command in sink.commands if command.startswith("MAIL")]
    rcpt = [command for command in sink.commands if command.startswith("RCPT")]
    assert all("ENVID=d1" in command and "RET=HDRS" in command for command in mail)
    assert [command.partition("NOTIFY=")[2] for command in rcpt] == ["FAILURE,DELAY", "NEVER"]


def test_bounces_come_back_to_the_thread_and_those_of_automatic_mail_to_nobody() -> None:
    sink = SmtpSink()
    token = "03nqk8n2.a" + "b" * 16
    send_all(sink, outgoing(thread_token=token), outgoing(thread_token=token, automatic=True))
    assert [sender for sender, _, _ in sink.ledger] == [f"support+{token}@desk.example", ""]


def test_what_leaves_is_what_was_composed_dots_and_all() -> None:
    sink = SmtpSink()
    message = outgoing(text=".\n..\nall good.\n.x\n")
    send_all(sink, message)
    assert [raw for _, _, raw in sink.ledger] == [compose(message, ACCOUNT)]


def test_connections_are_kept_and_no_more_than_told_are_opened() -> None:
    sink = SmtpSink()
    send_all(sink, *[outgoing() for _ in range(5)])
    assert (sink.connections, len(sink.ledger)) == (1, 5)
    crowd = SmtpSink()
    asyncio.run(_all(crowd, [outgoing() for _ in range(12)], together=True, connections=3))
    assert (crowd.connections, len(crowd.ledger)) == (3, 12)


def test_a_connection_that_the_server_closed_meanwhile_costs_no_mail() -> None:
    sink = SmtpSink(hang_up=1)
    outcomes = send_all(sink, outgoing(), outgoing(), outgoing())
    assert all(isinstance(outcome, Outcome) for outcome in outcomes)
    assert (sink.connections, len(sink.ledger)) == (3, 3)


def test_a_connection_is_given_up_after_enough_mails(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(send_module, "MAILS", 2)
    sink = SmtpSink()
    send_all(sink, *[outgoing() for _ in range(5)])
    assert (sink.connections, len(sink.ledger)) == (3, 5)


def test_a_refusal_spoils_no_connection_for_the_next_mail() -> None:
    sink = SmtpSink(rcpt="550 5.1.1 no such user")

    async def main() -> list[str]:
        await sink.start()
        sender = MailSender(MailRelay(host="127.0.0.1", port=sink.port), {"main": ACCOUNT})
        with pytest.raises(ChannelError):
            await sender.send(outgoing(), lambda: asyncio.sleep(0))
        sink.rcpt = "250 2.1.5 OK"
        await sender.send(outgoing(address="b@example.com"), lambda: asyncio.sleep(0))
        await sender.close()
        await sink.stop()
        return [recipient for _, recipient, _ in sink.ledger]

    assert asyncio.run(main()) == ["b@example.com"]


def test_a_cancelled_send_closes_its_connection_and_the_next_answer_is_the_next_mails() -> None:
    sink = SmtpSink(after_dot="stall")

    async def main() -> Outcome:
        await sink.start()
        sender = MailSender(MailRelay(host="127.0.0.1", port=sink.port), {"main": ACCOUNT})
        first = asyncio.create_task(sender.send(outgoing(), lambda: asyncio.sleep(0)))
        await sink.stalled.wait()
        first.cancel()
        with pytest.raises(asyncio.CancelledError):
            await first
        sink.after_dot, sink.dot = "", "250 2.0.0 Ok: queued as 4ABCDEF"
        outcome = await sender.send(outgoing(), lambda: asyncio.sleep(0))
        sink.go_on.set()
        await sender.close()
        await sink.stop()
        return outcome

    assert asyncio.run(main()).provider_id == "4ABCDEF"
    assert sink.connections == 2


def test_when_the_wire_is_refused_no_byte_of_the_mail_leaves() -> None:
    sink = SmtpSink()

    class OvertakenError(Exception):
        pass

    async def main() -> None:
        await sink.start()
        sender = MailSender(MailRelay(host="127.0.0.1", port=sink.port), {"main": ACCOUNT})

        async def on_wire() -> None:
            raise OvertakenError

        with pytest.raises(OvertakenError):
            await sender.send(outgoing(), on_wire)
        await sender.close()
        await sink.stop()

    asyncio.run(main())
    assert sink.ledger == []
    assert "DATA" not in sink.commands


@pytest.mark.parametrize(
    "address",
    ["", "a", "a@b@c.example", "a b@example.com", "a@example.com\r\nRCPT TO:<x@example.com>", "<a@example.com>"],
)
def test_what_is_no_address_is_rejected_and_nothing_is_said_to_the_server(address: str) -> None:
    sink = SmtpSink()
    assert refused(sink, outgoing(address=address)).fate is Fate.REJECTED
    assert sink.commands == []


def test_an_international_address_needs_a_server_that_takes_it() -> None:
    plain, able = SmtpSink(), SmtpSink(extensions=("SMTPUTF8",))
    assert refused(plain, outgoing(address="客户@example.com")).fate is Fate.REJECTED
    assert isinstance(send_all(able, outgoing(address="客户@example.com"))[0], Outcome)
    assert able.ledger[0][1] == "客户@example.com"


def test_a_server_without_tls_gets_nothing_where_tls_is_asked_for() -> None:
    sink = SmtpSink()
    error = refused(sink, security="starttls")
    assert (error.fate, error.ours) == (Fate.NEVER_LEFT, True)
    assert not any(command.startswith("MAIL") for command in sink.commands)


def test_a_server_that_refuses_the_log_in_pauses_the_account() -> None:
    sink = SmtpSink(extensions=("AUTH PLAIN",), auth="535 5.7.8 wrong")
    error = refused(sink, user="desk")
    assert (error.fate, error.code, error.ours) == (Fate.NEVER_LEFT, "5.7.8", True)


def _self_signed(folder: Path) -> ssl.SSLContext:
    """A server's context with a certificate that nobody vouches for."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "localhost")])
    begin = datetime(2020, 1, 1, tzinfo=UTC)
    made = x509.CertificateBuilder().subject_name(name).issuer_name(name).public_key(key.public_key())
    made = made.serial_number(1).not_valid_before(begin).not_valid_after(begin + timedelta(days=36_500))
    pem = made.sign(key, hashes.SHA256()).public_bytes(serialization.Encoding.PEM)
    pem += key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    (folder / "both.pem").write_bytes(pem)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(folder / "both.pem")
    return context


def test_a_certificate_that_nobody_vouches_for_pauses_the_account(tmp_path: Path) -> None:
    sink = SmtpSink(tls=_self_signed(tmp_path))
    error = refused(sink, host="localhost", security="tls")
    assert (error.fate, error.ours) == (Fate.NEVER_LEFT, True)
    assert "certificate" in str(error)
    assert sink.commands == []
