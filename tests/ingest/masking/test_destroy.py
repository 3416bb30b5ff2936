"""Secrets leave a receipt's JSON; all else stays to the letter."""

import json

import pytest

from ingest.masking.destroy import destroyed
from ingest.masking.formats import DEFAULT

CARD = "4111 1111 1111 1111"


def test_without_a_secret_the_bytes_are_the_same() -> None:
    body = b'{ "text": "h\\u00e9llo",   "id": 5 }'
    assert destroyed(body, (), DEFAULT) == (body, set())


def test_a_secret_goes_wherever_it_stands_and_however_it_is_written() -> None:
    told = {
        "message": {"text": f"my card is {CARD}", "entities": [{"text": "４１１１１１１１１１１１１１１１"}], "n": 1}
    }
    body, found = destroyed(json.dumps(told).encode(), (), DEFAULT)
    assert found == {"card"}
    left = json.loads(body)
    assert left["message"]["n"] == 1
    assert "1111 1111" not in body.decode()
    assert "１１１１１１" not in body.decode()


def test_names_that_hold_no_words_are_left_alone() -> None:
    body = json.dumps({"id": CARD, "text": "hello"}).encode()
    assert destroyed(body, {"id"}, DEFAULT) == (body, set())


@pytest.mark.parametrize("body", [b"", b"{", b"\xff"])
def test_what_is_no_json_is_said_so(body: bytes) -> None:
    with pytest.raises(ValueError, match=r"Expecting|decode"):
        destroyed(body, (), DEFAULT)
