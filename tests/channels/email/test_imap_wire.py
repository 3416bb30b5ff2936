"""What servers say and how they fall silent: log-in, capabilities, names, floods, what comes late.

The names in brackets are lines of CHANNELS 1.1 and 1.2; A1 to A11 are what a library that was tried does wrong.
"""

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from fakes.imap import FULL, Folder
from imap_world import Box, mail

from channels.email import imap_wire
from channels.email.imap_grammar import (
    Response,
    Unreadable,
    fields_of,
    folder_name,
    literal_size,
    read_response,
    string,
)
from deskd.store.database import Database

IMPORT = {"import_existing": True}


@pytest.fixture
def database(sqlite_template: Path, tmp_path: Path) -> Iterator[Database]:
    """One of the two: what a server says does not reach it."""
    shutil.copy(sqlite_template, tmp_path / "desk.db")
    database = Database(f"sqlite:///{tmp_path / 'desk.db'}")
    yield database
    database.close()


def test_a_log_in_that_is_refused_three_times_is_not_tried_again(box: Box) -> None:
    """[EI9]"""
    box.password = "wrong"

    async def act() -> None:
        poller = box.poller()
        said = [await box.once(poller) for _ in range(5)]
        assert "refuses the log-in: NO [AUTHENTICATIONFAILED]" in said[0]
        assert said[2] == said[3] == said[4]
        assert "is not asked again" in said[4]

    box.play(act)
    assert box.server.connections == 3


@pytest.mark.parametrize("code", ["UNAVAILABLE", "INUSE", "LIMIT"])
def test_a_log_in_that_may_do_better_later_is_tried_again_and_again(box: Box, code: str) -> None:
    """[EI9]"""
    box.settings = IMPORT
    box.server.inbox.add(mail(1))
    box.server.faults["LOGIN"] = [f"NO [{code}] later"] * 4
    box.play(lambda: box.until(box.has(mail(1))))
    assert len(box.ended) == 4


def test_refusals_count_only_in_a_row(box: Box) -> None:
    box.settings = IMPORT
    box.server.inbox.add(mail(1))
    refused = "NO [AUTHENTICATIONFAILED] no"
    box.server.faults = {"LOGIN": [refused, refused, "", refused, refused], "SELECT": ["drop"]}
    box.play(lambda: box.until(box.has(mail(1))))
    assert len(box.ended) == 5


@pytest.mark.parametrize("verb", ["LOGIN", "CAPABILITY", "SELECT", "UID SEARCH", "UID FETCH", "UID MOVE", "IDLE"])
@pytest.mark.parametrize("fault", ["bye", "drop", "stall"])
def test_whatever_breaks_wherever_the_mail_comes_once(
    box: Box, verb: str, fault: str, request: pytest.FixtureRequest
) -> None:
    """[A2, A4, A5, A10, EI9] No answer is waited for for ever, and none is taken for another command's."""
    if fault == "stall":
        request.getfixturevalue("impatient")
    box.settings = IMPORT
    box.server.inbox.add(mail(1))
    box.server.faults[verb] = [fault]

    async def act() -> None:
        await box.until(lambda: bool(box.ended))
        await box.until(box.has(mail(1)))

    box.play(act)
    assert len(box.ended) == 1
    assert "mailbox of main at 127.0.0.1" in str(box.ended[0])


@pytest.mark.parametrize("verb", ["LOGIN", "CAPABILITY", "SELECT", "UID SEARCH", "UID FETCH", "UID MOVE"])
def test_thousands_of_lines_that_say_nothing_change_nothing(box: Box, verb: str) -> None:
    """[A1]"""
    box.settings = IMPORT
    box.server.inbox.add(mail(1))
    box.server.faults[verb] = ["flood"]
    box.play(lambda: box.until(box.idle(1)))
    assert not box.ended


@pytest.mark.parametrize("most", ["MAX_SEEN", "MAX_LINE"])
def test_an_answer_without_an_end_ends_the_connection(box: Box, monkeypatch: pytest.MonkeyPatch, most: str) -> None:
    box.settings = IMPORT
    for n in range(400):
        box.server.inbox.add(mail(n))
    monkeypatch.setattr(imap_wire, most, {"MAX_SEEN": 20, "MAX_LINE": 500}[most])

    async def act() -> None:
        assert "does not end" in await box.once()

    box.play(act)


