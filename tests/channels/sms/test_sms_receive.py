"""Who may write to the webhook, what is kept of it, what Twilio is answered (CHANNELS SI1 to SI7)."""

import json
from collections.abc import Callable, Mapping
from dataclasses import replace
from urllib.parse import quote, urlencode

import pytest
from fakes.twilio import CUSTOMER, NUMBER, PUBLIC, SID, TOKEN, Twilio, signed

from channels import Tools
from channels.sms.config import SmsAccount
from channels.sms.receive import SmsHook
from channels.twilio.request import ours
from deskd.domain.errors import Forged, Off
from deskd.domain.ports import Heard, Hooked

Made = Callable[..., SmsAccount]
FORM = "application/x-www-form-urlencoded"
URL = f"{PUBLIC}/hooks/sms/texts"
GIVEN = Twilio().incoming("My transfer has not arrived")


@pytest.fixture
def hook(account: Made, tools: Tools) -> SmsHook:
    return SmsHook(account(), tools)


def posted(given: Mapping[str, str], *, url: str = URL, token: str = TOKEN, path: str = "", body: str = "") -> Hooked:
    headers = {"content-type": FORM, "x-twilio-signature": signed(url, given, token)}
    return Hooked("POST", url, path, headers, (body or urlencode(given)).encode(), 7)


def heard(hook: SmsHook, given: Mapping[str, str], **more: str) -> Heard:
    return hook.hear(posted(given, **more))


def test_a_signed_message_is_kept_to_the_letter_and_answered_with_nothing_to_say(hook: SmsHook) -> None:
    said = heard(hook, GIVEN)
    [receipt] = said.receipts
    assert (receipt.channel, receipt.account, receipt.key, receipt.lane) == (
        "sms",
        "texts",
        GIVEN["MessageSid"],
        CUSTOMER,
    )
    assert list(json.loads(receipt.body).items()) == list(GIVEN.items())
    assert (said.status, said.content_type, said.body) == (200, "text/xml", b"<Response/>")


@pytest.mark.parametrize(
    "more",
    [
        {"Body": ""},
        {"Body": " a trailing space "},
        {"Body": "转账 😀 & = + %"},
        {"AFieldThatIsNew": "x"},
        {"Body": "line\r\nline"},
    ],
    ids=["blank", "space", "any letters", "new field", "lines"],
)
def test_every_field_counts_and_none_is_trimmed(hook: SmsHook, more: dict[str, str]) -> None:
    [receipt] = heard(hook, GIVEN | more).receipts
    assert json.loads(receipt.body) == GIVEN | more


def test_a_space_may_be_written_in_either_way(hook: SmsHook) -> None:
    body = urlencode(GIVEN, quote_via=quote)
    assert "%20" in body
    assert heard(hook, GIVEN, body=body).receipts == heard(hook, GIVEN).receipts


@pytest.mark.parametrize(
    ("public", "called"),
    [
        ("https://desk.example", "https://desk.example:443"),
        ("https://desk.example:8443", "https://desk.example"),
        ("https://desk.example:8443", "https://desk.example:8443"),
        ("http://desk.example:8080", "http://desk.example:8080"),
        ("https://user:pass@desk.example:8443", "https://user:pass@desk.example"),
    ],
)
def test_the_public_url_counts_with_its_port_or_without(hook: SmsHook, public: str, called: str) -> None:
    request = posted(GIVEN, url=f"{called}/hooks/sms/texts?a=%20+b&a=")
    assert hook.hear(replace(request, url=f"{public}/hooks/sms/texts?a=%20+b&a=")).receipts
    with pytest.raises(Forged):
        hook.hear(replace(request, url=f"{public}/hooks/sms/texts?a=+%20b&a="))


