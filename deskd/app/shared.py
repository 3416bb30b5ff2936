"""What the processes of one daemon share: made before the first of them is forked."""

import os
import select
import socket
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass

from channels.chat.config import NAME as CHAT
from deskd.domain.errors import SettingsError
from deskd.settings import Settings

PORTS_TRIED = 20
BACKLOG = 512  # connections that wait while the front is started anew
_DRAIN = 4096


class Nudge:
    """A hint from whoever kept a receipt to whoever makes tickets: look now. It may get lost, or come for nothing."""

    def __init__(self) -> None:
        self._read, self._write = os.pipe()
        os.set_blocking(self._read, False)
        os.set_blocking(self._write, False)

    def give(self) -> None:
        with suppress(BlockingIOError):  # full: hints enough are waiting
            os.write(self._write, b".")

    def wait(self, seconds: float) -> bool:
        """Returns at the next hint, True, or after so many seconds."""
        if not select.select([self._read], [], [], seconds)[0]:
            return False
        with suppress(BlockingIOError):  # another process was faster
            os.read(self._read, _DRAIN)
        return True


@dataclass(frozen=True, slots=True)
class Doors:
    """The listening sockets: they stay while the process behind them is started anew."""

    http: socket.socket
    smtp: socket.socket
    forms: tuple[str, ...]
    chats: tuple[str, ...] = ()

    @property
    def where(self) -> dict[str, str]:
        """What a person is told: the console, the forms and chats, the port for mail."""
        here = f"http://{_place(self.http)}"
        forms = {f"Form {name}": f"{here}/form/{name}" for name in self.forms}
        chats = {f"Chat {name}": f"{here}/chat/{name}" for name in self.chats}
        return {"Console": f"{here}/console"} | forms | chats | {"SMTP": _place(self.smtp)}


@dataclass(frozen=True, slots=True)
class Shared:
    nudge: Nudge
    redis: str
    doors: Doors | None = None


def open_doors(settings: Settings) -> Doors:
    """Binds the ports of the settings, or the next free ones. Raises SettingsError with one sentence."""
    http = _bound(settings.web.host, settings.web.port, "[web] port")
    try:
        smtp = _bound(settings.mail.listen.host, settings.mail.listen.smtp_port, "[mail.listen] smtp_port")
    except SettingsError:
        http.close()
        raise
    chats = settings.ways[CHAT].accounts if CHAT in settings.ways else ()
    return Doors(http, smtp, tuple(form.name for form in settings.form.pages), tuple(chat.name for chat in chats))


def _bound(host: str, wanted: int, key: str) -> socket.socket:
    refused: OSError | None = None
    for port in range(wanted, min(wanted + PORTS_TRIED, 65_536)) if wanted else (0,):
        listening = socket.socket(socket.AF_INET6 if ":" in host else socket.AF_INET)
        listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            listening.bind((host, port))
            listening.listen(BACKLOG)
            return listening
        except OSError as error:
            listening.close()
            refused = error
    why = refused.strerror if refused else "none to try"
    raise SettingsError(
        f"{key}: nothing from {wanted} to {wanted + PORTS_TRIED - 1} can be had on {host} ({why}); "
        "set another port or host in the settings."
    )


def _place(listening: socket.socket) -> str:
    host, port = listening.getsockname()[:2]
    return f"[{host}]:{port}" if ":" in host else f"{host}:{port}"


Ready = Callable[[], None]
"""What a part calls when it has begun to serve."""
