"""Who may reach what. A route that is not in the table fails the suite."""

import re
from dataclasses import replace

import pytest
from console_world import ConsoleWorld, act
from starlette.routing import Mount, Route
from starlette.testclient import TestClient

from channels.telegram.receive import SECRET_HEADER, Webhook
from deskd.console.http import build
from deskd.store import tables

FREE, INSIDE, OFFICE, NEAR = "anybody", "agents", "supervisors and ops", "this machine"
TOKEN = "tokens of the scope"  # and of these the operations of OFFICE: tests/console/api/test_api_tokens.py
NEAR_OR_TOKEN = "this machine, or any token"
SESSION = "who wrote in that chat"
ACTS = ("reply", "text", "fact", "note", "set", "assign", "spam", "claim", "release", "resolve")
TABLE = {
    ("GET", "/"): FREE,
    ("GET", "/healthz"): NEAR,
    ("GET", "/readyz"): NEAR,
    ("GET", "/metrics"): NEAR,
    ("GET", "/form/{name}"): FREE,
    ("POST", "/form/{name}"): FREE,
    ("GET", "/chat.js"): FREE,
    ("GET", "/chat/{name}"): FREE,
    ("POST", "/chat/{name}/messages"): FREE,
    ("GET", "/chat/{name}/events"): SESSION,
    ("POST", "/chat/{name}/seen"): SESSION,
    ("POST", "/chat/{name}/leave"): FREE,
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
    ("GET", "/api/openapi.json"): NEAR_OR_TOKEN,
    ("GET", "/api/v1/tickets"): TOKEN,
    ("POST", "/api/v1/tickets"): TOKEN,
    ("GET", "/api/v1/tickets/{code}"): TOKEN,
    ("POST", "/api/v1/tickets/{code}/set"): TOKEN,
    ("POST", "/api/v1/tickets/{code}/assign"): TOKEN,
    ("POST", "/api/v1/tickets/{code}/state"): TOKEN,
    ("GET", "/api/v1/tickets/{code}/messages"): TOKEN,
    ("POST", "/api/v1/tickets/{code}/replies"): TOKEN,
    ("POST", "/api/v1/tickets/{code}/notes"): TOKEN,
    ("POST", "/api/v1/tickets/{code}/claim"): TOKEN,
    ("POST", "/api/v1/tickets/{code}/release"): TOKEN,
    ("POST", "/api/v1/claims/next"): TOKEN,
    ("GET", "/api/v1/customers/{customer}"): TOKEN,
    ("GET", "/api/v1/customers/{customer}/tickets"): TOKEN,
    ("GET", "/api/v1/queues"): TOKEN,
    ("GET", "/api/v1/deliveries"): TOKEN,
    ("POST", "/api/v1/deliveries/{delivery}/decide"): TOKEN,
    ("GET", "/api/v1/parked"): TOKEN,
    ("GET", "/api/v1/parked/{receipt}"): TOKEN,
    ("POST", "/api/v1/parked/{receipt}/retry"): TOKEN,
    ("POST", "/api/v1/parked/{receipt}/dismiss"): TOKEN,
    ("POST", "/api/v1/rules/explain"): TOKEN,
    ("GET", "/static"): FREE,
}
BEHIND = [pair for pair, who in TABLE.items() if who in {INSIDE, OFFICE}]
NONE = "UP-0000-0000"


def path_of(path: str, code: str = NONE) -> str:
    for name, value in {"{code}": code, "{name}": "help", "/static": "/static/desk.css"}.items():
        path = path.replace(name, value)
    return re.sub(r"\{(file|receipt|delivery|customer)\}", "0" * 32, path)


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


@pytest.mark.parametrize(("method", "path"), [pair for pair, who in TABLE.items() if who == TOKEN])
def test_programs_without_a_token_are_told_so_and_a_log_in_of_the_console_is_none(
    world: ConsoleWorld, method: str, path: str
) -> None:
    for client in (world.client(), world.logged_in("Super")):
        assert client.request(method, path_of(path)).status_code == 401


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


@pytest.mark.parametrize(
    ("path", "secret", "status", "kept"),
    [
        ("/hooks/telegram/bot", "the secret", 200, 1),
        ("/hooks/telegram/bot", "another", 403, 0),
        ("/hooks/telegram/bot", "", 403, 0),
        ("/hooks/telegram/bot/more", "the secret", 403, 0),
        ("/hooks/telegram/other", "the secret", 404, 0),
        ("/hooks/pigeon/bot", "the secret", 404, 0),
    ],
)
def test_a_door_of_a_provider_opens_to_what_it_proves_and_to_no_log_in(
    world: ConsoleWorld, path: str, secret: str, status: int, kept: int
) -> None:
    world.at_once = False
    doors = {("telegram", "bot"): Webhook("bot", "1", "the secret")}
    client = TestClient(build(replace(world.context, hooks=doors)), cookies=world.logged_in("Super").cookies)
    assert client.post(path, content=b'{"update_id": 5}', headers={SECRET_HEADER: secret}).status_code == status
    assert len(world.rows(tables.receipts)) == kept


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


@pytest.mark.parametrize(("method", "path"), [pair for pair, who in TABLE.items() if who == SESSION])
def test_a_conversation_is_for_whoever_has_its_session(world: ConsoleWorld, method: str, path: str) -> None:
    body = {"seq": 1, "read": True} if method == "POST" else None
    for cookie in ("", "deskd-chat=made-up", f"deskd-chat=x.{world.vault.ring.sign('thread', 'x')}"):
        answer = world.client(cookie=cookie).request(method, path_of(path), json=body)
        assert answer.status_code == 401
