"""Log-in and sessions."""

from console_world import PASSWORD, ConsoleWorld

from deskd.console.login import ABSOLUTE, IDLE, SPAN, TRIES
from deskd.domain.ports import MINUTE
from deskd.store import people, tables


def test_a_session_is_a_cookie_that_scripts_cannot_read_and_only_its_hash_is_kept(world: ConsoleWorld) -> None:
    answer = world.client().post("/console/login", data={"name": "Agent A", "password": PASSWORD})
    cookie = answer.headers["set-cookie"]
    assert cookie.startswith("deskd=")
    assert "HttpOnly" in cookie
    assert "SameSite=lax" in cookie
    [row] = world.rows(tables.sessions)
    assert cookie.split("=")[1].split(";")[0].encode() not in bytes(row["digest"])


def test_over_tls_the_cookie_is_bound_to_the_host(world: ConsoleWorld) -> None:
    from dataclasses import replace

    world.context = replace(world.context, secure_cookies=True)
    from deskd.console.http import build

    world.app = build(world.context)
    answer = world.client().post("/console/login", data={"name": "Agent A", "password": PASSWORD})
    assert answer.headers["set-cookie"].startswith("__Host-deskd=")
    assert "Secure" in answer.headers["set-cookie"]
    assert "strict-transport-security" in answer.headers


def test_a_wrong_name_and_a_wrong_password_get_the_same_answer(world: ConsoleWorld) -> None:
    wrong = [{"name": "Nobody", "password": "x"}, {"name": "Agent A", "password": "x"}]
    pages = [world.client().post("/console/login", data=given) for given in wrong]
    assert [page.status_code for page in pages] == [401, 401]
    assert pages[0].text.replace("Nobody", "Agent A") == pages[1].text


def test_after_ten_attempts_the_right_password_waits_half_an_hour(world: ConsoleWorld) -> None:
    for _ in range(TRIES):
        world.client().post("/console/login", data={"name": "Agent A", "password": "x"})
    right = {"name": "Agent A", "password": PASSWORD}
    assert world.client().post("/console/login", data=right).status_code == 401
    world.now += SPAN + 1
    assert world.client().post("/console/login", data=right).status_code == 303


def test_a_session_ends_when_idle_and_after_twelve_hours_whatever_happens(world: ConsoleWorld) -> None:
    client = world.logged_in()
    world.now += IDLE
    assert client.get("/console").status_code == 303
    client, began = world.logged_in(), world.now
    while world.now < began + ABSOLUTE - 10 * MINUTE:
        world.now += 10 * MINUTE
        assert client.get("/console").status_code == 200
    world.now += 10 * MINUTE
    assert client.get("/console").status_code == 303


def test_a_new_log_in_ends_the_old_session_and_a_switched_off_agent_is_out(world: ConsoleWorld) -> None:
    client = world.logged_in()
    client.post("/console/login", data={"name": "Agent A", "password": PASSWORD})
    assert len(world.rows(tables.sessions)) == 1
    with world.database.write() as connection:
        people.switch_off(connection, "Agent A")
    assert client.get("/console").status_code == 303
