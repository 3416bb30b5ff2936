"""Automatic mail: one mail per marker."""

import pytest

from channels.email.parse import Mail, parse


def told(header: str, sender: str = "c@mail.example") -> Mail:
    return parse(f"From: {sender}\r\nTo: support@pay.example\r\n{header}\r\n\r\nwords".encode())


@pytest.mark.parametrize(
    "header",
    [
        "Return-Path: <>",
        "Auto-Submitted: auto-generated",
        "Auto-Submitted: auto-replied; owner=x",
        "Auto-Submitted: auto-notified",
        "Precedence: bulk",
        "Precedence: list",
        "Precedence: junk",
        "Precedence: auto_reply",
        "List-Id: <l.example>",
        "List-Unsubscribe: <mailto:u@l.example>",
        "X-Auto-Response-Suppress: All",
        "X-Auto-Response-Suppress: DR, OOF, AutoReply",
        "X-Autoreply: yes",
        "X-Autorespond: 1",
        "X-Loop: desk",
        "X-Auto-Generated: true",
        "Content-Type: multipart/report; boundary=b",
    ],
)
def test_a_marker_forbids_an_automatic_answer(header: str) -> None:
    assert told(header).suppress_auto_answer


@pytest.mark.parametrize(
    "sender",
    [
        "mailer-daemon@x.example",
        "postmaster@x.example",
        "no-reply@x.example",
        "noreply+7@x.example",
        "do_not_reply@x.example",
        "news-noreply@x.example",
    ],
)
def test_nobody_reads_behind_a_robots_address(sender: str) -> None:
    assert told("Subject: hi", sender).suppress_auto_answer


@pytest.mark.parametrize(
    "header",
    [
        "Auto-Submitted: no",
        "Precedence: foo",
        "X-Autoreply: no",
        "Subject: On holiday",
        "Subject: Automatic payment",
        "Subject: 自动扣款",
        "X-Auto-Response-Suppress: None",
        "Return-Path: <c@mail.example>",
    ],
)
def test_a_persons_mail_may_be_answered(header: str) -> None:
    mail = told(header)
    assert not mail.is_auto_reply
    assert not mail.suppress_auto_answer


@pytest.mark.parametrize(
    "header",
    [
        "Auto-Submitted: auto-replied",
        "X-Autoreply: yes",
        "Precedence: auto_reply",
        "Subject: Out of Office: x",
        "Subject: Automatic reply: x",
        "Subject: 自动回复: x",
        "Subject: 自動回覆：x",
        "Subject: Abwesenheitsnotiz",
    ],
)
def test_a_vacation_note_is_an_automatic_reply(header: str) -> None:
    assert told(header).is_auto_reply


def test_suppression_on_human_mail_says_nothing_about_the_mail() -> None:
    mail = told("X-Auto-Response-Suppress: All")
    assert mail.suppress_auto_answer
    assert not mail.is_auto_reply
    assert mail.text == "words"
