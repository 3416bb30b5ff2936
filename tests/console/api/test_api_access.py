"""What is not yours looks like what is not there, in status and in words."""

from api_world import BODIES, NO_ID, NONE, V1, client, filled, unknown
from console_world import ConsoleWorld

from deskd.console.api.operations import OPERATIONS
from deskd.domain.words import Role
from deskd.store import tables


def test_a_foreign_ticket_customer_or_delivery_looks_like_none(world: ConsoleWorld) -> None:
    code = world.ticket()
    delivery = unknown(world, code)
    ids = {"customer": world.rows(tables.customers)[0]["id"], "delivery": delivery}
    with world.database.write() as connection:
        changed = tables.agents.update().where(tables.agents.c.name == "Super").values(queues=["nowhere"])
        connection.execute(changed)
    strangers = {name: client(world, name=name) for name in ("Agent B", "Super")}
    tried = 0
    for one in OPERATIONS:
        if "{" not in one.path or "{receipt}" in one.path:
            continue
        stranger = strangers["Super" if Role.SUPERVISOR in one.roles else "Agent B"]
        named = next((value for name, value in ids.items() if f"{{{name}}}" in one.path), NO_ID)
        body = BODIES.get(one.path.removeprefix(V1)) if one.body else None
        foreign = stranger.request(one.method, filled(one.path, code, named), json=body)
        none = stranger.request(one.method, filled(one.path), json=body)
        assert (foreign.status_code, none.status_code) == (404, 404), one.path
        assert foreign.text.replace(code, NONE) == none.text
        tried += 1
    assert tried == 12


def test_lists_hold_what_the_agent_sees_and_nothing_else(world: ConsoleWorld) -> None:
    code = world.ticket()
    queue = world.rows(tables.tickets)[0]["queue"]
    mine, stranger = client(world), client(world, name="Agent B")
    assert [row["code"] for row in mine.get(f"{V1}/tickets").json()["items"]] == [code]
    assert queue in [row["name"] for row in mine.get(f"{V1}/queues").json()["items"]]
    assert stranger.get(f"{V1}/tickets").json() == {"items": [], "next": None}
    assert stranger.get(f"{V1}/tickets", params={"queue": queue}).json()["items"] == []
    assert [row["name"] for row in stranger.get(f"{V1}/queues").json()["items"]] == ["nowhere"]
    assert stranger.post(f"{V1}/claims/next").json() == {"tickets": []}


def test_deliveries_are_those_of_tickets_that_one_sees(world: ConsoleWorld) -> None:
    delivery = unknown(world, world.ticket())
    office = client(world, name="Super")
    assert [row["id"] for row in office.get(f"{V1}/deliveries").json()["items"]] == [delivery]
    with world.database.write() as connection:
        connection.execute(tables.agents.update().where(tables.agents.c.name == "Super").values(queues=["nowhere"]))
    assert office.get(f"{V1}/deliveries").json()["items"] == []


def test_ids_that_can_be_none_are_not_there(world: ConsoleWorld) -> None:
    asks = client(world, name="Super")
    for path in ("/customers/x", "/customers/%00", "/parked/A" + "0" * 31, "/tickets/%00", f"/tickets/{'7' * 3000}"):
        assert asks.get(V1 + path).status_code == 404, path
