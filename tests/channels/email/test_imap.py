"""Mail fetched by IMAP: each once, whatever the server does. The names in brackets are lines of CHANNELS 1.1 to 1.4."""

import asyncio
from datetime import UTC, datetime
from pathlib import Path

import pytest
from fakes.certificates import Authority
from fakes.imap import BARE, FULL, Folder, ImapServer
from imap_world import NOW, Box, account, mail

from channels import Tools
from channels.email import imap, imap_client
from channels.email.config import MailAccount
from channels.email.imap import ImapPoller
from channels.email.imap_mark import Mark, read_mark
from deskd.domain.errors import Off
from deskd.domain.ports import MINUTE

LONG_AGO = "01-Jan-2020 00:00:00 +0000"
IMPORT = {"import_existing": True}
SOON = {"poll_s": 0.2}  # where no hint will come


def micros(year: int, month: int, day: int, hour: int) -> int:
    return int(datetime(year, month, day, hour, tzinfo=UTC).timestamp()) * 1_000_000


def filled(server: ImapServer, count: int) -> list[bytes]:
    mails = [mail(n) for n in range(1, count + 1)]
    for raw in mails:
        server.inbox.add(raw)
    return mails


def test_a_mail_is_kept_byte_for_byte_then_moved_and_never_marked_as_read(box: Box) -> None:
    async def act() -> None:
        await box.until(lambda: box.server.ledger[-1:] == ["IDLE"])
        await box.server.deliver(mail(1))
        await box.until(box.idle(1))

    box.play(act)
    [one] = box.kept()
    assert one.body == mail(1)
    assert one.received_at == micros(2026, 11, 25, 1)
    assert one.envelope == {"protocol": "imap", "authserv_id": ""}
    assert [(m.raw, m.flags) for m in box.server.folders["Processed"].mails] == [(mail(1), set())]
    assert not box.server.inbox.mails


def test_what_came_before_the_first_connection_stays_unless_it_is_wanted(box: Box) -> None:
    """[EI14]"""
    old = filled(box.server, 3)

    async def act() -> None:
        await box.until(lambda: box.server.ledger[-1:] == ["IDLE"])
        await box.server.deliver(mail(9))
        await box.until(box.idle(1))

    box.play(act)
    assert box.bodies() == {mail(9): 1}
    assert [m.raw for m in box.server.inbox.mails] == old


def test_what_is_imported_is_marked_as_old_and_what_comes_then_is_not(box: Box) -> None:
    """[EI14]"""
    box.settings = IMPORT
    filled(box.server, 120)

    async def act() -> None:
        await box.until(box.idle(120))
        await box.server.deliver(mail(999))
        await box.until(box.idle(121))

    box.play(act)
    assert [one.envelope.get("old", False) for one in box.kept()] == [True] * 120 + [False]
    assert len(box.server.folders["Processed"].mails) == 121


def test_the_last_mail_which_every_search_finds_is_not_fetched_again(box: Box) -> None:
    """[EI1]"""
    box.settings = IMPORT | {"processed": "", "poll_s": 0.02}
    filled(box.server, 2)

    async def act() -> None:
        await box.until(lambda: len(box.server.said("UID SEARCH")) > 5)

    box.play(act)
    assert box.server.said("UID SEARCH")[-1] == "UID SEARCH UID 3:*"
    assert len(box.kept()) == 2
    assert box.repeated == 0
    assert len(box.server.said("UID FETCH")) == 3


def test_mail_that_others_have_read_is_fetched_like_any_other(box: Box) -> None:
    """[EI3]"""
    box.settings = IMPORT
    mails = filled(box.server, 30)
    for one in box.server.inbox.mails[::2]:
        one.flags.add("\\Seen")
    box.play(lambda: box.until(box.has(*mails)))


