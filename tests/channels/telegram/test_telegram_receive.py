"""Both ways in: kept first, told to Telegram afterwards, whatever came."""

import asyncio
import json
from collections.abc import Callable, Sequence
from typing import Any

import pytest
from fakes.telegram import SECRET, TOKEN, BotApi, private

import channels
from channels import Tools
from channels.telegram.about import about
from channels.telegram.config import UPDATES, TelegramAccount
from channels.telegram.receipt import lane_of, receipt_of
from channels.telegram.receive import Updates, Webhook, hook, poller
from channels.telegram.send import sender
from deskd.domain.errors import ChannelError, DeskError, Forged, Off, SettingsError, StoreAway
from deskd.domain.ports import Hooked, Kept, Receipt
from ingest.masking.destroy import destroyed
from ingest.masking.formats import DEFAULT

BOT = TOKEN.partition(":")[0]
HEADER = "x-telegram-bot-api-secret-token"


def tools(**secrets: str) -> Tools:
    return Tools(lambda reference: secrets.get(reference.partition(":")[2], ""), "https://desk.example", lambda: 9, str)


def account(**more: Any) -> TelegramAccount:
    return TelegramAccount(token="env:token", **more)


def hooked(body: bytes, secret: str = SECRET, method: str = "POST", path: str = "") -> Hooked:
    return Hooked(method, "https://desk.example/hooks/telegram/bot", path, {HEADER: secret}, body, 7)


def webhook() -> Webhook:
    made = hook(account(webhook_secret="env:hook"), tools(token=TOKEN, hook=SECRET))
    assert made is not None
    return made


class Store:
    """Keeps by key, as the real one does. fail: raised once instead of keeping; after: the same, when it has kept."""

    def __init__(self) -> None:
        self.receipts: dict[str, Receipt] = {}
        self.batches: list[int] = []
        self.fail: list[Exception] = []
        self.after: list[Exception] = []

    async def keep(self, some: Sequence[Receipt]) -> list[Kept]:
        if self.fail:
            raise self.fail.pop()
        self.batches.append(len(some))
        kept = [Kept(one.key, one.key in self.receipts) for one in some]
        self.receipts |= {one.key: one for one in some}
        if self.after:
            raise self.after.pop()
        return kept

    @property
    def texts(self) -> list[str]:
        return [json.loads(one.body)["message"]["text"] for one in self.receipts.values()]


def run(api: BotApi, store: Store, until: Callable[[], bool], poll_s: int = 1) -> Exception | None:
    """The poller until it holds; what ended it, if something did."""

    async def both() -> Exception | None:
        made = Updates(account(api_url=api.url, poll_s=poll_s), TOKEN, lambda: 9)
        task = asyncio.create_task(made.run(store.keep, None))  # type: ignore[arg-type]
        while not until() and not task.done():  # noqa: ASYNC110 - what the server's threads have seen nothing announces
            await asyncio.sleep(0.005)
        task.cancel()
        [ended] = await asyncio.gather(task, return_exceptions=True)
        return ended if isinstance(ended, Exception) else None

    return asyncio.run(both())


def test_a_hook_that_bears_the_secret_is_a_receipt_to_the_letter() -> None:
    body = b'{ "update_id":5,\n"message": {"chat":{"id":77}} }'
    heard = webhook().hear(hooked(body))
    assert (heard.status, heard.receipts) == (200, (Receipt("telegram", "bot", f"{BOT}:5", "77", body, 7),))


@pytest.mark.parametrize("secret", ["", "x", SECRET[:-1], SECRET + "x", SECRET.upper(), "ü" * len(SECRET)])
def test_a_hook_without_the_secret_is_forged(secret: str) -> None:
    with pytest.raises(Forged):
        webhook().hear(hooked(b'{"update_id": 5}', secret))


@pytest.mark.parametrize(("method", "path"), [("GET", ""), ("POST", "more")])
def test_nothing_but_a_post_to_the_address_itself_is_heard(method: str, path: str) -> None:
    with pytest.raises(Forged):
        webhook().hear(hooked(b"{}", method=method, path=path))


@pytest.mark.parametrize(
    "body", [b"", b"\xff", b"{", b"[" * 100_000, b"[]", b'{"update_id": "5"}', b'{"update_id": true}', b"1" * 5000]
)
def test_what_cannot_be_parsed_is_kept_and_answered_with_200_all_the_same(body: bytes) -> None:
    heard = webhook().hear(hooked(body))
    [receipt] = heard.receipts
    assert (heard.status, receipt.body, receipt.key[:4]) == (200, body, "raw:")
    assert webhook().hear(hooked(body)).receipts[0].key == receipt.key


@pytest.mark.parametrize(
    ("update", "lane"),
    [
        ({"message": private(5, "x", 1)}, "5"),
        ({"edited_message": private(5, "x", 1)}, "5"),
        ({"callback_query": {"from": {"id": 6}, "message": private(5, "x", 1)}}, "5"),
        ({"my_chat_member": {"chat": {"id": 5}, "from": {"id": 6}}}, "5"),
        ({"inline_query": {"from": {"id": 6}}}, "6"),
        ({"poll_answer": {"user": {"id": 6}}}, "6"),
        ({"message": {"chat": "5", "from": 5}}, ""),
        ({"message": {"chat": {"id": [5]}}}, ""),
        ({"message": 5}, ""),
        ([], ""),
        (None, ""),
    ],
)
def test_one_chat_is_one_lane_whatever_the_update(update: object, lane: str) -> None:
    assert lane_of(update) == lane


