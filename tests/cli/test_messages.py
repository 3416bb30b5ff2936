"""Messages by the command line: ingest, inspect, parked."""

import base64
import json
from pathlib import Path

import pytest
from cli_desk import CliDesk, deskd
from sqlalchemy import select

from deskd.store import tables

FORM = {"email": "a@example.com", "message": "My transfer has not arrived. Card 4111 1111 1111 1111, CVV 123"}


def test_a_mail_from_a_file_is_a_ticket_and_a_second_time_the_same(desk: CliDesk) -> None:
    file = str(desk.mail("My transfer has not arrived"))
    [first] = desk("ingest", "email", file, "--json").json
    [again] = desk("ingest", "email", file, "--json").json
    assert (first["outcome"], first["queue"]) == ("ticket", "transfers")
    assert again["receipt"] == first["receipt"]


def test_many_files_are_many_tickets(desk: CliDesk) -> None:
    files = [str(desk.mail("I forgot my password", who=f"c{n}@example.com", key=f"k{n}")) for n in range(70)]
    rows = desk("ingest", "email", *files, "--json").json
    assert len({row["code"] for row in rows}) == 70


def test_a_form_from_a_file_is_kept_without_its_secrets(desk: CliDesk) -> None:
    file = desk.folder / "form.json"
    file.write_text(json.dumps(FORM), "utf-8")
    [row] = desk("ingest", "form", str(file), "--json").json
    assert (row["outcome"], row["category"]) == ("ticket", "transfer")
    whole = desk("ticket", "show", row["code"], "--json").out
    assert "4111 1111 1111 1111" not in whole
    parts = desk.build()
    with parts.database.read() as connection:
        [receipt] = connection.execute(select(tables.receipts)).mappings()
    parts.database.close()
    assert receipt["channel"] == "form"


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"", "not one JSON object"),
        (b"[1]", "not one JSON object"),
        (b"\xff", "not one JSON object"),
        (b"[" * 100_000, "not one JSON object"),
        (b'{"email": "nobody", "message": "x"}', "email: "),
        (b'{"email": "a@example.com", "message": ""}', "message: Say what happened."),
        (b'{"email": "a@example.com", "message": "x", "colour": "red"}', "colour: There is no such field."),
    ],
)
def test_a_form_that_would_be_refused_is_one_sentence(quiet: CliDesk, content: bytes, said: str) -> None:
    file = quiet.folder / "form.json"
    file.write_bytes(content)
    done = quiet("ingest", "form", str(file))
    assert (done.status, said in done.err, "defect" in done.err) == (1, True, False)


def parked(desk: CliDesk) -> str:
    """The id of a receipt that was parked."""
    [row] = desk("ingest", "email", str(desk.mail("My transfer\x1b[2J")), "--json").json
    parts = desk.build()
    with parts.database.write() as connection:
        values = {"state": "parked", "step": "write", "reason": "KeyError"}
        connection.execute(tables.receipts.update().values(values))
    parts.database.close()
    return str(row["receipt"])


def test_a_parked_receipt_is_listed_shown_and_dismissed_with_who_and_why(desk: CliDesk) -> None:
    receipt = parked(desk)
    [row] = desk("parked", "list", "--json").json
    assert (row["id"], row["step"], row["reason"]) == (receipt, "write", "KeyError")
    assert desk("parked", "show", receipt).raw == (desk.folder / "1.eml").read_bytes()
    whole = desk("parked", "show", receipt, "--json").json
    assert base64.b64decode(whole["raw_b64"]) == (desk.folder / "1.eml").read_bytes()
    assert desk("parked", "dismiss", receipt, "--why", "a test", "--as", "sue", "--json").json["state"] == "dismissed"
    assert desk("parked", "list", "--json").json == []


def test_a_parked_receipt_is_given_to_the_pipeline_again(desk: CliDesk) -> None:
    receipt = parked(desk)
    assert desk("parked", "retry", receipt, "--json").json["state"] == "kept"
    assert desk("parked", "retry", receipt).status == 1


