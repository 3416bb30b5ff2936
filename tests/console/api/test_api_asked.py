"""What is not as it must be is refused in one sentence that does not repeat it."""

import pytest
from api_world import V1, client, problem
from console_world import ConsoleWorld

from deskd.console.headers import BODY_BYTES
from deskd.store import tables

JSON = {"content-type": "application/json"}
SECRET = "hunter22"


@pytest.mark.parametrize(
    ("raw", "status", "kind"),
    [
        (b"", 400, "malformed"),
        (b"{", 400, "malformed"),
        (b'{"text": "x"} y', 400, "malformed"),
        (b"\xff\xfe", 400, "malformed"),
        (b'{"text": "\\ud800"}', 400, "malformed"),
        (b"[" * 100_000, 400, "malformed"),
        (b'{"text": ' + b"9" * 5000 + b"}", 400, "malformed"),
        (b"[]", 422, "invalid"),
        (b"null", 422, "invalid"),
        (b"{}", 422, "invalid"),
        (b'{"text": ""}', 422, "invalid"),
        (b'{"text": 7}', 422, "invalid"),
        (b'{"text": "a\\u0000b"}', 422, "invalid"),
        (b'{"text": "x", "by": "Super"}', 422, "invalid"),
        (b'{"text": "x", "text": "y"}', 422, "invalid"),
        (b'{"text": "' + b"x" * 20_001 + b'"}', 422, "invalid"),
    ],
)
def test_a_body_that_is_none_is_refused(world: ConsoleWorld, raw: bytes, status: int, kind: str) -> None:
    code = world.ticket()
    answer = client(world).post(f"{V1}/tickets/{code}/notes", content=raw, headers=JSON)
    problem(answer, status, kind)
    assert [row["direction"] for row in world.rows(tables.messages)] == ["in"]


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({"text": "x", "then": SECRET}, "then"),
        ({"text": "x", "then": "closed"}, "then"),
        ({"text": "x", "read": SECRET}, "read"),
        ({"text": [SECRET]}, "text"),
        ({}, "text"),
    ],
)
def test_the_sentence_names_the_field_and_not_what_stood_in_it(
    world: ConsoleWorld, body: dict[str, object], field: str
) -> None:
    answer = client(world).post(f"{V1}/tickets/{world.ticket()}/replies", json=body)
    assert f'"{field}"' in problem(answer, 422, "invalid")
    assert SECRET not in answer.text


@pytest.mark.parametrize(
    "params",
    [
        {"limit": "0"},
        {"limit": "201"},
        {"limit": "5.0"},
        {"limit": " 5"},
        {"limit": "1_0"},
        {"limit": ""},
        {"limit": ["5", "6"]},
        {"spam": "yes"},
        {"state": "perhaps"},
        {"queue": ""},
        {"queue": "a\x00b"},
        {"queue": ["a"] * 21},
        {"agent": "x" * 201},
        {"order": "oldest"},
    ],
)
def test_an_address_with_what_is_not_taken_is_refused(world: ConsoleWorld, params: dict[str, object]) -> None:
    problem(client(world).get(f"{V1}/tickets", params=params), 422, "invalid")


def test_what_takes_nothing_takes_nothing(world: ConsoleWorld) -> None:
    code, asks = world.ticket(), client(world)
    assert asks.post(f"{V1}/tickets/{code}/claim", json={}).status_code == 200
    problem(asks.post(f"{V1}/tickets/{code}/claim", json={"force": True}), 422, "invalid")
    problem(asks.get(f"{V1}/tickets/{code}", params={"as": "Super"}), 422, "invalid")
    problem(asks.post(f"{V1}/tickets/{code}/claim?as=Super"), 422, "invalid")


def test_only_json_is_taken_and_not_too_much_of_it(world: ConsoleWorld) -> None:
    where, asks = f"{V1}/tickets/{world.ticket()}/notes", client(world)
    problem(asks.post(where, data={"text": "x"}), 415, "media-type")
    problem(asks.post(where, json={"text": "x" * BODY_BYTES}), 413, "too-large")


def test_a_database_that_is_away_is_said_so_with_when_to_come_again(
    world: ConsoleWorld, monkeypatch: pytest.MonkeyPatch
) -> None:
    from deskd.domain.errors import StoreAway

    def away(_self: object, _unit: object) -> None:
        raise StoreAway("The database cannot be used: no route to db.internal.")

    asks, where = client(world), f"{V1}/tickets/{world.ticket()}/notes"
    monkeypatch.setattr(type(world.database), "transact", away)
    answer = asks.post(where, json={"text": "x"})
    assert "db.internal" not in problem(answer, 503, "away")
    assert answer.headers["retry-after"] == "5"


def test_a_defect_is_a_problem_of_one_sentence(world: ConsoleWorld, monkeypatch: pytest.MonkeyPatch) -> None:
    asks = client(world)
    monkeypatch.setattr(type(world.database), "read", None)
    problem(asks.get(f"{V1}/queues"), 500, "defect")