def test_what_is_not_signed_for_us_is_forged_and_never_an_exception(hook: SmsHook) -> None:
    good = posted(GIVEN)
    bare = {"content-type": FORM}
    for request in (
        replace(good, headers=bare),
        replace(good, headers=bare | {"x-twilio-signature": ""}),
        replace(good, headers=bare | {"x-twilio-signature": "ÿ\udc80"}),
        replace(good, method="GET"),
        replace(good, headers=good.headers | {"content-type": "application/json"}, body=b'{"Body": "x"}'),
        replace(good, headers=good.headers | {"content-type": ""}),
        replace(good, body=good.body + b"&Body=more"),
        replace(good, body=b"\xff\xfe"),
        replace(good, body=b""),
        replace(good, body=b"&".join([b"a=1"] * 600)),
        replace(good, url="http://10.0.0.1:8025/hooks/sms/texts"),
        replace(good, url="no url"),
        posted(GIVEN, token="another"),
        posted(GIVEN | {"AccountSid": "AC" + "9" * 32}),
        posted({name: value for name, value in GIVEN.items() if name != "AccountSid"}),
    ):
        with pytest.raises(Forged):
            hook.hear(request)


def test_both_tokens_are_taken_while_they_are_exchanged_and_the_old_one_no_longer_than_it_is_named(
    account: Made, tools: Tools
) -> None:
    there = {"env:ONE": "the-old-token", "env:TWO": "the-next-token"}
    both = replace(tools, secret=lambda name: there.get(name, ""))
    during = SmsHook(account(auth_tokens=["env:ONE", "env:TWO"]), both)
    after = SmsHook(account(auth_tokens=["env:TWO"]), both)
    for token in there.values():
        assert heard(during, GIVEN, token=token).receipts
    assert heard(after, GIVEN, token="the-next-token").receipts
    with pytest.raises(Forged):
        heard(after, GIVEN, token="the-old-token")
    assert SmsHook(account(auth_tokens=["env:ONE", "env:NONE"]), both)


def test_an_account_without_its_secret_or_without_a_public_url_is_off(account: Made, tools: Tools) -> None:
    with pytest.raises(Off, match="its secret env:NONE is not there"):
        SmsHook(account(auth_tokens=["env:NONE"]), tools)
    with pytest.raises(Off, match=r"web\.public_url is empty"):
        SmsHook(account(), replace(tools, public_url=""))


def test_a_status_is_kept_once_a_state_in_the_customers_lane_and_names_our_delivery(
    hook: SmsHook, tools: Tools
) -> None:
    url = f"{URL}/status?ob={ours('d1', 'texts', tools.sign)}"
    given = {"MessageSid": "SM1", "MessageStatus": "delivered", "AccountSid": SID, "To": CUSTOMER, "From": NUMBER}
    said = heard(hook, given, url=url, path="status")
    [receipt] = said.receipts
    assert (said.status, said.body) == (204, b"")
    assert (receipt.key, receipt.lane) == ("status:SM1:delivered", CUSTOMER)
    assert receipt.envelope["delivery"] == "d1"
    [sent] = heard(hook, given | {"MessageStatus": "sent"}, url=url, path="status").receipts
    assert sent.key == "status:SM1:sent"


def test_an_id_that_we_did_not_sign_names_no_delivery(hook: SmsHook, tools: Tools) -> None:
    given = {"MessageSid": "SM1", "MessageStatus": "sent", "AccountSid": SID, "To": CUSTOMER}
    of_another = ours("d1", "other", tools.sign)
    for named in ("d1", "d1.x", f"d2.{ours('d1', 'texts', tools.sign).partition('.')[2]}", of_another, "", "%ff."):
        [receipt] = heard(hook, given, url=f"{URL}/status?ob={named}", path="status").receipts
        assert receipt.envelope["delivery"] == ""


def test_an_address_below_ours_that_is_none_keeps_nothing(hook: SmsHook) -> None:
    said = heard(hook, GIVEN, url=f"{URL}/voice", path="voice")
    assert (said.status, said.receipts) == (404, ())
