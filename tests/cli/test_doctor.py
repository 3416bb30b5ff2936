"""`deskd doctor`: a row a part, exit 1 when one is broken, never a secret."""

import json
import shutil
import socket
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
from cli_desk import CliDesk, Said, short_folder
from redis import Redis

from deskd.outbox.valkey import EmbeddedValkey

STORE = '# postgresql://…; empty: SQLite in the data folder\nurl = ""\n'
BELL = '# redis://… or unix://…; empty: the Valkey that deskd brings along\nurl = ""\n'


@pytest.fixture
def relay() -> Iterator[int]:
    """A server that greets, hears QUIT, and would fail the test if it were told anything else."""
    heard: list[bytes] = []
    with socket.create_server(("127.0.0.1", 0)) as door:

        def serve() -> None:
            talk, _ = door.accept()
            with talk:
                talk.sendall(b"220 relay\r\n")
                heard.append(talk.recv(512))

        thread = threading.Thread(target=serve)
        thread.start()
        yield door.getsockname()[1]
        thread.join(5)
    assert heard == [b"QUIT\r\n"]


def rows(said: Said) -> dict[str, dict[str, str]]:
    return {row["part"]: row for row in json.loads(said.out)}


def change(desk: CliDesk, old: str, new: str) -> None:
    text = desk.file.read_text("utf-8")
    assert old in text
    desk.file.write_text(text.replace(old, new, 1), "utf-8")


def test_a_sound_desk_has_no_broken_part_and_ends_well(desk: CliDesk) -> None:
    desk.ticket()
    done = desk("doctor", "--json")
    found = rows(done)
    assert done.status == 0
    assert {row["state"] for row in found.values()} <= {"ok", "off", "look"}
    for part in ("settings", "data folder", "disk", "database", "schema", "keys", "rules", "receipts", "deliveries"):
        assert found[part]["state"] == "ok", found[part]
    assert "SQLite 3." in found["database"]["what"]
    assert "opens what is sealed" in found["keys"]["what"]
    assert found["daemon"]["state"] == found["bell"]["state"] == "off"
    assert "does not answer" in found["mail out"]["what"]
    assert desk("doctor").out.splitlines()[0].split() == ["part", "state", "what", "do"]


def test_it_makes_nothing_where_nothing_is(tmp_path: Path) -> None:
    desk = CliDesk(tmp_path / "new")
    found = desk("doctor", "--json")
    assert (found.status, rows(found)["database"]["state"]) == (0, "off")
    assert list(tmp_path.iterdir()) == []


def test_a_relay_that_greets_is_left_without_a_word(desk: CliDesk, relay: int) -> None:
    change(desk, "port = 25\n", f"port = {relay}\n")
    assert rows(desk("doctor", "--json"))["mail out"]["state"] == "ok"


@pytest.mark.parametrize(
    ("value", "state", "status", "said"),
    [
        (None, "off", 0, "env:DESKD_TEST_RELAY is not there"),
        ("sh0rt", "broken", 1, "env:DESKD_TEST_RELAY is weak"),
        ("long-enough-1", "look", 0, "its secret is given"),
    ],
)
def test_a_secret_is_named_and_never_shown(
    desk: CliDesk, monkeypatch: pytest.MonkeyPatch, value: str | None, state: str, status: int, said: str
) -> None:
    change(desk, 'user = ""\n', 'user = "desk"\n')
    change(desk, 'password = ""\n', 'password = "env:DESKD_TEST_RELAY"\n')
    monkeypatch.delenv("DESKD_TEST_RELAY", raising=False)
    if value is not None:
        monkeypatch.setenv("DESKD_TEST_RELAY", value)
    done = desk("doctor", "--json")
    found = rows(done)
    assert (found["mail out"]["state"], done.status) == (state, status)
    assert said in found["mail out"]["what"]
    assert (found["account main"]["state"] == "off") == (state != "look")
    assert value is None or value not in done.out + done.err


NO_TEXTS = """[sms]
# Our numbers; in the place of this line, one table [[sms.accounts]] each
accounts = []
"""
TEXTS = """[[sms.accounts]]
name = "texts"
number = "+14155550100"
account_sid = "AC00000000000000000000000000000001"
auth_tokens = ["env:DESKD_TEST_TWILIO"]
"""


