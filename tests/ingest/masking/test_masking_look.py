"""How often a mail is masked on its way in."""

from dataclasses import replace

import pytest

from deskd.domain.ports import Address, Incoming, IncomingKind
from deskd.domain.words import Level
from deskd.store.receipts import Waiting
from ingest import look as looking
from ingest.masking import DEFAULT, Formats, Masked, mask

INCOMING = Incoming(
    kind=IncomingKind.MESSAGE,
    sender=Address("Ann", "ann@example.com"),
    subject="Code",
    text="The code is\r\n123456\r\n",
    reply="The code is\n123456",
    level=Level.CLAIMED,
    trust_why="",
    no_ack_why="",
)
WAITING = Waiting("r1", "email", "support", 0, 0, 1, {}, b"")


@pytest.fixture
def masked(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    texts: list[str] = []

    def noted(text: str, formats: Formats) -> Masked:
        texts.append(text)
        return mask(text, formats)

    monkeypatch.setattr(looking, "mask", noted)
    return texts


def test_a_mail_without_a_quotation_is_masked_once_whatever_its_line_ends(masked: list[str]) -> None:
    looked = looking.look(WAITING, {"email": lambda raw, envelope, account: INCOMING}, DEFAULT)
    assert masked == ["Code", "The code is\n123456\n", "Ann"]
    assert (looked.said.text, looked.said.reply) == ("The code is\n[code removed]\n", "The code is\n[code removed]")


def test_a_quotation_is_masked_apart_from_the_new_words(masked: list[str]) -> None:
    quoting = replace(INCOMING, text="No.\r\n\r\n> The code is 123456\r\n", reply="No.")
    looked = looking.look(WAITING, {"email": lambda raw, envelope, account: quoting}, DEFAULT)
    assert masked == ["Code", "No.\n\n> The code is 123456\n", "No.", "Ann"]
    assert looked.said.reply == "No."
