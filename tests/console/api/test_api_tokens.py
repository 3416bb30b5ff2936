"""Who may ask: tokens, scopes, and the rights of the agent behind each."""

import hashlib

import pytest
from api_world import BODIES, NONE, V1, client, filled, problem, token
from console_world import ConsoleWorld

from deskd.acts import tokens
from deskd.acts.parked import OFFICE
from deskd.console.api.operations import OPERATIONS, Operation
from deskd.domain.errors import NotFound, Refused
from deskd.domain.ports import DAY, HOUR
from deskd.domain.words import Scope
from deskd.store import api_tokens, people, tables


def name(operation: Operation) -> str:
    return operation.name


def asked(world: ConsoleWorld, operation: Operation, **headers: str) -> object:
    body = BODIES.get(operation.path.removeprefix(V1)) if operation.body else None
    return world.client(**headers).request(operation.method, filled(operation.path), json=body)


@pytest.mark.parametrize("operation", OPERATIONS, ids=name)
def test_each_needs_a_token_and_exactly_its_own_scope(world: ConsoleWorld, operation: Operation) -> None:
    bare = asked(world, operation)
    problem(bare, 401, "token")
    assert bare.headers["www-authenticate"] == 'Bearer realm="deskd"'
    others = [scope for scope in Scope if scope is not operation.scope]
    narrow = asked(world, operation, authorization=f"Bearer {token(world, *others, name='Super')}")
    assert operation.scope in problem(narrow, 403, "scope")
    assert f'error="insufficient_scope", scope="{operation.scope}"' in narrow.headers["www-authenticate"]
    fit = asked(world, operation, authorization=f"Bearer {token(world, operation.scope, name='Super')}")
    assert fit.status_code == (404 if "{" in operation.path else operation.status)


@pytest.mark.parametrize("operation", [one for one in OPERATIONS if one.roles], ids=name)
def test_a_scope_gives_nobody_the_role_that_they_lack(world: ConsoleWorld, operation: Operation) -> None:
    assert operation.roles == OFFICE
    answer = asked(world, operation, authorization=f"Bearer {token(world, operation.scope)}")
    assert "supervisor or ops" in problem(answer, 403, "denied")


def test_a_token_that_is_over_revoked_of_nobody_or_made_up_is_one_answer(world: ConsoleWorld) -> None:
    over, revoked, gone = (token(world, Scope.QUEUES_READ, days=1), token(world), token(world, name="Agent B"))
    world.now += DAY
    with world.database.write() as connection:
        assert api_tokens.revoke(connection, tokens.handle_of(revoked))
        assert people.switch_off(connection, "Agent B")
    said = set()
    for one in (over, revoked, gone, "deskd_aaaaaaaa_x", "\udcff", over.upper(), over[:-1]):
        headers = {"authorization": b"Bearer " + one.encode("utf-8", "surrogateescape")}
        answer = world.client().get(f"{V1}/queues", headers=headers)
        problem(answer, 401, "token")
        assert 'error="invalid_token"' in answer.headers["www-authenticate"]
        said.add(answer.text)
    assert len(said) == 1


def test_a_session_of_the_console_opens_nothing_here_and_a_token_nothing_there(world: ConsoleWorld) -> None:
    assert world.logged_in().get(f"{V1}/queues").status_code == 401
    assert client(world).get("/console").status_code == 303
    basic = world.client(authorization="Basic YTpi").get(f"{V1}/queues")
    assert basic.status_code == 401


def test_of_a_token_nothing_is_kept_but_its_digest_its_handle_and_when_it_was_used(world: ConsoleWorld) -> None:
    made = token(world, Scope.QUEUES_READ)
    asks = world.client(authorization=f"bearer {made}")
    assert asks.get(f"{V1}/queues").status_code == 200
    [row] = world.rows(tables.api_tokens)
    assert bytes(row["digest"]) == hashlib.sha256(made.encode()).digest()
    assert made.startswith(f"deskd_{row['handle']}_")
    assert made not in str(dict(row))
    assert row["used_at"] == world.now
    world.now += HOUR // 2
    asks.get(f"{V1}/queues")
    assert world.rows(tables.api_tokens)[0]["used_at"] == world.now - HOUR // 2
    world.now += HOUR
    asks.get(f"{V1}/queues")
    assert world.rows(tables.api_tokens)[0]["used_at"] == world.now


def test_a_token_is_made_for_an_active_agent_for_something_and_for_a_year_at_most(world: ConsoleWorld) -> None:
    with world.database.write() as connection:
        for about, error in (
            (("Nobody", [Scope.QUEUES_READ], 1), NotFound),
            (("Agent A", [], 1), Refused),
            (("Agent A", [Scope.QUEUES_READ], 0), Refused),
            (("Agent A", [Scope.QUEUES_READ], 367), Refused),
        ):
            with pytest.raises(error):
                tokens.issue(world.desk, connection, *about)


def test_who_is_switched_off_loses_their_tokens(world: ConsoleWorld) -> None:
    token(world)
    token(world, name="Agent B")
    with world.database.write() as connection:
        people.switch_off(connection, "Agent A")
    assert len(world.rows(tables.api_tokens)) == 1


def test_what_there_is_none_of_and_what_takes_another_method_are_problems_too(world: ConsoleWorld) -> None:
    problem(world.client().get("/api/v1/nothing"), 404, "not-found")
    problem(world.client().get("/api/"), 404, "not-found")
    answer = client(world).put(f"{V1}/tickets/{NONE}/notes", json={})
    problem(answer, 405, "method")
    assert answer.headers["allow"] == "POST"
    both = client(world).delete(f"{V1}/tickets")
    assert set(both.headers["allow"].split(", ")) == {"GET", "HEAD", "POST"}
    assert client(world).head(f"{V1}/tickets").status_code == 200
