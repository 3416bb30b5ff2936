"""Cursor pages: opaque, and while rows are added none that was there is missed or comes twice."""

import threading

import pytest
from api_world import V1, client, parked, problem, unknown, writes_on
from console_world import ConsoleWorld
from starlette.testclient import TestClient


def walked(asks: TestClient, path: str, limit: int, **params: str) -> list[list[dict[str, object]]]:
    """All pages."""
    pages, cursor = [], ""
    while True:
        answer = asks.get(V1 + path, params={"limit": limit, "cursor": cursor, **params})
        assert answer.status_code == 200, answer.text
        said = answer.json()
        pages.append(said["items"])
        if said["next"] is None:
            return pages
        cursor = said["next"]


def test_every_list_comes_whole_in_pages(world: ConsoleWorld) -> None:
    made = [world.ticket(email=f"c{n}@example.com") for n in range(5)]
    for n in range(4):
        writes_on(world, made[0], f"message {n}")
    for code in made[1:]:
        unknown(world, code)
    for n in range(5):
        parked(world, str(n))
    asks = client(world, name="Super")
    one = asks.get(f"{V1}/tickets/{made[0]}").json()["ticket"]["customer"]
    for path, key, size in (
        ("/tickets", "code", 5),
        (f"/tickets/{made[0]}/messages", "n", 5),
        (f"/customers/{one}/tickets", "code", 1),
        ("/deliveries", "id", 4),
        ("/parked", "id", 5),
    ):
        for limit in (1, 2, 5, 200):
            pages = walked(asks, path, limit)
            assert [len(page) for page in pages] == [limit] * (size // limit) + [size % limit] * (size % limit > 0)
            seen = [row[key] for page in pages for row in page]
            assert seen == [row[key] for row in walked(asks, path, 200)[0]]
            assert len(set(seen)) == size
    names = [row["name"] for page in walked(asks, "/queues", 2) for row in page]
    assert names == sorted(names)
    assert len(names) > 2


def test_pages_under_inserts_miss_nothing_and_repeat_nothing(world: ConsoleWorld) -> None:
    made = {world.ticket(email=f"c{n}@example.com") for n in range(20)}
    asks, stop, added = client(world), threading.Event(), []

    def come_in() -> None:
        while not stop.is_set():
            added.append(world.ticket(email=f"new{len(added)}@example.com"))

    others = [threading.Thread(target=come_in) for _ in range(2)]
    for other in others:
        other.start()
    try:
        for _ in range(5):
            seen = [str(row["code"]) for page in walked(asks, "/tickets", 3) for row in page]
            assert len(seen) == len(set(seen))
            assert made <= set(seen)
    finally:
        stop.set()
        for other in others:
            other.join(30)
    assert added


def test_a_message_that_comes_while_one_pages_is_the_last(world: ConsoleWorld) -> None:
    code, asks = world.ticket(), client(world)
    where = f"{V1}/tickets/{code}/messages"
    for n in range(3):
        writes_on(world, code, f"message {n}")
    first = asks.get(where, params={"limit": 2}).json()
    writes_on(world, code, "one more")
    rest = asks.get(where, params={"cursor": first["next"]}).json()
    assert [row["n"] for row in first["items"] + rest["items"]] == [1, 2, 3, 4, 5]


@pytest.mark.parametrize("cursor", ["x", "a" * 17, "a" * 200, "%00", "é", "aaaaaaaaaaaaaaaaaMTIz"])
def test_a_made_up_cursor_is_refused(world: ConsoleWorld, cursor: str) -> None:
    problem(client(world).get(f"{V1}/tickets", params={"cursor": cursor}), 422, "cursor")


def test_a_cursor_is_of_its_list_and_filters_alone_and_says_nothing_to_a_peer(world: ConsoleWorld) -> None:
    for n in range(2):
        world.ticket(email=f"c{n}@example.com")
    asks = client(world, name="Super")
    cursor = asks.get(f"{V1}/tickets", params={"limit": 1}).json()["next"]
    assert asks.get(f"{V1}/tickets", params={"limit": 7, "cursor": cursor}).status_code == 200
    for path, params in (
        ("/tickets", {"state": "open"}),
        ("/queues", {}),
        ("/deliveries", {}),
        ("/parked", {}),
    ):
        problem(asks.get(V1 + path, params={"cursor": cursor} | params), 422, "cursor")
