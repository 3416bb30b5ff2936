"""`deskd inspect twilio` and `twilio-signature`: a line in, a line out."""

import json
from typing import Any

from cli_desk import deskd
from fakes.twilio import CUSTOMER, TOKEN, Twilio, signed

URL = "https://desk.example/hooks/sms/texts"
FORM = Twilio().incoming("hello", MessageSid="SM1")


def asked(kind: str, **request: Any) -> dict[str, Any]:
    return dict(json.loads(deskd("inspect", kind, stdin=json.dumps({"id": 1, **request}).encode()).out))


def test_a_text_is_told_as_it_would_be_read() -> None:
    event = asked("twilio", params=FORM | {"NumMedia": "1", "MediaContentType0": "image/png"}, channel="sms")["result"][
        "event"
    ]
    assert (event["kind"], event["sender_id"], event["text"], event["message_sid"]) == (
        "message",
        CUSTOMER,
        "hello",
        "SM1",
    )
    assert event["attachments"] == [{"content_type": "image/png"}]
    assert asked("twilio", params=FORM | {"Body": "STOP"})["result"]["event"]["suppress_auto_answer"] is True


def test_a_status_is_told_with_what_it_reports() -> None:
    event = asked("twilio", params={"MessageSid": "SM1", "MessageStatus": "failed", "ErrorCode": "30005"})["result"]
    assert (event["event"]["kind"], event["event"]["report"], event["event"]["code"]) == ("status", "failed", "30005")


def test_a_signature_is_judged_of_an_object_of_pairs_and_of_a_body() -> None:
    right = signed(URL, FORM, TOKEN)
    known = {"url": URL, "token": TOKEN, "signature": right}
    assert asked("twilio-signature", params=FORM, **known)["result"] == {"valid": True}
    assert asked("twilio-signature", params=[list(pair) for pair in FORM.items()], **known)["result"]["valid"] is True
    assert asked("twilio-signature", params=FORM | {"Body": "hello "}, **known)["result"]["valid"] is False
    assert asked("twilio-signature", body='{"a": 1}', **known)["result"]["valid"] is False


def test_what_is_no_request_is_one_sentence() -> None:
    assert asked("twilio", params=FORM, channel="pigeon")["error"] == 'channel is "pigeon"; of Twilio\'s there is sms.'
    assert "object or a list of pairs" in asked("twilio", params=[1])["error"]
    assert "must be strings" in asked("twilio", params={"Body": 1})["error"]
    assert asked("twilio-signature", params=FORM, url=URL, token=TOKEN)["error"] == "signature is missing."
