"""The page behind the link of a call: shown to whoever has it (mail scanners too), taken by its button."""

from dataclasses import replace

import pytest
from console_world import ConsoleWorld

from deskd.acts import duty
from deskd.acts.desk import Staff
from deskd.domain.ports import MINUTE
from deskd.store import people, tables
from sla.config import checked
from sla.duty import Duty, roster

URGENT = "A thief is taking money out of my account right now, I did not make this transfer"


@pytest.fixture
def link(world: ConsoleWorld) -> str:
    """The path of a call of Agent A's."""
    written = {"people": [{"agent": "Agent A", "calendar": "always"}]}
    made = roster(checked(Duty, written, "duty"), world.desk.book.calendars)
    world.desk = replace(world.desk, staff=Staff("main", "Asia/Shanghai", "http://desk.example", made))
    world.database.transact(lambda connection: people.set_mail(connection, "Agent A", "a@staff.example"))
    world.ticket(URGENT)
    world.now += 3 * MINUTE
    assert world.database.transact(lambda connection: duty.call(world.desk, connection)) == 1
    [page] = world.rows(tables.pages)
    return f"/duty/{duty.token_of(world.vault.ring, page['id'])}"


def owner(world: ConsoleWorld) -> str | None:
    [ticket] = world.rows(tables.tickets)
    return ticket["agent_id"]  # type: ignore[no-any-return]


def test_get_shows_and_post_takes(world: ConsoleWorld, link: str) -> None:
    client = world.client()
    for _ in range(3):  # a scanner, a preview, the person
        seen = client.get(link)
        assert (seen.status_code, "I take it" in seen.text) == (200, True)
    assert client.head(link).status_code == 200
    assert owner(world) is None
    assert "thief" not in seen.text
    assert "customer@example.com" not in seen.text
    taken = client.post(link)
    assert (taken.status_code, "the ticket is yours" in taken.text) == (200, True)
    assert owner(world) is not None
    again = client.post(link)
    assert (again.status_code, "Agent A has taken it already" in again.text) == (409, True)
    assert "I take it" not in client.get(link).text


def test_a_wrong_link_and_one_that_is_over_are_the_same_refusal(world: ConsoleWorld, link: str) -> None:
    client = world.client()
    wrong = client.get("/duty/" + "A" * 22)
    world.now += 60 * MINUTE
    over = client.get(link)
    assert (wrong.status_code, over.status_code) == (404, 404)
    assert wrong.text == over.text
    assert client.post(link).status_code == 404
    assert owner(world) is None


def test_another_site_takes_nothing(world: ConsoleWorld, link: str) -> None:
    client = world.client(sec_fetch_site="cross-site")
    assert client.post(link).status_code == 403
    assert owner(world) is None


def test_the_link_logs_nobody_in(world: ConsoleWorld, link: str) -> None:
    client = world.client()
    client.post(link)
    assert client.get("/console").headers["location"] == "/console/login"


def test_it_is_read_in_chinese(world: ConsoleWorld, link: str) -> None:
    seen = world.client(accept_language="zh-TW").get(link)
    assert "由我處理" in seen.text
    assert "由我处理" in world.client(accept_language="zh-CN").get(link).text


def test_the_call_is_listed_among_the_deliveries_and_stands_in_no_thread(world: ConsoleWorld, link: str) -> None:
    listed = world.logged_in("Super").get("/console/deliveries").text
    assert "notice to us" in listed
    assert "a@staff.example" in listed
    [ticket] = world.rows(tables.tickets)
    page = world.logged_in().get(f"/console/t/{ticket['code']}").text
    assert "duty call" in page  # in its history
    assert link not in page
    assert "{accept}" not in page
