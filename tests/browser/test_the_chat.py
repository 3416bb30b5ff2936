"""The chat in a real browser: written, answered, seen without reloading; on its own page and inside another site."""

import re
import threading
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest
from browser_desk import Served
from playwright.sync_api import Page, expect
from sqlalchemy import select

from deskd.store import tables

pytestmark = pytest.mark.chromium


class Shop(ThreadingHTTPServer):
    """Another site, with the strictest policy under which the chat can be embedded at all."""

    desk = ""

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Front)

    @property
    def origin(self) -> str:
        return f"http://127.0.0.1:{self.server_address[1]}"


class _Front(BaseHTTPRequestHandler):
    def do_GET(self) -> None:
        desk = self.server.desk  # type: ignore[attr-defined]
        self.send_response(200)
        self.send_header("content-type", "text/html; charset=utf-8")
        self.send_header(
            "content-security-policy", f"default-src 'none'; img-src data:; script-src {desk}; frame-src {desk}"
        )
        self.end_headers()
        script = f'<script src="{desk}/chat.js" data-chat="help" async></script>'
        self.wfile.write(
            f'<!doctype html><html lang="zh-Hant"><head>{script}<link rel="icon" href="data:,"></head>'
            "<body><h1>商店</h1></body></html>".encode()
        )

    def log_message(self, *_: object) -> None:
        pass


@pytest.fixture
def shop() -> Iterator[Shop]:
    server = Shop()
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield server
    server.shutdown()
    thread.join()
    server.server_close()


@pytest.fixture
def sites(shop: Shop) -> list[str]:
    return [shop.origin]


def reply(desk: Served, page: Page, words: str) -> None:
    """As an agent, on a page of their own."""
    desk.enter(page, "Ada", desk.agent("Ada"))
    page.click("form[action$='/next'] button")
    page.fill("[name=reply]", words)
    page.locator("form[action$='/reply'] button:not([formaction])").click()
    page.wait_for_selector(".thread .out:nth-of-type(n+2)")
    desk.settle()


@pytest.mark.parametrize(
    ("locale", "words"),
    [("en-GB", "My transfer is gone"), ("zh-CN", "我的转账没到账"), ("zh-TW", "我的轉帳沒有到帳")],
)
def test_a_customer_writes_an_agent_answers_and_the_page_shows_it(
    desk: Served, opened: Callable[..., Page], said: list[str], locale: str, words: str
) -> None:
    page = opened(locale=locale)
    page.goto(f"{desk.base}/chat/help")
    page.fill("#chat-text", words)
    page.press("#chat-text", "Enter")
    page.wait_for_selector(".line .fate")
    expect(page.locator(".line.you")).to_have_count(1)
    expect(page.locator(".fate")).to_have_text(re.compile("Sent|已发送|已傳送"))
    desk.settle()
    expect(page.locator(".line.us")).to_have_count(1)  # the acknowledgement
    reply(desk, opened(locale=locale), "<b>We</b> are looking for it.")
    expect(page.locator(".line.us .words").nth(1)).to_have_text("<b>We</b> are looking for it.")
    expect(page.locator(".line.you .words")).to_have_text(words)
    assert said == []


def test_the_agent_sees_that_it_was_read_once_it_was(desk: Served, opened: Callable[..., Page]) -> None:
    page = opened(locale="en-GB")
    page.goto(f"{desk.base}/chat/help")
    page.fill("#chat-text", "hello")
    with page.expect_response("**/messages*"):
        page.click("#chat-form button")
    desk.settle()
    with page.expect_response("**/seen*"):
        page.bring_to_front()
        page.click("#chat-text")
    page.wait_for_selector(".line.us")
    with desk.parts.database.read() as connection:
        reports = set(connection.scalars(select(tables.deliveries.c.report)))
    assert reports <= {"delivered", "read"}


def test_what_was_written_while_we_were_away_is_sent_when_we_are_back(
    desk: Served, opened: Callable[..., Page]
) -> None:
    page = opened(locale="en-GB")
    page.goto(f"{desk.base}/chat/help")
    away = threading.Event()
    page.route("**/messages*", lambda route: route.abort() if not away.is_set() else route.continue_())
    page.fill("#chat-text", "hello")
    page.press("#chat-text", "Enter")
    expect(page.locator("#chat-status")).to_contain_text("keep trying")
    away.set()
    with page.expect_response("**/messages*") as answer:
        pass
    assert answer.value.status == 201
    desk.settle()
    expect(page.locator(".line.you")).to_have_count(1)
    with desk.parts.database.read() as connection:
        assert len(connection.execute(select(tables.receipts)).all()) == 1


