"""What an agent sees of an answer that did not arrive, and of a customer who cannot be answered."""

from console_world import ConsoleWorld, act
from sqlalchemy import update

from deskd.store import tables

WHY = "It came back: the address does not exist or cannot be used (5.1.1)."


def test_an_answer_that_came_back_says_so_and_why(world: ConsoleWorld) -> None:
    code, client = world.ticket(), world.logged_in()
    act(client, f"/console/t/{code}/reply", f"/console/t/{code}", reply="正在查。", then="waiting")
    assert WHY not in client.get(f"/console/t/{code}").text
    with world.database.write() as connection:
        connection.execute(update(tables.deliveries).values(state="accepted", report="failed", note=WHY))
    page = client.get(f"/console/t/{code}").text
    assert '<span class="tag urgent">came back</span>' in page
    assert WHY in page


def test_who_named_no_address_is_shown_so_and_there_is_no_answer_to_write(world: ConsoleWorld) -> None:
    code, client = world.ticket(), world.logged_in()
    assert f"/console/t/{code}/reply" in client.get(f"/console/t/{code}").text
    with world.database.write() as connection:
        connection.execute(update(tables.identities).values(kind="nobody", address="0" * 32))
    page = client.get(f"/console/t/{code}").text
    assert f"/console/t/{code}/reply" not in page
    assert "没有留下地址" in page or "named no address" in page
    assert "0" * 32 not in page
    answer = act(client, f"/console/t/{code}/reply", f"/console/t/{code}", reply="hello", then="waiting")
    assert (answer.status_code, "no answer can be sent" in answer.text) == (409, True)
