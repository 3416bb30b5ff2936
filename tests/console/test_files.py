"""An agent takes a customer's file: whole, under its name, and never as a page of ours."""

import base64
import uuid

import pytest
from console_world import ConsoleWorld
from hypothesis import given
from hypothesis import strategies as st
from starlette.datastructures import Headers as Received

from deskd.console.download import NAME_LIMIT, SANDBOX, disposition, plain
from deskd.store import tables

PNG = b"\x89PNG\r\n\x1a\n and the rest"


def sent(world: ConsoleWorld, *files: tuple[str, str, bytes], **more: str) -> tuple[str, list[str]]:
    """The code of a ticket with these files (name, type, bytes), and where its page says that they are."""
    sending = [
        {"filename": name, "content_type": kind, "data": base64.b64encode(data).decode()} for name, kind, data in files
    ]
    words = {"id": str(uuid.uuid4()), "email": "customer@example.com", "message": "See the picture", "files": sending}
    code = str(world.client().post("/form/help", json=words | more).json()["code"])
    rows = world.rows(tables.attachments)[-len(files) :]
    return code, [f"/console/t/{code}/files/{row['id']}" for row in rows]


def test_the_page_names_the_file_and_leads_to_its_bytes(world: ConsoleWorld) -> None:
    code, [where] = sent(world, ("转账截图.png", "image/png", PNG))
    client = world.logged_in()
    page = client.get(f"/console/t/{code}").text
    assert f'href="{where}"' in page
    assert "转账截图.png" in page
    answer = client.get(where)
    assert (answer.status_code, answer.content, answer.headers["content-type"]) == (200, PNG, "image/png")


@pytest.mark.parametrize(
    ("name", "kind", "data"),
    [
        ("page.html", "text/html", b"<script>alert(1)</script>"),
        ("picture.svg", "image/svg+xml", b"<svg onload='alert(1)' xmlns='http://www.w3.org/2000/svg'/>"),
        ("program.js", "text/javascript", b"alert(1)"),
        ("feed.xml", "application/xml", b"<?xml version='1.0'?><x/>"),
        ("page.xhtml", "application/xhtml+xml", b"<html xmlns='http://www.w3.org/1999/xhtml'/>"),
        ("both.gif", "text/html;charset=utf-7", b"GIF89a/*<script>*/"),
        ("odd", "nonsense", b"x"),
    ],
)
def test_what_a_browser_could_run_comes_as_bytes_to_be_saved(
    world: ConsoleWorld, name: str, kind: str, data: bytes
) -> None:
    _, [where] = sent(world, (name, kind, data))
    answer = world.logged_in().get(where)
    assert answer.content == data
    assert answer.headers["content-type"] == "application/octet-stream"
    assert answer.headers["content-disposition"].startswith("attachment;")
    assert answer.headers["x-content-type-options"] == "nosniff"
    assert answer.headers["content-security-policy"] == SANDBOX
    assert answer.headers["cache-control"] == "no-store"


def test_a_file_of_another_ticket_or_queue_looks_like_one_that_is_not_there(world: ConsoleWorld) -> None:
    code, [where] = sent(world, ("a.png", "image/png", PNG))
    other = world.ticket(email="other@example.com")
    file, none = where.rpartition("/")[2], "0" * 32
    client, stranger = world.logged_in(), world.logged_in("Agent B")
    elsewhere, nowhere = (client.get(f"/console/t/{other}/files/{one}") for one in (file, none))
    assert (elsewhere.status_code, nowhere.status_code) == (404, 404)
    assert elsewhere.text == nowhere.text
    foreign, missing = stranger.get(where), stranger.get(f"/console/t/UP-0000-0000/files/{none}")
    assert (foreign.status_code, missing.status_code) == (404, 404)
    assert foreign.text.replace(code, "UP-0000-0000") == missing.text


def test_access_is_decided_again_for_each_file(world: ConsoleWorld) -> None:
    _, [where] = sent(world, ("a.png", "image/png", PNG))
    client = world.logged_in()
    assert client.get(where).status_code == 200
    with world.database.write() as connection:
        connection.execute(tables.agents.update().where(tables.agents.c.name == "Agent A").values(queues=["nowhere"]))
    assert client.get(where).status_code == 404


def test_a_destroyed_file_is_named_and_cannot_be_had(world: ConsoleWorld) -> None:
    code, [where] = sent(world, ("a.png", "image/png", PNG))
    with world.database.write() as connection:
        connection.execute(tables.attachments.update().values(data_key=None))
    client = world.logged_in()
    page = client.get(f"/console/t/{code}").text
    assert "a.png" in page
    assert where not in page
    assert client.get(where).status_code == 404


def test_a_file_that_is_gone_from_the_disk_is_said_in_one_sentence(world: ConsoleWorld) -> None:
    _, [where] = sent(world, ("a.png", "image/png", PNG))
    world.vault.drop(world.rows(tables.attachments)[0]["file"])
    answer = world.logged_in().get(where)
    assert answer.status_code == 404
    assert "Restore it from a backup" in answer.text


@pytest.mark.parametrize(
    ("given", "ascii_name", "whole"),
    [
        ('a "quoted" name.png', "a _quoted_ name.png", "a%20_quoted_%20name.png"),
        ("a\r\nSet-Cookie: x=1.png", "aSet-Cookie_ x=1.png", "aSet-Cookie_%20x%3D1.png"),
        ("转账截图.png", "____.png", "%E8%BD%AC%E8%B4%A6%E6%88%AA%E5%9B%BE.png"),
        ("..\\..\\etc/passwd", "_.._etc_passwd", "_.._etc_passwd"),
        ("evil\u202egpj.exe", "evilgpj.exe", "evilgpj.exe"),
        ("100%.txt", "100_.txt", "100%25.txt"),
        ("", "file", "file"),
        (" . ", "file", "file"),
    ],
)
def test_a_name_is_one_line_without_a_path_in_both_its_forms(given: str, ascii_name: str, whole: str) -> None:
    assert disposition(given) == f"attachment; filename=\"{ascii_name}\"; filename*=UTF-8''{whole}"


@given(st.text(max_size=400))
def test_any_name_gives_a_header_that_is_one_and_a_name_that_fits_a_disk(name: str) -> None:
    header = disposition(name)
    assert Received({"content-disposition": header})["content-disposition"] == header
    assert header.isascii()
    assert header.isprintable()
    assert header.count('"') == 2
    assert 0 < len(plain(name)) <= NAME_LIMIT
    assert plain(plain(name)) == plain(name)


def test_a_long_name_keeps_its_ending() -> None:
    assert plain("长" * 300 + ".pdf").endswith("长.pdf")