def test_the_numbers_of_another_bot_are_others() -> None:
    body = b'{"update_id": 5}'
    assert receipt_of("bot", "1", body, 7).key != receipt_of("bot", "2", body, 7).key


def test_what_is_asked_for_is_kept_and_then_confirmed() -> None:
    with BotApi().open() as api:
        store = Store()
        updates = [api.write(5, f"n{n}") for n in range(3)]
        assert run(api, store, lambda: api.waiting() == 0) is None
    assert store.texts == ["n0", "n1", "n2"]
    assert api.confirmed == [update["update_id"] for update in updates]
    assert api.requests[0] == {"limit": 100, "timeout": 1, "allowed_updates": list(UPDATES)}
    assert {receipt.lane for receipt in store.receipts.values()} == {"5"}


def test_nothing_is_confirmed_that_could_not_be_kept() -> None:
    with BotApi().open() as api:
        store = Store()
        store.fail = [StoreAway("The database is away.")]
        api.write(5, "first")
        assert isinstance(run(api, store, lambda: False), StoreAway)
        assert (api.confirmed, store.texts) == ([], [])
        assert run(api, store, lambda: api.waiting() == 0) is None
    assert store.texts == ["first"]


def test_what_was_kept_and_not_confirmed_comes_again_and_is_one() -> None:
    with BotApi().open() as api:
        store = Store()
        store.after = [StoreAway("Nobody knows whether it is committed.")]
        api.write(5, "first")
        assert isinstance(run(api, store, lambda: False), StoreAway)
        assert (api.waiting(), store.texts) == (1, ["first"])
        run(api, store, lambda: api.waiting() == 0)
    assert (store.batches, store.texts) == ([1, 1], ["first"])


def test_numbers_that_begin_anew_after_a_week_lose_nothing() -> None:
    """900000, then 5: an offset kept from before would confirm 5 unread (CHANNELS T2)."""
    with BotApi().open() as api:
        store = Store()
        api.write(5, "before")

        def after_the_week() -> bool:
            if len(api.requests) == 3 and not api.waiting():
                api.gap(5)
                api.write(5, "after")
            return len(store.receipts) == 2 and not api.waiting()

        assert run(api, store, after_the_week, poll_s=1) is None
    assert store.texts == ["before", "after"]
    assert f"{BOT}:5" in store.receipts


def test_no_offset_is_held_once_an_empty_answer_has_come() -> None:
    with BotApi().open() as api:
        store = Store()
        update = api.write(5, "before")
        run(api, store, lambda: len(api.requests) >= 4, poll_s=0)
    offsets = [request.get("offset") for request in api.requests[:4]]
    assert offsets == [None, update["update_id"] + 1, None, None]


def test_more_than_a_hundred_are_taken_in_turn() -> None:
    with BotApi().open() as api:
        store = Store()
        for n in range(250):
            api.write(5, f"n{n}")
        assert run(api, store, lambda: api.waiting() == 0) is None
    assert store.batches == [100, 100, 50]
    assert store.texts == [f"n{n}" for n in range(250)]


def test_an_update_without_a_number_is_kept_and_holds_up_no_other() -> None:
    """PTB asks for the same batch for ever when one of it cannot be read (CHANNELS T5)."""
    with BotApi().open() as api:
        store = Store()
        api.queue("poison", 1)
        api.queue({"poison": []}, 2)
        api.write(5, "good")
        assert run(api, store, lambda: api.waiting() == 0) is None
    assert len(store.receipts) == 3
    assert sum(key.startswith("raw:") for key in store.receipts) == 2


def test_a_batch_without_any_number_ends_the_run_with_a_sentence_and_is_kept() -> None:
    with BotApi().open() as api:
        store = Store()
        api.queue("poison", 1)
        error = run(api, store, lambda: False)
    assert isinstance(error, DeskError)
    assert len(store.receipts) == 1


def test_a_webhook_or_a_second_program_is_a_sentence_that_says_what_to_do() -> None:
    with BotApi(webhook="https://elsewhere.example").open() as api:
        error = run(api, Store(), lambda: False)
    assert isinstance(error, DeskError)
    assert "(409)" in str(error)
    assert "deleteWebhook" in str(error)
    assert api.calls == ["getUpdates"]


