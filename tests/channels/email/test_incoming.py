"""Who wrote, and how far that is proved."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from channels.email.config import MailListen
from channels.email.incoming import read
from deskd.domain.code import code_of
from deskd.domain.ports import Incoming, IncomingKind
from deskd.domain.words import Level

LISTEN = MailListen.model_validate({"trusted_mta": ["127.0.0.0/8"], "authserv_id": "mx.desk.example"})
OURS = "Authentication-Results: mx.desk.example; dmarc=pass header.from=example.com"
OWN = ["support@desk.example"]
CODE = code_of(123_456_789).lower()
TOKEN = f"{CODE}.a{'b' * 16}"
OUR_ID = f"{'0192f0c0a1b2c3d4e5f60718293a4b5c'}.a{'b' * 16}@deskd.invalid"


def mail(*lines: str, peer: str = "127.0.0.1", sender: str = "From: a@example.com", **envelope: Any) -> Incoming:
    raw = "\r\n".join([*lines, sender, "Subject: x", "", "hello", ""]).encode()
    return read(raw, {"peer": peer, "rcpt_to": OWN, **envelope}, OWN, LISTEN)


def test_dmarc_pass_of_our_own_mail_server_proves_the_sender() -> None:
    said = mail(OURS)
    assert (said.level, said.no_ack_why) == (Level.CHANNEL, "")


@pytest.mark.parametrize(
    "said",
    [
        mail(),
        mail(OURS, peer="192.0.2.1"),
        mail("Authentication-Results: evil.example; dmarc=pass header.from=example.com", OURS),
        mail("Authentication-Results: mx.desk.example; dmarc=fail header.from=example.com", OURS),
        mail("Authentication-Results: mx.desk.example; dmarc=pass header.from=other.example"),
        mail("Authentication-Results: mx.desk.example; spf=pass; dkim=pass header.d=example.com"),
        mail(OURS, sender="From: a@example.com\r\nFrom: b@example.com"),
        mail(OURS, sender="From: a@example.com, b@example.com"),
        mail(f"Subject: hi\r{OURS}"),
    ],
    ids=["no result", "not our server", "foreign on top", "fail on top", "not aligned", "no dmarc", "two From",
         "two mailboxes", "bare CR"],
)  # fmt: skip
def test_anything_else_proves_nothing_and_is_not_acknowledged(said: Incoming) -> None:
    assert said.level is Level.CLAIMED
    assert said.trust_why
    assert said.no_ack_why


@pytest.mark.parametrize(
    "line",
    ["Auto-Submitted: auto-replied", "Precedence: bulk", "List-Id: <l.example>", "X-Auto-Response-Suppress: All"],
)
def test_automatic_mail_and_lists_are_never_acknowledged(line: str) -> None:
    assert mail(OURS, line).no_ack_why


def test_mail_with_an_empty_envelope_sender_is_never_acknowledged() -> None:
    assert mail(OURS, mail_from="a@example.com").no_ack_why == ""
    assert mail(OURS, mail_from="").no_ack_why


def test_a_report_is_known_by_its_empty_envelope_sender() -> None:
    raw = b"From: info@mx.example\r\nSubject: Undelivered\r\n\r\nYour mail was not delivered: c@mail.example"
    assert read(raw, {"mail_from": ""}, OWN, LISTEN).kind is IncomingKind.BOUNCE
    assert read(raw, {"mail_from": "info@mx.example"}, OWN, LISTEN).kind is IncomingKind.MESSAGE


def test_our_own_mail_come_back_is_an_echo() -> None:
    assert mail("X-Deskd-Loop: main", sender="From: support@desk.example").kind is IncomingKind.ECHO


def test_a_token_is_read_from_the_envelope_even_when_no_header_has_it() -> None:
    assert mail(rcpt_to=[f"support+{TOKEN}@desk.example"]).tokens == (TOKEN,)


def test_spam_marks_count_only_from_our_own_mail_server() -> None:
    assert mail("X-Spam-Flag: YES").spam_why
    assert not mail("X-Spam-Flag: YES", peer="192.0.2.1").spam_why


def test_a_token_in_the_header_counts_only_where_the_envelope_has_none() -> None:
    other = f"{code_of(5).lower()}.a{'c' * 16}"
    to = f"To: support+{TOKEN}@desk.example"
    assert mail(to).tokens == (TOKEN,)
    assert mail(to, rcpt_to=[]).tokens == (TOKEN,)
    assert mail(to, rcpt_to=[f"support+{other}@desk.example"]).tokens == (other,)
    assert mail(to, f"Delivered-To: support+{other}@desk.example").tokens == (other,)


def test_a_token_whose_code_is_wrong_is_left_out_so_that_the_right_one_is_found() -> None:
    wrong = "support+00000001.a" + "b" * 16 + "@desk.example"
    assert mail(rcpt_to=[wrong, f"support+{TOKEN}@desk.example"]).tokens == (TOKEN,)


def test_references_are_newest_first_without_repeats_and_capped() -> None:
    said = mail("In-Reply-To: <3@x>", "References: <1@x> <2@x> <3@x>", "Message-ID: <4@x>")
    assert (said.references, said.provider_id) == (("3@x", "2@x", "1@x"), "4@x")
    many = mail("References: " + " ".join(f"<{n}@x>" for n in range(60)))
    assert (len(many.references), many.references[0]) == (30, "59@x")


def test_a_forged_echo_of_a_stranger_is_not_dropped() -> None:
    assert mail("X-Deskd-Loop: main").kind is IncomingKind.AUTOMATIC
    assert mail(f"Message-ID: <{OUR_ID}>").kind is IncomingKind.MESSAGE


def test_our_own_mail_without_its_loop_mark_is_known_by_its_id() -> None:
    assert mail(f"Message-ID: <{OUR_ID}>", sender="From: support@desk.example").kind is IncomingKind.ECHO


@pytest.mark.parametrize(
    ("line", "kind"),
    [
        ("Auto-Submitted: auto-replied", IncomingKind.AUTOMATIC),
        ("Auto-Submitted: auto-generated", IncomingKind.AUTOMATIC),
        ("Auto-Submitted: no", IncomingKind.MESSAGE),
        ("List-Unsubscribe: <https://news.example/u>", IncomingKind.AUTOMATIC),
        ("List-Id: <l.example>\r\nList-Post: <mailto:l@l.example>", IncomingKind.MESSAGE),
        ("X-Auto-Response-Suppress: All", IncomingKind.MESSAGE),
    ],
)
def test_suppressing_an_answer_is_not_taking_a_person_for_a_program(line: str, kind: IncomingKind) -> None:
    assert mail(OURS, line).kind is kind


def test_a_bounce_names_whom_it_did_not_reach_and_which_mail_of_ours() -> None:
    raw = (
        "From: MAILER-DAEMON@mx.example\r\nSubject: Undelivered Mail\r\n"
        'Content-Type: multipart/report; report-type=delivery-status; boundary="b"\r\n\r\n'
        "--b\r\n\r\nIt did not arrive.\r\n--b\r\nContent-Type: message/delivery-status\r\n\r\n"
        "Reporting-MTA: dns; mx.example\r\n\r\nFinal-Recipient: rfc822; a@example.com\r\nAction: failed\r\n"
        "Status: 5.1.1\r\n\r\n--b\r\nContent-Type: text/rfc822-headers\r\n\r\n"
        f"Message-ID: <{OUR_ID}>\r\nTo: a@example.com\r\n\r\n--b--\r\n"
    ).encode()
    said = read(raw, {"peer": "127.0.0.1", "rcpt_to": OWN}, OWN, LISTEN)
    assert said.kind is IncomingKind.BOUNCE
    assert said.failed == (("a@example.com", "5.1.1", True),)
    assert OUR_ID in said.references
    assert said.no_ack_why


def test_reply_to_is_told_only_where_it_differs() -> None:
    assert mail("Reply-To: A@Example.com").reply_to == ""
    assert mail("Reply-To: b@example.com").reply_to == "b@example.com"


def test_a_mail_without_a_from_is_still_somebody_s() -> None:
    said = read(b"Subject: x\r\n\r\nhi\r\n", {"mail_from": "E@example.com"}, OWN, LISTEN)
    assert (said.sender.address, said.level) == ("e@example.com", Level.CLAIMED)


@pytest.mark.parametrize("sender", ["no-reply@example.com", "support@desk.example", "mailer-daemon@example.com"])
def test_nobody_is_acknowledged_where_nobody_reads(sender: str) -> None:
    domain = sender.partition("@")[2]
    proof = f"Authentication-Results: mx.desk.example; dmarc=pass header.from={domain}"
    assert mail(proof, sender=f"From: {sender}").no_ack_why


@given(st.binary(max_size=2000))
def test_any_bytes_are_somebody_s_words(raw: bytes) -> None:
    assert isinstance(read(raw, {}, OWN, LISTEN), Incoming)


def test_mail_that_lay_in_a_mailbox_before_us_is_never_acknowledged() -> None:
    provider = {"protocol": "imap", "authserv_id": "mx.desk.example"}
    assert mail(OURS, **provider).no_ack_why == ""
    assert mail(OURS, old=True, **provider).no_ack_why == "It lay in the mailbox before deskd fetched from it."


def test_a_mail_that_was_fetched_in_part_says_so_first() -> None:
    said = mail(OURS, cut_from=90_000_000)
    assert "of 90000000 bytes were fetched" in said.warnings[0]


def test_a_fetched_mail_without_a_return_path_address_is_never_acknowledged() -> None:
    """The envelope is not known then; the provider writes it into the header (RFC 5321 section 4.4)."""
    provider = {"protocol": "imap", "authserv_id": "mx.desk.example", "rcpt_to": []}
    assert mail("Return-Path: <a@example.com>", OURS, **provider).no_ack_why == ""
    assert mail("Return-Path: <>", OURS, **provider).no_ack_why
