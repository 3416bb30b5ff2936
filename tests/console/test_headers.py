"""Every answer has the headers, whatever it is."""

import pytest
from console_world import ConsoleWorld

from deskd.console.headers import BODY_BYTES, HEADERS


@pytest.mark.parametrize(
    ("path", "status"),
    [("/console/login", 200), ("/console", 303), ("/nowhere", 404), ("/static/desk.css", 200), ("/static/no", 404)],
)
def test_pages_redirects_faults_and_files_have_them(world: ConsoleWorld, path: str, status: int) -> None:
    answer = world.client().get(path)
    assert answer.status_code == status
    assert {name: answer.headers[name] for name in HEADERS} == HEADERS


def test_a_defect_is_one_sentence_with_the_headers(world: ConsoleWorld, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(type(world.database), "read", None)
    answer = world.client().get("/readyz")
    assert answer.status_code == 500
    assert "Traceback" not in answer.text
    assert {name: answer.headers[name] for name in HEADERS} == HEADERS


def test_a_body_over_the_limit_is_refused(world: ConsoleWorld) -> None:
    answer = world.client().post("/console/login", data={"name": "a" * BODY_BYTES})
    assert answer.status_code == 413
    assert {name: answer.headers[name] for name in HEADERS} == HEADERS


def test_no_page_has_script_or_style_of_its_own(world: ConsoleWorld) -> None:
    code, client = world.ticket(), world.logged_in()
    for path in ("/console/login", "/console", f"/console/t/{code}", "/form/help"):
        page = client.get(path).text
        assert "<script" not in page
        assert "style=" not in page
        assert " onclick" not in page
