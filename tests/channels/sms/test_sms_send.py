"""One text out, once; what each of Twilio's answers means for it (CHANNELS SO1 to SO9)."""

import asyncio
from collections.abc import Callable, Iterator

import pytest
from fakes.twilio import CUSTOMER, KEY, NUMBER, PUBLIC, Said, Twilio

from channels import Tools
from channels.sms.config import SmsAccount
from channels.sms.send import SmsSender
from channels.twilio.request import delivery_of
from deskd.domain.errors import ChannelError, Fate, Off
from deskd.domain.ports import File, Outcome, Outgoing

Made = Callable[..., SmsAccount]


def letter(address: str = CUSTOMER, text: str = "We have it.", files: tuple[File, ...] = ()) -> Outgoing:
    return Outgoing("d1", "texts", address, "", text, "m1", files=files)


class Desk:
    """Sends through a sender of the account; `wired` counts how often it said that a message may leave."""

    def __init__(self, twilio: Twilio, account: Made, tools: Tools, **more: object) -> None:
        self.twilio, self.wired = twilio, 0
        self._account, self._tools = account(api=twilio.url, **more), tools

    async def on_wire(self) -> None:
        self.wired += 1

    def send(self, message: Outgoing) -> Outcome:
        async def run() -> Outcome:
            sender = SmsSender(self._account, self._tools)
            try:
                return await sender.send(message, self.on_wire)
            finally:
                await sender.close()

        return asyncio.run(run())

    def fails(self, message: Outgoing) -> ChannelError:
        with pytest.raises(ChannelError) as caught:
            self.send(message)
        return caught.value


@pytest.fixture
def desk(account: Made, tools: Tools) -> Iterator[Desk]:
    with Twilio().open() as twilio:
        yield Desk(twilio, account, tools)


def test_it_leaves_from_our_number_with_its_callback_and_its_end(desk: Desk, tools: Tools) -> None:
    outcome = desk.send(letter(text="已收到 & + €"))
    [taken] = desk.twilio.taken
    assert outcome.provider_id == taken.sid
    callback = taken.fields["StatusCallback"]
    assert taken.fields == {
        "To": CUSTOMER,
        "From": NUMBER,
        "Body": "已收到 & + €",
        "ValidityPeriod": "14400",
        "StatusCallback": callback,
    }
    assert callback.startswith(f"{PUBLIC}/hooks/sms/texts/status?ob=")
    assert delivery_of(callback.partition("#")[0], "texts", tools.sign) == "d1"
    assert callback.endswith("#rc=3&rp=ct,rt,5xx")
    assert desk.wired == 1


def test_an_api_key_and_a_messaging_service_are_used_where_they_are_given(
    desk: Desk, account: Made, tools: Tools
) -> None:
    service = "MG" + "0" * 32
    with_key = Desk(
        desk.twilio, account, tools, api_key=KEY, api_secret="env:KEY", messaging_service_sid=service, validity_s=900
    )
    assert with_key.send(letter())
    [taken] = desk.twilio.taken
    assert (taken.fields["MessagingServiceSid"], taken.fields["From"]) == (service, NUMBER)
    assert taken.fields["ValidityPeriod"] == "900"


def test_a_key_without_its_secret_is_off(account: Made, tools: Tools) -> None:
    with pytest.raises(Off, match="env:NONE is not there"):
        SmsSender(account(api_key=KEY, api_secret="env:NONE"), tools)


@pytest.mark.parametrize(
    ("said", "fate", "code", "ours"),
    [
        (Said(400, 21211), Fate.REJECTED, "21211", False),
        (Said(400, 21614), Fate.REJECTED, "21614", False),
        (Said(400, 21610), Fate.REJECTED, "21610", False),
        (Said(400, 21408), Fate.REJECTED, "21408", False),
        (Said(400, 21617), Fate.REJECTED, "21617", False),
        (Said(400, 29999), Fate.REJECTED, "29999", False),
        (Said(404, 0), Fate.REJECTED, "404", False),
        (Said(429, 20429), Fate.NEVER_LEFT, "429", False),
        (Said(400, 21611), Fate.NEVER_LEFT, "21611", False),
        (Said(400, 30001), Fate.NEVER_LEFT, "30001", False),
        (Said(401, 20003), Fate.NEVER_LEFT, "20003", True),
        (Said(403, 0), Fate.NEVER_LEFT, "403", True),
        (Said(404, 20404), Fate.NEVER_LEFT, "20404", True),
        (Said(400, 21606), Fate.NEVER_LEFT, "21606", True),
        (Said(500), Fate.AMBIGUOUS, "500", False),
        (Said(503, 20503), Fate.AMBIGUOUS, "503", False),
        (Said(lost=True), Fate.AMBIGUOUS, "lost", False),
        (Said(200), Fate.AMBIGUOUS, "answer", False),
    ],
)
def test_each_answer_has_its_fate_and_nothing_is_posted_twice(
    desk: Desk, said: Said, fate: Fate, code: str, *, ours: bool
) -> None:
    desk.twilio.next.append(said)
    error = desk.fails(letter())
    assert (error.fate, error.code, error.ours) == (fate, code, ours)
    assert len(desk.twilio.asked) == 1
    assert CUSTOMER not in str(error)
    assert (error.retry_after is not None) is (fate is Fate.NEVER_LEFT)


def test_after_too_many_it_waits_as_long_as_twilio_says(desk: Desk) -> None:
    desk.twilio.next.append(Said(429, 20429, headers={"Retry-After": "7"}))
    assert desk.fails(letter()).retry_after == 7


def test_the_customer_who_opted_out_is_told_of_in_words(desk: Desk) -> None:
    desk.twilio.next.append(Said(400, 21610))
    assert "must text START" in str(desk.fails(letter()))


@pytest.mark.parametrize(
    ("message", "code"),
    [
        (letter("+8613800138000"), "china"),
        (letter("TWILIO"), "address"),
        (letter("95555"), "address"),
        (letter("+1415555012x"), "address"),
        (letter(files=(File("a.png", "image/png", b"x"),)), "files"),
    ],
)
def test_what_cannot_arrive_is_refused_before_anything_leaves(desk: Desk, message: Outgoing, code: str) -> None:
    error = desk.fails(message)
    assert (error.fate, error.code) == (Fate.REJECTED, code)
    assert (desk.wired, desk.twilio.asked) == (0, [])


def test_hong_kong_is_not_the_mainland(desk: Desk) -> None:
    assert desk.send(letter("+85261234567"))


def test_nobody_there_is_nothing_sent(account: Made, tools: Tools) -> None:
    with Twilio().open() as twilio:
        desk = Desk(twilio, account, tools)
    error = desk.fails(letter())
    assert (error.fate, desk.wired) == (Fate.NEVER_LEFT, 0)


@pytest.mark.parametrize(
    "wrong",
    [
        {"api": "http://api.example"},
        {"api": "https://api.twilio.com/"},
        {"number": "14155550100"},
        {"account_sid": "AC1"},
        {"auth_tokens": []},
        {"auth_tokens": ["the-token-itself"]},
        {"api_key": KEY},
        {"validity_s": 36_001},
        {"colour": "red"},
    ],
)
def test_a_setting_that_cannot_be_is_refused(account: Made, wrong: dict[str, object]) -> None:
    with pytest.raises(ValueError, match=next(iter(wrong)) if "api_key" not in wrong else "together"):
        account(**wrong)
