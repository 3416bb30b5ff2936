"""Mail fetched from a real Dovecot, which runs on a free port with everything that it needs in a folder of its own."""

import asyncio
import contextlib
import grp
import imaplib
import os
import pwd
import secrets
import shutil
import socket
import subprocess
import tempfile
import time
from collections.abc import Awaitable, Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from child import free_port
from fakes.certificates import Authority
from imap_world import SECONDS, Box, account, mail

from channels.email import imap
from channels.email.imap import ImapPoller

pytestmark = pytest.mark.dovecot

CONFIG = """
protocols = imap
base_dir = {folder}/run
state_dir = {folder}/state
log_path = {folder}/log
mail_location = maildir:{folder}/mail
listen = 127.0.0.1
ssl = required
ssl_cert = <{certificate}
ssl_key = <{certificate}
{users}
protocol imap {{
  {more}
}}
service imap-login {{
  {place}
  inet_listener imap {{
    port = 0
  }}
  inet_listener imaps {{
    port = {port}
  }}
}}
passdb {{
  driver = static
  args = password={password}
}}
userdb {{
  driver = static
  args = uid={user} gid={group} home={folder}/home
}}
"""
UNPRIVILEGED = """
default_internal_user = {user}
default_login_user = {user}
default_internal_group = {group}
service anvil {{
  chroot =
}}
service stats {{
  chroot =
}}
"""


@dataclass
class Dovecot:
    """`start` and `stop` as often as one likes; the mail stays."""

    folder: Path
    authority: Authority
    port: int
    password: str
    more: str = ""
    process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        root = os.getuid() == 0  # then Dovecot wants users of its own, and mail that is not root's
        user = "nobody" if root else pwd.getpwuid(os.getuid()).pw_name
        group = grp.getgrgid(pwd.getpwnam(user).pw_gid).gr_name
        [certificate] = self.folder.glob("*.pem")
        for name in ("run", "state", "mail", "home"):
            (self.folder / name).mkdir(exist_ok=True)
        for name in ("mail", "home"):
            shutil.chown(self.folder / name, user, group)
        users, place = ("", "") if root else (UNPRIVILEGED.format(user=user, group=group), "chroot =")
        given = {"folder": self.folder, "certificate": certificate, "port": self.port, "password": self.password}
        text = CONFIG.format(users=users, place=place, user=user, group=group, more=self.more, **given)
        (self.folder / "conf").write_text(text)
        words = [os.environ["DESKD_TEST_DOVECOT"], "-F", "-c", str(self.folder / "conf")]
        self.process = subprocess.Popen(words)
        deadline = time.monotonic() + SECONDS
        while not self._listens():
            if self.process.poll() is not None or time.monotonic() > deadline:
                raise RuntimeError(self.log())
            time.sleep(0.02)  # nothing announces the moment but the port itself

    def stop(self) -> None:
        if self.process is not None:
            self.process.terminate()
            self.process.wait(SECONDS)
            self.process = None

    def log(self) -> str:
        path = self.folder / "log"
        return path.read_text("utf-8", "replace")[-4000:] if path.exists() else "Dovecot said nothing."

    def append(self, *mails: bytes) -> None:
        with imaplib.IMAP4_SSL("127.0.0.1", self.port, ssl_context=self.authority.trusted(), timeout=SECONDS) as talk:
            talk.login("support", self.password)
            for raw in mails:
                assert talk.append("INBOX", "", "", raw)[0] == "OK"

    def mails(self, folder: str = "") -> int:
        """How many lie in a folder of the Maildir; "" is the inbox."""
        where = self.folder / "mail" / (f".{folder}" if folder else "")
        return sum(1 for part in ("new", "cur") for _ in (where / part).glob("*"))

    def _listens(self) -> bool:
        with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", self.port), 1):
            return True
        return False


@pytest.fixture
def dovecot() -> Iterator[Dovecot]:
    folder = Path(tempfile.mkdtemp(prefix="dovecot-"))  # pytest's own lets nobody else in, and has too long a name
    folder.chmod(0o755)
    authority = Authority(folder)
    authority.server("127.0.0.1")
    server = Dovecot(folder, authority, free_port(), secrets.token_urlsafe(12))
    try:
        yield server
    finally:
        server.stop()
        shutil.rmtree(folder)


