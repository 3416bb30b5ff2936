"""What the composition root promises at a start."""

import threading
from pathlib import Path

import pytest
import structlog
from sqlalchemy import select

from deskd import app, settings
from deskd.app.keepers import Keepers
from deskd.domain.errors import AlreadyRunning, SettingsError
from deskd.outbox.bell import Bell
from deskd.store import api_answers, rule_sets, tables

OTHER = """
[[rules]]
name = "all"
strength = "default"
when = {}
then = { category = "other", topic = "unclear", queue = "triage", priority = "low", policy = "other" }
reason = { en = "Everything.", zh = "全部。" }
"""


def test_a_changed_rule_file_is_a_candidate_and_never_active_by_a_restart(tmp_path: Path) -> None:
    first = app.build(settings.parse(settings.default_text(), tmp_path))
    first.database.close()
    second = app.build(settings.parse(OTHER, tmp_path))
    assert second.desk.rule_version == 1
    assert second.desk.rules.hash == first.desk.rules.hash
    assert second.database.transact(lambda connection: rule_sets.activate(connection, 2, app.now()))
    second.database.close()
    third = app.build(settings.parse(settings.default_text(), tmp_path))
    assert (third.desk.rule_version, len(third.desk.rules.rules)) == (2, 1)
    third.database.close()


def test_a_second_start_on_the_same_data_is_refused_with_the_pid(tmp_path: Path) -> None:
    one = app.OneDaemon(tmp_path)
    with pytest.raises(AlreadyRunning, match=r"as process \d+"):
        app.OneDaemon(tmp_path)
    one.release()
    app.OneDaemon(tmp_path).release()


def test_the_first_log_in_is_made_once(tmp_path: Path) -> None:
    parts = app.build(settings.parse("", tmp_path))
    assert app.first_login(parts) is not None
    assert app.first_login(parts) is None
    parts.database.close()


def test_the_data_folder_is_the_same_wherever_a_child_of_the_daemon_stands(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    read = app.prepare(Path("data/settings.toml"))
    assert read.data == tmp_path / "data"


def test_a_desk_whose_keys_are_lost_makes_no_new_ones(tmp_path: Path) -> None:
    parts = app.build(settings.parse("", tmp_path))
    with parts.database.write() as connection:
        connection.execute(tables.keys.insert().values(digest=b"d", receipt_id="r"))
    parts.database.close()
    (tmp_path / "keys").rename(tmp_path / "elsewhere")
    with pytest.raises(SettingsError, match=r"The keys of this desk are not in .*keys"):
        app.build(settings.parse("", tmp_path))
    (tmp_path / "elsewhere").rename(tmp_path / "keys")
    app.build(settings.parse("", tmp_path)).database.close()


def test_where_the_active_rules_do_not_load_the_ones_before_them_are_in_force(tmp_path: Path) -> None:
    first = app.build(settings.parse(settings.default_text(), tmp_path))
    with first.database.write() as connection:
        for text in (OTHER, "no = [[", OTHER.replace('policy = "other"', 'policy = "nobody"')):
            version = rule_sets.add(connection, f"h{len(text)}", text, author="ops", at=app.now(), active=False)
            rule_sets.activate(connection, version, app.now() + version)
        never = rule_sets.add(connection, "never", OTHER + "\n", author="ops", at=app.now(), active=False)
    first.database.close()
    with structlog.testing.capture_logs() as logs:
        second = app.build(settings.parse(settings.default_text(), tmp_path))
    second.database.close()
    assert (second.desk.rule_version, len(second.desk.rules.rules)) == (2, 1)
    assert [(entry["event"], entry["version"]) for entry in logs] == [("rules.refused", 4), ("rules.refused", 3)]
    assert never == 5


def test_answers_of_the_api_that_nobody_may_ask_for_again_are_swept(tmp_path: Path) -> None:
    parts = app.build(settings.parse("", tmp_path))
    old = {"digest": b"o", "print": b"p", "status": 200, "sealed": b"s", "at": app.now() - api_answers.KEPT}
    with parts.database.write() as connection:
        connection.execute(tables.api_answers.insert(), [old, old | {"digest": b"n", "at": app.now()}])
    loops = Keepers(parts, Bell("redis://127.0.0.1:1", "tests")).loops(threading.Event())
    next(loop for loop in loops if loop.name == "retention").work()
    with parts.database.read() as connection:
        assert [bytes(row.digest) for row in connection.execute(select(tables.api_answers))] == [b"n"]
    parts.database.close()
