"""What a receipt says: a customer's words, or what became of ours."""

import json
from collections.abc import Mapping

import pytest
from fakes.twilio import CUSTOMER, NUMBER, Twilio

from channels.sms.config import NOT_TO_CHINA
from channels.sms.parse import NO_NUMBER, OPTED_OUT, read
from deskd.domain.ports import Incoming, IncomingKind, Reported
from deskd.domain.states import Report
from deskd.domain.words import Level

fake = Twilio()


def said(words: str, who: str = CUSTOMER, **more: str) -> Incoming:
    return parsed(fake.incoming(words, who, **more), {"path": "", "number": NUMBER})


def parsed(fields: Mapping[str, object], envelope: Mapping[str, object]) -> Incoming:
    return read(json.dumps(fields).encode(), envelope, "texts")


def test_a_text_is_a_message_of_its_number() -> None:
    made = said("我的转账没到账", MessageSid="SM7")
    assert (made.kind, made.sender.address, made.text, made.reply) == (
        IncomingKind.MESSAGE,
        CUSTOMER,
        "我的转账没到账",
        "我的转账没到账",
    )
    assert (made.provider_id, made.level, made.no_ack_why, made.warnings) == ("SM7", Level.CHANNEL, "", ())


@pytest.mark.parametrize("who", ["TWILIO", "95555", ""])
def test_a_sender_that_is_no_number_is_read_and_gets_no_answer(who: str) -> None:
    made = said("您的快递", who)
    assert (made.sender.address, made.level, made.no_ack_why) == (who, Level.CLAIMED, NO_NUMBER)


def test_a_number_of_mainland_china_is_not_acknowledged_since_no_free_text_arrives_there() -> None:
    assert said("你好", "+8613800138000").no_ack_why == NOT_TO_CHINA
    assert said("你好", "+85261234567").no_ack_why == ""


def test_files_leave_a_line_each_and_are_no_words_of_the_customer() -> None:
    made = said("see", NumMedia="2", MediaContentType0="image/jpeg", MediaUrl0="https://api.twilio.com/x")
    assert made.reply == "see"
    assert made.text.count("a file that was not fetched") == 2
    assert "image/jpeg" in made.text
    assert "api.twilio.com" not in made.text
    only = said("", NumMedia="1", MediaContentType0="text/x-vcard")
    assert (only.reply, "text/x-vcard" in only.text) == ("", True)
    assert "an empty text" in said("", NumMedia="many").text


@pytest.mark.parametrize("word", ["STOP", "stop", " Stop. ", "退订", "TD", "unsubscribe"])
def test_stop_is_a_note_without_an_answer(word: str) -> None:
    made = said(word)
    assert (made.kind, made.no_ack_why) == (IncomingKind.AUTOMATIC, OPTED_OUT)
    assert "until they text START" in made.text


@pytest.mark.parametrize("word", ["cancel", "Cancel.", "END", "quit"])
def test_a_word_that_may_mean_a_payment_stops_texts_and_is_still_a_message(word: str) -> None:
    made = said(word)
    assert (made.kind, made.no_ack_why) == (IncomingKind.MESSAGE, OPTED_OUT)
    assert "such as a payment" in made.text
    assert made.reply == word


def test_a_sentence_with_such_a_word_stops_nothing_and_twilio_has_the_last_word() -> None:
    assert (said("Cancel my transfer").no_ack_why, said("please stop").kind) == ("", IncomingKind.MESSAGE)
    told = said("basta", OptOutType="STOP")
    assert (told.kind, told.no_ack_why) == (IncomingKind.MESSAGE, OPTED_OUT)
    back = said("START", OptOutType="START")
    assert (back.kind, back.no_ack_why) == (IncomingKind.AUTOMATIC, "")
    assert said("help", OptOutType="HELP").kind is IncomingKind.MESSAGE


def test_a_text_to_another_number_of_the_account_says_from_where_answers_leave() -> None:
    assert said("hello", To="+14155550199").warnings == (f"It was sent to +14155550199; answers leave from {NUMBER}.",)


@pytest.mark.parametrize("state", ["accepted", "queued", "sending", "sent", "a-new-one"])
def test_a_state_on_the_way_says_that_twilio_has_it(state: str) -> None:
    assert status(state) == Reported("SM1", Report.NONE, "d1")


def test_an_end_is_reported_with_its_code_in_words() -> None:
    assert status("delivered").report is Report.DELIVERED
    assert status("read").report is Report.READ
    failed = status("undelivered", "30003")
    assert (failed.report, failed.code, failed.note) == (
        Report.FAILED,
        "30003",
        "the phone was off or out of reach",
    )
    assert status("failed", "39999") == Reported("SM1", Report.FAILED, "d1", "39999", "")


def status(state: str, code: str = "") -> Reported:
    given = {"MessageSid": "SM1", "MessageStatus": state, "SmsStatus": state, "To": CUSTOMER, "ErrorCode": code}
    made = parsed(given, {"path": "status", "delivery": "d1"})
    assert made.kind is IncomingKind.STATUS
    assert made.reported is not None
    return made.reported


@pytest.mark.parametrize(
    "raw",
    [b"", b"\x00\xff", b"[1]", b'{"Body": ["a", 1], "From": 5}', b'{"Body": {"a": "\\ud800\\u0000"}}', b"[" * 9999],
)
def test_any_bytes_give_a_message(raw: bytes) -> None:
    made = read(raw, {}, "texts")
    assert made.kind is IncomingKind.MESSAGE
