"""Updates as what the desk works with."""

import json
from collections.abc import Mapping
from typing import Any

import pytest
from fakes.telegram import private

from channels.telegram import parse as telegram
from channels.telegram.parse import parse, read, to_json
from deskd.domain.ports import Incoming, IncomingKind
from deskd.domain.words import Language, Level

PERSON = 12345678
OTHER_BOT = {"id": 99, "is_bot": True, "first_name": "Echo", "username": "echo_bot"}
GROUP = {"id": -100123, "type": "supergroup", "title": "Family"}
PHOTO = [
    {"file_id": "small", "file_unique_id": "s", "width": 90, "height": 50, "file_size": 1101},
    {"file_id": "large", "file_unique_id": "l", "width": 640, "height": 360, "file_size": 27952},
]


def said(text: str = "", kind: str = "message", **more: Any) -> Incoming:
    message = private(PERSON, text, 7) | more
    if not text:
        del message["text"]
    return of({kind: message})


def of(update: Mapping[str, Any]) -> Incoming:
    return read(json.dumps({"update_id": 1, **update}).encode(), {}, "bot")


def test_a_private_message_is_its_senders_and_proves_the_telegram_account_alone() -> None:
    heard = said("我的转账没到账")
    assert (heard.kind, heard.sender.address, heard.sender.name) == (IncomingKind.MESSAGE, "12345678", "Customer A")
    assert (heard.text, heard.reply, heard.subject) == ("我的转账没到账", "我的转账没到账", "")
    assert (heard.level, heard.trust_why, heard.no_ack_why) == (Level.CHANNEL, telegram.TRUST, "")
    assert (heard.provider_id, heard.sent_at) == ("12345678:7", 1_780_000_000_000_000)


@pytest.mark.parametrize(
    ("more", "text", "files"),
    [
        ({"photo": PHOTO, "caption": "look"}, "look\n[photo 28 KB]", 1),
        ({"photo": PHOTO, "media_group_id": "42"}, "[photo 28 KB]", 1),
        ({"sticker": {"emoji": "🛠", "file_id": "s"}}, "[sticker 🛠]", 1),
        ({"document": {"file_name": "a.pdf", "file_id": "d", "file_size": 9}}, "[document a.pdf, 1 KB]", 1),
        ({"animation": {"file_id": "a"}, "document": {"file_id": "a"}}, "[animation]", 1),
        ({"voice": {"duration": 1, "file_id": "v"}}, "[voice]", 1),
        ({"video_note": {"length": 1, "file_id": "v"}}, "[video_note]", 1),
        ({"location": {"latitude": 55.5, "longitude": 37.25}}, "[location 55.5, 37.25]", 0),
        (
            {"location": {"latitude": 1, "longitude": 2}, "venue": {"title": "Shop", "address": "Road 1"}},
            "[venue Shop, Road 1]",
            0,
        ),
        ({"dice": {"emoji": "🎲", "value": 4}}, "[dice 🎲, 4]", 0),
        ({"poll": {"question": "Why?", "options": []}}, "[poll Why?]", 0),
        ({"game": {"title": "Kido", "photo": PHOTO}}, "[game Kido]", 0),
        ({"story": {"id": 4}}, "[story]", 0),
        ({"gift": {"gift": {}}}, "[gift]", 0),
        ({"hologram_of_2031": {"x": 1}}, "[hologram_of_2031]", 0),
        ({"photo": "none"}, "[photo]", 1),
        ({"photo": []}, "[photo]", 1),
    ],
)
def test_what_has_no_words_stands_in_brackets(more: dict[str, Any], text: str, files: int) -> None:
    """Also what Telegram has not invented yet (CHANNELS X16, T17)."""
    heard = said(**more)
    assert (heard.kind, heard.text, heard.reply) == (IncomingKind.MESSAGE, text, more.get("caption", ""))
    assert len(to_json(parse({"message": private(1, "", 1) | more}))["attachments"]) == files
    assert (telegram.FILES in heard.warnings) == bool(files)


def test_the_largest_size_of_a_photo_is_the_file() -> None:
    [file] = parse({"message": private(1, "", 1) | {"photo": PHOTO}}).attachments
    assert (file.file_id, file.content_type, file.size) == ("large", "image/jpeg", 27952)


def test_an_edit_is_a_further_message_that_says_so() -> None:
    """The caption of a photo keeps its file (CHANNELS T11)."""
    heard = said("new words", "edited_message", edit_date=1_780_000_060)
    assert (heard.kind, heard.text, heard.reply) == (IncomingKind.MESSAGE, "[edited]\nnew words", "new words")
    assert heard.sent_at == 1_780_000_060_000_000
    assert said("", "edited_message", photo=PHOTO, caption="c").text == "[edited]\nc\n[photo 28 KB]"


def test_a_forwarded_message_a_hidden_link_and_what_it_answers_to_are_shown() -> None:
    assert said("x", forward_origin={"type": "hidden_user"}).text == "[forwarded]\nx"
    link = {"type": "text_link", "offset": 0, "length": 4, "url": "https://upay.test/a"}
    assert said("here", entities=[link]).text == "here\n[link https://upay.test/a]"
    heard = said("yes", reply_to_message={"text": "one\ntwo"})
    assert (heard.text, heard.reply) == ("yes\n> one\n> two", "yes")


