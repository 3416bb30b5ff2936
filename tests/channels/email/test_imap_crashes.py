"""The process that fetches, ended between two steps: the next one has every mail, and has none twice.

`make test` does some; all of them: DESKD_TEST_CRASH=1.
"""

import asyncio
import os
import signal
import sys
from collections import Counter
from pathlib import Path

import pytest
from fakes.imap import BARE, ImapServer
from imap_world import Box, mail

from channels.email import imap

ROOT = Path(__file__).parents[3]
VICTIM = Path(__file__).with_name("imap_victim.py")
MAILS = 2 * imap.BATCH + 7

# point → how many are kept by then at its first and second passage
POINTS = {
    "imap:after-fetch": (0, imap.BATCH),
    "keep:before-commit": (0, imap.BATCH),
    "keep:after-commit": (imap.BATCH, 2 * imap.BATCH),
    "imap:after-keep": (imap.BATCH, 2 * imap.BATCH),
}


async def _work(box: Box, point: str, passages: int) -> int:
    words = [VICTIM, box.database.url, box.folder, str(box.server.port), point, str(passages)]
    environment = os.environ | {"PYTHONPATH": str(ROOT)}
    return await (await asyncio.create_subprocess_exec(sys.executable, *words, env=environment)).wait()


@pytest.mark.parametrize(
    "capabilities",
    [("IMAP4rev1", "MOVE"), *(pytest.param(c, marks=pytest.mark.crash) for c in (("IMAP4rev1", "UIDPLUS"), BARE))],
    ids=str,
)
@pytest.mark.parametrize(
    ("point", "passages"),
    [pytest.param(p, n, marks=() if n == 2 else pytest.mark.crash) for p in POINTS for n in (1, 2)],
)
def test_a_kill_loses_and_doubles_nothing(box: Box, point: str, passages: int, capabilities: tuple[str, ...]) -> None:
    mails = [mail(n) for n in range(MAILS)]
    box.server = ImapServer(capabilities=capabilities)
    for raw in mails:
        box.server.inbox.add(raw)

    async def act() -> None:
        assert await _work(box, point, passages) == -signal.SIGKILL
        assert len(box.kept()) == POINTS[point][passages - 1]
        cursor = box.folder / "cursor"
        box.cursor.value = cursor.read_text()
        box.settings = {"import_existing": True, "poll_s": 0.2}
        searches = len(box.server.said("UID SEARCH"))
        await box.until(lambda: box.has(*mails)() and len(box.server.said("UID SEARCH")) > searches + 1)

    box.play(act)
    if len(capabilities) > 1:
        there = Counter(one.raw for one in box.server.folders["Processed"].mails)
        assert set(there) == set(mails)
        assert not box.server.inbox.mails
