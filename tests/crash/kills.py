"""One kill: a real daemon is ended at a named point while mails come in and replies go out, is started again, and the
ledgers of both sides are compared.

Lost: a mail that we acknowledged and that is no message. Doubled: a mail that is two, or a Message-ID that arrived
twice. Unknown is right only for a delivery that stood on the wire when the daemon ended.
"""

import smtplib
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from email import message_from_bytes
from pathlib import Path

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, Envelope, Session
from child import OURS, PROVED, Child, free_port, kept
from sqlalchemy import func, select

from deskd import app
from deskd.acts import verbs
from deskd.app import Parts
from deskd.domain.words import Role
from deskd.store import events, people, tables

MAILS = 24  # half of them of proved senders, who are acknowledged
REPLIES = 4  # of an agent, queued before the daemon starts
CLIENTS = 4  # connections that hand mails over at the same time
DEATH_SECONDS = 15.0
QUIET_SECONDS = 30.0
TRIES = 3  # times that a mail server hands over again what was not acknowledged
MOVING = ("queued", "leased", "wire")


class Sink:
    """The submission server outside: what stands in its ledger has arrived."""

    def __init__(self) -> None:
        self.port, self.ledger = free_port(), Counter[str]()
        self._controller = Controller(self, hostname="127.0.0.1", port=self.port)

    async def handle_DATA(self, _server: SMTP, _session: Session, envelope: Envelope) -> str:  # noqa: N802
        self.ledger[str(message_from_bytes(envelope.original_content or b"")["Message-ID"]).strip("<>")] += 1
        return "250 2.0.0 Taken"

    @contextmanager
    def open(self) -> Iterator["Sink"]:
        self._controller.start()
        try:
            yield self
        finally:
            self._controller.stop()


@dataclass(frozen=True, slots=True)
class Ledgers:
    """What one kill left behind."""

    lost: list[str]
    doubled: list[str]
    unsent: list[str]  # deliveries that ended in nothing that is right
    wire: set[str]  # stood on the wire when the daemon ended
    unknown: set[str]
    acknowledgements: int
    broken: int | None  # the first event whose chain is wrong


def mails() -> list[tuple[str, bytes]]:
    """(Message-ID, bytes), each of a sender and a domain of its own."""
    made = []
    for n in range(MAILS):
        domain, key = f"c{n}.example", f"m{n}@c{n}.example"
        head = PROVED.format(domain) if n % 2 == 0 else ""
        head += f"From: <a@{domain}>\r\nTo: <{OURS}>\r\nSubject: money\r\nMessage-ID: <{key}>\r\n"
        words = "Content-Type: text/plain; charset=utf-8\r\n\r\n我的转账三天了还没到账\r\n"
        made.append((key, (head + (_with_file(words) if n % 4 == 0 else words)).encode()))
    return made


def _with_file(words: str) -> str:
    part = "Content-Type: text/csv\r\nContent-Disposition: attachment; filename=list.csv\r\n\r\n1,2\r\n"
    return f'Content-Type: multipart/mixed; boundary="b"\r\n\r\n--b\r\n{words}--b\r\n{part}--b--\r\n'


def hand_over(port: int, waiting: Sequence[tuple[str, bytes]]) -> list[tuple[str, bytes]]:
    """What was not acknowledged, and is to be handed over again, as a mail server would."""
    left: list[tuple[str, bytes]] = []
    lock = threading.Lock()

    def one(mail: tuple[str, bytes]) -> None:
        try:
            with smtplib.SMTP("127.0.0.1", port, timeout=10) as session:
                session.sendmail("bounces@example.com", [OURS], mail[1])
        except (smtplib.SMTPException, OSError):
            with lock:
                left.append(mail)

    with ThreadPoolExecutor(CLIENTS) as clients:
        list(clients.map(one, waiting))
    return left


