"""What each channel hands to `keep`. A channel that is registered and has no case here fails the suite."""

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass

from fakes import twilio

from channels.email.receipt import key_of, lane_of
from deskd.domain.ports import Receipt

AT = 1_780_000_000_000_000
ANY_BYTES = (b"", b"\x00", b"\xff\xfe\xff", b"{", b"[]", b"null", b"[" * 10_000, b'{"a": 1e999}', b"text" * 1000)
"""What no provider should send, and one will."""


@dataclass(frozen=True, slots=True)
class Case:
    """said: the n-th message of a contact, as the listener keeps it; the words are `words(n)`.

    odd: bodies of kinds that we do not know or that say nothing, each with its envelope. ours: which outcomes of them
    are right beside a ticket or a message.
    """

    said: Callable[[int, str], Receipt]
    odd: tuple[tuple[bytes, Mapping[str, object]], ...] = ()
    ours: frozenset[str] = frozenset()


def words(n: int) -> str:
    return f"my transfer number {n} did not arrive"


def _mail(n: int, who: str) -> Receipt:
    raw = f"From: <{who}@mail.example>\r\nMessage-ID: <{n}@{who}.example>\r\nSubject: s\r\n\r\n{words(n)}\r\n".encode()
    envelope = {"mail_from": f"{who}@mail.example", "rcpt_to": ["support@desk.example"], "peer": "127.0.0.1"}
    return Receipt("email", "main", key_of(raw), lane_of(raw, f"{who}@mail.example"), raw, AT + n, envelope)


def _form(n: int, who: str) -> Receipt:
    body = json.dumps({"email": f"{who}@mail.example", "message": words(n)}).encode()
    return Receipt("form", "help", f"{who}-{n}", f"{who}@mail.example", body, AT + n, {"id": f"{who}-{n}"})


def _text(n: int, who: str) -> Receipt:
    form = twilio.incoming(words(n), f"+1415555{sum(who.encode()):04d}", MessageSid=f"SM{n}{who}")
    about = {"path": "", "number": twilio.NUMBER}
    return Receipt("sms", "main", form["MessageSid"], form["From"], json.dumps(form).encode(), AT + n, about)


_STATUS = b'{"MessageSid": "SM0", "MessageStatus": "failed", "ErrorCode": "30005", "To": "+14155550123"}'


def _telegram(n: int, who: str) -> Receipt:
    chat = {"id": 1000 + len(who) + ord(who[0]), "type": "private", "first_name": who}
    message = {"message_id": n, "date": AT // 1_000_000, "chat": chat, "from": chat | {"is_bot": False}}
    update = {"update_id": 50_000 + n, "message": message | {"text": words(n)}}
    return Receipt("telegram", "main", str(50_000 + n), str(chat["id"]), json.dumps(update).encode(), AT + n)


def _chat(n: int, who: str) -> Receipt:
    body = json.dumps({"id": f"{who}-{n}", "text": words(n)}).encode()
    return Receipt("chat", "main", f"{who}:{who}-{n}", who, body, AT + n, {"session": who})


CASES: Mapping[str, Case] = {
    "email": Case(_mail, ((b"From: a@b.example\r\nContent-Type: application/x-unknown\r\n\r\n\x00\x01", {}),)),
    "telegram": Case(
        _telegram,
        (
            (b'{"update_id": 1, "story_of_2030": {"chat": {"id": 5}}}', {}),
            (b'{"update_id": 2, "message": {"chat": {"id": 5, "type": "private"}, "hologram": {}}}', {}),
        ),
        frozenset({"notice"}),
    ),
    "chat": Case(_chat, ((b'{"text": 5}', {}), (b'{"id": [], "text": ""}', {"session": 7}))),
    "form": Case(_form, ((b'{"message": {"deep": []}, "files": 5}', {}),)),
    "sms": Case(
        _text,
        (
            (b'{"From": "+14155550123", "NumMedia": "1", "MediaContentType0": "x/unknown", "Body": ""}', {}),
            (b'{"From": "TWILIO", "Body": {"deep": []}, "NumMedia": []}', {}),
            (b'{"From": "95555", "Body": "STOP"}', {}),
            (_STATUS, {"path": "status", "delivery": "none"}),  # of what we never sent
        ),
        frozenset({"status"}),
    ),
}
