"""Who may reach what. A route that is not in the table fails the suite."""

import pytest
from console_world import ConsoleWorld, act
from starlette.routing import Mount, Route

FREE, INSIDE, NEAR = "anybody", "agents", "this machine"
ACTS = ("reply", "note", "set", "spam", "claim", "release", "resolve")
TABLE = {
    ("GET", "/"): FREE,
    ("GET", "/healthz"): NEAR,
    ("GET", "/readyz"): NEAR,
    ("GET", "/metrics"): NEAR,
    ("GET", "/form/{name}"): FREE,
    ("POST", "/form/{name}"): FREE,
    ("GET", "/console/login"): FREE,
    ("POST", "/console/login"): FREE,
    ("POST", "/console/logout"): INSIDE,
    ("GET", "/console"): INSIDE,
    ("POST", "/console/next"): INSIDE,
    ("GET", "/console/t/{code}"): INSIDE,
    **{("POST", f"/console/t/{{code}}/{name}"): INSIDE for name in ACTS},
    ("GET", "/static"): FREE,
}
NONE = "UP-0000-0000"


def path_of(path: str, code: str = NONE) -> str:
    return path.replace("{code}", code).replace("{name}", "help").replace("/static", "/static/desk.css")


def test_every_route_is_in_the_table_and_every_row_is_a_route(world: ConsoleWorld) -> None:
    found = set()
    for route in world.app.routes:
        assert isinstance(route, Route | Mount)
        methods = route.methods - {"HEAD"} if isinstance(route, Route) and route.methods else {"GET"}
        found |= {(method, route.path) for method in methods}
    assert found == set(TABLE)


@pytest.mark.parametrize(("method", "path"), [pair for pair, who in TABLE.items() if who == INSIDE])
def test_nobody_is_sent_to_the_log_in(world: ConsoleWorld, method: str, path: str) -> None:
    answer = world.client().request(method, path_of(path))
    assert (answer.status_code, answer.headers["location"]) == (303, "/console/login")


@pytest.mark.parametrize(("method", "path"), [p for p, who in TABLE.items() if who == INSIDE and p[0] == "POST"])
def test_a_change_without_the_token_or_from_another_site_is_refused(
    world: ConsoleWorld, method: str, path: str
) -> None:
    client = world.logged_in()
    assert client.request(method, path_of(path)).status_code == 403
    assert act(client, path_of(path)).status_code != 403
    client = world.logged_in()
    client.headers["sec-fetch-site"] = "cross-site"
    assert act(client, path_of(path)).status_code == 403
    client = world.logged_in()
    client.headers["origin"] = "https://elsewhere.example"
    assert act(client, path_of(path)).status_code == 403


def test_a_ticket_of_a_foreign_queue_looks_like_one_that_is_not_there(world: ConsoleWorld) -> None:
    code, stranger = world.ticket(), world.logged_in("Agent B")
    for name in ACTS:
        given = {"reply": "hello", "note": "n", "field": "topic", "new": "x", "why": "y"}
        foreign, none = (act(stranger, f"/console/t/{c}/{name}", **given) for c in (code, NONE))
        assert (foreign.status_code, none.status_code) == (404, 404)
        assert foreign.text.replace(code, NONE) == none.text
    assert stranger.get(f"/console/t/{code}").status_code == 404
    assert code not in stranger.get("/console").text


@pytest.mark.parametrize("path", [path for (_, path), who in TABLE.items() if who == NEAR])
def test_health_and_metrics_are_for_this_machine_alone(world: ConsoleWorld, path: str) -> None:
    assert world.client().get(path).status_code == 200
    assert world.client("203.0.113.9").get(path).status_code == 404
    assert world.client(x_forwarded_for="203.0.113.9").get(path).status_code == 404
