"""Over real pages, in a real browser: log in, take the most urgent ticket, take its file, answer it."""

from collections.abc import Callable
from pathlib import Path

import pytest
from browser_desk import Served
from playwright.sync_api import Page
from sqlalchemy import select

from deskd.store import tables

pytestmark = pytest.mark.chromium


@pytest.mark.parametrize("locale", ["zh-CN", "zh-TW", "en-GB"])
def test_a_form_is_sent_and_an_agent_answers_it(
    desk: Served, opened: Callable[..., Page], said: list[str], locale: str
) -> None:
    page = opened(locale=locale)
    code = desk.write(page, "I gave the code from the SMS to a stranger")
    assert code.startswith("UP-")
    desk.enter(page, "Ada", desk.agent("Ada"))
    page.click("form[action$='/next'] button")
    page.wait_for_url(f"**/{code}")
    page.fill("[name=reply]", "We have frozen the account; a specialist writes within 15 minutes.")
    page.locator("form[action$='/reply'] button:not([formaction])").dblclick()
    page.wait_for_selector(".thread .out")
    with desk.parts.database.read() as connection:
        [delivery] = connection.execute(select(tables.deliveries)).mappings().all()
    assert (delivery["kind"], delivery["address"], delivery["account"]) == ("reply", "a@example.com", "main")
    assert said == []


def test_a_file_that_a_browser_could_run_is_saved_and_never_opened(
    desk: Served, opened: Callable[..., Page], said: list[str], tmp_path: Path
) -> None:
    page = opened(locale="zh-CN")
    page.on("dialog", lambda _dialog: pytest.fail("the file ran"))
    program = "<script>alert(document.cookie)</script>"
    files = [("转账 “截图”.html", "text/html"), ("图.svg", "image/svg+xml")]
    page.goto(f"{desk.base}/form/help")
    page.fill("[name=email]", "a@example.com")
    page.fill("[name=message]", "My transfer did not arrive")
    page.set_input_files(
        "[name=files]", [{"name": name, "mimeType": kind, "buffer": program.encode()} for name, kind in files]
    )
    page.click("form button")
    code = page.inner_text(".code strong")
    desk.run()
    desk.enter(page, "Ada", desk.agent("Ada"))
    page.goto(f"{desk.base}/console/t/{code}")
    for name, _ in files:
        with page.expect_download() as download:
            page.click(f"text={name}")
        assert download.value.suggested_filename == name
        download.value.save_as(tmp_path / "saved")
        assert (tmp_path / "saved").read_text() == program
    assert page.url.endswith(code)
    assert said == []


def test_markup_in_a_customers_words_and_names_stays_words(
    desk: Served, opened: Callable[..., Page], said: list[str]
) -> None:
    page = opened(locale="en-GB")
    asked: list[str] = []
    page.on("dialog", lambda _dialog: pytest.fail("a customer's words ran"))
    page.on("request", lambda request: asked.append(request.url))
    evil = (
        """"'><img src=https://elsewhere.example/x onerror=alert(1)><svg onload=alert(1)></textarea><script>alert(1)"""
    )
    code = desk.write(page, evil, name=evil, subject=evil, phone=evil)
    desk.enter(page, "Ada", desk.agent("Ada"))
    for where in ("", f"/t/{code}", "?view=spam"):
        page.goto(f"{desk.base}/console{where}")
    page.goto(f"{desk.base}/console/t/{code}")
    page.fill("[name=note]", evil)
    page.click("form[action$='/note'] button")
    page.wait_for_load_state()
    assert evil in page.inner_text(".thread .note")
    assert all(url.startswith(desk.base) for url in asked)
    assert said == []


@pytest.mark.parametrize(("locale", "scheme"), [("zh-CN", "light"), ("en-GB", "dark")])
def test_every_page_fits_a_phone(desk: Served, opened: Callable[..., Page], locale: str, scheme: str) -> None:
    page = opened(locale=locale, color_scheme=scheme, viewport={"width": 360, "height": 740})
    code = desk.write(page, "My transfer did not arrive " + "x" * 300, subject="y" * 200)
    desk.enter(page, "Ada", desk.agent("Ada"))
    page.goto(f"{desk.base}/console/t/{code}")
    page.fill("[name=reply]", "Which number?" + "z" * 200)
    page.locator("form[action$='/reply'] button:not([formaction])").click()
    page.wait_for_load_state()
    wide = {}
    for where in (
        "/form/help",
        *(f"/console{rest}" for rest in ("", "?view=waiting", "/new", "/parked", "/deliveries")),
    ):
        page.goto(desk.base + where)
        wide[where] = page.evaluate("document.documentElement.scrollWidth")
    page.goto(f"{desk.base}/console/t/{code}")
    wide["ticket"] = page.evaluate("document.documentElement.scrollWidth")
    assert {where: width for where, width in wide.items() if width > 360} == {}


def test_the_keyboard_reaches_the_words_first_and_what_has_the_focus_is_seen(
    desk: Served, opened: Callable[..., Page]
) -> None:
    page = opened(locale="en-GB")
    desk.enter(page, "Ada", desk.agent("Ada"))
    page.keyboard.press("Tab")
    assert page.inner_text(":focus") == "Skip to the content"
    assert page.locator(":focus").bounding_box()["x"] >= 0  # type: ignore[index]
    page.keyboard.press("Enter")
    assert page.evaluate("document.activeElement.id") == "main"