@pytest.mark.parametrize(
    ("kind", "content", "key"),
    [
        ("email", b"From: a@example.com\r\n\r\nHello", "from"),
        ("email", b"", "from"),
        ("email", bytes(range(256)), "warnings"),
        ("reply", b"Thanks\n\n> old", "reply"),
        ("telegram", b'{"update_id": 1, "message": {"chat": {"id": 5}}}', "event"),
        ("telegram", b'{"update": {"test": "ok"}}', "event"),
        ("mask", "卡号 4111 1111 1111 1111".encode(), "spans"),
        ("mask", b"\xff\xfe\x00", "text"),
        ("route", "我的转账没到账".encode(), "queue"),
        ("route", b"", "queue"),
        ("due", b'{"calendar": "office", "start": "2026-05-29T10:00:00+08:00", "minutes": 60}', "due"),
    ],
)
def test_a_file_is_looked_at_without_being_kept(tmp_path: Path, kind: str, content: bytes, key: str) -> None:
    file = tmp_path / "file"
    file.write_bytes(content)
    assert key in deskd("inspect", kind, str(file)).json
    assert deskd("inspect", kind, str(file), "--json").out.count("\n") == 1


@pytest.mark.parametrize(
    ("kind", "line", "said"),
    [
        ("mask", b"{", "Expecting"),
        ("mask", b"[]", "one JSON object"),
        ("mask", b'"x"', "one JSON object"),
        ("mask", b"\xff", ""),
        ("mask", b"[" * 100_000, "nested"),
        ("mask", b'{"id": 1}', "text is missing"),
        ("mask", b'{"id": 1, "text": 5}', "text must be a string"),
        ("mask", b'{"id": 1, "text": "\\ud800 4111 1111 1111 1111"}', None),
        ("route", b'{"id": 1, "text": "\\ud800"}', None),
        ("route", b'{"id": 1, "text": "x", "channel": 3}', "channel must be a string"),
        ("route", b'{"id": 1, "text": "x", "at": "soon"}', ""),
        ("route", b'{"id": 1, "text": "x", "at": 1e400}', ""),
        ("reply", b'{"id": 1}', "text or html is missing"),
        ("reply", b'{"id": 1, "html": 5}', ""),
        ("reply", b'{"id": 1, "text": "\\ud800"}', None),
        ("email", b'{"id": 1, "raw_b64": "?"}', "base 64"),
        ("email", b'{"id": 1, "raw_b64": null}', "must be a string"),
        ("telegram", b'{"id": 1}', "update is missing"),
        ("telegram", b'{"id": 1, "update": [1]}', "update must be an object"),
        ("telegram", b'{"id": 1, "update": {"message": {"text": "\\ud800", "chat": {"id": 1e400}}}}', None),
        ("due", b'{"id": 1}', ""),
        ("due", b'{"id": 1, "calendar": "office", "start": 1, "minutes": "x"}', ""),
    ],
)
def test_a_bad_line_is_answered_and_ends_nothing(kind: str, line: bytes, said: str | None) -> None:
    """None: it is answered well."""
    done = deskd("inspect", kind, stdin=line + b"\n\n" + line + b"\n")
    answers = [json.loads(one) for one in done.out.splitlines()]
    assert (done.status, len(answers)) == (0, 2)
    for answer in answers:
        assert ("result" in answer) == (said is None), answer
        assert said is None or said in answer["error"]


def test_route_goes_by_the_rules_that_are_named(tmp_path: Path) -> None:
    ask = b'{"id": 1, "text": "My transfer has not arrived"}\n'

    def queue(*more: str) -> str:
        return str(json.loads(deskd("inspect", "route", *more, stdin=ask).out)["result"]["queue"])

    then, reason = '{ queue = "mine", category = "other" }', '{ en = "A", zh = "B" }'
    rule = f'[[rules]]\nname = "x"\nwhen = {{}}\nthen = {then}\nreason = {reason}\n'
    alone, whole = tmp_path / "rules.toml", tmp_path / "settings.toml"
    alone.write_text(rule, "utf-8")
    whole.write_text('[desk]\nbrand = "X"\n' + rule, "utf-8")
    assert queue() == "transfers"
    assert queue("--rules", "none") != "transfers"
    assert queue("--rules", str(alone)) == queue("--settings", str(whole)) == "mine"


@pytest.mark.parametrize(
    ("content", "said"),
    [(None, "can't be read"), (b"[[rules]", "no TOML"), (b"\xff", "not UTF-8"), (b"rules = 3", "tables")],
)
@pytest.mark.parametrize("option", ["--rules", "--settings"])
def test_rules_that_can_not_be_read_are_one_sentence(
    tmp_path: Path, content: bytes | None, said: str, option: str
) -> None:
    file = tmp_path / "file"
    if content is not None:
        file.write_bytes(content)
    done = deskd("inspect", "route", option, str(file), stdin=b'{"text": "x"}')
    assert (done.status, said in done.err, "defect" in done.err) == (1, True, False)
