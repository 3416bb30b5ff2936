"""A form's receipt as a message."""

import base64
import json

import pytest

from channels.form.parse import NO_ACK, read
from deskd.domain.ports import IncomingKind
from deskd.domain.words import Level

GIVEN = {
    "email": "customer@example.com",
    "name": "Customer A",
    "category": "transfer",
    "phone": "13800138000",
    "message": "The transfer is late.",
    "files": [{"filename": "a.png", "content_type": "image/png", "data": base64.b64encode(b"x").decode()}],
    "found": ["card"],
}


def test_the_message_is_what_rules_read_and_the_rest_stands_below_it() -> None:
    incoming = read(json.dumps(GIVEN).encode(), {"id": "an-id"}, "help")
    assert (incoming.kind, incoming.level) == (IncomingKind.MESSAGE, Level.CLAIMED)
    assert (incoming.reply, incoming.provider_id) == ("The transfer is late.", "an-id")
    assert "Registered phone: 13800138000" in incoming.text
    assert incoming.fields == {"category": "transfer", "phone": "13800138000"}
    assert incoming.files[0].data == b"x"
    assert incoming.no_ack_why == NO_ACK
    assert "card" in incoming.warnings[0]


@pytest.mark.parametrize(
    "raw", [b"", b"\xff\x00", b"[1]", b'{"message": 7, "files": 1, "found": 3}', b'{"files": [1, {"data": "%"}]}']
)
def test_any_bytes_give_a_message(raw: bytes) -> None:
    assert read(raw, {}, "help").kind is IncomingKind.MESSAGE


def test_what_cannot_be_read_is_said_in_a_warning() -> None:
    assert read(b"not json", {}, "help").warnings
    assert read(b'{"files": [{"data": "%"}]}', {}, "help").warnings == ("An attachment could not be read.",)
