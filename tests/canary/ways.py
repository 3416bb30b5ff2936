"""The ways by which words come in. A later channel adds a function and its line in WAYS.

A way takes what it needs of `given`: `given()` draws the next canary, `given.short()` one that fits in a line. Beside
each canary it writes `given.witness()`, a harmless word by which the test knows that the words have arrived at all.
"""

import itertools
import json
import smtplib
import urllib.error
import urllib.parse
import urllib.request
import uuid
from collections.abc import Callable, Iterator
from contextlib import suppress
from email.header import Header
from email.message import EmailMessage
from email.policy import SMTP
from typing import Protocol

from child import OURS, PROVED, Child

from canary.canaries import SEED, SHORT, Canary

MAILS, FORMS, CHATS = 10, 8, 9
_LETTERS = str.maketrans("0123456789", "abcdefghij")  # a witness holds no digits: they might pass for a code


class Given:
    """Hands out canaries and remembers them, and the witnesses that were written beside them."""

    def __init__(self, drawn: Iterator[Canary]) -> None:
        self._drawn, self._numbers = drawn, itertools.count()
        self.planted, self.witnesses = list[Canary](), list[str]()

    def __call__(self, wanted: Callable[[Canary], bool] = lambda _: True) -> str:
        canary = next(canary for canary in self._drawn if wanted(canary))
        self.planted.append(canary)
        return canary.words

    def short(self) -> str:
        return self(lambda canary: canary.kind in SHORT)

    def witness(self) -> str:
        number = f"{next(self._numbers):03d}".translate(_LETTERS)
        self.witnesses.append(f"quince{number}")
        return self.witnesses[-1]


class Way(Protocol):
    def __call__(self, child: Child, given: Given) -> None: ...


def plain_mail(child: Child, given: Given) -> None:
    """Subject, body, quoted text and sender's name, in charsets as they come."""
    for n in range(MAILS):
        charset = ("utf-8", "gb18030", "utf-8")[n % 3]
        body = f"{given.witness()}\n{given()}\n\nOn Friday X wrote:\n> {given().replace(chr(10), chr(10) + '> ')}\n"
        head = PROVED.format(f"p{n}.example")
        head += f"From: {Header(given.short(), 'utf-8').encode(linesep=chr(13) + chr(10))} <a@p{n}.example>\r\n"
        head += f"Subject: {Header(given.short(), 'utf-8').encode(linesep=chr(13) + chr(10))}\r\nMIME-Version: 1.0\r\n"
        head += f"Message-ID: <p{n}@p{n}.example>\r\nContent-Type: text/plain; charset={charset}\r\n"
        head += "Content-Transfer-Encoding: 8bit\r\n\r\n"
        _hand_over(child, head.encode() + body.replace("\n", "\r\n").encode(charset))


def html_mail(child: Child, given: Given) -> None:
    """An HTML part alone, and one beside a plain part that says something else; an attachment with a telling name."""
    for n in range(MAILS):
        mail = EmailMessage(policy=SMTP)
        mail["From"], mail["To"], mail["Message-ID"] = f"a@h{n}.example", OURS, f"<h{n}@h{n}.example>"
        mail["Subject"] = given.short()
        html = f"<p>{given()}</p><blockquote>{given()}</blockquote>"
        if n % 2:
            mail.set_content(f"{given.witness()}\n{given()}\n")
            mail.add_alternative(html, subtype="html")
        else:
            mail.set_content(f"<p>{given.witness()}</p>{html}", subtype="html")
        name = given.short().replace("\n", " ")
        mail.add_attachment(given().encode(), maintype="text", subtype="plain", filename=f"{name}.txt")
        _hand_over(child, mail.as_bytes())


def form_page(child: Child, given: Given) -> None:
    for n in range(FORMS):
        _post(child, urllib.parse.urlencode(_filled(n, given)).encode(), "application/x-www-form-urlencoded")


def form_json(child: Child, given: Given) -> None:
    for n in range(FORMS):
        _post(child, json.dumps(_filled(n + FORMS, given)).encode(), "application/json")


def chat(child: Child, given: Given) -> None:
    """Each in a session of its own, as the page sends it; one with a message that is too long to be kept."""
    for n in range(CHATS):
        words = {"id": str(uuid.UUID(int=n + 1, version=4)), "text": f"{given.witness()}\n{given()}"}
        _write(child, words)
    with suppress(urllib.error.HTTPError):
        _write(child, {"id": str(uuid.UUID(int=99, version=4)), "text": given() + " " * 4000})


def addresses(child: Child, given: Given) -> None:
    """What people and programmes put into an address: nothing of it may be logged."""
    for where in ("/form/help", "/chat/help", "/nowhere", "/hooks/none"):
        secret = urllib.parse.quote(given(lambda canary: canary.kind != SEED))
        for path in (f"{where}?said={secret}", f"{where}/{secret}"):
            try:
                urllib.request.urlopen(f"http://127.0.0.1:{child.http}{path}", timeout=5).read()
            except urllib.error.HTTPError as answer:
                answer.close()


def _filled(n: int, given: Given) -> dict[str, str]:
    words = {"id": str(uuid.UUID(int=n + 1, version=4)), "email": f"f{n}@example.com"}
    words |= {"message": f"{given.witness()}\n{given()}", "subject": given.short(), "name": given.short()}
    return words | {"reference": given.short(), "time": given.short(), "amount": given.short(), "phone": given.short()}


def _hand_over(child: Child, raw: bytes) -> None:
    with smtplib.SMTP("127.0.0.1", child.smtp, timeout=10) as session:
        session.sendmail("bounces@example.com", [OURS], raw)


def _post(child: Child, body: bytes, kind: str) -> None:
    wanted = urllib.request.Request(f"http://127.0.0.1:{child.http}/form/help", body, {"content-type": kind})
    with urllib.request.urlopen(wanted, timeout=10) as answer:
        assert answer.status == 201


def _write(child: Child, words: dict[str, str]) -> None:
    where = f"http://127.0.0.1:{child.http}/chat/help/messages"
    wanted = urllib.request.Request(where, json.dumps(words).encode(), {"content-type": "application/json"})
    with urllib.request.urlopen(wanted, timeout=10) as answer:
        assert answer.status == 201


WAYS: tuple[Way, ...] = (plain_mail, html_mail, form_page, form_json, chat, addresses)
