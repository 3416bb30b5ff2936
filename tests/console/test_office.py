"""What supervisors and ops see to: receipts set aside, outcomes that nobody knows."""

from console_world import ConsoleWorld, act

from deskd.domain.ports import HOUR, Receipt
from deskd.store import receipts, tables


def parked(world: ConsoleWorld, key: str = "k", reason: str = "RuntimeError in parse.py:88.") -> str:
    """A receipt that was set aside; its id."""
    body = b'{"email": "a@example.com", "message": "I forgot my password"}'
    sealed = receipts.seal(Receipt("form", "help", key, key, body, world.now - HOUR), world.ids, world.vault)
    with world.database.write() as connection:
        receipts.keep(connection, [sealed])
        values = {"state": "parked", "step": "look", "reason": reason, "settled_at": world.now}
        connection.execute(tables.receipts.update().where(tables.receipts.c.id == sealed[1]["id"]).values(values))
    return str(sealed[1]["id"])


def delivery(world: ConsoleWorld, state: str, email: str = "customer@example.com") -> tuple[str, str]:
    """(code, id) of a delivery that is in this state."""
    code, client = world.ticket(email=email), world.logged_in()
    act(client, f"/console/t/{code}/reply", reply="We looked into it.")
    row = world.rows(tables.deliveries)[-1]
    with world.database.write() as connection:
        changed = tables.deliveries.update().where(tables.deliveries.c.id == row["id"])
        connection.execute(changed.values(state=state, note="451 try later"))
    return code, str(row["id"])


def test_a_parked_receipt_is_listed_with_its_step_and_reason_and_goes_on_after_a_retry(world: ConsoleWorld) -> None:
    receipt, client = parked(world), world.logged_in("Super")
    page = client.get("/console/parked").text
    assert "look" in page
    assert "RuntimeError in parse.py:88." in page
    assert "1 h ago" in page
    assert "1 parked" in client.get("/console").text
    answer = act(client, f"/console/parked/{receipt}/retry")
    assert answer.headers["location"] == "/console/parked?done=retried"
    assert "goes through the pipeline again" in client.get(answer.headers["location"]).text
    world.run()
    assert len(world.rows(tables.tickets)) == 1
    again = act(client, f"/console/parked/{receipt}/retry")
    assert again.status_code == 409
    assert "not parked any more" in again.text


def test_dismissing_wants_a_reason_and_keeps_who_and_why_behind_the_first_one(world: ConsoleWorld) -> None:
    receipt, client = parked(world), world.logged_in("Super")
    refused = act(client, f"/console/parked/{receipt}/dismiss", why=" ")
    assert refused.status_code == 409
    assert act(client, f"/console/parked/{receipt}/dismiss", why="a scanner, no customer").status_code == 303
    [row] = world.rows(tables.receipts)
    assert row["state"] == "dismissed"
    assert row["reason"] == "RuntimeError in parse.py:88. Dismissed by Super: a scanner, no customer"
    assert receipt not in client.get("/console/parked").text


def test_an_unknown_outcome_is_shown_on_its_ticket_and_decided_with_evidence(world: ConsoleWorld) -> None:
    code, one = delivery(world, "unknown")
    client = world.logged_in("Super")
    assert "outcome unknown" in client.get(f"/console/t/{code}").text
    assert "1 sent with an unknown outcome" in client.get("/console").text
    page = client.get("/console/deliveries").text
    assert code in page
    assert "451 try later" in page
    where = f"/console/deliveries/{one}/decide"
    assert act(client, where, verdict="accepted", why="").status_code == 409
    assert act(client, where, verdict="perhaps", why="x").status_code == 409
    assert act(client, where, verdict="accepted", why="the customer rang and has it").status_code == 303
    [row] = world.rows(tables.deliveries)
    assert (row["state"], row["note"]) == ("accepted", "Super: the customer rang and has it")
    assert [c["state"] for c in world.rows(tables.clocks) if c["kind"] == "first_response"] == ["met"]


def test_again_queues_it_once_more_and_a_second_decision_is_refused(world: ConsoleWorld) -> None:
    _, one = delivery(world, "unknown")
    client = world.logged_in("Super")
    assert act(client, f"/console/deliveries/{one}/decide", verdict="again", why="it bounced").status_code == 303
    assert world.rows(tables.deliveries)[0]["state"] == "queued"
    second = act(client, f"/console/deliveries/{one}/decide", verdict="again", why="it bounced")
    assert second.status_code == 409
    assert "queued" in second.text


def test_a_rejected_one_may_only_go_again_and_what_waits_is_listed_apart(world: ConsoleWorld) -> None:
    rejected, _ = delivery(world, "rejected")
    queued, _ = delivery(world, "queued", "b@example.com")
    page = world.logged_in("Super").get("/console/deliveries").text
    assert page.index(rejected) < page.index("Under way") < page.index(queued)
    assert 'value="again"' in page
    assert 'value="accepted"' not in page


def test_a_delivery_of_a_foreign_queue_is_not_there(world: ConsoleWorld) -> None:
    code, one = delivery(world, "unknown")
    with world.database.write() as connection:
        connection.execute(tables.agents.update().where(tables.agents.c.name == "Super").values(queues=["nowhere"]))
    client = world.logged_in("Super")
    assert code not in client.get("/console/deliveries").text
    foreign, none = (act(client, f"/console/deliveries/{d}/decide", verdict="again", why="w") for d in (one, "0" * 32))
    assert (foreign.status_code, foreign.text) == (none.status_code, none.text)
    assert foreign.status_code == 404


def test_a_secret_in_a_reason_is_not_kept(world: ConsoleWorld) -> None:
    receipt, client = parked(world), world.logged_in("Super")
    act(client, f"/console/parked/{receipt}/dismiss", why="only his card 4111 1111 1111 1111")
    [row] = world.rows(tables.receipts)
    assert "4111 1111 1111 1111" not in row["reason"]


def test_an_agent_of_no_office_is_not_told_of_it(world: ConsoleWorld) -> None:
    parked(world)
    page = world.logged_in().get("/console").text
    assert "parked" not in page
    assert "/console/deliveries" not in page