def test_with_new_numbers_all_is_looked_at_again_and_only_what_is_new_is_kept(box: Box) -> None:
    """[EI2]"""
    box.settings = {"processed": ""}
    box.server.inbox.add(mail(0), LONG_AGO)  # of before our time: it is not imported now either

    async def act() -> None:
        await box.until(lambda: box.server.ledger[-1:] == ["IDLE"])
        await box.server.deliver(mail(1))
        await box.until(box.idle(1))
        again = Folder(8, next=100)
        again.add(mail(0), LONG_AGO)
        again.add(mail(1))
        again.add(mail(2))
        box.server.folders["INBOX"] = again
        await box.until(box.idle(2))
        await box.server.deliver(mail(3))
        await box.until(box.idle(3))

    box.now = micros(2026, 11, 25, 0)
    box.play(act)
    assert box.bodies() == {mail(1): 1, mail(2): 1, mail(3): 1}
    assert box.repeated == 1
    assert ["old" in one.envelope for one in box.kept()] == [False, True, False]


def test_another_folder_has_numbers_of_its_own_though_its_uidvalidity_is_the_same(box: Box) -> None:
    """[X3]"""
    box.settings = IMPORT | {"processed": ""}
    box.server.folders["Support"] = Folder(box.server.inbox.validity)
    box.server.folders["Support"].add(mail(9))
    mails = filled(box.server, 3)

    async def act() -> None:
        await box.until(box.idle(3))
        box.settings |= {"folder": "Support"}
        await box.until(box.has(*mails, mail(9)))

    box.play(act)


def test_a_mail_that_cannot_be_had_holds_back_no_other_and_is_had_later(box: Box) -> None:
    """[EI4]"""
    box.settings = IMPORT | {"processed": ""}
    mails = filled(box.server, 9)
    box.server.faults["UID FETCH 5 (UID BODY.PEEK[])"] = ["NO [SERVERBUG] can't render it"]

    async def act() -> None:
        await box.until(box.idle(8))
        mark = read_mark(box.cursor.value)
        assert (mark.done, dict(mark.pending), mark.first) == (9, {5: 1}, 5)
        box.server.ledger.append("another run")
        await box.until(box.idle(9))

    box.play(act)
    assert box.has(*mails)()
    assert box.repeated == 0
    assert [len(box.server.said(f"UID FETCH {uid} (UID BODY.PEEK[])")) for uid in (4, 6, 9)] == [1, 1, 1]
    assert read_mark(box.cursor.value).pending == {}


@pytest.mark.parametrize("fault", ["mid", "drop", "short", "long"])
def test_a_connection_that_breaks_over_a_mail_brings_it_the_next_time(box: Box, fault: str) -> None:
    """[EI4, EI7; SECURITY 3.4: wrong literal size]"""
    box.settings = IMPORT
    mails = filled(box.server, 4)
    box.server.faults["UID FETCH"] = ["", "", fault]
    box.play(lambda: box.until(box.idle(4)))
    assert box.has(*mails)()
    assert len(box.ended) == 1
    assert len(box.server.folders["Processed"].mails) == 4
    assert box.repeated == 0


def test_a_mail_that_always_breaks_the_connection_is_had_by_its_beginning(
    box: Box, monkeypatch: pytest.MonkeyPatch
) -> None:
    """[X6]"""
    monkeypatch.setattr(imap, "BEGINNING", 40)
    box.settings = IMPORT
    filled(box.server, 1)
    box.server.faults["UID FETCH"] = ["", "mid"] * imap.TRIES
    box.play(lambda: box.until(box.idle(1)))
    assert len(box.ended) == imap.TRIES
    assert [(one.body, one.envelope["cut_from"]) for one in box.kept()] == [(mail(1)[:40], len(mail(1)))]


def test_a_mail_that_cannot_be_kept_holds_back_no_other(box: Box) -> None:
    """[X6]"""
    box.settings = IMPORT | {"processed": ""}
    mails = filled(box.server, 3)
    box.bad = b"hello 2"

    async def act() -> None:
        await box.until(box.idle(2))
        assert read_mark(box.cursor.value).pending == {2: 0}
        box.bad = b""
        await box.until(box.has(*mails))

    box.play(act)


def test_while_the_store_is_away_nothing_is_moved_and_nothing_is_lost(box: Box) -> None:
    """[X1]"""
    box.settings = IMPORT
    mails = filled(box.server, 3)

    async def act() -> None:
        box.away = True
        assert await box.once() == "no disk"
        assert len(box.server.inbox.mails) == 3
        assert not box.server.said("UID MOVE")
        box.away = False
        await box.until(box.has(*mails))

    box.play(act)


