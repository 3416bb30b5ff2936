"""Reading a mail: bytes in, values out."""

import base64
import gc
import hashlib
import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from channels.email import dates, mime, subject
from channels.email.parse import Address, Mail, parse, to_json

HEAD = b"From: Customer A <a@mail.example>\r\nTo: support@pay.example\r\n"


def told(header: bytes, body: bytes = b"x") -> Mail:
    return parse(HEAD + header + b"\r\n\r\n" + body)


def part(kind: bytes, body: bytes, *more: bytes) -> bytes:
    return b"\r\n".join((b"--b", b"Content-Type: " + kind, *more, b"", body, b""))


def multipart(kind: bytes, *parts: bytes) -> Mail:
    head = HEAD + b"Content-Type: multipart/" + kind + b"; boundary=b\r\n\r\n"
    return parse(head + b"".join(parts) + b"--b--\r\n")


def test_a_plain_mail_is_read() -> None:
    mail = parse(
        b"From: Customer A <a@mail.example>\r\nTo: support@pay.example\r\nSubject: Where is my money?\r\n"
        b"Message-ID: <1@mail.example>\r\nDate: Mon, 5 Jan 2026 10:21:33 +0800\r\n\r\nIt has not arrived.\r\n"
    )

    assert mail.from_ == Address("Customer A", "a@mail.example")
    assert mail.from_count == 1
    assert mail.subject == "Where is my money?"
    assert mail.message_id == "1@mail.example"
    assert mail.text == "It has not arrived.\r\n"
    assert mail.date == 1_767_579_693_000_000
    assert to_json(mail)["date"] == "2026-01-05T10:21:33+08:00"


def test_the_result_of_inspect_has_the_fields_of_the_contract() -> None:
    result = to_json(multipart(b"mixed", part(b"text/plain", b"hi"), part(b"application/pdf; name=a.pdf", b"%PDF")))

    assert list(result) == [
        "from",
        "to",
        "cc",
        "reply_to",
        "subject",
        "message_id",
        "in_reply_to",
        "references",
        "date",
        "plain",
        "html",
        "text",
        "reply",
        "quoted",
        "signature",
        "attachments",
        "is_bounce",
        "bounces",
        "is_auto_reply",
        "suppress_auto_answer",
        "is_feedback_report",
        "warnings",
    ]
    assert result["attachments"] == [
        {
            "filename": "a.pdf",
            "content_type": "application/pdf",
            "size": 4,
            "md5": hashlib.md5(b"%PDF").hexdigest(),
            "sha256": hashlib.sha256(b"%PDF").hexdigest(),
            "inline": False,
            "content_id": None,
        }
    ]


# ---------------------------------------------------------------- any bytes


@given(st.binary(max_size=2000))
@settings(max_examples=150)
def test_any_bytes_are_a_mail(raw: bytes) -> None:
    to_json(parse(raw))


SEEDS = (
    HEAD + b"Subject: =?gb2312?B?1qe4tg==?=\r\nContent-Type: multipart/alternative; boundary=b\r\n\r\n--b\r\n"
    b"Content-Type: text/plain; charset=gb18030\r\nContent-Transfer-Encoding: base64\r\n\r\n1qe4tg==\r\n--b\r\n"
    b"Content-Type: text/html\r\n\r\n<p>a<blockquote type=cite>b</blockquote>\r\n--b--\r\n",
    (
        b"From: mailer-daemon@mx.example\r\nSubject: failure notice\r\n"
        b"Content-Type: multipart/report; boundary=b\r\n\r\n"
        b"--b\r\nContent-Type: message/delivery-status\r\n\r\nReporting-MTA: dns; mx\r\n\r\nFinal-Recipient: rfc822;"
        b" a@b.example\r\nAction: failed\r\nStatus: 5.1.1\r\n\r\n--b--\r\n"
    ),
)


