"""What each answer of a submission server means."""

import asyncio
from email import message_from_bytes
from email.policy import default

import pytest
from fakes.smtp import SmtpSink

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
