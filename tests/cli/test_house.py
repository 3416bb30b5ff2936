"""What ops do: agents, rules, backups, settings."""

import json
import re
from pathlib import Path

import pytest
from argon2 import PasswordHasher
from cli_desk import CliDesk, deskd

from deskd import settings
from deskd.store import people, rule_sets, schema

RULES = """
[[rules]]
name = "all"
when = {}
then = { category = "other", topic = "unclear", queue = "triage", priority = "low", policy = "other" }
reason = { en = "Everything.", zh = "全部。" }
"""


def test_agents_are_added_listed_and_switched_off(desk: CliDesk) -> None:
    made = desk("agents", "add", "Cai", "--queues", "transfers,security", "--languages", "zh-Hans,en", "--json").json
    assert len(made["password"]) >= 12
    row = next(one for one in desk("agents", "list", "--json").json if one["name"] == "Cai")
    assert (row["queues"], row["languages"], row["active"]) == (["transfers", "security"], ["zh-Hans", "en"], True)
    assert desk("agents", "off", "Cai").status == 0
    assert "Cai" in desk("agents", "list").out
    refused = desk("queue", "next", "--as", "Cai")
    assert (refused.status, "switched off" in refused.err) == (1, True)


def test_an_agents_own_address_is_given_changed_and_taken_away(desk: CliDesk) -> None:
    def known() -> str:
        return str(next(one for one in desk("agents", "list", "--json").json if one["name"] == "Cai")["mail"])

    assert desk("agents", "add", "Cai", "--mail", "cai@staff.example").status == 0
    assert known() == "cai@staff.example"
    assert desk("agents", "mail", "Cai", "").status == 0
    assert known() == ""
    own = settings.load(desk.file).mail.accounts[0].address
    for address, why in (("cai", "no mail address"), (own, "of the desk itself")):
        refused = desk("agents", "mail", "Cai", address)
        assert (refused.status, why in refused.err) == (1, True)
    assert desk("agents", "mail", "nobody", "a@b.example").status == 1


def test_a_lost_password_is_replaced_and_the_old_log_ins_end(desk: CliDesk) -> None:
    parts = desk.build()
    with parts.database.write() as connection:
        ada = people.named(connection, "ada")
        assert ada
        people.open_session(connection, b"d" * 32, ada.id, "csrf", parts.desk.clock())
    new = desk("agents", "password", "ada", "--json").json["password"]
    with parts.database.read() as connection:
        assert PasswordHasher().verify(people.password_of(connection, "ada"), new)
        assert people.session(connection, b"d" * 32, 10**15, 10**15, parts.desk.clock()) is None
    parts.database.close()


def test_a_bearer_token_is_shown_once_listed_by_its_handle_and_revoked(desk: CliDesk) -> None:
    made = desk(
        "agents", "token", "ada", "--scope", "tickets:read", "--scope", "queues:read", "--days", "7", "--json"
    ).json
    assert (made["agent"], made["scopes"], made["days"]) == ("ada", ["tickets:read", "queues:read"], 7)
    assert made["token"].startswith(f"deskd_{made['handle']}_")
    assert len(made["token"]) == len("deskd_") + 8 + 1 + 43
    listed = desk("agents", "tokens", "--json")
    [row] = listed.json
    assert (row["handle"], row["agent"], row["live"], row["used"]) == (made["handle"], "ada", True, "")
    assert made["token"] not in listed.out + desk("agents", "tokens").out
    assert desk("agents", "revoke", made["handle"]).status == 0
    assert desk("agents", "tokens", "--json").json == []
    gone = desk("agents", "revoke", made["handle"])
    assert (gone.status, "There is no token" in gone.err) == (1, True)


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["token", "nobody", "--scope", "tickets:read"], 'no active agent "nobody"'),
        (["token", "off", "--scope", "tickets:read"], 'no active agent "off"'),
        (["token", "ada", "--scope", "tickets:read", "--days", "0"], "lives 1 to 366 days"),
        (["add", "ada"], "an agent"),
        (["add", ""], "1 to 40 printable"),
        (["add", " x"], "1 to 40 printable"),
        (["add", "x\ny"], "1 to 40 printable"),
        (["add", "x" * 41], "1 to 40 printable"),
        (["add", "x", "--languages", "Klingon"], '"Klingon" is no language'),
        (["off", "nobody"], 'no active agent "nobody"'),
        (["password", "nobody"], 'no active agent "nobody"'),
    ],
)
def test_an_agent_that_can_not_be_is_one_sentence(quiet: CliDesk, words: list[str], said: str) -> None:
    done = quiet("agents", *words)
    assert (done.status, said in done.err) == (1, True)