@given(st.sampled_from(SEEDS), st.lists(st.tuples(st.integers(0, 600), st.binary(max_size=6)), max_size=8))
@settings(max_examples=150)
def test_any_damage_leaves_a_mail(raw: bytes, damage: list[tuple[int, bytes]]) -> None:
    for place, junk in damage:
        raw = raw[:place] + junk + raw[place + len(junk) // 2 :]
    mail = parse(raw)
    for text in (mail.subject, mail.text, mail.reply, mail.plain or "", mail.html or ""):
        text.encode("utf-8")  # a surrogate could not be stored
    assert "\n" not in mail.subject


def nested(depth: int) -> bytes:
    return (
        b"".join(b'Content-Type: multipart/mixed; boundary="b%d"\r\n\r\n--b%d\r\n' % (i, i) for i in range(depth))
        + b"\r\nhi"
    )


HOSTILE = {
    "a thousand multiparts inside one another": nested(1000),
    "a hundred thousand parts": b"Content-Type: multipart/mixed; boundary=b\r\n\r\n" + b"--b\r\n\r\nx\r\n" * 100_000,
    "lines that look like boundaries": b"Content-Type: multipart/mixed; boundary=b\r\n\r\n" + b"--bX\r\n" * 500_000,
    "mails inside mails": b"Content-Type: message/rfc822\r\n\r\n" * 5000,
    "parentheses": b"From: " + b"(" * 2000 + b")" * 2000 + b" a@b.example\r\n\r\nx",
    "quotes": b"From: " + b'"a" ' * 20_000 + b"\r\n\r\nx",
    "encoded words": b"Subject: " + b"=?a?q? " * 10_000 + b"\r\n\r\nx",
    "parameters": b"Content-Type: text/plain" + b"; a=b" * 20_000 + b"\r\n\r\nx",
    "fields": b"X: y\r\n" * 300_000,
    "lines that are no field": b"junk\r\n" * 40_000 + b"From: a@b.example\r\n\r\nx",
    "open elements": b"Content-Type: text/html\r\n\r\n" + b"<div>" * 100_000,
    "open scripts": b"Content-Type: text/html\r\n\r\n" + b"<script>" * 300_000,
    "islands of quotes": b"\r\n" + b"> a\r\nb\r\n" * 9000,
    "spaces behind a greeting": b"\r\nfirst\r\nRegards" + b" " * 300_000 + b"x",
    "spaces behind a program's name": b"\r\nfirst\r\nget outlook for" + b" " * 300_000 + b"x y",
    "padding": b"Content-Transfer-Encoding: base64\r\n\r\n" + b"=a" * 500_000,
}


@pytest.mark.parametrize("raw", HOSTILE.values(), ids=HOSTILE)
def test_hostile_mail_is_read_in_less_than_five_seconds(raw: bytes) -> None:
    started = time.monotonic()
    parse(raw)
    assert time.monotonic() - started < 5


def test_a_mail_that_was_read_leaves_no_cycle_behind() -> None:
    gc.collect()
    gc.disable()
    try:
        parse(b"Content-Type: multipart/mixed; boundary=b\r\n\r\n--b\r\n\r\none\r\n--b\r\n\r\ntwo\r\n--b--\r\n")
        assert gc.collect() == 0
    finally:
        gc.enable()


def test_what_a_limit_cut_is_said() -> None:
    assert any("deeper" in warning for warning in parse(nested(60)).warnings)
    assert any("parts after" in warning for warning in parse(HOSTILE["a hundred thousand parts"]).warnings)
    assert any("fields after" in warning for warning in parse(b"X: y\r\n" * 1001 + b"\r\nx").warnings)
    long = parse(b"X: " + b"y" * 300_000 + b"\r\n\r\nx")
    assert any("cut at" in warning for warning in long.warnings)


def test_no_more_parts_than_the_limit_are_kept() -> None:
    parts = b"--b\r\nContent-Type: image/png\r\n\r\nx\r\n" * (mime.MAX_PARTS + 10)
    mail = parse(b"Content-Type: multipart/mixed; boundary=b\r\n\r\n" + parts)
    assert len(mail.attachments) == mime.MAX_PARTS


# ---------------------------------------------------------------- header


def test_a_bare_cr_makes_no_field_and_is_told() -> None:
    mail = told(b"Subject: hi\rAuthentication-Results: mx.pay.example; dmarc=pass header.from=mail.example")

    assert mail.bare_cr
    assert mail.header("Authentication-Results") == []


def test_a_nul_in_the_header_is_told() -> None:
    assert told(b"Subject: a\0b").bare_cr
    assert not told(b"Subject: a b").bare_cr


def test_fields_are_given_topmost_first_and_unfolded() -> None:
    mail = told(b"X-Spam: one\r\n\ttwo\r\nx-spam: three")
    assert mail.header("X-Spam") == ["one two", "three"]


@pytest.mark.parametrize(
    ("value", "read"),
    [
        (b"<[abc]@x.example>", "[abc]@x.example"),
        (b"\r\n <folded@x.example>", "folded@x.example"),
        (b"<abc def@x.example>", "abcdef@x.example"),
        (b"abc@x.example", "abc@x.example"),
        (b"", None),
    ],
)
def test_message_ids_are_read_from_the_raw_value(value: bytes, read: str | None) -> None:
    assert told(b"Message-ID: " + value).message_id == read


def test_references_keep_their_order() -> None:
    mail = told(b"References: <1@a.example>\r\n <2@a.example>\r\nIn-Reply-To: <2@a.example>")
    assert mail.references == ("1@a.example", "2@a.example")
    assert mail.in_reply_to == "2@a.example"


@pytest.mark.parametrize(
    "raw",
    [
        b"From: a@good.example\r\nFrom: b@evil.example\r\n\r\nx",
        b"From: a@good.example, b@evil.example\r\n\r\nx",
        b"From: undisclosed:;\r\n\r\nx",
        b"From: <>\r\n\r\nx",
        b"From: @\r\n\r\nx",
        b"From: a@b.example@evil.example\r\n\r\nx",
    ],
    ids=["two fields", "two mailboxes", "group", "empty", "at sign", "two at signs"],
)
def test_without_exactly_one_valid_sender_there_is_none_to_verify(raw: bytes) -> None:
    mail = parse(raw)
    assert mail.from_count != 1 or mail.from_ is None or not mail.from_.address


def test_a_display_name_can_not_pose_as_an_address() -> None:
    mail = parse('From: "boss@pay.example\u202e> <" <evil@x.example>\r\n\r\nx'.encode())
    assert mail.from_ is not None
    assert mail.from_.address == "evil@x.example"
    assert not set(mail.from_.name) & set("@<>\u202e")


def test_a_comment_is_no_address() -> None:
    mail = parse(b"From: alice@good.example )(bob@evil.example\r\n\r\nx")
    assert mail.from_ is None or mail.from_.address != "bob@evil.example"
    mail = parse(b"From: Pete(one \\) two) <pete(three)@silly.example(four)>\r\n\r\nx")
    assert mail.from_ == Address("Pete", "pete@silly.example")


def test_an_address_in_utf_8_survives() -> None:
    mail = parse("From: 张三 <张三@例子.中国>\r\n\r\nx".encode())
    assert mail.from_ == Address("张三", "张三@例子.中国")


@pytest.mark.parametrize(
    ("value", "read"),
    [
        (
            b"=?utf-8?B?"
            + base64.b64encode("支付".encode()[:4])
            + b"?=\r\n =?utf-8?B?"
            + base64.b64encode("支付".encode()[4:])
            + b"?=",
            "支付",
        ),
        (b"=?x-unknown?B?" + base64.b64encode("退款".encode()) + b"?=", "退款"),
        (b"=?gb2312?B?" + base64.b64encode("朱镕基𠮷".encode("gb18030")) + b"?=", "朱镕基𠮷"),
        ("退款一直没有到账".encode("gbk"), "退款一直没有到账"),
        ("退款".encode(), "退款"),
        (b"=?iso-8859-1?Q?caf\xe9_noir?=", "café noir"),
        (b"=?utf-8?Q?hi=0D=0ABcc:_v=40x.example?=", "hi Bcc: v@x.example"),
    ],
    ids=["split character", "unknown charset", "mislabelled", "raw gbk", "raw utf-8", "raw in a word", "line break"],
)
def test_subjects_are_decoded(value: bytes, read: str) -> None:
    assert told(b"Subject: " + value).subject == read


@pytest.mark.parametrize(
    "value", [b"Mon, 01 Jan 99999999999 00:00:00 +0000", b"Tue, 99 Foo 20222 25:61:61 +9999", b"", b"never"]
)
def test_a_date_that_is_none_harms_nothing(value: bytes) -> None:
    mail = told(b"Date: " + value)
    assert mail.date is None or mail.date > 0
    to_json(mail)


@pytest.mark.parametrize(
    "written",
    [
        "Tue, 24 Nov 2026 10:00:00 +0800",
        "24 Nov 2026 10:00 +0800",
        "Tue, 24 nov 2026 10:00:00 +0800",
        "Tue,24-Nov-2026 10:00:00 +0800",
        "Tue Nov 24 10:00:00 +0800 2026",
        "2026-11-24T10:00:00+08:00",
        "Foo, 01 Bar 2026 10:00:00 +0800; 24 Nov 2026 10:00:00 +0800",
    ],
)
def test_a_date_is_read_in_every_form_that_programs_write(written: str) -> None:
    assert dates.read(written) == (1_795_485_600_000_000, 480)


def test_a_date_in_the_future_is_only_shown() -> None:
    assert told(b"Date: Thu, 1 Jan 2099 00:00:00 +0000").date == 4_070_908_800_000_000


@pytest.mark.parametrize(
    ("written", "bare"),
    [("回复：RE: 答复: x", "x"), ("[External] Fwd: y", "y"), ("Re[2]: z", "z"), ("Rest of it", "Rest of it")],
)
def test_prefixes_of_a_subject_are_folded(written: str, bare: str) -> None:
    assert subject.bare(written) == bare


# ---------------------------------------------------------------- body


@pytest.mark.parametrize(
    ("label", "codec", "words"),
    [
        ("gb2312", "gb18030", "您好，镕基𠮷 退款"),
        ("x-gbk", "gbk", "退款"),
        ("gb_2312-80", "gbk", "退款"),
        ("cp936", "gbk", "退款"),
        ("windows-936", "gbk", "退款"),
        ("big5", "cp950", "退款沒有到帳"),
        ("big5", "big5hkscs", "嘅啲"),
        ("shift_jis", "cp932", "①返金"),
        ("x-sjis", "cp932", "返金"),
        ("iso-2022-jp", "iso2022_jp", "返金"),
        ("iso-2022-jp-ms", "iso2022_jp", "返金"),
        ("ks_c_5601-1987", "cp949", "환불 똠"),
        ("euc-kr", "cp949", "환불"),
        ("iso-8859-1", "cp1252", "“quoted” €"),
        ("default", "utf-8", "退款"),
        ("us-ascii", "utf-8", "退款"),
        ("utf-8", "gb18030", "我的钱没有到账，请问为什么"),
        ("base64", "utf-8", "退款"),
        ("rot13", "utf-8", "退款"),
        ("unicode-1-1-utf-7", "utf-7", "é"),
        ("utf-16", "utf-16", "退款"),
    ],
)
def test_every_label_that_mail_carries_is_understood(label: str, codec: str, words: str) -> None:
    mail = told(
        b"Content-Type: text/plain; charset=" + label.encode() + b"\r\nContent-Transfer-Encoding: base64",
        base64.b64encode(words.encode(codec)),
    )
    assert mail.text == words


def test_the_label_outside_wins_over_the_one_in_the_page() -> None:
    page = '<meta charset="gbk"><p>退款</p>'
    assert told(b"Content-Type: text/html; charset=utf-8", page.encode()).text == "退款"
    assert told(b"Content-Type: text/html", page.encode("gbk")).text == "退款"


def test_an_alternative_keeps_both_and_reads_the_plain_one() -> None:
    mail = multipart(b"alternative", part(b"text/plain", b"plain words"), part(b"text/html", b"<p>plain words</p>"))
    assert (mail.plain, mail.html, mail.text) == ("plain words", "<p>plain words</p>", "plain words")


def test_interleaved_pieces_are_read_in_their_order() -> None:
    mail = multipart(
        b"mixed", part(b"text/plain", b"first"), part(b"image/png; name=a.png", b"x"), part(b"text/html", b"<p>second")
    )
    assert mail.text.split() == ["first", "second"]
    assert [attachment.filename for attachment in mail.attachments] == ["a.png"]


def test_an_attached_mail_is_an_attachment_and_lends_no_header() -> None:
    inner = b"Subject: other\r\nReferences: <ticket@pay.example>\r\n\r\ninner words"
    mail = multipart(b"mixed", part(b"text/plain", b"see below"), part(b"message/rfc822", inner))
    assert mail.references == ()
    assert mail.text == "see below"
    assert mail.attachments[0].data == inner


def test_inline_parts_carry_their_id() -> None:
    mail = multipart(
        b"related", part(b"text/html", b"<img src=cid:Logo@x>"), part(b"image/png", b"x", b"Content-ID: <Logo@x>")
    )
    assert (mail.attachments[0].content_id, mail.attachments[0].inline) == ("Logo@x", True)


@pytest.mark.parametrize(
    ("disposition", "shown"),
    [
        (b'filename="../../etc/passwd"', "passwd"),
        (b'filename="a"; filename="b"', "a"),
        (b'filename="C:\\\\x\\\\con.txt"', "_con.txt"),
        ('filename="a\u202egnp.exe"'.encode(), "agnp.exe"),
        (b"filename*0*=gb18030''%CD%CB%BF%EE;\r\n filename*1*=%C6%BE%D6%A4.pdf", "退款凭证.pdf"),
        (b"filename*=nope''%E9%80%80.pdf", "退.pdf"),
        (b'filename="=?gbk?B?' + base64.b64encode("凭证.pdf".encode("gbk")) + b'?="', "凭证.pdf"),
        (b'filename="' + b"n" * 400 + b'.pdf"', "n" * 251 + ".pdf"),
    ],
)
def test_file_names_are_fit_to_show(disposition: bytes, shown: str) -> None:
    mail = told(b"Content-Type: application/pdf\r\nContent-Disposition: attachment; " + disposition)
    assert mail.attachments[0].filename == shown


@pytest.mark.parametrize(
    "raw",
    [
        b"Content-Type: multipart/mixed\r\n\r\nwords",
        b"Content-Type: multipart/mixed; boundary=b\r\n\r\nwords",
        b"Content-Type: multipart/mixed; boundary=wrong\r\n\r\n--right\r\nContent-Type: text/plain\r\n\r\nwords\r\n",
        b"Content-Type: multipart/mixed; boundary=b\r\n\r\n--b\r\n\r\nwords",
        b"Content-Type: text\r\n\r\nwords",
        b"Content-Type: ;;;\r\nContent-Type: text/plain\r\n\r\nwords",
        b"Content-Transfer-Encoding: 8bit,7bit\r\n\r\nwords",
        b"Content-Transfer-Encoding: base64\r\n\r\nd29y!!ZHM=\r\n",
        b'Content-Type: text/plain; charset="gb2312\r\n\r\nwords',
        b"\r\n\r\nFrom: a@b.example\r\n\r\nwords",
        b"Subject: no blank line\r\nwords",
        b"words",
        b'Content-Type: multipart/mixed\r\n\tboundary="b"\r\n\r\n--b\r\n\r\nwords\r\n--b--\r\n',
    ],
)
def test_malformed_mail_still_says_its_words(raw: bytes) -> None:
    assert "words" in parse(raw).text


def test_base64_with_padding_inside_and_a_footer_behind_is_decoded() -> None:
    two = base64.b64encode(b"first part ") + b"\r\n" + base64.b64encode(b"second one!!")
    two += b"\r\n-- \r\nlist footer here\r\n"
    assert told(b"Content-Transfer-Encoding: base64", two).text.startswith("first part second one")


def test_a_uuencoded_file_in_the_text_is_an_attachment() -> None:
    mail = told(b"Subject: s", b"see file\r\nbegin 644 cat.txt\r\n#0V%T\r\n`\r\nend\r\nbye\r\n")
    assert mail.text.split() == ["see", "file", "bye"]
    assert (mail.attachments[0].filename, mail.attachments[0].data) == ("cat.txt", b"Cat")


def test_nul_is_taken_out_of_text() -> None:
    assert told(b"Subject: s", b"a\0b").text == "ab"
