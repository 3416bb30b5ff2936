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
from fakes.telegram import SECRET, private
from fakes.twilio import Twilio
from sms_child import ACCOUNT

from canary.canaries import SEED, SHORT, Canary
from deskd import app
from deskd.acts import tokens
from deskd.domain.words import Role, Scope

MAILS, FORMS, CHATS, UPDATES, CALLS, TEXTS = 10, 8, 9, 8, 6, 10
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


def programs(child: Child, given: Given) -> None:
    """What programs write by the API, each with a key, for what is kept of an answer is looked at as well."""
    parts = child.build()
    app.add_agent(parts, "robot", Role.ADMIN, (), ())
    token = parts.database.transact(lambda c: tokens.issue(parts.desk, c, "robot", list(Scope)))
    parts.database.close()
    for n in range(CALLS):
        made = {"address": f"r{n}@example.com", "text": f"{given.witness()}\n{given()}", "reason": given.short()}
        code = _ask(child, token, "tickets", made)["code"]
        _ask(child, token, f"tickets/{code}/notes", {"text": f"{given.witness()}\n{given()}"})
        corrected = {"field": "priority", "new": "high", "why": f"{given.witness()}: {given.short()}"}
        _ask(child, token, f"tickets/{code}/set", corrected)
        _ask(child, token, "rules/explain", {"text": given(), "subject": given.short()})


def chat(child: Child, given: Given) -> None:
    """Each in a session of its own, as the page sends it; one with a message that is too long to be kept."""
    for n in range(CHATS):
        words = {"id": str(uuid.UUID(int=n + 1, version=4)), "text": f"{given.witness()}\n{given()}"}
        _write(child, words)
    with suppress(urllib.error.HTTPError):
        _write(child, {"id": str(uuid.UUID(int=99, version=4)), "text": given() + " " * 4000})


def addresses(child: Child, given: Given) -> None:
    """What people and programmes put into an address: nothing of it may be logged."""
    for where in ("/form/help", "/chat/help", "/nowhere", "/hooks/none", f"/hooks/sms/{ACCOUNT}", "/api/v1/tickets"):
        secret = urllib.parse.quote(given(lambda canary: canary.kind != SEED))
        for path in (f"{where}?said={secret}", f"{where}/{secret}"):
            try:
                urllib.request.urlopen(f"http://127.0.0.1:{child.http}{path}", timeout=5).read()
            except urllib.error.HTTPError as answer:
                answer.close()


def texts(child: Child, given: Given) -> None:
    """The words of a text, and a field that Twilio may add one day."""
    twilio = Twilio(f"http://127.0.0.1:{child.http}")
    for n in range(TEXTS):
        words = f"{given.witness()}\n{given()}"
        assert twilio.text(words, f"+1415555{n:04d}", account=ACCOUNT, AFieldThatIsNew=given.short()) == 200


def telegram(child: Child, given: Given) -> None:
    """Words, captions, names, what files and cards are called, buttons: by webhook, in one chat each."""
    for n in range(UPDATES):
        message = private(70_000 + n, f"{given.witness()}\n{given()}", n)
        message["from"]["first_name"] = given.short()
        if n % 2:
            message["caption"] = message.pop("text")
            message["document"] = {"file_id": "f", "file_name": given.short()}
            message["reply_to_message"] = {"text": given()}
        _update(child, n, message=message)
        _update(child, UPDATES + n, edited_message=message | {"contact": {"first_name": given.short()}})
        _update(child, 2 * UPDATES + n, callback_query={"id": "1", "data": given.short(), "message": message})


def _update(child: Child, number: int, **update: object) -> None:
    body = json.dumps({"update_id": number, **update}).encode()
    headers = {"Content-Type": "application/json", "X-Telegram-Bot-Api-Secret-Token": SECRET}
    wanted = urllib.request.Request(f"http://127.0.0.1:{child.http}/hooks/telegram/bot", body, headers)
    with urllib.request.urlopen(wanted, timeout=10) as answer:
        assert answer.status == 200


def _ask(child: Child, token: str, path: str, body: dict[str, str]) -> dict[str, str]:
    head = {"content-type": "application/json", "authorization": f"Bearer {token}"}
    head["idempotency-key"] = str(uuid.uuid4())
    where = f"http://127.0.0.1:{child.http}/api/v1/{path}"
    with urllib.request.urlopen(urllib.request.Request(where, json.dumps(body).encode(), head), timeout=10) as answer:
        said: dict[str, str] = json.load(answer)
    return said


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


WAYS: tuple[Way, ...] = (plain_mail, html_mail, form_page, form_json, chat, texts, telegram, programs, addresses)