def test_a_queue_that_no_rule_knows_is_said(desk: CliDesk) -> None:
    done = desk("agents", "add", "x", "--queues", "transfer")
    assert (done.status, 'the queue "transfer"' in done.err) == (0, True)


def candidate(desk: CliDesk, text: str) -> str:
    """The version that a changed rule file becomes."""
    parts = desk.build()
    with parts.database.write() as connection:
        version = rule_sets.add(connection, f"h{len(text)}", text, author="ops", at=1, active=False)
    parts.database.close()
    return str(version)


def test_a_candidate_is_compared_activated_and_exported(desk: CliDesk) -> None:
    version = candidate(desk, RULES)
    assert '+name = "all"' in desk("rules", "diff", version).out
    assert desk("rules", "activate", version, "--json").json == {"version": int(version), "active": True}
    assert [r["active"] for r in desk("rules", "history", "--json").json] == [True, False]
    assert desk("rules", "export", "--json").json["text"] == RULES
    assert desk("rules", "explain", "My transfer has not arrived", "--json").json["queue"] == "triage"
    assert desk("rules", "activate", "1").status == 0


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (RULES.replace("when = {}", "when.pattern = ['(']"), r"'all' \(line 2\): RE2 refuses"),
        (RULES.replace('"other" }', '"gold" }'), r"stays out of force: rule 'all' \(line 2\) gives the policy 'gold'"),
        ("[[rules]", "no TOML"),
    ],
)
def test_a_version_that_does_not_load_is_not_activated(desk: CliDesk, text: str, said: str) -> None:
    done = desk("rules", "activate", candidate(desk, text))
    assert done.status == 1
    assert re.search(said, done.err)
    assert desk("rules", "history", "--json").json[-1]["active"] is True


def test_only_ops_and_admins_activate(desk: CliDesk) -> None:
    version = candidate(desk, RULES)
    done = desk("rules", "activate", version, "--as", "ada")
    assert (done.status, "ops" in done.err) == (1, True)


@pytest.mark.parametrize(
    "words",
    [["rules", "activate", "99"], ["rules", "diff", "99"], ["rules", "export", "99"], ["rules", "diff", "1", "99"]],
)
def test_an_unknown_version_is_one_sentence(quiet: CliDesk, words: list[str]) -> None:
    done = quiet(*words)
    assert (done.status, "no rule set 99" in done.err) == (1, True)


def test_rules_are_checked_in_a_file_of_their_own_and_in_the_settings(desk: CliDesk, tmp_path: Path) -> None:
    file = tmp_path / "rules.toml"
    file.write_text(RULES, "utf-8")
    assert desk("rules", "check", str(file), "--json").json == []
    assert desk("rules", "check", str(desk.file), "--json").status == 0
    for text, line in ((RULES.replace("when = {}", "when.pattern = ['(']"), "line 2"), ("rules = 1", "[[rules]]")):
        for more in ("", '[desk]\nbrand = "X"\n'):
            file.write_text(text + "\n" + more, "utf-8")
            done = desk("rules", "check", str(file), "--json")
            [found] = json.loads(done.out)
            assert (done.status, found["code"], line in found["finding"]) == (1, "invalid", True)