def test_of_two_that_ask_the_earlier_ends_with_a_sentence_and_the_later_goes_on() -> None:
    """As Telegram decides it; the lease that keeps ours apart is the desk's (CHANNELS T3)."""

    async def both(api: BotApi, store: Store) -> BaseException | None:
        def asking() -> Updates:
            return Updates(account(api_url=api.url, poll_s=20), TOKEN, lambda: 9)

        first, second = asking(), asking()
        earlier = asyncio.create_task(first.run(store.keep, None))  # type: ignore[arg-type]
        while not api.requests:  # noqa: ASYNC110 - what the server's threads have seen nothing announces
            await asyncio.sleep(0.005)
        later = asyncio.create_task(second.run(store.keep, None))  # type: ignore[arg-type]
        [ended] = await asyncio.gather(earlier, return_exceptions=True)
        api.write(5, "first")
        while not store.receipts:  # noqa: ASYNC110
            await asyncio.sleep(0.005)
        later.cancel()
        await asyncio.gather(later, return_exceptions=True)
        return ended

    with BotApi().open() as api:
        store = Store()
        ended = asyncio.run(both(api, store))
    assert isinstance(ended, DeskError)
    assert "(409)" in str(ended)
    assert store.texts == ["first"]


def test_the_wait_that_telegram_wants_is_waited_and_the_run_goes_on(monkeypatch: pytest.MonkeyPatch) -> None:
    slept: list[float] = []
    real = asyncio.sleep

    async def sleep(seconds: float) -> None:
        if seconds > 1:
            slept.append(seconds)
            seconds = 0
        await real(seconds)

    monkeypatch.setattr("channels.telegram.receive.asyncio.sleep", sleep)
    with BotApi().open() as api:
        store = Store()
        api.polled.append((429, {"parameters": {"retry_after": 35}}))
        api.write(5, "first")
        assert run(api, store, lambda: api.waiting() == 0) is None
    assert (slept, store.texts) == ([35.0], ["first"])


@pytest.mark.parametrize(
    ("answer", "kind"),
    [
        ((500, {}), ChannelError),
        ((401, {}), ChannelError),
        ((200, {"result": 5}), DeskError),
        ((200, {"result": {}}), DeskError),
        ((200, {}), ChannelError),
    ],
)
def test_another_answer_ends_the_run_and_confirms_nothing(
    answer: tuple[int, dict[str, Any]], kind: type[Exception]
) -> None:
    with BotApi().open() as api:
        api.write(5, "first")
        api.polled.append(answer)
        assert isinstance(run(api, Store(), lambda: False), kind)
    assert api.confirmed == []


def test_an_account_without_its_token_is_off_in_all_its_parts() -> None:
    for made in (hook, poller, sender):
        with pytest.raises(Off, match="The Telegram bot bot is off: the secret env:token is not there"):
            made(account(), tools())
    with pytest.raises(Off, match="its token is not set"):
        sender(TelegramAccount(), tools())


def test_a_webhook_whose_secret_is_missing_hears_nothing_and_does_not_ask_either() -> None:
    given = account(webhook_secret="env:hook")
    with pytest.raises(Off, match="hears nothing: the secret env:hook is not there"):
        hook(given, tools(token=TOKEN))
    assert poller(given, tools(token=TOKEN)) is None
    assert hook(account(), tools(token=TOKEN)) is None
    assert isinstance(poller(account(), tools(token=TOKEN)), Updates)


@pytest.mark.parametrize(
    ("secrets", "named"),
    [
        ({"token": "no token at all"}, "env:token"),
        ({"token": TOKEN + "/../x"}, "env:token"),
        ({"token": TOKEN, "hook": "with spaces in it"}, "env:hook"),
    ],
)
def test_a_secret_that_can_be_none_stops_the_start_and_is_not_repeated(secrets: dict[str, str], named: str) -> None:
    with pytest.raises(SettingsError, match=named) as caught:
        hook(account(webhook_secret="env:hook"), tools(**secrets))
    assert not isinstance(caught.value, Off)
    assert not any(value in str(caught.value) for value in secrets.values())


@pytest.mark.parametrize("url", ["http://api.telegram.org", "https://api.telegram.org/", "ftp://x", "https://a@b"])
def test_no_token_goes_over_a_network_in_clear(url: str) -> None:
    with pytest.raises(ValueError, match="api_url"):
        TelegramAccount(api_url=url)


def test_what_is_to_be_done_at_telegram_is_said_with_the_address_and_without_the_secret() -> None:
    given = tools(token=TOKEN, hook=SECRET)
    assert about(account(), given) == ("asks https://api.telegram.org for updates", "")
    what, do = about(account(webhook_secret="env:hook"), given)
    assert "https://desk.example/hooks/telegram/bot" in what
    assert '["message","edited_message","callback_query","my_chat_member"]' in do
    assert SECRET not in what + do
    nowhere = Tools(given.secret, "", given.clock, given.sign)
    assert "public_url" in about(account(webhook_secret="env:hook"), nowhere)[1]


def test_secrets_are_destroyed_and_ids_are_not() -> None:
    """A custom emoji's id has nineteen digits, and every tenth of those passes for a card."""
    file, card = "4111111111111111", "4111 1111 1111 1111"
    update = {"update_id": 5, "message": private(5, f"card {card}", 1) | {"document": {"file_id": file}}}
    body, found = destroyed(json.dumps(update).encode(), channels.load("telegram").ids, DEFAULT)
    assert found == {"card"}
    assert card.encode() not in body
    assert file.encode() in body
    assert receipt_of("bot", "1", body, 7).key == "1:5"
