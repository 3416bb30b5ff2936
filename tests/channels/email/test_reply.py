"""What the sender wrote, apart from what they quoted and what their program signed."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from channels.email import quotes
from channels.email.parse import parse, split_reply

QUOTED = "您好，请提供订单号。"

# The way in which programs announce the mail they quote; everything behind the first line is theirs.
CLIENTS = {
    "QQ": '\n\n------------------ 原始邮件 ------------------\n发件人: "支付客服" <support@pay.example>;\n'
    '发送时间: 2026年1月5日(星期一) 上午10:21\n收件人: "客户"<c@mail.example>;\n主题: Re: 退款\n\n',
    "QQ in English": "\n\n&nbsp;\n------------------&nbsp;Original&nbsp;------------------\n"
    'From: "Support"<support@pay.example>;\nDate: Mon, Jan 5, 2026 10:21 AM\nSubject: Re: x\n\n',
    "NetEase": '\n\n在 2026-01-05 10:21:33，"支付客服" <support@pay.example> 写道：\n>',
    "NetEase in English": '\n\n\nAt 2026-01-05 10:21:33, "Support" <support@pay.example> wrote:\n>',
    "Gmail in Chinese": "\n\n支付客服 <support@pay.example> 于2026年1月5日周一 10:21写道：\n\n> ",
    "Gmail in Chinese, wrapped": "\n\n支付客服 <support@pay.example>\n于2026年1月5日周一 10:21写道：\n\n> ",
    "Gmail in traditional": "\n\n支付客服 <support@pay.example> 於 2026年1月5日 週一 上午10:21寫道：\n\n> ",
    "Outlook in Chinese": "\n\n________________________________\n发件人: 支付客服 <support@pay.example>\n"
    "发送时间: 2026年1月5日 10:21\n收件人: 客户 <c@mail.example>\n主题: 回复: 退款\n\n",
    "Outlook with wide colons": "\n\n发件人：支付客服 <support@pay.example>\n日期：星期一, 2026年1月5日 10:21\n"
    "收件人：客户\n主题：回复：退款\n\n",
    "Foxmail": "\n\n \n发件人： 支付客服\n发送时间： 2026-01-05 10:21\n收件人： c\n主题： Re: 退款\n",
    "iPhone in Chinese": "\n\n> 在 2026年1月5日，10:21，支付客服 <support@pay.example> 写道：\n> \n> ",
    "mail forwarded with a title": "\n\n---- 回复的原邮件 ----\n发件人 support\n",
    "Gmail": "\n\nOn Mon, Jan 5, 2026 at 10:21 AM Support <support@pay.example>\nwrote:\n\n> ",
    "Apple": "\n\nOn 5 Jan 2026, at 10:21, Support <support@pay.example> wrote:\n\n",
    "Outlook": "\n\nFrom: Support <support@pay.example>\nSent: Monday, January 5, 2026 10:21 AM\nTo: c\n"
    "Subject: RE: x\n\n",
    "French": "\n\nLe lun. 5 janv. 2026 à 10:21, Support <support@pay.example>\na écrit :\n\n> ",
    "German": "\n\nAm 05.01.2026 um 10:21 schrieb Support <support@pay.example>:\n\n> ",
    "Spanish": "\n\nEl lun, 5 ene 2026 a las 10:21, Support (<support@pay.example>) escribió:\n\n> ",
    "Dutch": "\n\nOp 5 januari 2026 10:21 schreef Support <\nsupport@pay.example>:\n\n> ",
    "Norwegian": "\n\ntir. 5. jan. 2026 kl. 10:21 skrev Support <support@pay.example\n>:\n\n> ",
    "Russian": "\n\nпн, 5 янв. 2026 г. в 10:21, Support <support@pay.example>:\n\n> ",
}


@pytest.mark.parametrize("announced", CLIENTS.values(), ids=CLIENTS)
def test_the_quoted_mail_is_cut(announced: str) -> None:
    split = split_reply("订单号是 A1。\n第二行" + announced + QUOTED, None)
    assert split.reply == "订单号是 A1。\n第二行"
    assert QUOTED in split.quoted


SENTENCES = {
    "somebody said": "从昨天开始：\n在 2026-01-05 我付了款，客服写道：已退款。\n但没有到账。",
    "a sentence ends with wrote": "I asked and your colleague wrote:\nyou will get it tomorrow.\nI did not.",
    "a transfer in three lines": "From: 6222 account\nTo: 王先生\nDate: 2026-01-05\nAmount: 100\nwhere is it?",
    "sent from is a verb": "Sent from the wrong account yesterday, please help.\nThe number is 12345678.",
    "a line dressed up": "come here\n>>> https://x.example <<<\nthen pay",
    "a rule of strokes": "first\n----------\nsecond",
    "on starts a line": "On Monday I paid 300:\nit is gone.",
    "a dash is no signature": "- one\n- two\n-- three",
}


@pytest.mark.parametrize("text", SENTENCES.values(), ids=SENTENCES)
def test_a_customers_own_words_are_never_cut(text: str) -> None:
    assert split_reply(text, None).reply == text


def test_answers_between_the_lines_stay_with_their_questions() -> None:
    text = "> 请提供订单号\n订单号123\n> 请提供手机号\n13800000000"
    assert split_reply(text, None).reply == text


def test_an_answer_below_the_quote_is_the_reply() -> None:
    text = "On Mon, Jan 5, 2026 at 10:21 AM A <a@pay.example> wrote:\n> your order number?\n\nIt is A1."
    split = split_reply(text, None)
    assert split.reply == "It is A1."
    assert "your order number?" in split.quoted


def test_words_on_both_sides_of_one_quote_are_kept() -> None:
    text = "before\n\nOn 5 Jan 2026, at 10:21, A <a@pay.example> wrote:\n> theirs\n\nafter it"
    assert split_reply(text, None).reply.split() == ["before", "after", "it"]


def test_where_nothing_would_be_left_everything_stays() -> None:
    text = "---------- Forwarded message ---------\nFrom: A <a@x.example>\nDate: today\nTo: b\n\nlook at this"
    assert split_reply(text, None).reply == text


def test_one_sign_is_an_answer() -> None:
    assert split_reply("👍\n\n> question", None).reply == "👍"


@pytest.mark.parametrize(
    "signature",
    [
        "-- \nCustomer A\nShanghai",
        "发自我的 iPhone",
        "Sent from my iPhone",
        "来自QQ邮箱客户端",
        "Get Outlook for iOS",
        "Regards,\nCustomer A",
        "此致\n客户甲",
    ],
)
def test_a_signature_is_set_apart(signature: str) -> None:
    split = split_reply("It is A1.\n\n" + signature, None)
    assert split.reply == "It is A1."
    assert split.signature == signature


def test_a_number_below_the_greeting_is_no_signature() -> None:
    text = "My order:\n\nRegards,\n20260105123456789"
    assert split_reply(text, None).reply == text


PAGES = {
    "Gmail": '<div class="gmail_quote"><div class="gmail_attr">QUOTED wrote<br></div>'
    '<blockquote class="gmail_quote">QUOTED</blockquote></div>',
    "Outlook for the web": '<hr><div id="divRplyFwdMsg"><b>From:</b> QUOTED</div><div>QUOTED</div>',
    "Outlook": '<div style="border:none;border-top:solid #E1E1E1 1.0pt"><p>From: QUOTED</p></div><p>QUOTED</p>',
    "Apple": '<blockquote type="cite">QUOTED</blockquote>',
    "Thunderbird": '<div class="moz-cite-prefix">QUOTED:</div><blockquote type="cite">QUOTED</blockquote>',
    "NetEase": '<blockquote id="isReplyContent">QUOTED</blockquote>',
    "QQ": "<div>------------------&nbsp;原始邮件&nbsp;------------------</div><div>QUOTED</div>",
    "Yahoo": '<div class="yahoo_quoted"><div>QUOTED</div></div>',
    "a bare quote behind its announcement": "<p>On 5 Jan 2026 A &lt;a@x.example&gt; wrote:</p>"
    "<blockquote>QUOTED</blockquote>",
}


@pytest.mark.parametrize("page", PAGES.values(), ids=PAGES)
def test_structure_shows_what_is_quoted(page: str) -> None:
    split = split_reply(None, f"<html><body><div>It is A1.</div>{page}</body></html>")
    assert split.reply == "It is A1."
    assert "QUOTED" in split.quoted


def test_answers_inside_a_gmail_quote_are_kept() -> None:
    page = (
        '<div class="gmail_quote"><div class="gmail_attr">A wrote<br></div><blockquote class="gmail_quote">one?'
        '</blockquote><div>yes</div><blockquote class="gmail_quote">two?</blockquote><div>no</div></div>'
    )
    assert {"yes", "no"} <= set(split_reply(None, page).reply.split())


def test_an_indented_paragraph_is_no_quote() -> None:
    assert "indented words" in split_reply(None, "<p>first</p><blockquote>indented words</blockquote>").reply


def test_a_line_drawn_by_the_customer_cuts_nothing() -> None:
    page = '<p>first</p><div style="border-top:solid #E1E1E1 1pt"><p>second words</p></div>'
    assert "second words" in split_reply(None, page).reply


def test_a_mail_is_split_by_its_page() -> None:
    mail = parse(
        b"Content-Type: multipart/alternative; boundary=b\r\n\r\n--b\r\n\r\nIt is A1. QUOTED\r\n--b\r\n"
        b"Content-Type: text/html\r\n\r\n<p>It is A1.</p><blockquote type=cite>QUOTED</blockquote>\r\n--b--\r\n"
    )
    assert (mail.reply, mail.quoted) == ("It is A1.", "> QUOTED")


@given(st.text("->＞:：_=*~#—–| \ue000abcwrote写道寫", max_size=30))
def test_a_line_without_a_hint_announces_nothing(line: str) -> None:
    announces = (
        quotes.is_quoted(line)
        or quotes.is_separator(line)
        or quotes.is_bar(line)
        or quotes.label(line) is not None
        or quotes.may_announce(line)
    )
    assert not announces or any(hint in line for hint in quotes.HINTS)


LINES = st.sampled_from(
    [
        "",
        "words",
        "> theirs",
        ">> older",
        "On 5 Jan 2026, at 10:21, A <a@x.example> wrote:",
        "-- ",
        "Regards,",
        "客户甲",
        "----- Original Message -----",
        "From: A <a@x.example>",
        "Sent: today",
        "To: b",
        "Subject: s",
        "发自我的 iPhone",
        "____",
    ]
)


@given(st.lists(LINES, max_size=30))
def test_every_line_is_reply_quote_or_signature(lines: list[str]) -> None:
    split = split_reply("\n".join(lines), None)
    shown = f"{split.reply}\n{split.quoted}\n{split.signature}".split("\n")
    assert sorted(filter(None, map(str.strip, shown))) == sorted(filter(None, map(str.strip, lines)))
