"""The form in a real browser, without script."""

from collections.abc import Callable

import pytest
from browser_desk import Served
from playwright.sync_api import Page
from sqlalchemy import select

from deskd.store import tables

pytestmark = pytest.mark.chromium


@pytest.mark.parametrize(
    ("locale", "title", "again"),
    [
        ("en-GB", "Write to us", "Not sent yet"),
        ("zh-CN", "联系我们", "尚未提交"),
        ("zh-HK", "聯絡我們", "尚未送出"),
    ],
)
def test_it_works_without_script_and_on_an_error_keeps_what_was_typed(
    desk: Served, opened: Callable[..., Page], locale: str, title: str, again: str
) -> None:
    page = opened(locale=locale, java_script_enabled=False)
    page.goto(f"{desk.base}/form/help")
    assert page.inner_text("h1") == title
    page.fill("[name=email]", "nobody")
    page.check("#category-transfer")
    page.fill("[name=reference]", "UP20260101ABCD")
    page.fill("[name=message]", "第一行\n第二行")
    page.click("form button")
    assert again in page.inner_text("#errors:focus")
    assert page.input_value("[name=message]") == "第一行\n第二行"
    assert page.input_value("[name=reference]") == "UP20260101ABCD"
    assert page.is_checked("#category-transfer")
    page.click("#errors a")
    page.keyboard.press("Control+A")
    page.keyboard.type("a@example.com")
    page.keyboard.press("Enter")
    assert page.inner_text(".code strong").startswith("UP-")


def test_each_category_shows_what_it_asks_and_hides_the_rest(desk: Served, opened: Callable[..., Page]) -> None:
    page = opened(java_script_enabled=False)
    page.goto(f"{desk.base}/form/help")
    names = ("phone", "reference", "amount", "time")
    shown = {}
    for category in ("any", "account", "transfer", "security", "feedback", "other"):
        page.check(f"#category-{category}")
        shown[category] = {name for name in names if page.is_visible(f"[name={name}]")}
    assert shown == {
        "any": set(names),
        "account": {"phone", "time"},
        "transfer": set(names),
        "security": set(names),
        "feedback": set(),
        "other": {"phone", "reference"},
    }


def test_a_double_click_and_a_way_back_are_one_ticket(desk: Served, opened: Callable[..., Page]) -> None:
    page = opened()
    page.goto(f"{desk.base}/form/help")
    page.fill("[name=email]", "a@example.com")
    page.fill("[name=message]", "My transfer did not arrive")
    page.dblclick("form button")
    page.wait_for_selector(".code")
    code = page.inner_text(".code strong")
    page.reload()
    assert page.inner_text(".code strong") == code
    page.go_back()
    assert page.input_value("[name=message]") == "My transfer did not arrive"
    page.click("form button")
    assert page.inner_text(".code strong") == code
    page.go_back()
    page.fill("[name=message]", "Something else")
    page.click("form button")
    assert code in page.inner_text("[role=alert]")
    page.click("form button")
    assert page.inner_text(".code strong") != code
    desk.run()
    with desk.parts.database.read() as connection:
        assert len(connection.execute(select(tables.tickets)).all()) == 2


def test_the_links_change_the_language_and_the_answer_keeps_it(desk: Served, opened: Callable[..., Page]) -> None:
    page = opened(locale="en-GB")
    page.goto(f"{desk.base}/form/help")
    page.click("text=繁體中文")
    assert page.get_attribute("html", "lang") == "zh-Hant"
    page.fill("[name=email]", "a@example.com")
    page.fill("[name=message]", "轉帳三天還沒到帳")
    page.click("form button")
    assert page.inner_text("h1") == "我們收到了"
