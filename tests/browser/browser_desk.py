"""A desk whose pages are served on a port."""

import asyncio
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

from playwright.sync_api import Page

from deskd import app
from deskd.domain.words import Role
from deskd.store import events
from ingest.pipeline import Pipeline


@dataclass(frozen=True, slots=True)
class Served:
    """A desk whose pages are served; its pipeline runs when it is told to."""

    parts: app.Parts
    base: str
    pipeline: Pipeline

    def run(self) -> None:
        while self.pipeline.round().total:
            pass

    def settle(self) -> None:
        """Whatever waits is made a ticket, sent and numbered, as the other processes would."""
        self.run()
        with ThreadPoolExecutor(1) as thread:  # this one has the browser's event loop
            thread.submit(asyncio.run, self._send()).result()
        with self.parts.database.write() as connection:
            events.number(connection, events.last(connection))

    async def _send(self) -> None:
        outbox = app.outbox(self.parts)
        for account in outbox.accounts_due():
            await outbox.run_due(account)
        await outbox.close()

    def agent(self, name: str, role: Role = Role.ADMIN) -> str:
        """The new agent's password."""
        return app.add_agent(self.parts, name, role, (), ())

    def enter(self, page: Page, name: str, password: str) -> None:
        page.goto(f"{self.base}/console")
        page.fill("[name=name]", name)
        page.fill("[name=password]", password)
        page.press("[name=password]", "Enter")
        page.wait_for_url("**/console")

    def write(self, page: Page, message: str, email: str = "a@example.com", **more: str) -> str:
        """Sends the form as a customer would; the code on the page that follows."""
        page.goto(f"{self.base}/form/help")
        for name, words in {"email": email, "message": message, **more}.items():
            page.fill(f"[name={name}]", words)
        page.click("form button")
        code = page.inner_text(".code strong")
        self.run()
        return code
