"""Reading a mail: bytes in, values out."""

from channels.email.parse import Address, parse, to_json


def test_a_plain_mail_is_read() -> None:
    mail = parse(
        b"From: Customer A <a@mail.example>\r\nTo: support@pay.example\r\nSubject: Where is my money?\r\n"
        b"Message-ID: <1@mail.example>\r\nDate: Mon, 5 Jan 2026 10:21:33 +0800\r\n\r\nIt has not arrived.\r\n")

    assert mail.from_ == Address("Customer A", "a@mail.example")
    assert mail.from_count == 1
    assert mail.subject == "Where is my money?"
    assert mail.message_id == "1@mail.example"
    assert mail.text == "It has not arrived.\r\n"
    assert to_json(mail)["date"] == "2026-01-05T10:21:33+08:00"


def test_no_bytes_at_all_are_a_mail_too() -> None:
    mail = parse(b"")

    assert mail.from_ is None
    assert mail.text == ""
