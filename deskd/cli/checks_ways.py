"""`deskd doctor`: the ways in and out, and what runs. Nothing is sent: a server is greeted and left."""

import fcntl
import socket
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

from redis import Redis
from redis.exceptions import RedisError

from channels.email.config import MailAccount
from deskd import settings
from deskd.cli.checks import Row, State, without_password
from deskd.domain.errors import SettingsError
from deskd.outbox.valkey import EmbeddedValkey, find_binary
from deskd.settings import Settings

SECONDS = 3.0  # for a server to greet us
EXAMPLE = MailAccount().address


def clocks(read: Settings) -> Iterator[Row]:
    calendars = ", ".join(read.book.calendars)
    yield Row("clocks", State.OK, f"policies {', '.join(read.book.names)}; calendars {calendars}")


def mail(read: Settings) -> Iterator[Row]:
    listen = read.mail.listen
    proved = f"senders are proved by {listen.authserv_id}"
    state, do = State.OK, ""
    if not listen.authserv_id or not listen.trusted_mta:
        proved, state = "no sender is proved, so none is acknowledged", State.LOOK
        do = "Name your MTA in [mail.listen] trusted_mta and authserv_id."
    doors = [f"SMTP {listen.host}:{listen.smtp_port}"]
    doors += [f"LMTP {place}" for place in (listen.lmtp_port, listen.lmtp_socket) if place]
    yield Row("mail in", state, f"{', '.join(doors)}; {proved}", do)
    out = _relay(read)
    yield out
    for account in read.mail.accounts:
        yield _account(account, out)


def _relay(read: Settings) -> Row:
    relay = read.mail.relay
    where = f"{relay.host}:{relay.port}, {relay.security}"
    try:
        password = settings.secret(relay.password)
    except SettingsError as error:
        return Row("mail out", State.BROKEN, f"{where}; {error}")
    if relay.password and not password:
        do = f"Set {relay.password}, and start again if it is in the environment."
        return Row("mail out", State.OFF, f"{where}; the secret {relay.password} is not there: replies wait", do)
    given = f"log-in {relay.user}, its secret is given" if relay.user else "no log-in"
    greeting = _greeting(relay.host, relay.port, tls=relay.security == "tls")
    if greeting:
        do = "Replies wait and are tried again; see that the server of [mail.relay] listens."
        return Row("mail out", State.LOOK, f"{where}; {given}; {greeting}", do)
    return Row("mail out", State.OK, f"{where}; {given}; it answers")


def _account(account: MailAccount, out: Row) -> Row:
    part, address = f"account {account.name}", account.address
    if out.state in {State.OFF, State.BROKEN}:
        return Row(part, State.OFF, f"{address}: mail comes in, none goes out", out.do)
    if address == EXAMPLE:
        return Row(part, State.LOOK, f"{address} is the example's", "Write your own under [[mail.accounts]].")
    return Row(part, State.OK, address)


def _greeting(host: str, port: int, *, tls: bool) -> str:
    """Why the server does not greet us; "" when it does. Behind TLS from the first byte only the door is tried."""
    try:
        with socket.create_connection((host, port), SECONDS) as talk:
            if tls:
                return ""
            said = talk.recv(512)
            with suppress(OSError):
                talk.sendall(b"QUIT\r\n")
    except OSError as error:
        return f"it does not answer ({error.strerror or error})"
    return "" if said.startswith(b"220") else f"it answers {said[:40].decode('ascii', 'replace').strip()!r}"


def web(read: Settings) -> Iterator[Row]:
    here, public = f"{read.web.host}:{read.web.port}", read.web.public_url
    state, do = (State.OK, "") if public else (State.LOOK, "Set [web] public_url to reach it from elsewhere.")
    yield Row("web", state, f"{here}, {public or 'on this machine only'}", do)
    yield Row("forms", State.OK, ", ".join(f"/form/{page.name}" for page in read.form.pages))


def running(read: Settings) -> Iterator[Row]:
    """The daemon by the lock on its file, and whether its doors are where the settings say."""
    pid = _holder(read.data / "deskd.pid")
    parts = {part: one for part in ("front", "pipeline", "keeper") if (one := _holder(read.data / f"deskd-{part}.pid"))}
    if not pid and not parts:
        yield Row("daemon", State.OFF, "it does not run on this data folder", "`deskd run`")
    elif pid:
        doors = {"web": (read.web.host, read.web.port), "SMTP": (read.mail.listen.host, read.mail.listen.smtp_port)}
        shut = [name for name, place in doors.items() if place[1] and not _open(*place)]
        do = f"{' and '.join(shut)} took another port: it is in what `deskd run` printed." if shut else ""
        yield Row("daemon", State.LOOK if shut else State.OK, f"it runs as process {pid}", do)
    else:
        yield Row("daemon", State.OK, ", ".join(f"{part} as process {one}" for part, one in parts.items()))
    yield _bell(read, bool(pid))


def _holder(file: Path) -> str:
    """The pid in a lock file that somebody holds; "" when nobody does. It asks for a moment and holds nothing."""
    try:
        with file.open(encoding="ascii") as handle:
            try:
                fcntl.flock(handle, fcntl.LOCK_SH | fcntl.LOCK_NB)
            except BlockingIOError:
                return handle.read().strip()
    except (OSError, ValueError):
        pass
    return ""


def _bell(read: Settings, runs: bool) -> Row:
    own = EmbeddedValkey(read.data / "valkey")
    url = read.redis.url or own.url
    if not read.redis.url:
        try:
            said = f"Valkey of our own ({find_binary().name})"
        except SettingsError as error:
            return Row("bell", State.BROKEN, str(error))
        if not runs:
            return Row("bell", State.OFF, f"{said}; the daemon starts it")
    else:
        said = without_password(url)
    try:
        with Redis.from_url(url, socket_connect_timeout=SECONDS, socket_timeout=SECONDS) as redis:
            redis.ping()
    except (RedisError, OSError) as error:
        do = "Replies still leave, by the sweep, within ten seconds or so."
        return Row("bell", State.LOOK, f"{said} does not answer ({type(error).__name__})", do)
    return Row("bell", State.OK, f"{said} answers")


def _open(host: str, port: int) -> bool:
    try:
        socket.create_connection((host, port), SECONDS).close()
    except OSError:
        return False
    return True
