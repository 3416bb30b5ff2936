"""Mails to measure with: 3 KB, Chinese and English, most of them plain and HTML, drawn from a seed."""

from base64 import encodebytes
from collections.abc import Sequence
from quopri import encodestring
from random import Random

ZH = (
    "我昨天在你们平台上给朋友转账，页面一直显示处理中，朋友那边也没有收到。",
    "我问了银行，银行说没有这笔记录，请帮我看一下到底怎么回事。",
    "登录的时候说密码不对，可是我没有改过，换了手机也还是不行。",
    "收不到验证码，已经等了半个小时，重新发送也没有用。",
    "有人打电话说是客服，让我把钱转到安全账户，我没有转。",
    "交易号 T202611200012345678，金额 1,234.50 元，时间是上午十点左右。",
    "页面做得不错，要是能按月导出账单就更好了，谢谢你们。",
    "麻烦尽快回复，我这几天都在等这笔钱，手机号 13800138000。",
)
EN = (
    "I sent some money to a friend yesterday and the page still says that it is being processed. ",
    "My bank tells me that they have no record of it, so please look into what has happened here. ",
    "I cannot sign in any more; it says that my password is wrong although I never changed it. ",
    "The code that you send never arrives on my phone, and asking for a new one does not help. ",
    "Somebody called me and said they were from support and that I should move my money. ",
    "The transaction number is T202611200012345678 and the amount was 1,234.50 on Tuesday morning. ",
    "The app works well for me; it would be nice if statements could be exported by month. ",
    "Please answer soon, I have been waiting for this for several days and need it by Friday. ",
)
SUBJECTS = {
    "zh": ("转账没到账", "登录不了", "收不到验证码", "可疑电话", "建议"),
    "en": ("Transfer missing", "Can't log in", "No code", "A strange call", "An idea"),
}
BYTES = 3_000
_SIGNATURE = "DKIM-Signature: v=1; a=rsa-sha256; d={domain}; s=k1;\r\n h=from:to:subject:date:message-id;\r\n b={b}\r\n"


def mail(
    n: int, rng: Random, *, who: str = "", to: str = "support@desk.example", proved: bool = True
) -> tuple[bytes, str]:
    """(bytes, who wrote). `n` makes the Message-ID and, without `who`, the sender unique."""
    language = rng.choice(("zh", "en"))
    who = who or f"customer{n}@c{n % 997}.example"
    domain = who.rpartition("@")[2]
    words = _text(language, rng)
    head = (
        "Received: from mx.desk.example (127.0.0.1) by desk.example; Tue, 24 Nov 2026 10:00:00 +0000\r\n"
        + (f"Authentication-Results: mx.desk.example; dmarc=pass header.from={domain}\r\n" if proved else "")
        + _SIGNATURE.format(domain=domain, b=f"{rng.getrandbits(1024):0256x}")
        + f"From: A Customer <{who}>\r\nTo: <{to}>\r\nDate: Tue, 24 Nov 2026 10:00:00 +0000\r\n"
        + f"Subject: {_word(rng.choice(SUBJECTS[language]))}\r\nMessage-ID: <m{n}.{rng.getrandbits(48):x}@{domain}>\r\n"
        + "MIME-Version: 1.0\r\n"
    )
    plain = _part("plain", words, language)
    if rng.random() < 0.4:
        return (head + plain).encode(), who
    html = _part("html", "".join(f"<p>{line}</p>\n" for line in words.split("\n")), language)
    edge = f"edge{rng.getrandbits(64):x}"
    parts = f"--{edge}\r\n{plain}\r\n--{edge}\r\n{html}\r\n--{edge}--\r\n"
    return (head + f'Content-Type: multipart/alternative; boundary="{edge}"\r\n\r\n{parts}').encode(), who


def _text(language: str, rng: Random) -> str:
    pool: Sequence[str] = ZH if language == "zh" else EN
    lines: list[str] = []
    while sum(len(line.encode()) for line in lines) < BYTES / 3.4:
        lines.append(rng.choice(pool))
    return "\n".join(lines) + f"\nRef {rng.getrandbits(40)}\n"


def _word(text: str) -> str:
    return text if text.isascii() else f"=?utf-8?b?{encodebytes(text.encode()).decode().strip()}?="


def _part(kind: str, text: str, language: str) -> str:
    name, coded = (
        ("base64", encodebytes(text.encode()))
        if language == "zh"
        else ("quoted-printable", encodestring(text.encode()))
    )
    body = coded.decode().replace("\r\n", "\n").replace("\n", "\r\n")
    return f"Content-Type: text/{kind}; charset=utf-8\r\nContent-Transfer-Encoding: {name}\r\n\r\n{body}"
