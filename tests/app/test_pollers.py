"""Whoever fetches runs where the lease is, once, goes on after a failure, and finds its cursor again."""

import asyncio
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import structlog

from deskd import app, settings
from deskd.app import pollers
from deskd.app.pollers import Pollers
from deskd.app.ways import Ways
from deskd.domain.errors import DeskError
from deskd.domain.ports import Cursor, Keep


class Fetcher:
    """Counts itself; `then` says what becomes of a run."""

    def __init__(self, then: Callable[[int], None] = lambda _n: None) -> None:
        self.runs, self.at_once, self.most, self._then = 0, 0, 0, then
        self.seen: list[str] = []

    async def run(self, keep: Keep, cursor: Cursor) -> None:
        self.runs += 1
        self.at_once += 1
        self.most = max(self.most, self.at_once)
        try:
            self.seen.append(await cursor.load())
            await cursor.save(f"after run {self.runs}")
            self._then(self.runs)
            await asyncio.sleep(60)
        finally:
            self.at_once -= 1


async def _keep(_receipts: Any) -> Any:
    return []


@pytest.fixture
def parts(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Any:
    monkeypatch.setattr(pollers, "RENEW_SECONDS", 0.05)
    monkeypatch.setattr(pollers, "FIRST_PAUSE", 0.01)
    made = app.build(settings.parse("", tmp_path))
    yield made
    made.database.close()


async def _until(holds: Callable[[], bool]) -> None:
    for _ in range(200):
        if holds():
            return
        await asyncio.sleep(0.02)
    raise AssertionError("It did not come to that.")


def _with(parts: Any, monkeypatch: pytest.MonkeyPatch, fetcher: Fetcher) -> None:
    monkeypatch.setattr(Ways, "pollers", lambda _self: {("telegram", "main"): fetcher})


def test_of_two_processes_one_fetches_and_the_other_takes_over(parts: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    fetcher = Fetcher()
    _with(parts, monkeypatch, fetcher)

    async def both() -> None:
        one, two = (Pollers(replace(parts, holder=name), _keep) for name in ("one", "two"))
        one.start()
        await _until(lambda: fetcher.runs == 1)
        two.start()
        await asyncio.sleep(0.3)
        assert fetcher.runs == 1
        await one.stop()
        await _until(lambda: fetcher.runs == 2)
        await two.stop()

    asyncio.run(both())
    assert (fetcher.most, fetcher.at_once) == (1, 0)
    assert fetcher.seen == ["", "after run 1"]


def test_one_that_fails_is_started_anew_and_its_sentence_is_logged(parts: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    def fails(n: int) -> None:
        if n == 1:
            raise DeskError("The provider refuses the token.")
        if n == 2:
            raise RuntimeError("words of a customer")

    fetcher = Fetcher(fails)
    _with(parts, monkeypatch, fetcher)

    async def alone() -> None:
        one = Pollers(parts, _keep)
        one.start()
        await _until(lambda: fetcher.runs == 3)
        await one.stop()

    with structlog.testing.capture_logs() as logs:
        asyncio.run(alone())
    said = [entry["reason"] for entry in logs if entry["event"] == "poller.failed"]
    assert said == ["The provider refuses the token.", "RuntimeError"]
    assert "words of a customer" not in str(logs)
