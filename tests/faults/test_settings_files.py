"""A settings file or a data folder that can't be used: one sentence that names it, exit 1, and nothing is started."""

from collections.abc import Callable
from contextlib import AbstractContextManager
from pathlib import Path

import pytest
from cli_desk import CliDesk, deskd
from sqlalchemy import text

from deskd import settings

Become = Callable[[], AbstractContextManager[None]]

RULE = """
[[rules]]
name = "broken"
when.pattern = ['(?=x)']
then = { category = "other", queue = "triage" }
reason = { en = "A.", zh = "甲。" }
"""


def start(file: Path) -> str:
    """What is said by a start that is refused."""
    done = deskd("run", "--settings", str(file))
    assert done.status == 1
    assert "Traceback" not in done.err
    assert "defect" not in done.err
    assert len(done.err.strip().splitlines()) == 1
    return done.err


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"[desk", "no TOML"),
        (b"\x00", "no TOML"),
        (b"[desk]\nbrand = 'caf\xe9'\n", "is not UTF-8: line 2"),
        (b"[desk]\nbrnad = 'x'\n", "[desk] brnad: is not known"),
        (b"[dsek]\n", "there is no section [dsek]"),
        (b"[web]\nport = 'x'\n", "[web] port"),
        (b"[redis]\nurl = 'localhost'\n", "[redis] url"),
        (b"[store]\nurl = 'mysql://x'\n", 'store.url begins with "mysql:"'),
        (b"[store]\nurl = 'postgresql://127.0.0.1:port/x'\n", "store.url"),
        (b"[store]\nurl = 'postgresql://127.0.0.1:1/x'\n", "The database cannot be used"),
        (RULE.encode(), "rule 'broken' (line 2): RE2 refuses"),
    ],
)
def test_what_stands_in_it_is_refused_with_its_place(tmp_path: Path, content: bytes, said: str) -> None:
    file = tmp_path / "settings.toml"
    file.write_bytes(content)
    assert said in start(file)


def test_a_directory_is_no_settings_file(tmp_path: Path) -> None:
    assert f"The settings {tmp_path} can't be read: Is a directory" in start(tmp_path)


def test_a_link_that_leads_nowhere_is_named(tmp_path: Path) -> None:
    file = tmp_path / "settings.toml"
    file.symlink_to(file)
    assert str(file) in start(file)


def test_a_settings_file_that_may_not_be_read_is_named(common: Path, common_user: Become) -> None:
    file = common / "settings.toml"
    file.write_text(settings.default_text(), "utf-8")
    file.chmod(0)
    with common_user():
        assert f"The settings {file} can't be read: Permission denied" in start(file)


def test_a_data_folder_that_can_not_be_made_is_named(common: Path, common_user: Become) -> None:
    with common_user():
        assert f"{common / 'data'}: Permission denied" in start(common / "data" / "settings.toml")


def test_a_data_folder_that_can_not_be_written_to_is_named(common: Path, common_user: Become) -> None:
    file = common / "settings.toml"
    file.write_text(settings.default_text(), "utf-8")
    file.chmod(0o644)
    with common_user():
        assert str(common) in start(file)
        done = deskd("doctor", "--settings", str(file))
    assert (done.status, "can't be written to" in done.out) == (1, True)


def test_a_missing_file_is_checked_by_name_and_made_by_a_start_only(tmp_path: Path) -> None:
    file = tmp_path / "none.toml"
    done = deskd("settings", "--settings", str(file))
    assert (done.status, f"The settings {file} can't be read: No such file" in done.err) == (1, True)
    assert not file.exists()


@pytest.mark.parametrize("content", [b"x" * 5000, b"SQLite format 3\x00" + b"\x01" * 5000], ids=["noise", "torn"])
def test_a_database_that_is_none_is_one_sentence(tmp_path: Path, content: bytes) -> None:
    desk = CliDesk(tmp_path)
    desk.file.write_text(settings.default_text(), "utf-8")
    (tmp_path / "desk.db").write_bytes(content)
    assert "The database cannot be used: file is not a database" in start(desk.file)
    assert (tmp_path / "desk.db").read_bytes() == content


def test_a_newer_schema_is_refused(tmp_path: Path) -> None:
    desk = CliDesk(tmp_path)
    desk.file.write_text(settings.default_text(), "utf-8")
    parts = desk.build()
    with parts.database.write() as connection:
        connection.execute(text("UPDATE alembic_version SET version_num = '9999'"))
    parts.database.close()
    assert "has schema 9999, which is newer than this program's" in start(desk.file)
    done = desk("doctor")
    assert (done.status, "9999, newer than" in done.out) == (1, True)


def test_a_weak_key_stops_the_start(tmp_path: Path) -> None:
    desk = CliDesk(tmp_path)
    (tmp_path / "keys").mkdir()
    (tmp_path / "keys" / "wrap-1").write_text("c2hvcnQ=")
    assert f"The key {tmp_path}/keys/wrap-1 is missing or weak" in start(desk.file)
