"""Every answer has the headers, whatever it is."""

import pytest
from console_world import ConsoleWorld

from deskd.console.headers import BODY_BYTES, HEADERS


@pytest.mark.parametrize(
    ("path", "status"),
    [
        ("/console/login", 200),
        ("/console", 303),
        ("/nowhere", 404),
        ("/static/desk.css", 200),
        ("/static/no", 404),
        ("/api/v1/tickets", 401),
    ],
)
def test_pages_redirects_faults_and_files_have_them(world: ConsoleWorld, path: str, status: int) -> None:
    answer = world.client().get(path)
    assert answer.status_code == status
    assert {name: answer.headers[name] for name in HEADERS} == HEADERS


def test_the_empty_form_alone_may_be_kept_by_the_browser(world: ConsoleWorld) -> None:
    client = world.client()
    empty, filled = client.get("/form/help"), client.post("/form/help", data={"email": "nobody"})
    assert empty.headers["cache-control"] == "private, no-cache"
    assert filled.headers["cache-control"] == "no-store"
    assert {name: empty.headers[name] for name in HEADERS} == HEADERS | {"cache-control": "private, no-cache"}


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
    code, client = world.ticket(), world.logged_in("Super")
    inside = ("", "/new", "/parked", "/deliveries", f"/t/{code}", "?view=spam")
    for path in ("/console/login", "/form/help", *(f"/console{rest}" for rest in inside)):
        page = client.get(path).text
        assert "<script" not in page
        assert "style=" not in page
        assert " onclick" not in page