@pytest.mark.parametrize(
    ("public", "value", "state", "said"),
    [
        ("https://desk.example", None, "off", "its secret env:DESKD_TEST_TWILIO is not there"),
        ("", "long-enough-1", "off", "web.public_url is empty"),
        ("https://desk.example", "sh0rt", "broken", "env:DESKD_TEST_TWILIO is weak"),
        ("https://desk.example", "long-enough-1", "ok", "its secrets are there"),
    ],
)
def test_an_account_of_a_channel_is_off_without_its_secret_or_a_public_url(
    desk: CliDesk, monkeypatch: pytest.MonkeyPatch, public: str, value: str | None, state: str, said: str
) -> None:
    change(desk, NO_TEXTS, TEXTS)
    change(desk, 'public_url = ""', f'public_url = "{public}"')
    monkeypatch.delenv("DESKD_TEST_TWILIO", raising=False)
    if value is not None:
        monkeypatch.setenv("DESKD_TEST_TWILIO", value)
    done = desk("doctor", "--json")
    row = rows(done)["sms texts"]
    assert (row["state"], said in row["what"]) == (state, True)
    assert value is None or value not in done.out + done.err


def test_a_changed_rule_file_is_named_with_its_candidate(desk: CliDesk) -> None:
    change(desk, 'en = "Money has not arrived."', 'en = "Money is late."')
    assert "no version yet" in rows(desk("doctor", "--json"))["rules"]["what"]
    desk("rules", "history")
    row = rows(desk("doctor", "--json"))["rules"]
    assert (row["state"], "version 2" in row["what"], "deskd rules activate 2" in row["do"]) == ("look", True, True)


def test_lost_and_foreign_keys_are_broken(desk: CliDesk) -> None:
    desk.ticket()
    keys = desk.folder / "keys"
    kept = (keys / "wrap-1").read_bytes()
    (keys / "wrap-1").unlink()
    lost = desk("doctor", "--json")
    assert (lost.status, "wrap missing" in rows(lost)["keys"]["what"]) == (1, True)
    assert not (keys / "wrap-1").exists()
    (keys / "wrap-1").write_bytes((keys / "token-1").read_bytes())
    foreign = desk("doctor", "--json")
    assert (foreign.status, "cannot be opened" in rows(foreign)["keys"]["what"]) == (1, True)
    (keys / "wrap-1").write_bytes(kept)
    (keys / "wrap-1").chmod(0o644)
    assert rows(desk("doctor", "--json"))["keys"]["state"] == "look"


@pytest.mark.parametrize(
    ("old", "new", "part", "said"),
    [
        (STORE, 'url = "postgresql://desk:s3cret-word@127.0.0.1:1/desk"\n', "database", "cannot be used"),
        (STORE, 'url = "mysql://desk:s3cret-word@127.0.0.1/desk"\n', "database", 'begins with "mysql:"'),
        ("[desk]\n", "[desk]\nhotlin = 1\n", "settings", "hotlin"),
    ],
)
def test_what_is_broken_is_named_and_ends_with_1(desk: CliDesk, old: str, new: str, part: str, said: str) -> None:
    change(desk, old, new)
    done = desk("doctor", "--json")
    row = rows(done)[part]
    assert (done.status, row["state"], said in row["what"]) == (1, "broken", True)
    assert "s3cret" not in done.out + done.err


def test_a_bell_of_ones_own_choice_is_tried_and_its_password_not_shown(desk: CliDesk) -> None:
    change(desk, BELL, 'url = "redis://:s3cret-word@127.0.0.1:1/0"\n')
    done = desk("doctor", "--json")
    assert rows(done)["bell"]["state"] == "look"
    assert "s3cret" not in done.out + done.err


def test_an_answer_is_rung_for_where_the_bell_can_be_reached(cli_template: Path) -> None:
    with short_folder() as short:
        desk = CliDesk(Path(shutil.copytree(cli_template, short / "data")))
        code = desk.ticket()
        valkey = EmbeddedValkey(desk.folder / "valkey")
        valkey.start()
        try:
            desk("ticket", "reply", code, "Done.")
            with Redis.from_url(valkey.url) as redis:
                assert redis.llen("rq:queue:deskd") == 1
        finally:
            valkey.stop()


def test_who_stands_on_the_duty_roster_and_cannot_be_called_is_named(desk: CliDesk) -> None:
    assert rows(desk("doctor", "--json"))["duty"]["state"] == "off"
    on_duty = ", ".join(f'{{ agent = "{name}", calendar = "always" }}' for name in ("ada", "ghost"))
    change(desk, "people = []", f"people = [{on_duty}]")
    row = rows(desk("doctor", "--json"))["duty"]
    assert (row["state"], row["what"]) == ("look", "ada, ghost; ada, ghost can't be called")
    assert desk("agents", "mail", "ada", "ada@staff.example").status == 0
    assert rows(desk("doctor", "--json"))["duty"]["what"] == "ada, ghost; ghost can't be called"