@pytest.mark.parametrize(
    "faults",
    [["NO [TRYCREATE] no"], ["after"], ["drop"], ["NO [OVERQUOTA] full"] * 2, ["BAD no"]],
    ids=lambda faults: faults[0],
)
def test_a_mail_that_cannot_be_moved_is_fetched_once_all_the_same(box: Box, faults: list[str]) -> None:
    """[EI5]"""
    box.settings = IMPORT
    filled(box.server, 2)
    box.server.faults["UID MOVE"] = list(faults)

    async def act() -> None:
        await box.until(box.idle(2))
        await box.server.deliver(mail(3))
        await box.until(box.idle(3))

    box.play(act)
    assert (len(box.kept()), box.repeated) == (3, 0)
    if faults[0] in {
        "NO [TRYCREATE] no",
        "after",
        "drop",
    }:  # those that the first try left are moved with the next mail
        assert len(box.server.folders["Processed"].mails) == 3


@pytest.mark.parametrize(
    ("capabilities", "moved", "verbs"),
    [
        (("IMAP4rev1", "UIDPLUS"), True, {"UID COPY", "UID STORE", "UID EXPUNGE"}),
        (("IMAP4rev1", "MOVE"), True, {"UID MOVE"}),
        (BARE, False, set()),
    ],
    ids=["UIDPLUS", "MOVE", "neither"],
)
def test_mail_is_taken_away_only_where_that_is_safe(
    box: Box, capabilities: tuple[str, ...], moved: bool, verbs: set[str]
) -> None:
    """[EI5, EI8] A plain EXPUNGE would be an offence."""
    box.server.capabilities, box.settings = capabilities, IMPORT | SOON
    mails = filled(box.server, 3)
    others = box.server.inbox.mails[2]
    others.flags.add("\\Deleted")  # by a person, who may still undo it

    async def act() -> None:
        await box.until(lambda: box.has(*mails)() and len(box.server.said("SELECT")) > 1)

    box.play(act)
    assert {" ".join(line.split()[:2]) for line in box.server.ledger if line.split()[:1] == ["UID"]} == (
        {"UID SEARCH", "UID FETCH"} | verbs
    )
    assert bool(box.server.inbox.mails) is not moved


@pytest.mark.parametrize("capabilities", [BARE, FULL], ids=["no IDLE", "IDLE that never pushes"])
def test_mail_is_found_without_a_hint(box: Box, capabilities: tuple[str, ...]) -> None:
    """[EI7, EI8]"""
    box.server.capabilities, box.server.push, box.settings = capabilities, False, SOON

    async def act() -> None:
        await box.until(lambda: len(box.server.said("UID SEARCH")) > 1)
        await box.server.deliver(mail(1))
        await box.until(box.has(mail(1)))

    box.play(act)


def test_a_hint_brings_mail_before_its_time(box: Box) -> None:
    """[EI7]"""

    async def deliver() -> None:
        await box.server.until("IDLE")
        await box.server.deliver(mail(1))

    async def act() -> None:
        await asyncio.gather(box.until(box.has(mail(1))), deliver())

    box.play(act)


@pytest.mark.parametrize("verb", ["UID FETCH", "UID MOVE"])
@pytest.mark.parametrize("capabilities", [FULL, ("IMAP4rev1", "MOVE")], ids=["IDLE", "no IDLE"])
def test_mail_that_comes_while_other_mail_is_fetched_does_not_wait(
    box: Box, capabilities: tuple[str, ...], verb: str
) -> None:
    """[EI7] The hint stands before the answer to some other command."""
    box.server.capabilities, box.settings = capabilities, IMPORT
    filled(box.server, 1)
    box.server.faults[verb] = ["stall"]

    async def deliver() -> None:
        await box.server.until(verb)
        await box.server.deliver(mail(2))
        box.server.go_on.set()

    async def act() -> None:
        await asyncio.gather(box.until(box.has(mail(1), mail(2))), deliver())

    box.play(act)


def test_old_mail_that_is_told_of_again_is_no_hint(box: Box) -> None:
    """[EI7]"""
    box.server.repeats, box.settings = True, IMPORT | {"processed": ""}
    filled(box.server, 2)

    async def deliver() -> None:
        await box.server.until("IDLE")
        await box.server.deliver(mail(3))

    async def act() -> None:
        await asyncio.gather(box.until(box.idle(3)), deliver())

    box.play(act)
    assert len(box.server.said("SELECT")) == 2


