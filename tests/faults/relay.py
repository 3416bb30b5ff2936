"""The submission server outside: what stands in its ledger has arrived."""

from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from email import message_from_bytes

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, Envelope, Session
from child import free_port


class Relay:
    def __init__(self) -> None:
        self.port, self.ledger = free_port(), Counter[str]()

    async def handle_DATA(self, _server: SMTP, _session: Session, envelope: Envelope) -> str:  # noqa: N802
        self.ledger[str(message_from_bytes(envelope.original_content or b"")["Message-ID"])] += 1
        return "250 2.0.0 Taken"


@contextmanager
def open_relay() -> Iterator[Relay]:
    relay = Relay()
    controller = Controller(relay, hostname="127.0.0.1", port=relay.port)
    controller.start()
    try:
        yield relay
    finally:
        controller.stop()