def queue_replies(parts: Parts) -> None:
    """Four tickets, each with an agent's answer that is due."""
    head = "From: <old{0}@old{0}.example>\r\nSubject: old\r\nMessage-ID: <old{0}@old.example>\r\n\r\nI can't log in\r\n"
    kept(parts, [(head.format(n).encode(), OURS) for n in range(REPLIES)])
    pipeline = app.pipeline(parts, lambda _accounts: None)
    while pipeline.round().total:
        pass
    pipeline.release()
    app.add_agent(parts, "ada", Role.AGENT, (), ())
    with parts.database.read() as connection:
        agent = people.named(connection, "ada")
        codes = list(connection.scalars(select(tables.tickets.c.code)))
    assert agent is not None
    for code in codes:
        with parts.database.write() as connection:
            verbs.reply(parts.desk, connection, agent, code, "We are looking into it.")


def states(parts: Parts, *wanted: str) -> set[str]:
    found = select(tables.deliveries.c.id).where(tables.deliveries.c.state.in_(wanted))
    with parts.database.read() as connection:
        return set(connection.scalars(found))


def quiet(parts: Parts) -> bool:
    receipts, deliveries = tables.receipts, tables.deliveries
    with parts.database.read() as connection:
        counts = (
            select(func.count()).select_from(receipts).where(receipts.c.state == "kept"),
            select(func.count()).select_from(deliveries).where(deliveries.c.state.in_(MOVING)),
            select(func.count()).select_from(tables.events).where(tables.events.c.seq.is_(None)),
        )
        return not any(connection.scalar(count) for count in counts)


def wait_until(holds: Callable[[], bool], seconds: float, what: str, child: Child) -> None:
    deadline = time.monotonic() + seconds
    while not holds():
        if time.monotonic() > deadline:
            raise AssertionError(f"{what} after {seconds:g} s:\n{child.log()}")
        threading.Event().wait(0.03)


def kill(folder: Path, point: str, passages: int, url: str = "", *, alone: bool = False) -> Ledgers:
    """Ends a daemon at the `passages`-th passage of a point, starts it again, waits until nothing is left to do.

    alone: only the process that passes is ended, and the supervisor starts it again.
    """
    with Sink().open() as sink:
        child = Child(folder, sink.port, url)
        parts = child.build()
        try:
            queue_replies(parts)
            child.start(f"{point}:{passages}:alone" if alone else f"{point}:{passages}")
            left = hand_over(child.smtp, mails())
            over = child.ended if alone else child.dead
            wait_until(over, DEATH_SECONDS, f"{point} was not reached {passages} times", child)
            wire = states(parts, "wire", "unknown") if alone else states(parts, "wire")
            if not alone:
                child.start()
            for _ in range(TRIES):
                left = hand_over(child.smtp, left)
            assert not left, f"{len(left)} mails are not acknowledged by a daemon that runs"
            wait_until(lambda: quiet(parts), QUIET_SECONDS, "The desk is not quiet", child)
            assert child.stop() == 0
            return compared(parts, sink, wire)
        finally:
            child.stop()
            parts.database.close()


def compared(parts: Parts, sink: Sink, wire: set[str]) -> Ledgers:
    messages, deliveries = tables.messages, tables.deliveries
    incoming = select(messages.c.provider_id).where(messages.c.direction == "in")
    with parts.database.read() as connection:
        got = Counter(str(one).strip("<>") for one in connection.scalars(incoming))
        rows = list(connection.execute(select(deliveries)).mappings())
        broken = events.verify(connection)
    unknown = {row["id"] for row in rows if row["state"] == "unknown"}
    twice = [key for key, n in got.items() if n > 1] + [key for key, n in sink.ledger.items() if n > 1]
    wrong = [
        f"{row['kind']} {row['state']}, arrived {sink.ledger[row['mail_id']]} times"
        for row in rows
        if row["id"] not in unknown and (row["state"] != "accepted" or sink.ledger[row["mail_id"]] != 1)
    ]
    acknowledgements = sum(row["kind"] == "ack" for row in rows)
    return Ledgers([key for key, _ in mails() if not got[key]], twice, wrong, wire, unknown, acknowledgements, broken)