@pytest.mark.parametrize(
    "noise",
    [
        "* 1 FETCH (FLAGS (\\Seen))",
        '* 1 FETCH (UID 1 FLAGS (\\Seen $Forwarded "sad :("))',
        '* 2 FETCH (UID 9 BODY[] "a * b")',
        "* 1 FETCH (UID 1 BODY[] NIL)",
        "* OK [ALERT] the disk is nearly full {5}",
        "* NO still working (",
        '* LIST (\\HasNoChildren) "/" "unbalanced (',
        "* 9999999999999999 EXISTS",
    ],
)
def test_what_nobody_asked_for_is_passed_over(box: Box, noise: str) -> None:
    """[A6]"""
    box.server.noise, box.settings = noise, IMPORT
    box.server.inbox.add(mail(1))
    box.play(lambda: box.until(box.has(mail(1))))
    assert not box.ended


@pytest.mark.parametrize(
    ("said", "why"),
    [
        ("hello", "what is no IMAP"),
        ("* 1 FETCH (UID 1", "what is no IMAP"),
        ("* 1 FETCH (UID 1))", "what is no IMAP"),
        ("* 1 FETCH " + "(" * 100 + ")" * 100, "what is no IMAP"),
        ("d99 OK of another", "what is no IMAP"),
        ("+ more?", "what is no IMAP"),
    ],
)
def test_what_is_no_answer_ends_the_connection(box: Box, said: str, why: str) -> None:
    box.server.noise, box.settings = said, IMPORT
    box.server.inbox.add(mail(1))

    async def act() -> None:
        assert why in await box.once()

    box.play(act)


def test_capabilities_are_those_after_the_log_in(box: Box) -> None:
    """[A7] Before it and in its answer stand others."""
    box.server.capabilities = (*FULL, "XLIST")

    async def act() -> None:
        await box.until(lambda: box.server.ledger[-1:] == ["IDLE"])

    box.play(act)
    verbs = [line.partition(" ")[0] for line in box.server.ledger]
    assert verbs[:4] == ["LOGIN", "CAPABILITY", "ID", "SELECT"]


def test_who_we_are_is_said_before_a_folder_is_opened_where_that_is_wanted(box: Box) -> None:
    """[EI11]"""
    box.server.strict_id, box.settings = True, IMPORT
    box.server.inbox.add(mail(1))
    box.play(lambda: box.until(box.has(mail(1))))
    assert box.server.said("ID") == ['ID ("name" "deskd" "version" "1")']


def test_a_folder_that_is_not_opened_is_one_sentence(box: Box) -> None:
    """[A8] NO is an answer, and none that may be passed over."""
    box.settings = {"folder": "客服"}

    async def act() -> None:
        said = await box.once()
        assert said == (
            'The mailbox of main at 127.0.0.1 does not open the folder "客服": NO [NONEXISTENT] no such folder.'
        )

    box.play(act)
    assert box.server.said("SELECT") == ['SELECT "&W6JnDQ-"']


def test_a_mail_that_is_gone_when_it_is_fetched_is_nobodys_loss(box: Box) -> None:
    """[A8]"""
    box.settings = IMPORT
    for n in range(3):
        box.server.inbox.add(mail(n))
    box.server.faults["UID FETCH 2 (UID BODY.PEEK[])"] = ["OK nothing"]
    about = "UID FETCH 1,2,3 (UID RFC822.SIZE INTERNALDATE)"

    async def act() -> None:
        await box.until(lambda: bool(box.server.said(about)) and len(box.kept()) == 2)
        box.server.inbox.mails = [one for one in box.server.inbox.mails if one.uid != 2]
        await box.until(box.idle(2))
        await box.server.deliver(mail(9))
        await box.until(box.idle(3))

    box.play(act)
    assert '"pending"' not in box.cursor.value


@pytest.mark.parametrize("name", ["[Gmail]/All Mail", "已发送", 'the "done" \\ ones', "R&D"])
def test_folders_are_named_as_people_name_them(box: Box, name: str) -> None:
    """[A9]"""
    box.server.folders[folder_name(name)] = Folder(70)
    box.settings = IMPORT | {"processed": name}
    box.server.inbox.add(mail(1))
    box.play(lambda: box.until(box.idle(1)))
    assert [m.raw for m in box.server.folders[folder_name(name)].mails] == [mail(1)]


def test_names_in_modified_utf_7() -> None:
    """[A9]"""
    assert folder_name("已发送") == "&XfJT0ZAB-"
    assert folder_name("~peter/mail/台北/日本語") == "~peter/mail/&U,BTFw-/&ZeVnLIqe-"  # RFC 3501 section 5.1.3
    assert folder_name("R&D") == "R&-D"


