"""Delivery reports, complaints, and notices that only say so in words."""

import pytest

from channels.email.parse import Bounce, parse


def report(fields: bytes) -> bytes:
    return (
        b"From: mailer-daemon@mx.example\r\nTo: support@pay.example\r\nSubject: Undelivered\r\n"
        b"Content-Type: multipart/report; report-type=delivery-status; boundary=b\r\n\r\n--b\r\n\r\nSorry.\r\n--b\r\n"
        b"Content-Type: message/delivery-status\r\n\r\nReporting-MTA: dns; mx.example\r\n\r\n" + fields + b"\r\n--b\r\n"
        b"Content-Type: message/rfc822\r\n\r\nTo: other@mail.example\r\n\r\nwords\r\n--b--\r\n"
    )


FAILED = (
    b"Final-Recipient: rfc822; c@mail.example\r\nAction: failed\r\nStatus: 5.1.1\r\n"
    b"Diagnostic-Code: smtp; 550 5.1.1 no such user\r\n"
)


def test_a_failed_delivery_is_read() -> None:
    mail = parse(report(FAILED))
    assert mail.is_bounce
    assert mail.bounces == (Bounce("c@mail.example", "5.1.1", "smtp; 550 5.1.1 no such user", permanent=True),)
    assert mail.suppress_auto_answer
    assert not mail.is_auto_reply


def test_the_address_that_we_wrote_to_is_the_one_named() -> None:
    mail = parse(report(b"Original-Recipient: rfc822;c@mail.example\r\n" + FAILED.replace(b"c@mail", b"alias@inner")))
    assert [bounce.recipient for bounce in mail.bounces] == ["c@mail.example"]


def test_a_delay_is_not_permanent() -> None:
    mail = parse(report(FAILED.replace(b"failed", b"delayed").replace(b"5.1.1", b"4.4.1")))
    assert mail.is_bounce
    assert not mail.bounces[0].permanent


def test_a_delivered_report_is_no_bounce() -> None:
    mail = parse(report(FAILED.replace(b"failed", b"delivered").replace(b"5.1.1", b"2.0.0")))
    assert not mail.is_bounce
    assert mail.suppress_auto_answer


@pytest.mark.parametrize("action", [b"failure", b"error", b"Failed (gave up)"])
def test_an_action_that_the_standard_does_not_know_is_a_failure(action: bytes) -> None:
    mail = parse(report(FAILED.replace(b"failed", action)))
    assert [bounce.recipient for bounce in mail.bounces] == ["c@mail.example"]


def test_an_address_that_only_would_take_mail_is_no_bounce() -> None:
    assert not parse(report(FAILED.replace(b"failed", b"deliverable").replace(b"5.1.1", b"2.1.5"))).is_bounce


def test_each_recipient_is_named_once() -> None:
    mail = parse(report(FAILED + b"\r\n" + FAILED + b"\r\n" + FAILED.replace(b"c@", b"d@")))
    assert [bounce.recipient for bounce in mail.bounces] == ["c@mail.example", "d@mail.example"]


NOTICES = {
    "qmail": (
        "failure notice",
        (
            "Hi. This is the program at mx.example.\nI'm afraid I wasn't able to deliver your "
            "message to the following addresses.\n\n<c@mail.example>:\nSorry, no mailbox here. (#5.1.1)\n\n"
            "--- Below this line is a copy of the message.\n\nTo: other@mail.example\n"
        ),
    ),
    "Exim": (
        "Mail delivery failed: returning message to sender",
        (
            "A message that you sent could not be delivered to "
            "all recipients. The following address(es) failed:\n\n  c@mail.example\n    550 5.1.1 unknown user\n\n"
            "------ This is a copy of the message ------\nTo: other@mail.example\n"
        ),
    ),
    "Postfix": (
        "Undelivered Mail Returned to Sender",
        (
            "For help please contact <postmaster@mx.example>\n"
            "The mail could not be delivered.\n\n<c@mail.example>: host mx said: 550 5.1.1 User unknown\n"
        ),
    ),
    "Exchange": (
        "Undeliverable: x",
        (
            "Your message\n\n  To:      other@mail.example\n  Subject: x\n\ndid not reach "
            "the following recipient(s):\n\nc@mail.example on Mon, 5 Jan 2026\n    not recognized\n"
        ),
    ),
    "Gmail": (
        "Delivery Status Notification (Failure)",
        (
            "Delivery to the following recipient failed permanently:\n\n"
            "     c@mail.example\n\n----- Original message -----\n"
        ),
    ),
    "QQ": ("系统退信", "很抱歉，您的邮件被退回。\n无法投递到：\nc@mail.example\n550 5.1.1 mailbox unavailable\n"),
}


@pytest.mark.parametrize(("subject", "text"), NOTICES.values(), ids=NOTICES)
def test_a_notice_in_words_names_its_recipient(subject: str, text: str) -> None:
    mail = parse(
        f"From: MAILER-DAEMON@mx.example\r\nTo: support@pay.example\r\nSubject: {subject}\r\n\r\n{text}".encode()
    )
    assert mail.is_bounce
    assert [bounce.recipient for bounce in mail.bounces] == ["c@mail.example"]


@pytest.mark.parametrize(
    "text",
    [
        "My card could not be delivered, the courier said address unknown. c@mail.example",
        "The transfer failed with error 500 and the money was returned. Please help.",
        "我的卡无法投递，被退回了。",
    ],
)
def test_a_customer_who_complains_of_a_failed_delivery_is_no_bounce(text: str) -> None:
    mail = parse(f"From: c@mail.example\r\nTo: support@pay.example\r\nSubject: Delivery failed\r\n\r\n{text}".encode())
    assert not mail.is_bounce


@pytest.mark.parametrize(
    ("sender", "back", "text"),
    [
        ("mailer-daemon@mx.example", "<a@pay.example>", "c@mail.example: the domain is gone"),
        ("postmaster@mx.example", "<MAILER-DAEMON>", "The account is closed.\n\n<c@mail.example>"),
        (
            "postmaster@mx.example",
            "<>",
            "20 attempts: c@mail.example\n\nOriginal message follows.\n\nTo: d@mail.example",
        ),
    ],
    ids=["a daemon", "a postmaster's daemon", "a postmaster that returns the mail"],
)
def test_a_mail_server_need_not_use_words_that_we_know(sender: str, back: str, text: str) -> None:
    raw = (
        f"Return-Path: {back}\r\nFrom: {sender}\r\nTo: support@pay.example\r\nSubject: Undeliverable mail\r\n\r\n{text}"
    )
    mail = parse(raw.encode())
    assert [bounce.recipient for bounce in mail.bounces] == ["c@mail.example"]


def test_a_postmaster_who_writes_of_a_lost_mail_is_a_customer() -> None:
    raw = (
        b"From: postmaster@shop.example\r\nSubject: Mail not delivered\r\n\r\nYour receipts never arrive, please help."
    )
    assert not parse(raw).is_bounce


def test_a_complaint_report_is_told() -> None:
    mail = parse(
        b"From: fbl@mx.example\r\nContent-Type: multipart/report; report-type=feedback-report; boundary=b\r\n\r\n"
        b"--b\r\n\r\nAbuse\r\n--b\r\nContent-Type: message/feedback-report\r\n\r\nFeedback-Type: abuse\r\n--b--\r\n"
    )
    assert mail.is_feedback_report
    assert mail.suppress_auto_answer
    assert not mail.is_bounce
