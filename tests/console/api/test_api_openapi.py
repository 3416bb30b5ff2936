"""The description is made from what is served, and is whole."""

from collections.abc import Iterator
from typing import Any

import pytest
from api_world import V1, client, problem
from console_world import ConsoleWorld
from starlette.routing import Route

from deskd.console.api.operations import OPERATIONS, Operation
from deskd.domain.words import Scope

WHERE = "/api/openapi.json"


def refs(value: Any) -> Iterator[str]:
    if isinstance(value, dict):
        yield from (value["$ref"],) if "$ref" in value else ()
        for one in value.values():
            yield from refs(one)
    elif isinstance(value, list):
        for one in value:
            yield from refs(one)


def test_it_names_every_route_and_no_other(world: ConsoleWorld) -> None:
    said = world.client().get(WHERE).json()
    assert said["openapi"] == "3.1.0"
    told = {(method.upper(), path) for path, item in said["paths"].items() for method in item}
    routes = {
        (method, route.path)
        for route in world.app.routes
        if isinstance(route, Route) and route.path.startswith(V1)
        for method in (route.methods or set()) - {"HEAD"}
    }
    assert told == routes


def test_all_that_it_points_to_is_there(world: ConsoleWorld) -> None:
    said = world.client().get(WHERE).json()
    for ref in refs(said):
        name = ref.removeprefix("#/components/schemas/")
        assert name in said["components"]["schemas"]
    ids = [item["operationId"] for paths in said["paths"].values() for item in paths.values()]
    assert len(ids) == len(set(ids))
    assert {
        scope for path in said["paths"].values() for item in path.values() for scope in item["security"][0]["token"]
    } == {*Scope}


@pytest.mark.parametrize("operation", OPERATIONS, ids=lambda one: one.name)
def test_what_a_function_takes_and_gives_is_what_the_table_says(operation: Operation) -> None:
    hints = operation.call.__annotations__
    parts = [part for part in operation.path.split("/") if part.startswith("{")]
    given = [name for name in hints if name not in {"on", "return"}]
    assert hints["return"] is operation.answer
    assert given[: len(parts)] == [part.strip("{}") for part in parts]
    assert [hints[name] for name in given[len(parts) :]] == [
        shape for shape in (operation.query, operation.body) if shape
    ]


def test_it_is_for_this_machine_or_for_whoever_has_a_token(world: ConsoleWorld) -> None:
    assert world.client().get(WHERE).status_code == 200
    for headers, peer in (({}, "203.0.113.9"), ({"x_forwarded_for": "203.0.113.9"}, "127.0.0.1")):
        problem(world.client(peer, **headers).get(WHERE), 401, "token")
    assert client(world, Scope.QUEUES_READ).get(WHERE, headers={"x-forwarded-for": "203.0.113.9"}).status_code == 200
