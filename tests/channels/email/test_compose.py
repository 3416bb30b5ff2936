"""The bytes that leave: what old and odd mail programs make of them."""

import re
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import default

import pytest
from hypothesis import given
from hypothesis import strategies as st

from channels.email.compose import compose
from channels.email.config import MailAccount, MailListen
from channels.email.incoming import read
from channels.email.layout import WIDTH, as_html, wrapped
from channels.email.parse import parse
from deskd.domain.ports import File, IncomingKind, Outgoing

ACCOUNT = MailAccount(name="main", address="support@desk.example", from_name="Desk Support", from_name_zh="客服")
TOKEN = "03nqk8n2.a" + "b" * 16
OUTLOOK_ID = "AM0PR08MB3025" + "0123456789ABCDEF" * 4 + "@AM0PR08MB3025.eurprd08.prod.example"


def outgoing(**values: object) -> Outgoing:
    given_values: dict[str, object] = {
        "delivery_id": "d1",
        "account": "main",
        "address": "a@example.com",
        "subject": "转账没到账",
        "text": "正在查。\n",
        "message_id": "d1.tok@deskd.invalid",
        "created_at": 1_780_000_000_000_000,
    }
    return Outgoing(**(given_values | values))  # type: ignore[arg-type]


def composed(**values: object) -> EmailMessage:
    mail = message_from_bytes(compose(outgoing(**values), ACCOUNT), policy=default)
    assert isinstance(mail, EmailMessage)
    return mail


def head(**values: object) -> bytes:
    return compose(outgoing(**values), ACCOUNT).partition(b"\r\n\r\n")[0]


def plain(mail: EmailMessage) -> str:
    body = mail.get_body(("plain",))
    assert body is not None
    return str(body.get_content()).replace("\r\n", "\n")


def test_text_comes_first_and_html_says_the_same() -> None:
    mail = composed(text="您好 <b>\n\nA & B\n")
    assert [part.get_content_type() for part in mail.iter_parts()] == ["text/plain", "text/html"]
    assert plain(mail) == "您好 <b>\n\nA & B\n"
    html = mail.get_body(("html",))
    assert html is not None
    assert "&lt;b&gt;" in html.get_content()
    assert "A &amp; B" in html.get_content()


def test_no_line_is_longer_than_998_octets_and_all_end_in_crlf() -> None:
    raw = compose(outgoing(text="长" * 5000 + "x" * 5000, subject="长" * 400, references=("y" * 890,)), ACCOUNT)
    assert max(map(len, raw.split(b"\r\n"))) <= 998
    assert raw.count(b"\n") == raw.count(b"\r") == raw.count(b"\r\n")
    assert raw.isascii()


@pytest.mark.parametrize("subject", ["退款" * 100, "refund 退款 " * 30, "x" * 300, "😀" * 60])
def test_encoded_words_of_a_subject_have_at_most_75_characters(subject: str) -> None:
    words = re.findall(rb"=\?[^?]+\?[bq]\?[^?]*\?=", head(subject=subject), re.IGNORECASE)
    assert composed(subject=subject)["Subject"] == subject.strip()
    assert len(words) > 1
    assert max(map(len, words)) <= 75


def test_threading_headers_hold_no_encoded_word_however_long_the_ids() -> None:
    lines = head(in_reply_to=OUTLOOK_ID, references=(OUTLOOK_ID,)).split(b"\r\n")
    threading = [line for line in lines if b"AM0PR08MB3025" in line]
    assert len(threading) == 2
    assert not any(b"=?" in line for line in threading)


def test_references_are_the_first_and_the_last_ten_and_end_with_what_is_answered() -> None:
    mail = composed(in_reply_to="59@x", references=tuple(f"{n}@x" for n in range(60)))
    assert mail["References"].split() == ["<0@x>", *(f"<{n}@x>" for n in range(51, 60))]
    assert mail["In-Reply-To"] == "<59@x>"
    assert composed(in_reply_to="2@x", references=("1@x", "2@x", "3@x"))["References"].split()[-1] == "<2@x>"


@pytest.mark.parametrize("odd", ["a b@x", "a>\r\nBcc: <x@y", "客户@x", "a" * 2000, "\ud800@x", "<a@x"])
def test_an_id_that_no_header_can_carry_is_left_out_and_the_mail_still_leaves(odd: str) -> None:
    mail = composed(in_reply_to=odd, references=(odd, "good@x"))
    assert (mail["In-Reply-To"], mail["Bcc"], mail["References"]) == (None, None, "<good@x>")


