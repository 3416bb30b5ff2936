"""A real `deskd run` with one number at a Twilio of ours, reached under a public name that leads nowhere."""

import re
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from child import Child
from fakes.twilio import NUMBER, PUBLIC, SID, TOKEN, Twilio

ACCOUNT = "texts"
_NONE = r"\[sms\]\n(?:#.*\n)*accounts = \[\]\n"


def take_texts(child: Child, twilio: Twilio) -> None:
    """The account, written into the settings of a daemon that is not started yet."""
    secret = child.folder.parent / f"{child.folder.name}-token"
    secret.write_text(TOKEN, "utf-8")
    text = child.file.read_text("utf-8")
    account = (
        f'[[sms.accounts]]\nname = "{ACCOUNT}"\nnumber = "{NUMBER}"\naccount_sid = "{SID}"\n'
        f'auth_tokens = ["file:{secret}"]\napi = "{twilio.url}"\n'
    )
    for old, new in ((r'public_url = ""\n', f'public_url = "{PUBLIC}"\n'), (_NONE, account)):
        text, changed = re.subn(old, new, text)
        assert changed == 1
    child.file.write_text(text, "utf-8")
    twilio.desk = f"http://127.0.0.1:{child.http}"


@contextmanager
def running(folder: Path, url: str, relay: int = 25) -> Iterator[tuple[Child, Twilio]]:
    with Twilio().open() as twilio:
        child = Child(folder, relay, url)
        take_texts(child, twilio)
        child.start()
        try:
            yield child, twilio
        finally:
            child.stop()
