"""What is signed and what is not, on requests written down by hand."""

import base64
import hashlib
import hmac
from urllib.parse import quote

import pytest

from channels.twilio.signature import Fields, body_signed, form_signed

TOKEN = "a token of ours"
URL = "https://desk.example/hooks/voice/line?a=1&b="
FIELDS: Fields = [("To", "+14155550100"), ("Body", ""), ("From", "+14155550123")]
WRITTEN = "https://desk.example/hooks/voice/line?a=1&b=BodyFrom+14155550123To+14155550100"
JSON = b'{"property": "value"}'


def mac(text: str, token: str = TOKEN) -> str:
    return base64.b64encode(hmac.new(token.encode(), text.encode(), hashlib.sha1).digest()).decode()


def test_names_are_sorted_and_blank_values_count() -> None:
    assert form_signed(URL, FIELDS, mac(WRITTEN), [TOKEN])
    assert form_signed(URL, list(reversed(FIELDS)), mac(WRITTEN), [TOKEN])
    assert not form_signed(URL, FIELDS[1:], mac(WRITTEN), [TOKEN])


def test_capitals_come_before_small_letters() -> None:
    assert form_signed("https://a.example/", [("b", "2"), ("B", "1")], mac("https://a.example/B1b2"), [TOKEN])


def test_one_of_several_tokens_is_enough_and_none_is_not() -> None:
    assert form_signed(URL, FIELDS, mac(WRITTEN), ["another", TOKEN])
    assert not form_signed(URL, FIELDS, mac(WRITTEN), ["another"])
    assert not form_signed(URL, FIELDS, mac(WRITTEN), [])
    assert not form_signed(URL, FIELDS, mac(WRITTEN, ""), [TOKEN])


def test_what_stands_twice_counts_once_and_values_of_a_name_are_sorted() -> None:
    fields = [("D", "2"), ("D", "1"), ("D", "2")]
    assert form_signed("https://a.example/", fields, mac("https://a.example/D1D2"), [TOKEN])


def test_the_fragment_with_connection_overrides_is_not_signed() -> None:
    assert form_signed(f"{URL}#rc=3&rp=5xx", FIELDS, mac(WRITTEN), [TOKEN])


@pytest.mark.parametrize(
    ("url", "signed"),
    [
        ("https://[2001:db8::1]:8443/x", "https://[2001:db8::1]/x"),
        ("https://[2001:db8::1]/x", "https://[2001:db8::1]:443/x"),
        ("http://a.example/x", "http://a.example:80/x"),
        ("https://u:p@a.example:8443/x", "https://u:p@a.example:8443/x"),
        ("https://u:p@a.example:8443/x", "https://u:p@a.example/x"),
        ("https://a.example", "https://a.example"),
    ],
)
def test_the_port_may_be_there_or_not(url: str, signed: str) -> None:
    assert form_signed(url, [], mac(signed), [TOKEN])
    assert not form_signed(url, [], mac(signed.replace("/x", "/y") + "z"), [TOKEN])


def test_a_body_that_is_no_form_counts_by_the_hash_in_the_query() -> None:
    url = f"https://desk.example/h?a=1&bodySHA256={hashlib.sha256(JSON).hexdigest()}"
    assert body_signed(url, JSON, mac(url), [TOKEN])
    assert not body_signed(url, JSON + b" ", mac(url), [TOKEN])
    assert not body_signed("https://desk.example/h", JSON, mac("https://desk.example/h"), [TOKEN])
    assert not body_signed(f"{url}&bodySHA256={quote('0' * 64)}", JSON, mac(url), [TOKEN])


@pytest.mark.parametrize("url", ["", "desk.example/x", "https://", "//x", "https://a.example:99999999/x", "\ud800"])
def test_no_url_is_signed_by_nobody_and_raises_nothing(url: str) -> None:
    assert not form_signed(url, FIELDS, mac(WRITTEN), [TOKEN])
    assert not body_signed(url, b"\xff", "\udcff", [TOKEN])
