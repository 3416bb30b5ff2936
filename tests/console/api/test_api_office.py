"""What supervisors and ops see to, and where words would go."""

from api_world import V1, client, parked, problem, unknown
from console_world import ConsoleWorld

from deskd.store import tables

CARD = "4111 1111 1111 1111"


def test_an_unknown_outcome_is_listed_and_decided_with_evidence(world: ConsoleWorld) -> None:
    code = world.ticket()
    one, asks = unknown(world, code), client(world, name="Super")
    asks_of_it = f"{V1}/deliveries/{one}/decide"
    client(world).post(f"{V1}/tickets/{code}/release")
    [row] = asks.get(f"{V1}/deliveries", params={"state": "unknown"}).json()["items"]
    assert (row["id"], row["ticket"], row["note"], row["address"]) == (one, code, "451 try later", "c***@example.com")
    assert asks.get(f"{V1}/deliveries", params={"state": "queued"}).json()["items"] == []
    problem(asks.post(asks_of_it, json={"verdict": "accepted", "why": " "}), 409, "refused")
    problem(asks.post(asks_of_it, json={"verdict": "perhaps", "why": "w"}), 422, "invalid")
    before = world.rings
    said = asks.post(asks_of_it, json={"verdict": "accepted", "why": f"they rang, card {CARD}"}).json()
    assert (said["state"], said["settled"] is None) == ("accepted", False)
    assert said["note"].startswith("Super: they rang, card ")
    assert CARD not in said["note"]
    assert world.rings == before + 1
    assert [c["state"] for c in world.rows(tables.clocks) if c["kind"] == "first_response"] == ["met"]
    problem(asks.post(asks_of_it, json={"verdict": "rejected", "why": "no"}), 409, "refused")


def test_a_parked_receipt_is_listed_shown_tried_again_and_dismissed(world: ConsoleWorld) -> None:
    one, two, asks = parked(world, "a"), parked(world, "b"), client(world, name="Super")
    where = f"{V1}/parked"
    assert [row["id"] for row in asks.get(where).json()["items"]] == [one, two]
    shown = asks.get(f"{where}/{one}").json()
    assert (shown["step"], shown["reason"], shown["size"], shown["raw"]) == (
        "look",
        "RuntimeError in parse.py:88.",
        2,
        True,
    )
    assert asks.post(f"{where}/{one}/retry").json() == {"id": one, "state": "kept"}
    problem(asks.post(f"{where}/{one}/retry"), 404, "not-found")
    problem(asks.post(f"{where}/{two}/dismiss", json={"why": " "}), 409, "refused")
    assert asks.post(f"{where}/{two}/dismiss", json={"why": "a scanner"}).json()["state"] == "dismissed"
    assert asks.get(where).json()["items"] == []
    states = {row["id"]: (row["state"], row["reason"]) for row in world.rows(tables.receipts)}
    assert states[one] == ("kept", "")
    assert states[two] == ("dismissed", "RuntimeError in parse.py:88. Dismissed by Super: a scanner")


def test_words_are_explained_as_they_would_be_decided_without_their_secrets(world: ConsoleWorld) -> None:
    given = {"text": f"My card {CARD} was declined and the transfer has not arrived", "channel": "email"}
    said = client(world).post(f"{V1}/rules/explain", json=given).json()
    assert (said["category"], said["rule_set"]) == ("transfer", 1)
    held = [rule for rule in said["rules"] if rule["held"]]
    assert held
    assert held[0]["conditions"][0]["held"]
    assert any(rule["said"] for rule in held)
    assert any(not rule["held"] for rule in said["rules"])
    assert CARD not in str(said)
    assert world.rows(tables.tickets) == []


def test_what_only_reads_waits_for_no_writer(world: ConsoleWorld) -> None:
    asks = client(world)
    asks.get(f"{V1}/queues")  # the token's use is noted, once an hour
    with world.database.write():
        assert asks.post(f"{V1}/rules/explain", json={"text": "My transfer has not arrived"}).status_code == 200
        assert asks.get(f"{V1}/tickets").status_code == 200