class Fetched(Box):
    """A box whose server is Dovecot."""

    dovecot: Dovecot

    def poller(self) -> ImapPoller:
        self.server.port = self.dovecot.port
        given = account(self.server, security="tls", **self.settings)
        return ImapPoller(given, self.dovecot.password, lambda: self.now, self.dovecot.authority.trusted())

    def run(self, act: Callable[[], Awaitable[None]]) -> None:
        async def main() -> None:
            try:
                await act()
            except (AssertionError, TimeoutError) as error:
                raise AssertionError(f"{error}\n{self.ended}\n{self.dovecot.log()}") from error
            finally:
                await self.keeper.close()

        asyncio.run(main())


@pytest.fixture
def fetched(box: Box, dovecot: Dovecot) -> Fetched:
    made = Fetched(box.database, box.folder)
    made.dovecot, made.now = dovecot, time.time_ns() // 1000
    return made


async def _append(dovecot: Dovecot, *mails: bytes) -> None:
    await asyncio.to_thread(dovecot.append, *mails)


@pytest.mark.parametrize("more", ["", "imap_capability = IMAP4rev1 UIDPLUS", "imap_capability = IMAP4rev1"], ids=str)
def test_a_mail_that_is_delivered_is_kept_and_moved(fetched: Fetched, dovecot: Dovecot, more: str) -> None:
    dovecot.more, fetched.settings = more, {"poll_s": 0.5}
    dovecot.start()
    dovecot.append(mail(1))
    moved = 0 if more == "imap_capability = IMAP4rev1" else 2

    def over() -> bool:
        places = dovecot.mails(), dovecot.mails("Processed")
        return len(fetched.kept()) == 2 and places == (3 - moved, moved)

    async def act() -> None:
        await fetched.until(lambda: bool(fetched.cursor.value))
        await asyncio.gather(_append(dovecot, mail(2), mail(3)), fetched.until(over))

    fetched.run(act)
    assert fetched.has(mail(2), mail(3))()  # the first lay there before we came
    assert not fetched.ended


def test_what_lies_there_is_imported_once_though_dovecot_ends_and_begins(fetched: Fetched, dovecot: Dovecot) -> None:
    fetched.settings = {"import_existing": True, "processed": "已处理"}
    mails = [mail(n) for n in range(130)]
    dovecot.start()
    dovecot.append(*mails)

    async def act() -> None:
        await fetched.until(lambda: len(fetched.kept()) >= imap.BATCH)
        await asyncio.to_thread(dovecot.stop)
        assert "can't be reached" in await fetched.once()
        await asyncio.to_thread(dovecot.start)
        await fetched.until(lambda: len(fetched.kept()) == len(mails) and not dovecot.mails())

    fetched.run(act)
    assert fetched.has(*mails)()
    assert dovecot.mails("&XfJZBHQG-") == len(mails)


def test_with_new_numbers_nothing_is_fetched_twice(fetched: Fetched, dovecot: Dovecot) -> None:
    """Maildir's list of numbers is lost: Dovecot makes another UIDVALIDITY."""
    fetched.settings = {"import_existing": True, "processed": ""}
    mails = [mail(n) for n in range(5)]
    dovecot.start()
    dovecot.append(*mails)

    async def act() -> None:
        await fetched.until(fetched.has(*mails))
        await asyncio.to_thread(dovecot.stop)
        for path in (dovecot.folder / "mail").glob("dovecot*"):
            path.unlink()
        await asyncio.to_thread(dovecot.start)
        await _append(dovecot, mail(9))
        await fetched.until(lambda: fetched.repeated == len(mails))

    fetched.run(act)
    assert fetched.has(*mails, mail(9))()


def test_a_large_mail_is_whole_and_a_larger_one_is_had_by_its_beginning(
    fetched: Fetched, dovecot: Dovecot, monkeypatch: pytest.MonkeyPatch
) -> None:
    fetched.settings = {"import_existing": True}
    whole, larger = mail(1, "x\r\n" * 400_000), mail(2, "y\r\n" * 500_000)
    monkeypatch.setattr(imap, "LARGEST", len(whole))
    dovecot.start()
    dovecot.append(whole, larger)
    fetched.run(lambda: fetched.until(lambda: dovecot.mails("Processed") == 2))
    assert fetched.has(whole, larger[: imap.BEGINNING])()


def test_a_wrong_password_is_one_sentence(fetched: Fetched, dovecot: Dovecot) -> None:
    dovecot.start()
    fetched.dovecot = Dovecot(dovecot.folder, dovecot.authority, dovecot.port, "not this one")

    async def act() -> None:
        assert "refuses the log-in: NO [AUTHENTICATIONFAILED]" in await fetched.once()

    fetched.run(act)