def test_explain_shows_what_held_and_with_all_what_did_not(desk: CliDesk) -> None:
    some, every = (desk("rules", "explain", "我的转账没到账", *more).out for more in ((), ("--all",)))
    assert "no " not in [line[:3] for line in some.splitlines()]
    assert len(every) > len(some)
    assert "transfer" in some


def test_a_backup_is_restored_into_an_empty_folder_and_nowhere_else(desk: CliDesk, tmp_path: Path) -> None:
    code, file = desk.ticket(), tmp_path / "backup.tar.gz"
    assert desk("backup", str(file), "--json").json["rows"] > 0
    new = CliDesk(tmp_path / "new")
    new.folder.mkdir()
    (new.folder / "keys").mkdir()
    for key in (desk.folder / "keys").iterdir():
        (new.folder / "keys" / key.name).write_bytes(key.read_bytes())
    assert new("restore", str(file), "--json").json["rows"] > 0
    assert new("ticket", "show", code).status == 0
    again = new("restore", str(file))
    assert (again.status, "not empty" in again.err) == (1, True)
    assert desk("backup", str(file)).err == f"{file} is there already. Name a file that is not.\n"
    assert file.exists()


@pytest.mark.parametrize("content", [b"", b"x" * 1000, "half"], ids=["empty", "noise", "half"])
def test_what_is_no_backup_is_one_sentence(desk: CliDesk, tmp_path: Path, content: bytes | str) -> None:
    file, new = tmp_path / "backup.tar.gz", CliDesk(tmp_path / "new")
    if isinstance(content, str):
        desk("backup", str(file))
        content = file.read_bytes()[:-2000]
    file.write_bytes(content)
    done = new("restore", str(file))
    assert done.status == 1
    assert "no backup" in done.err
    assert "defect" not in done.err


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["backup", "/no/such/folder/b.tar.gz"], "No such file or directory"),
        (["restore", "/no/such/file"], "/no/such/file"),
        (["restore", "."], "Is a directory"),
        (["ingest", "email", "/no/such/file"], "/no/such/file can't be read"),
        (["ingest", "email", "."], "Is a directory"),
        (["ingest", "pigeon", "x"], '"pigeon" takes no files'),
        (["rules", "check", "/no/such/file"], "/no/such/file can't be read"),
        (["rules", "check", "."], "Is a directory"),
        (["parked", "show", "x"], "no receipt x"),
        (["parked", "retry", "x"], "not parked any more"),
        (["parked", "dismiss", "x", "--why", "y"], "not parked any more"),
        (["parked", "dismiss", "x", "--why", ""], "Say why"),
        (["parked", "dismiss", "x", "--why", "y", "--as", "nobody"], 'no agent "nobody"'),
        (["inspect", "pigeon"], 'no kind "pigeon"'),
    ],
)
def test_what_is_not_there_is_one_sentence(quiet: CliDesk, tmp_path: Path, words: list[str], said: str) -> None:
    new = CliDesk(tmp_path / "new") if words[0] == "restore" else quiet
    done = new(*words)
    assert done.status == 1
    assert said in done.err
    assert "defect" not in done.err


def test_the_settings_are_checked_and_their_default_is_sound(desk: CliDesk, tmp_path: Path) -> None:
    assert desk("settings").out == f"{desk.file} is sound.\n"
    assert desk("settings", "--json").json["sound"] is True
    assert deskd("settings", "--default").out == settings.default_text()
    assert deskd("settings", "--default", "--json").json == {"default": settings.default_text()}


def test_migrate_says_the_schema(desk: CliDesk, tmp_path: Path) -> None:
    assert CliDesk(tmp_path / "new")("migrate", "--json").json == {"schema": schema.HEAD}


def test_a_broken_chain_is_named_and_ends_with_1(desk: CliDesk) -> None:
    assert desk("audit", "verify").out == "The chain is whole: 0 events.\n"