def test_who_comes_back_finds_the_conversation_and_who_leaves_takes_it_from_the_screen(
    desk: Served, opened: Callable[..., Page]
) -> None:
    page = opened(locale="en-GB")
    page.on("dialog", lambda dialog: dialog.accept())
    page.goto(f"{desk.base}/chat/help")
    page.fill("#chat-text", "hello")
    with page.expect_response("**/messages*"):
        page.press("#chat-text", "Enter")
    desk.settle()
    page.reload()
    expect(page.locator(".line.you .words")).to_have_text("hello")
    with page.expect_navigation():
        page.click("#chat-leave")
    page.wait_for_selector("#chat-form:not([hidden])")
    expect(page.locator(".line")).to_have_count(0)


def test_an_input_method_s_enter_chooses_a_word_and_sends_nothing(desk: Served, opened: Callable[..., Page]) -> None:
    page = opened(locale="zh-CN")
    page.goto(f"{desk.base}/chat/help")
    page.fill("#chat-text", "zhuan zhang")
    page.evaluate(
        "document.getElementById('chat-text').dispatchEvent("
        "new KeyboardEvent('keydown', {key: 'Enter', isComposing: true, bubbles: true}))"
    )
    page.press("#chat-text", "Shift+Enter")
    assert page.locator(".line").count() == 0
    assert page.input_value("#chat-text") == "zhuan zhang\n"


def test_on_another_site_it_works_under_a_strict_policy(
    desk: Served, shop: Shop, opened: Callable[..., Page], said: list[str]
) -> None:
    shop.desk = desk.base
    page = opened(locale="zh-TW")
    page.goto(shop.origin)
    page.click("text=線上客服")
    frame = page.frame_locator("iframe")
    frame.locator("#chat-text").fill("我的轉帳沒有到帳")
    with page.expect_response("**/messages*") as answer:
        frame.locator("#chat-text").press("Enter")
    assert answer.value.status == 201
    desk.settle()
    expect(frame.locator(".line.us")).to_have_count(1)
    page.keyboard.press("Escape")
    expect(page.locator("iframe")).to_be_hidden()
    assert page.evaluate("document.activeElement.tagName") == "BUTTON"
    reply(desk, opened(locale="zh-TW"), "我們正在查。")
    expect(page.locator("button")).to_have_text("線上客服 (1)")
    page.click("button")
    expect(frame.locator(".line.us .words").nth(1)).to_have_text("我們正在查。")
    assert said == []


def test_a_site_that_is_not_in_the_settings_cannot_frame_it(
    desk: Served, opened: Callable[..., Page], said: list[str]
) -> None:
    stranger = Shop()
    stranger.desk = desk.base
    thread = threading.Thread(target=stranger.serve_forever)
    thread.start()
    page = opened(locale="en-GB")
    page.goto(stranger.origin)
    page.click("button")
    expect(page.frame_locator("iframe").locator("#chat-form")).to_have_count(0)
    stranger.shutdown()
    thread.join()
    stranger.server_close()
    assert any("frame-ancestors" in words for words in said)


@pytest.mark.parametrize(("locale", "scheme"), [("zh-CN", "light"), ("en-GB", "dark")])
def test_it_fits_a_phone_and_the_box_is_within_reach(
    desk: Served, opened: Callable[..., Page], locale: str, scheme: str
) -> None:
    page = opened(locale=locale, color_scheme=scheme, viewport={"width": 360, "height": 640})
    page.goto(f"{desk.base}/chat/help")
    page.fill("#chat-text", "x" * 300)
    with page.expect_response("**/messages*"):
        page.press("#chat-text", "Enter")
    assert page.evaluate("document.documentElement.scrollWidth") <= 360
    box = page.locator("#chat-form button").bounding_box()
    assert box is not None
    assert box["y"] + box["height"] <= 640
    assert min(box["width"], box["height"]) >= 24
