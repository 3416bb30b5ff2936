"""Who may reach what. A route that is not in the table fails the suite."""

import re

import pytest
from console_world import ConsoleWorld, act
from starlette.routing import Mount, Route

FREE, INSIDE, OFFICE, NEAR = "anybody", "agents", "supervisors and ops", "this machine"
ACTS = ("reply", "text", "fact", "note", "set", "assign", "spam", "claim", "release", "resolve")
TABLE = {
    ("GET", "/"): FREE,
    ("GET", "/healthz"): NEAR,
    ("GET", "/readyz"): NEAR,
    ("GET", "/metrics"): NEAR,
    ("GET", "/form/{name}"): FREE,
    ("POST", "/form/{name}"): FREE,
    ("GET", "/duty/{token}"): FREE,
    ("POST", "/duty/{token}"): FREE,
    ("GET", "/console/login"): FREE,
    ("POST", "/console/login"): FREE,
    ("POST", "/console/logout"): INSIDE,
    ("GET", "/console"): INSIDE,
    ("POST", "/console/next"): INSIDE,
    ("GET", "/console/find"): INSIDE,
    ("GET", "/console/new"): INSIDE,
    ("POST", "/console/new"): INSIDE,
    ("GET", "/console/t/{code}"): INSIDE,
    ("GET", "/console/t/{code}/files/{file}"): INSIDE,
    **{("POST", f"/console/t/{{code}}/{name}"): INSIDE for name in ACTS},
    ("GET", "/console/parked"): OFFICE,
    ("POST", "/console/parked/{receipt}/retry"): OFFICE,
    ("POST", "/console/parked/{receipt}/dismiss"): OFFICE,
    ("GET", "/console/deliveries"): OFFICE,
    ("POST", "/console/deliveries/{delivery}/decide"): OFFICE,
    ("GET", "/static"): FREE,
}
BEHIND = [pair for pair, who in TABLE.items() if who in {INSIDE, OFFICE}]
NONE = "UP-0000-0000"


def path_of(path: str, code: str = NONE) -> str:
    for name, value in {"{code}": code, "{name}": "help", "/static": "/static/desk.css"}.items():
        path = path.replace(name, value)
    return re.sub(r"\{(file|receipt|delivery)\}", "0" * 32, path)


def test_every_route_is_in_the_table_and_every_row_is_a_route(world: ConsoleWorld) -> None:
    found = set()
    for route in world.app.routes:
        assert isinstance(route, Route | Mount)
        methods = route.methods - {"HEAD"} if isinstance(route, Route) and route.methods else {"GET"}
        found |= {(method, route.path) for method in methods}
    assert found == set(TABLE)


@pytest.mark.parametrize(("method", "path"), BEHIND)
def test_nobody_is_sent_to_the_log_in(world: ConsoleWorld, method: str, path: str) -> None:
    answer = world.client().request(method, path_of(path))
    assert (answer.status_code, answer.headers["location"]) == (303, "/console/login")


@pytest.mark.parametrize(("method", "path"), [pair for pair in BEHIND if pair[0] == "POST"])
def test_a_change_without_the_token_or_from_another_site_is_refused(
    world: ConsoleWorld, method: str, path: str
) -> None:
    client = world.logged_in("Super")
    assert client.request(method, path_of(path)).status_code == 403
    assert act(client, path_of(path)).status_code != 403
    client = world.logged_in("Super")
    client.headers["sec-fetch-site"] = "cross-site"
    assert act(client, path_of(path)).status_code == 403
    client = world.logged_in("Super")
    client.headers["origin"] = "https://elsewhere.example"
    assert act(client, path_of(path)).status_code == 403


@pytest.mark.parametrize(("method", "path"), [pair for pair, who in TABLE.items() if who == OFFICE])
def test_agents_have_no_way_to_the_pages_of_supervisors_and_ops(world: ConsoleWorld, method: str, path: str) -> None:
    agent, supervisor = world.logged_in(), world.logged_in("Super")
    if method == "GET":
        assert (agent.get(path).status_code, supervisor.get(path).status_code) == (403, 200)
        assert path not in agent.get("/console").text
        assert path in supervisor.get("/console").text
    else:
        assert act(agent, path_of(path), why="w", verdict="again").status_code == 403
        assert act(supervisor, path_of(path), why="w", verdict="again").status_code in {404, 409}


def test_a_ticket_of_a_foreign_queue_looks_like_one_that_is_not_there(world: ConsoleWorld) -> None:
    code, stranger = world.ticket(), world.logged_in("Agent B")
    for name in ACTS:
        given = {"reply": "hello", "note": "n", "field": "topic", "new": "x", "why": "y", "to": "Agent A"}
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
