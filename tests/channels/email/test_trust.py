"""Whose word is taken for who wrote: one field, of one server, in one place."""

import pytest

from channels.email.config import MailListen
from channels.email.parse import parse
from channels.email.trust import FROM_A_MAILBOX, prove, read_results
from deskd.domain.words import Level

LISTEN = MailListen.model_validate(
    {"trusted_mta": ["192.0.2.0/28", "2001:db8::/64"], "authserv_id": "MX.desk.example", "lmtp_socket": "/run/l"}
)
MTA = "192.0.2.1"
PASS = "mx.desk.example; dmarc=pass header.from=example.com"


def level(*results: str, peer: str = MTA, sender: str = "a@example.com", listen: MailListen = LISTEN) -> Level:
    fields = "".join(f"Authentication-Results: {result}\r\n" for result in results)
    return prove(parse(f"{fields}From: {sender}\r\n\r\nhi\r\n".encode()), {"peer": peer}, listen).level


@pytest.mark.parametrize(
    "result",
    [
        PASS,
        "mx.desk.example 1; dmarc=pass header.from=example.com",
        "mx.desk.example;\r\n spf=pass smtp.mailfrom=x@b.example;\r\n dmarc=pass (p=REJECT) header.from=Example.COM.",
        "mx.desk.example; dmarc/1 = pass reason=\"ok; fine\" header.from=example.com; dkim=none",
        "mx.desk.example (our (own) server); dmarc=pass header.from=example.com policy.dmarc=reject",
    ],
)  # fmt: skip
def test_an_aligned_pass_of_our_server_proves_the_sender(result: str) -> None:
    assert level(result) is Level.CHANNEL


@pytest.mark.parametrize(
    "result",
    [
        "",
        "mx.desk.example; none",
        "mx.desk.example.evil.example; dmarc=pass header.from=example.com",
        "mx.desk.example; dmarc=pass",
        "mx.desk.example; dmarc=pass header.from=sub.example.com",
        "mx.desk.example; dmarc=pass header.from=notexample.com",
        "mx.desk.example; dmarc=passed header.from=example.com",
        "mx.desk.example; x-dmarc=pass header.from=example.com",
        "mx.desk.example; dmarc=fail (dmarc=pass header.from=example.com) header.from=example.com",
        'mx.desk.example; spf=fail smtp.mailfrom="x; dmarc=pass header.from=example.com; "@evil.example',
        "mx.desk.example; spf=none (x\\); dmarc=pass header.from=example.com",
        "mx.desk.example; dmarc=fail header.from=example.com; dmarc=pass header.from=example.com",
        "mx.desk.example; dmarc=pass header.from=evil.example header.from=example.com",
        "mx.desk.example; spf=pass smtp.mailfrom=a@example.com; dkim=pass header.d=example.com",
        "mx.desk.example; arc=pass (dmarc=pass header.from=example.com)",
        "(mx.desk.example) evil.example; dmarc=pass header.from=example.com",
        "spf=pass smtp.mailfrom=example.com; dmarc=pass action=none header.from=example.com",
    ],
)
def test_what_only_looks_like_a_pass_proves_nothing(result: str) -> None:
    assert level(result) is Level.CLAIMED


def test_only_the_topmost_field_counts() -> None:
    assert level("evil.example; dmarc=pass header.from=example.com", PASS) is Level.CLAIMED
    assert level("mx.desk.example; dmarc=fail header.from=example.com", PASS) is Level.CLAIMED
    assert level(PASS, "mx.desk.example; dmarc=fail header.from=example.com") is Level.CHANNEL


@pytest.mark.parametrize(
    ("peer", "proved"),
    [
        (MTA, True), ("::ffff:192.0.2.1", True), ("2001:db8::1", True), ("unix", True),
        ("192.0.2.99", False), ("127.0.0.1", False), ("", False), ("localhost", False),
    ],
)  # fmt: skip
def test_only_our_own_server_is_believed(peer: str, proved: bool) -> None:
    assert (level(PASS, peer=peer) is Level.CHANNEL) is proved


def test_without_a_configured_server_or_name_nobody_is_proved() -> None:
    assert level(PASS, listen=MailListen()) is Level.CLAIMED
    assert level(PASS, listen=LISTEN.model_copy(update={"authserv_id": ""})) is Level.CLAIMED
    assert level(PASS, peer="unix", listen=LISTEN.model_copy(update={"lmtp_socket": ""})) is Level.CLAIMED


@pytest.mark.parametrize("sender", ["a@example.com, b@example.com", "", "x", "a@evil.example <a@b@example.com>"])
def test_more_or_less_than_one_sender_is_nobody(sender: str) -> None:
    assert level(PASS, sender=sender) is Level.CLAIMED


def test_an_international_domain_is_compared_in_one_form() -> None:
    result = "mx.desk.example; dmarc=pass header.from=xn--bcher-kva.example"
    assert level(result, sender="a@bücher.example") is Level.CHANNEL


def test_every_refusal_is_a_sentence() -> None:
    for fields in (
        "",
        "Authentication-Results: mx.desk.example; dmarc=fail\r\n",
        "Authentication-Results: x; none\r\n",
    ):
        trust = prove(parse(f"{fields}From: a@example.com\r\n\r\n".encode()), {"peer": MTA}, LISTEN)
        assert trust.why.endswith(".")


def test_a_field_without_end_takes_no_time() -> None:
    assert read_results('(("' * 100_000)[1] == []


def fetched(authserv_id: str, *results: str) -> Level:
    fields = "".join(f"Authentication-Results: {result}\r\n" for result in results)
    envelope = {"protocol": "imap", "authserv_id": authserv_id}
    return prove(parse(f"{fields}From: a@example.com\r\n\r\nhi\r\n".encode()), envelope, LISTEN).level


@pytest.mark.parametrize(
    ("authserv_id", "results", "level"),
    [
        ("mx.provider.example", ["mx.provider.example; dmarc=pass header.from=example.com"], Level.CHANNEL),
        ("mx.provider.example", [PASS], Level.CLAIMED),  # our own server's name means nothing in a mailbox
        ("", [PASS], Level.CLAIMED),
        ("", ["; dmarc=pass header.from=example.com"], Level.CLAIMED),
        ("mx.provider.example", [PASS, "mx.provider.example; dmarc=pass header.from=example.com"], Level.CLAIMED),
        ("mx.provider.example", [], Level.CLAIMED),
    ],
)
def test_in_a_mailbox_only_the_provider_that_the_account_names_is_believed(
    authserv_id: str, results: list[str], level: Level
) -> None:
    assert fetched(authserv_id, *results) is level


def test_a_mailbox_without_a_named_provider_says_so_and_its_spam_marks_are_not_read() -> None:
    mail = parse(b"From: a@example.com\r\nX-Spam-Flag: YES\r\n\r\nhi\r\n")
    trust = prove(mail, {"protocol": "imap", "authserv_id": ""}, LISTEN)
    assert (trust.why, trust.handed_over) == (FROM_A_MAILBOX, False)
    assert prove(mail, {"protocol": "imap", "authserv_id": "mx.provider.example"}, LISTEN).handed_over