@pytest.mark.parametrize(
    ("contact", "more", "warning"),
    [
        ({"user_id": PERSON}, {}, telegram.OWN_CARD),
        ({"user_id": PERSON}, {"forward_date": 1}, telegram.OTHER_CARD),
        ({"user_id": 5}, {}, telegram.OTHER_CARD),
        ({}, {}, telegram.OTHER_CARD),
    ],
)
def test_a_shared_contact_is_a_fact_and_proves_nothing(
    contact: dict[str, Any], more: dict[str, Any], warning: str
) -> None:
    """No button of ours asked for it, and a card can be edited before it is sent (CHANNELS T13)."""
    heard = said(contact={"phone_number": "8613800138000", "first_name": "A", **contact}, **more)
    assert heard.fields == {"phone": "+8613800138000"}
    assert (heard.warnings, heard.level) == ((warning,), Level.CHANNEL)
    assert "[contact A, +8613800138000]" in heard.text


def test_a_number_of_telegrams_own_is_no_telephone() -> None:
    heard = said(contact={"phone_number": "+88801234567", "user_id": PERSON})
    assert heard.warnings == (telegram.OWN_CARD, telegram.NO_SIM)


@pytest.mark.parametrize("text", ["/start", "/start pay-4f6Zx_", "/start@upay_bot"])
def test_a_first_start_is_no_message(text: str) -> None:
    heard = said(text)
    assert (heard.kind, heard.sender.address) == (IncomingKind.NOTICE, "12345678")


def test_words_behind_a_start_are_a_message() -> None:
    assert said("/start my transfer is late").kind is IncomingKind.MESSAGE


@pytest.mark.parametrize(
    ("update", "address", "text"),
    [
        (
            {"my_chat_member": {"chat": private(5, "", 1)["chat"], "new_chat_member": {"status": "kicked"}}},
            "5",
            "[my_chat_member kicked]",
        ),
        (
            {"callback_query": {"id": "1", "from": {"id": 5}, "data": "v:5", "message": private(5, "x", 1)}},
            "5",
            "[callback_query v:5]",
        ),
        ({"message": private(5, "hello", 1) | {"chat": GROUP}}, "", "hello"),
        ({"message": private(5, "hello", 1) | {"chat": {"id": 5, "type": "group"}}}, "", "hello"),
        ({"channel_post": {"message_id": 1, "chat": {"id": -1, "type": "channel"}, "text": "news"}}, "", "news"),
        ({"edited_message": private(5, "", 1) | {"location": {"live_period": 60}}}, "", "[edited]\n[location]"),
        ({"inline_query": {"id": "1", "from": {"id": 5}, "query": "rate"}}, "", "[inline_query rate]"),
        ({"message_of_2031": {"from": {"id": 5}}}, "", "[message_of_2031]"),
        ({"test": "ok"}, "", "[unknown]"),
        ({}, "", "[unknown]"),
    ],
)
def test_what_nobody_says_to_the_bot_in_private_is_a_notice(update: dict[str, Any], address: str, text: str) -> None:
    heard = of(update)
    assert (heard.kind, heard.sender.address, heard.text) == (IncomingKind.NOTICE, address, text)


def test_programs_are_never_acknowledged() -> None:
    """Bots answer bots for ever (CHANNELS T18)."""
    by_bot = said("hello", **{"from": OTHER_BOT | {"id": PERSON}})
    assert (by_bot.kind, by_bot.no_ack_why) == (IncomingKind.AUTOMATIC, telegram.BY_PROGRAM)
    through = said("hello", via_bot=OTHER_BOT)
    assert (through.kind, through.no_ack_why) == (IncomingKind.MESSAGE, telegram.BY_BOT)


@pytest.mark.parametrize(
    ("code", "text", "language"),
    [
        ("zh-hans", "", Language.ZH_HANS),
        ("zh", "", Language.ZH_HANS),
        ("zh-TW", "", Language.ZH_HANT),
        ("zh_hant", "", Language.ZH_HANT),
        ("ru", "", Language.EN),
        ("en", "转账", ""),
        ("", "", ""),
    ],
)
def test_the_program_language_is_a_hint_where_no_words_are(code: str, text: str, language: str) -> None:
    who = private(PERSON, "", 1)["from"] | {"language_code": code}
    assert said(text, **{"from": who, "photo": PHOTO}).language == language


@pytest.mark.parametrize(
    "raw",
    [b"", b"\xff\xfe\x00", b"[1]", b"{", b"[" * 100_000, b"null", b'{"update_id": 1e999}', b'{"message": 7}'],
)
def test_any_bytes_give_a_message_or_a_notice(raw: bytes) -> None:
    assert read(raw, {}, "bot").kind in {IncomingKind.MESSAGE, IncomingKind.NOTICE}


@pytest.mark.parametrize("raw", [b"\xffnot json", b'{"update_id": 1, "message": {"text": "where is the chat"}}'])
def test_what_cannot_be_read_is_nobodys_message_with_what_came(raw: bytes) -> None:
    heard = read(raw, {}, "bot")
    assert (heard.kind, heard.sender.address, heard.level) == (IncomingKind.MESSAGE, "", Level.CLAIMED)
    assert heard.warnings == (telegram.UNREAD,)
    assert heard.text == raw.decode("utf-8", "replace")


def test_halves_of_characters_and_nul_do_not_reach_the_store() -> None:
    raw = json.dumps({"message": private(5, "a\ud83db\x00c😀", 1)}).encode()
    assert read(raw, {}, "bot").text == "a?bc😀"


def test_numbers_of_52_bits_stay_what_they_are_and_larger_ones_are_none() -> None:
    assert parse({"message": private((1 << 52) - 1, "x", 1)}).chat_id == (1 << 52) - 1
    assert parse({"message": private(1 << 70, "x", 1)}).chat_id is None
    assert parse({"message": private(5, "x", 1) | {"message_id": True}}).message_id is None