@pytest.mark.parametrize(
    "bad", ["hi\r\nBcc: x@y.example", "hi\nBcc: x@y.example", "=?utf-8?q?a=0D=0ABcc:_x?=", "\x00", "\ud800"]
)
def test_what_a_customer_put_into_a_subject_makes_no_header_and_stops_no_reply(bad: str) -> None:
    mail = composed(subject=bad, in_reply_to="1@x")
    assert mail["Bcc"] is None
    assert mail["Subject"].startswith("Re:")
    assert not re.search(r"[\x00-\x1f\x7f]", mail["Subject"])


def test_a_reply_has_one_re_and_a_first_mail_none() -> None:
    assert composed(subject="回复：RE: 答复: x", in_reply_to="1@x")["Subject"] == "Re: x"
    assert composed(subject="x")["Subject"] == "x"
    assert composed(subject="Re: x", in_reply_to="1@x", automatic=True)["Subject"] == "Re: x"


def test_the_sender_is_named_in_the_language_of_the_words() -> None:
    assert composed()["From"] == "客服 <support@desk.example>"
    assert composed(text="We are looking into it.")["From"] == "Desk Support <support@desk.example>"


def test_an_answer_goes_to_the_signed_thread_address() -> None:
    assert composed(thread_token=TOKEN)["Reply-To"] == f"support+{TOKEN}@desk.example"
    assert composed()["Reply-To"] == "support@desk.example"


def test_only_automatic_mail_says_that_it_is() -> None:
    person, machine = composed(), composed(automatic=True)
    assert (person["Auto-Submitted"], person["X-Auto-Response-Suppress"]) == (None, None)
    assert (machine["Auto-Submitted"], machine["X-Auto-Response-Suppress"]) == ("auto-replied", "All")


def test_files_arrive_byte_for_byte_and_no_type_can_break_the_mail() -> None:
    files = (
        File("回单 1.pdf", "application/pdf", bytes(range(256))),
        File("a\r\nX: y.eml", "message/rfc822", b"From: x\r\n\r\n--\r\n"),
        File("", "nonsense; x=y", b""),
        File("m", "multipart/mixed", b"z"),
    )
    raw = compose(outgoing(files=files), ACCOUNT)
    mail = parse(raw)
    assert [(a.content_type, a.data) for a in mail.attachments] == [
        ("application/pdf", bytes(range(256))),
        ("application/octet-stream", b"From: x\r\n\r\n--\r\n"),
        ("application/octet-stream", b""),
        ("application/octet-stream", b"z"),
    ]
    assert mail.attachments[0].filename == "回单 1.pdf"
    assert mail.header("x") == []


@pytest.mark.parametrize("files", [(), (File("a.txt", "text/plain", b"x"),)], ids=["no file", "a file"])
def test_every_try_has_the_same_bytes(files: tuple[File, ...]) -> None:
    assert compose(outgoing(files=files), ACCOUNT) == compose(outgoing(files=files), ACCOUNT)
    assert compose(outgoing(files=files), ACCOUNT) != compose(outgoing(files=files, message_id="d2.x@y"), ACCOUNT)


def test_our_own_mail_is_known_when_it_comes_back() -> None:
    said = read(compose(outgoing(), ACCOUNT), {}, ["support@desk.example"], MailListen())
    assert said.kind is IncomingKind.ECHO


def test_an_international_address_stands_as_it_is() -> None:
    assert "客户@example.com".encode() in head(address="客户@example.com")


@given(st.text(max_size=300), st.text(max_size=300))
def test_any_words_leave_and_arrive(subject: str, text: str) -> None:
    mail = parse(compose(outgoing(subject=subject, text=text), ACCOUNT))
    assert mail.plain is not None
    assert mail.from_count == 1
    seen = "".join(c for c in mail.plain if c.isalnum() and c.isascii())
    assert seen == "".join(c for c in text if c.isalnum() and c.isascii())


def test_chinese_lines_are_broken_and_no_mark_begins_a_line() -> None:
    lines = wrapped("我们已经收到您的反馈，正在核实这笔转账；有了结果马上告诉您。" * 6).splitlines()
    assert len(lines) > 3
    assert all(len(line) * 2 <= WIDTH + 4 for line in lines)
    assert not any(line[0] in "，。；" for line in lines)


def test_links_and_short_lines_are_never_broken() -> None:
    link = "https://desk.example/s/" + "t" * 90
    assert link in wrapped(f"请打开 {link} 查看")
    assert wrapped("one\ntwo\n\nthree") == "one\ntwo\n\nthree\n"


def test_a_page_loads_nothing_and_links_nothing() -> None:
    page = as_html('<img src="https://evil.example/x"> https://desk.example')
    assert "<img" not in page
    assert "<a " not in page