@pytest.mark.usefixtures("impatient")
def test_a_server_that_falls_silent_is_left_and_asked_anew(box: Box) -> None:
    """[EI7, A4, A5]"""
    box.server.faults["DONE"], box.settings = ["stall"], SOON

    async def act() -> None:
        await box.until(lambda: bool(box.ended))
        assert "does not answer within" in str(box.ended[0])
        await box.server.deliver(mail(1))
        await box.until(box.has(mail(1)))

    box.play(act)


@pytest.mark.parametrize("fault", ["drop", "mid"])
def test_a_server_that_hangs_up_in_idle_is_noticed_at_once(box: Box, fault: str) -> None:
    """[A4]"""
    box.server.faults["IDLE"] = [fault]
    box.play(lambda: box.until(lambda: bool(box.ended)))
    assert "hung up" in str(box.ended[0])


def test_mail_moved_back_by_a_person_is_fetched_with_its_old_date(box: Box) -> None:
    """[EI13]"""

    async def act() -> None:
        await box.until(lambda: box.server.ledger[-1:] == ["IDLE"])
        await box.server.deliver(mail(1), "20-Nov-2026 10:00:00 +0000")
        await box.until(box.idle(1))

    box.play(act)
    assert [one.received_at for one in box.kept()] == [micros(2026, 11, 20, 10)]


@pytest.mark.parametrize("date", ["", "01-Jan-2099 00:00:00 +0000", "yesterday", " 5-Nov-2026 10:00:00 +0000"])
def test_a_mail_came_in_no_later_than_now(box: Box, date: str) -> None:
    box.settings = IMPORT
    box.server.inbox.add(mail(1), date)
    box.play(lambda: box.until(box.idle(1)))
    assert [one.received_at for one in box.kept()] == [micros(2026, 11, 5, 10) if date[:1] == " " else NOW]


@pytest.mark.parametrize("said", [None, 10], ids=["and says so", "and says another size"])
def test_too_large_a_mail_is_had_by_its_beginning(box: Box, monkeypatch: pytest.MonkeyPatch, said: int | None) -> None:
    """[ES2] Exchange only estimates RFC822.SIZE."""
    monkeypatch.setattr(imap, "LARGEST", 100_000)
    monkeypatch.setattr(imap, "BEGINNING", 5_000)
    box.settings = IMPORT
    large = mail(1, "x" * 300_000)
    box.server.inbox.add(large, size=said)
    box.server.inbox.add(mail(2))
    box.play(lambda: box.until(box.idle(2)))
    first, second = box.kept()
    assert first.body == large[: 5_000 if said is None else 100_000]
    assert first.envelope["cut_from"] == (len(large) if said is None else 10)
    assert second.body == mail(2)
    assert "cut_from" not in second.envelope


def test_a_mail_of_just_the_largest_size_is_whole(box: Box, monkeypatch: pytest.MonkeyPatch) -> None:
    """[ES2]"""
    box.settings = IMPORT
    monkeypatch.setattr(imap, "LARGEST", len(mail(1)))
    box.server.inbox.add(mail(1))
    box.play(lambda: box.until(box.has(mail(1))))
    assert "cut_from" not in box.kept()[0].envelope


def test_a_mail_that_drips_is_given_up_and_had_the_next_time(box: Box, monkeypatch: pytest.MonkeyPatch) -> None:
    """[A11]"""
    monkeypatch.setattr(imap_client, "MAIL_SECONDS", 0.3)
    box.settings = IMPORT
    filled(box.server, 1)
    box.server.faults["UID FETCH"] = ["", "drip"]
    box.play(lambda: box.until(box.has(mail(1))))
    assert "does not answer within" in str(box.ended[0])


@pytest.mark.parametrize("body", [b"", b"\r\n", b")\r\nd3 OK done\r\n* BYE\r\n", bytes(range(256)) * 300])
def test_what_a_mail_says_is_never_taken_for_the_server(box: Box, body: bytes) -> None:
    """[A6]"""
    box.settings = IMPORT
    box.server.inbox.add(body)
    box.play(lambda: box.until(box.has(body)))
    assert not box.ended