@pytest.mark.parametrize("password", ['quo"te\\d word', "密码密码密码密码", "two\r\nlines LOGOUT"])
def test_any_password_can_be_said_and_says_nothing_else(box: Box, password: str) -> None:
    box.password = box.server.password = password
    box.play(lambda: box.until(lambda: box.server.ledger[-1:] == ["IDLE"]))


def test_no_string_holds_a_nul() -> None:
    with pytest.raises(ValueError, match="NUL"):
        string("a\0b")


def test_a_server_that_promises_idle_and_has_none_is_polled(box: Box) -> None:
    box.server.faults["IDLE"] = ["BAD no such command"]
    box.settings = {"poll_s": 0.02}
    box.play(lambda: box.until(lambda: len(box.server.said("SELECT")) > 3))
    assert len(box.server.said("IDLE")) == 1


def test_a_folder_without_uidnext_is_searched_for_it(box: Box) -> None:
    box.server.uidnext = False
    box.server.inbox.add(mail(1))

    async def act() -> None:
        await box.until(lambda: box.server.ledger[-1:] == ["IDLE"])
        await box.server.deliver(mail(2))
        await box.until(box.idle(1))

    box.play(act)
    assert box.bodies() == {mail(2): 1}


@pytest.mark.parametrize(
    ("greeting", "said"),
    [("* BYE [UNAVAILABLE] busy", "takes its leave: BYE [UNAVAILABLE] busy"), ("* BAD no", "does not greet"),
     ("220 smtp.example ESMTP", "what is no IMAP")],
)  # fmt: skip
def test_a_server_that_does_not_greet_is_left(box: Box, greeting: str, said: str) -> None:
    box.server.greeting = greeting

    async def act() -> None:
        assert said in await box.once()

    box.play(act)


def test_a_server_that_is_not_there_is_one_sentence(box: Box) -> None:
    async def act() -> None:
        await box.server.stop()
        assert "can't be reached" in await box.once()

    box.play(act)


def test_a_hundred_reconnects_leave_nothing_behind(box: Box) -> None:
    """[A10, EI15] `play` fails on a task that is left, the suite on a warning."""
    box.settings = {"poll_s": 0.001}
    box.server.faults["IDLE"] = ["mid", "drop", "bye", ""] * 25

    async def act() -> None:
        await box.until(lambda: len(box.ended) >= 75, runs=200)

    box.play(act)
    assert box.server.most_open == 1


@pytest.mark.parametrize(
    ("line", "response"),
    [
        (b"* OK [UIDNEXT 7] predicted", Response("*", "OK", code="UIDNEXT 7", text="predicted")),
        (b"d3 NO [TRYCREATE] no", Response("d3", "NO", code="TRYCREATE", text="no")),
        (b"d3 OK", Response("d3", "OK")),
        (b"* SEARCH", Response("*", "SEARCH")),
        (b"* search 2 84 (MODSEQ 9)", Response("*", "SEARCH", data=(b"2", b"84", [b"MODSEQ", b"9"]))),
        (b"* 12 EXISTS", Response("*", "EXISTS", 12)),
        (b"+ idling", Response("+", "", text="idling")),
        (b"* 1 FETCH (A NIL B \"x\\\"y (\" C[D (E)]<0> (\\Seen))",
         Response("*", "FETCH", 1, data=([b"A", None, b"B", b'x"y (', b"C[D (E)]<0>", [b"\\Seen"]],))),
    ],
)  # fmt: skip
def test_responses_are_read_by_their_grammar(line: bytes, response: Response) -> None:
    assert read_response([line]) == response


def test_a_literal_is_a_value_and_its_bytes_are_not_looked_at() -> None:
    said = read_response([b"* 1 FETCH (UID 7 BODY[] ", b"* 2 FETCH (UID 8)\r\n", b" FLAGS ())"])
    assert fields_of(said) == {"UID": b"7", "BODY[]": b"* 2 FETCH (UID 8)\r\n", "FLAGS": []}
    assert literal_size(b"* 1 FETCH (BODY[] {12}", first=True) == 12
    assert literal_size(b"* OK wait {12}", first=True) is None
    assert literal_size(b" FLAGS {12}", first=False) == 12


@pytest.mark.parametrize("line", [b"", b" * OK", b"* 1 FETCH (", b"* SEARCH )", b'* SEARCH "', b"d1 LOGIN"])
def test_what_is_no_response_is_said_to_be_none(line: bytes) -> None:
    with pytest.raises(Unreadable):
        read_response([line])
