"""A provider's request: proved, kept, and only then answered; on a refusal no word of why."""

import asyncio
import json
from dataclasses import replace

import pytest
from console_world import ConsoleWorld
from starlette.testclient import TestClient

from deskd.console.hooks import BODY_BYTES
from deskd.console.http import build
from deskd.domain.errors import Forged
from deskd.domain.ports import Heard, Hooked, Receipt

PROOF = {"x-proof": "yes"}
BODY = json.dumps({"message": "hello"}).encode()


class Door:
    """A channel whose requests are proved by a header; the body is the receipt."""

    def __init__(self) -> None:
        self.heard: list[Hooked] = []

    def hear(self, request: Hooked) -> Heard:
        self.heard.append(request)
        if request.headers.get("x-proof") != "yes":
            raise Forged("the proof is missing")
        receipt = Receipt("form", "help", request.path or "k", "lane", request.body, request.at)
        return Heard((receipt,), content_type="text/xml", body=b"<Response/>")


@pytest.fixture
def door() -> Door:
    return Door()


@pytest.fixture
def client(world: ConsoleWorld, door: Door) -> TestClient:
    context = replace(world.context, hooks={("form", "help"): door}, public_url="https://desk.example")
    return TestClient(build(context))


def test_it_is_kept_and_then_answered_as_the_channel_says(world: ConsoleWorld, door: Door, client: TestClient) -> None:
    answer = client.post("/hooks/form/help/k1?a=%20+b&a=", content=BODY, headers=PROOF)
    assert (answer.status_code, answer.content, answer.headers["content-type"]) == (200, b"<Response/>", "text/xml")
    [request] = door.heard
    assert (request.url, request.path) == ("https://desk.example/hooks/form/help/k1?a=%20+b&a=", "k1")
    assert len(world.kept) == 1
    assert answer.headers["content-security-policy"]


def test_a_secret_is_gone_before_it_is_kept(world: ConsoleWorld, client: TestClient) -> None:
    body = json.dumps({"message": "my card is 4111 1111 1111 1111"}).encode()
    assert client.post("/hooks/form/help/k2", content=body, headers=PROOF).status_code == 200
    [receipt] = world.kept
    assert b"1111 1111" not in receipt.body
    assert receipt.envelope["found"] == ["card"]


def test_what_cannot_be_masked_is_kept_as_it_came(world: ConsoleWorld, client: TestClient) -> None:
    assert client.post("/hooks/form/help/k3", content=b"no json", headers=PROOF).status_code == 200
    assert [receipt.body for receipt in world.kept] == [b"no json"]


def test_what_is_not_proved_is_refused_without_a_reason_and_not_kept(world: ConsoleWorld, client: TestClient) -> None:
    answer = client.post("/hooks/form/help", content=BODY)
    assert (answer.status_code, answer.content, world.kept) == (403, b"", [])


@pytest.mark.parametrize("path", ["/hooks/form/other", "/hooks/sms/help", "/hooks/", "/hooks/form"])
def test_where_no_account_listens_there_is_nothing(client: TestClient, path: str) -> None:
    assert client.post(path, content=BODY, headers=PROOF).status_code == 404


def test_a_slash_at_the_end_leads_nowhere_else(client: TestClient) -> None:
    assert client.post("/hooks/form/help/", content=BODY, headers=PROOF, follow_redirects=False).status_code == 200


def test_what_is_too_large_for_any_message_is_refused(world: ConsoleWorld, client: TestClient) -> None:
    answer = client.post("/hooks/form/help", content=b"x" * (BODY_BYTES + 1), headers=PROOF)
    assert (answer.status_code, world.kept) == (413, [])


def test_while_the_store_is_away_the_provider_is_told_to_come_again(world: ConsoleWorld, client: TestClient) -> None:
    world.away = True
    answer = client.post("/hooks/form/help", content=BODY, headers=PROOF)
    assert (answer.status_code, answer.headers["retry-after"]) == (503, "5")


def test_a_request_that_breaks_off_is_not_kept(world: ConsoleWorld, door: Door) -> None:
    app = build(replace(world.context, hooks={("form", "help"): door}))
    parts = [{"type": "http.request", "body": BODY, "more_body": True}, {"type": "http.disconnect"}]
    scope = {"type": "http", "method": "POST", "path": "/hooks/form/help", "query_string": b"", "headers": []}

    async def receive() -> dict[str, object]:
        return parts.pop(0)

    async def send(_message: object) -> None:
        pass

    asyncio.run(app(scope, receive, send))
    assert (door.heard, world.kept) == ([], [])