def test_many_mails_are_kept_in_few_commits_and_large_ones_in_more(box: Box, monkeypatch: pytest.MonkeyPatch) -> None:
    box.settings = IMPORT
    filled(box.server, 100)

    async def act() -> None:
        await box.until(box.idle(100))
        assert box.cursor.saves == 3  # with the first look
        monkeypatch.setattr(imap, "BATCH_BYTES", 1)
        for n in range(101, 104):
            box.server.inbox.add(mail(n))
        await box.until(box.idle(103))
        assert box.cursor.saves == 6

    box.play(act)


def test_two_that_fetch_at_once_keep_each_mail_once(box: Box) -> None:
    """[EI6] deskd's lease lets only one of them run; where it fails, nothing is doubled."""
    box.settings = IMPORT
    mails = filled(box.server, 60)
    box.play(lambda: asyncio.gather(box.until(box.has(*mails)), box.until(box.has(*mails))))
    assert box.has(*mails)()


def test_a_mark_that_cannot_be_read_ends_the_run_before_anything_is_fetched(box: Box) -> None:
    box.settings, box.cursor.value = IMPORT, "{"
    filled(box.server, 1)

    async def act() -> None:
        assert "restore it from a backup" in await box.once()

    box.play(act)
    assert not box.server.connections


def test_a_server_is_believed_only_with_its_own_certificate(tmp_path: Path, box: Box) -> None:
    authority = Authority(tmp_path)
    box.server.tls, box.settings = authority.server("127.0.0.1"), IMPORT | {"security": "tls"}
    filled(box.server, 1)

    async def act() -> None:
        assert "a certificate that is not right" in await box.once()
        assert not box.server.ledger
        trusting = ImapPoller(account(box.server, **box.settings), box.password, lambda: NOW, authority.trusted())
        box.server.faults["IDLE"] = ["drop"]
        assert "hung up" in await box.once(trusting)

    box.play(act)
    assert box.bodies() == {mail(1): 1}


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ({"host": "imap.example", "user": "u"}, "no user or no password"),
        ({"host": "imap.example", "user": "u", "password": "env:X", "security": "none"}, "in clear"),
        ({"processed": "INBOX"}, "name another folder"),
        ({"poll_s": 61}, "less than or equal to 60"),
        ({"security": "starttls"}, "'tls' or 'none'"),
    ],
)
def test_settings_that_cannot_work_are_refused(given: dict[str, object], said: str) -> None:
    """[A9] No STARTTLS: what is said before it can be forged (RFC 8314)."""
    with pytest.raises(ValueError, match=said):
        MailAccount.model_validate({"imap": given})


def test_without_a_host_there_is_no_mailbox() -> None:
    assert not MailAccount().imap.host


def test_an_account_fetches_when_it_has_a_host_and_a_password(box: Box) -> None:
    def tools(secret: str) -> Tools:
        return Tools(lambda _reference: secret, "", lambda: NOW, lambda *_words: "")

    assert imap.poller(MailAccount(), tools("a secret")) is None
    box.server.port = 993
    assert isinstance(imap.poller(account(box.server), tools("a secret")), ImapPoller)
    with pytest.raises(Off, match="env:IMAP is not there"):
        imap.poller(account(box.server), tools(""))


def test_the_crash_points_stand_around_the_keeping(box: Box, monkeypatch: pytest.MonkeyPatch) -> None:
    passed: list[tuple[str, int]] = []
    monkeypatch.setattr(imap, "reach", lambda point: passed.append((point, len(box.kept()))))
    box.settings = IMPORT
    box.server.folders["Processed"] = Folder(70)
    filled(box.server, 2)
    box.play(lambda: box.until(box.idle(2)))
    assert passed == [("imap:after-fetch", 0), ("imap:after-keep", 2)]
    assert len(box.server.said("UID MOVE")) == 1


def test_what_lay_there_longer_than_the_clocks_may_differ_is_old() -> None:
    mark = Mark().in_folder("box", 7, 5, NOW, everything=False)
    assert (mark.done, mark.since, mark.old) == (4, NOW - 10 * MINUTE, 0)
    assert read_mark(mark.text()) == mark
