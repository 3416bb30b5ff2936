"""Idempotency-Key: the same thing asked again is done once and answered the same."""

from concurrent.futures import ThreadPoolExecutor

import pytest
from api_world import BODIES, V1, client, filled, parked, problem, token, unknown
from console_world import ConsoleWorld

from deskd.console.api.operations import OPERATIONS, Operation
from deskd.domain.ports import DAY
from deskd.domain.words import Scope
from deskd.store import api_answers, tables

KEY = {"idempotency-key": "7c1c-1"}
POSTS = [one for one in OPERATIONS if one.method == "POST"]


def made_ready(world: ConsoleWorld, operation: Operation) -> str:
    """The operation's address, of something that it can be done to."""
    code = world.ticket()
    if operation.path.endswith("/release"):
        client(world, name="Super").post(f"{V1}/tickets/{code}/claim")
    one = (
        unknown(world, code) if "{delivery}" in operation.path else parked(world) if "receipt" in operation.path else ""
    )
    if "{delivery}" in operation.path:
        client(world).post(f"{V1}/tickets/{code}/release")
    return filled(operation.path, code, one)


@pytest.mark.parametrize("operation", POSTS, ids=lambda one: one.name)
def test_each_post_is_done_once_for_a_key_and_answered_the_same(world: ConsoleWorld, operation: Operation) -> None:
    where, asks = made_ready(world, operation), client(world, name="Super")
    body = BODIES.get(operation.path.removeprefix(V1)) if operation.body else None
    first = asks.post(where, json=body, headers=KEY)
    assert first.status_code == operation.status, first.text
    events = len(world.rows(tables.events))
    again = asks.post(where, json=body, headers=KEY)
    assert (again.status_code, again.content) == (first.status_code, first.content)
    assert again.headers["idempotency-replayed"] == "true"
    assert "idempotency-replayed" not in first.headers
    assert len(world.rows(tables.events)) == events


def test_the_same_key_with_other_words_or_elsewhere_is_refused_and_does_nothing(world: ConsoleWorld) -> None:
    code, asks = world.ticket(), client(world)
    where = f"{V1}/tickets/{code}/notes"
    assert asks.post(where, json={"text": "one"}, headers=KEY).status_code == 201
    problem(asks.post(where, json={"text": "two"}, headers=KEY), 422, "key-reused")
    problem(asks.post(f"{V1}/tickets/{code}/claim", headers=KEY), 422, "key-reused")
    typed = KEY | {"content-type": "application/json"}
    assert asks.post(where, content=b'{ "text" : "one" }', headers=typed).status_code == 201
    assert len([row for row in world.rows(tables.messages) if row["direction"] == "note"]) == 1


def test_a_key_is_ones_own(world: ConsoleWorld) -> None:
    code = world.ticket()
    for name in ("Agent A", "Super"):
        answer = client(world, name=name).post(f"{V1}/tickets/{code}/notes", json={"text": name}, headers=KEY)
        assert answer.status_code == 201
    assert len([row for row in world.rows(tables.messages) if row["direction"] == "note"]) == 2


def test_another_token_of_the_agent_gets_the_answer_but_not_without_the_scope(world: ConsoleWorld) -> None:
    code = world.ticket()
    where = f"{V1}/tickets/{code}/notes"
    client(world).post(where, json={"text": "one"}, headers=KEY)
    assert client(world).post(where, json={"text": "one"}, headers=KEY).headers["idempotency-replayed"] == "true"
    problem(client(world, Scope.TICKETS_READ).post(where, json={"text": "one"}, headers=KEY), 403, "scope")


def test_what_was_refused_is_not_kept_under_its_key(world: ConsoleWorld) -> None:
    code, asks = world.ticket(), client(world)
    where = f"{V1}/tickets/{code}/replies"
    problem(asks.post(where, json={"text": "Please send us your password."}, headers=KEY), 409, "refused")
    assert world.rows(tables.api_answers) == []
    assert asks.post(where, json={"text": "We looked into it."}, headers=KEY).status_code == 201


def test_two_at_once_with_one_key_do_one_thing(world: ConsoleWorld) -> None:
    code = world.ticket()
    headers = KEY | {"authorization": f"Bearer {token(world)}"}

    def ask(_n: int) -> object:
        body = {"text": "We looked into it.", "then": "open"}
        return world.client().post(f"{V1}/tickets/{code}/replies", json=body, headers=headers)

    with ThreadPoolExecutor(8) as pool:
        answers = list(pool.map(ask, range(24)))
    assert {(one.status_code, one.content) for one in answers} == {(201, answers[0].content)}
    assert len(world.rows(tables.deliveries)) == 1
    assert sum("idempotency-replayed" not in one.headers for one in answers) == 1


def test_without_a_key_each_is_its_own(world: ConsoleWorld) -> None:
    code, asks = world.ticket(), client(world)
    for _ in range(2):
        assert asks.post(f"{V1}/tickets/{code}/notes", json={"text": "one"}).status_code == 201
    assert world.rows(tables.api_answers) == []
    assert len([row for row in world.rows(tables.messages) if row["direction"] == "note"]) == 2


def test_a_key_is_kept_for_a_day_and_then_free_and_swept(world: ConsoleWorld) -> None:
    code, asks = world.ticket(), client(world)
    where = f"{V1}/tickets/{code}/notes"
    asks.post(where, json={"text": "one"}, headers=KEY)
    world.now += DAY - 1
    with world.database.write() as connection:
        assert not api_answers.any_over(connection, world.now)
        api_answers.sweep(connection, world.now)
    problem(asks.post(where, json={"text": "two"}, headers=KEY), 422, "key-reused")
    world.now += 1
    assert asks.post(where, json={"text": "two"}, headers=KEY).status_code == 201
    world.now += DAY
    with world.database.write() as connection:
        assert api_answers.any_over(connection, world.now)
        api_answers.sweep(connection, world.now)
    assert world.rows(tables.api_answers) == []


def test_what_is_kept_of_an_answer_is_sealed_and_its_key_is_a_digest(world: ConsoleWorld) -> None:
    code = world.ticket("my transfer did not arrive", subject="quince")
    client(world).post(f"{V1}/tickets/{code}/claim", headers=KEY)
    [row] = world.rows(tables.api_answers)
    kept = b"".join(bytes(value) for value in row.values() if isinstance(value, bytes | memoryview))
    assert b"quince" not in kept
    assert KEY["idempotency-key"].encode() not in kept


@pytest.mark.parametrize("key", ["", "a b", "ключ".encode(), "x" * 256])
def test_a_key_that_is_none_is_refused(world: ConsoleWorld, key: str | bytes) -> None:
    answer = client(world).post(f"{V1}/claims/next", headers={"idempotency-key": key})
    problem(answer, 400, "key")
