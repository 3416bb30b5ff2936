"""A desk behind a real port, and Chromium in front of it."""

import asyncio
import os
import socket
import threading
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from browser_desk import Served
from playwright.sync_api import Browser, Page, sync_playwright

from deskd import app, settings
from deskd.app.front import Front
from deskd.store.keeper import Keeper

FLAGS = ["--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking"]
FLAGS += ["--disable-component-update", "--disable-sync"]


@pytest.fixture
def sites() -> list[str]:
    """The origins that may embed the chat."""
    return []


@pytest.fixture
def desk(tmp_path: Path, sites: list[str]) -> Iterator[Served]:
    """The faces of an empty desk on a free port, served from a thread."""
    given = settings.default_text().replace("hosts = []", f"hosts = {sites}", 1)
    parts = app.build(settings.parse(given, tmp_path))
    loop = asyncio.new_event_loop()
    keeper = Keeper(parts.database, parts.vault, app.new_id)
    front = Front(app.web_app(parts, keeper, lambda: None))
    listening = socket.create_server(("127.0.0.1", 0))
    pipeline = app.pipeline(parts, lambda _accounts: None)

    async def serve() -> None:
        front.start(listening)

    thread = threading.Thread(target=loop.run_forever)
    thread.start()
    asyncio.run_coroutine_threadsafe(serve(), loop).result(10)
    yield Served(parts, f"http://127.0.0.1:{listening.getsockname()[1]}", pipeline)
    asyncio.run_coroutine_threadsafe(front.stop(), loop).result(10)
    asyncio.run_coroutine_threadsafe(keeper.close(), loop).result(10)
    loop.call_soon_threadsafe(loop.stop)
    thread.join(10)
    loop.close()
    pipeline.release()
    parts.database.close()


@pytest.fixture
def chromium() -> Iterator[Browser]:
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=os.environ["DESKD_TEST_CHROMIUM"], args=FLAGS)
        yield browser
        browser.close()


@pytest.fixture
def said() -> list[str]:
    """What the browser complained of: a policy that was broken, a file that was not there."""
    return []


@pytest.fixture
def opened(chromium: Browser, said: list[str]) -> Callable[..., Page]:
    """A page of a new profile. Keywords are Playwright's: locale, viewport, color_scheme, java_script_enabled."""

    def make(**how: object) -> Page:
        page = chromium.new_context(**how).new_page()  # type: ignore[arg-type]
        page.on("console", lambda message: said.append(message.text))
        page.on("pageerror", lambda error: said.append(str(error)))
        return page

    return make
