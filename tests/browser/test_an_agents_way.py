"""An agent's way through the pages, in a real browser: log in, take the most urgent ticket, answer it."""

import asyncio
import os
import socket
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import sync_playwright
from sqlalchemy import select

from deskd import app, settings
from deskd.app.front import Front
from deskd.store import tables
from deskd.store.keeper import Keeper

CHROMIUM = os.environ.get("DESKD_TEST_CHROMIUM", "")
FLAGS = ["--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking"]
FLAGS += ["--disable-component-update", "--disable-sync"]


@pytest.fixture
def desk(tmp_path: Path) -> Iterator[tuple[app.Parts, int]]:
    """The faces of an empty desk on a free port, served from a thread."""
    parts = app.build(settings.parse(settings.default_text(), tmp_path))
    loop, ready = asyncio.new_event_loop(), threading.Event()
    keeper = Keeper(parts.database, parts.vault, app.new_id)
    front = Front(app.web_app(parts, keeper, lambda: None))
    listening = socket.create_server(("127.0.0.1", 0))
    port: list[int] = []

    async def serve() -> None:
        front.start(listening)
        port.append(int(listening.getsockname()[1]))
        ready.set()

    thread = threading.Thread(target=loop.run_forever)
    thread.start()
    asyncio.run_coroutine_threadsafe(serve(), loop).result(10)
    yield parts, port[0]
    asyncio.run_coroutine_threadsafe(front.stop(), loop).result(10)
    asyncio.run_coroutine_threadsafe(keeper.close(), loop).result(10)
    loop.call_soon_threadsafe(loop.stop)
    thread.join(10)
    loop.close()
    parts.database.close()


@pytest.mark.chromium
@pytest.mark.parametrize("locale", ["zh-CN", "en-GB"])
def test_a_form_is_sent_and_an_agent_answers_it(desk: tuple[app.Parts, int], locale: str) -> None:
    parts, port = desk
    name, password = app.first_login(parts) or ("", "")
    pipeline = app.pipeline(parts, lambda _accounts: None)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
        page = browser.new_context(locale=locale).new_page()
        said: list[str] = []
        page.on("console", lambda message: said.append(message.text))
        page.goto(f"http://127.0.0.1:{port}/form/help")
        page.fill("[name=email]", "a@example.com")
        page.fill("[name=message]", "I gave the code from the SMS to a stranger")
        page.locator("form[method=post] button").last.click()
        page.wait_for_load_state()
        assert "UP-" in page.content()
        while pipeline.round().total:
            pass
        page.goto(f"http://127.0.0.1:{port}/console")
        page.fill("[name=name]", name)
        page.fill("[type=password]", password)
        page.press("[type=password]", "Enter")
        page.wait_for_load_state()
        page.click("form[action$='/next'] button")
        page.wait_for_load_state()
        page.locator("form[action$='/reply'] textarea").fill(
            "We have frozen the account; a specialist writes within 15 minutes."
        )
        page.locator("form[action$='/reply'] button").first.click()
        page.wait_for_load_state()
        browser.close()
    with parts.database.read() as connection:
        [delivery] = connection.execute(select(tables.deliveries)).mappings().all()
    assert (delivery["kind"], delivery["address"], delivery["account"]) == ("reply", "a@example.com", "main")
    assert said == []
    pipeline.release()
