"""The chat: kept before it is acknowledged, once; followed without a gap; and nobody else's."""

import re
import uuid
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace

import pytest
from chat_world import ChatDesk, served
from console_world import SITE, ConsoleWorld

from deskd.console.http import build
from deskd.console.pace import BURST
from deskd.domain.ports import DAY, HOUR, SECOND
from deskd.store import events, receipts, tables

CARD = "4111 1111 1111 1111"


@pytest.fixture
def desk(world: ConsoleWorld) -> Iterator[ChatDesk]:
    world.at_once = False
    with served(world) as made:
        yield made


def test_a_customer_writes_an_agent_answers_and_the_stream_has_both(desk: ChatDesk) -> None:
    ada = desk.customer()
    assert ada.write("My transfer did not arrive", key := str(uuid.uuid4())) == 201
    stream = ada.listen()
    assert stream.next()[2]["state"] == "new"
    desk.settle()
    number, line = stream.line()
    assert (number, line["from"], line["id"], line["text"]) == ("1", "you", key, "My transfer did not arrive")
    number, ack = stream.line()
    assert (number, ack["from"], ack["automatic"]) == ("2", "us", True)
    assert desk.code() in ack["text"]
    desk.answer("We are looking for it.")
    number, answer = stream.line()
    assert (number, answer["from"], answer["text"]) == ("3", "us", "We are looking for it.")
    assert answer["automatic"] is False
    assert [ticket["state"] for ticket in desk.world.rows(tables.tickets)] == ["waiting"]


def test_it_is_acknowledged_only_when_it_is_kept(desk: ChatDesk) -> None:
    ada = desk.customer()
    desk.world.away = True
    key = str(uuid.uuid4())
    status, headers, _ = ada.send("POST", "/chat/help/messages", {"id": key, "text": "hello"})
    assert (status, headers["retry-after"], desk.world.rows(tables.receipts)) == (503, "5", [])
    desk.world.away = False
    assert (ada.write("hello", key), len(desk.world.rows(tables.receipts))) == (201, 1)


def test_the_same_id_fifty_times_at_once_is_one_message(desk: ChatDesk) -> None:
    ada, key = desk.customer(), str(uuid.uuid4())
    ada.send("GET", "/chat/help")
    with ThreadPoolExecutor(50) as threads:
        answers = list(threads.map(lambda _: ada.write("hello", key), range(50)))
    assert (answers.count(201), answers.count(200)) == (1, 49)
    desk.settle()
    assert [row["text"] for row in desk.world.rows(tables.messages) if row["direction"] == "in"] == ["hello"]


def test_who_lost_the_answer_and_sends_again_sees_their_message_once(desk: ChatDesk) -> None:
    ada, key = desk.customer(), str(uuid.uuid4())
    assert [ada.write("hello", key), ada.write("hello", key)] == [201, 200]
    desk.settle()
    stream = ada.listen()
    ada.write("and more")
    desk.settle()
    said = [stream.line()[1]["text"] for _ in range(3)]
    assert (said[0], said[2]) == ("hello", "and more")


def test_two_sessions_may_use_the_same_id(desk: ChatDesk) -> None:
    key = str(uuid.uuid4())
    assert [desk.customer().write(name, key) for name in ("ada", "ben")] == [201, 201]


def test_a_stream_that_is_cut_goes_on_behind_the_last_line_that_arrived(desk: ChatDesk) -> None:
    ada = desk.customer()
    ada.write("one")
    desk.settle()
    stream = ada.listen()
    last, _ = stream.line()
    stream.cut()
    desk.answer("two")
    ada.write("three")
    desk.settle()
    again = ada.listen(after=last)
    said = [again.line() for _ in range(3)]
    assert [number for number, _ in said] == ["2", "3", "4"]
    assert [line["text"] for _, line in said[1:]] == ["two", "three"]


def test_whoever_names_a_line_that_is_not_there_begins_anew(desk: ChatDesk) -> None:
    ada = desk.customer()
    ada.write("one")
    desk.settle()
    for after in ("99", "x", "-1", "9" * 40):
        assert ada.listen(after=after).line()[0] == "1"


def test_what_commits_late_is_not_passed_over(desk: ChatDesk) -> None:
    """Two transactions of one conversation: the one that began first commits last, when the other is numbered."""
    ada, world = desk.customer(), desk.world
    ada.write("one")
    desk.settle()
    [ticket] = world.rows(tables.tickets)
    [first] = [row for row in world.rows(tables.messages) if row["direction"] == "in"]
    stream = ada.listen()
    early, late = world.ids(), world.ids()
    seen = [stream.line()[0], stream.line()[0]]
    for event_id, n, text in ((late, 900, "the later one"), (early, 901, "the one that committed late")):
        with world.database.write() as connection:
            row = dict(first) | {"id": event_id, "n": n, "text": text, "receipt_id": None, "provider_id": event_id}
            connection.execute(tables.messages.insert(), [row])
            what = {
                "id": event_id,
                "ticket_id": ticket["id"],
                "n": n,
                "kind": "message.received",
                "at": 0,
                "by": "deskd",
            }
            connection.execute(tables.events.insert(), [what | {"data": f'{{"message":"{event_id}"}}'}])
        desk.number()
        number, line = stream.line()
        seen.append(number)
        assert line["text"] == text
    assert seen == ["1", "2", "3", "4"]
    with world.database.read() as connection:
        assert events.verify(connection) is None


def test_two_windows_hear_the_same(desk: ChatDesk) -> None:
    ada = desk.customer()
    ada.write("hello")
    one, two = ada.listen(), ada.listen()
    desk.settle()
    desk.answer("Good day.")
    heard = [[stream.line() for _ in range(3)] for stream in (one, two)]
    assert heard[0] == heard[1]


def test_another_session_hears_and_changes_nothing(desk: ChatDesk) -> None:
    ada, ben = desk.customer(), desk.customer()
    ada.write("my transfer did not arrive")
    desk.settle()
    ben.write("unlike ada")
    stream = ben.listen()
    desk.settle()
    desk.answer("To ben.")
    assert {stream.line()[1]["text"] for _ in range(3)} >= {"unlike ada", "To ben."}
    assert ben.seen(10, read=True) == 204
    reports = {row["address"]: row["report"] for row in desk.world.rows(tables.deliveries)}
    assert sorted(reports.values()) == ["", "read"]
    assert all("ada" not in str(row) or row["text"] == "unlike ada" for _, _, row in stream.all)


def test_another_chat_of_the_house_is_another_conversation(desk: ChatDesk) -> None:
    ada = desk.customer()
    ada.write("to help")
    ada.write("to other", chat="other")
    desk.settle()
    assert ada.listen(chat="other").line()[1]["text"] == "to other"
    assert len(desk.world.rows(tables.tickets)) == 2


def test_without_the_token_one_is_somebody_new(desk: ChatDesk) -> None:
    ada = desk.customer()
    ada.write("hello")
    again = desk.customer()
    again.send("GET", "/chat/help")
    again.write("hello again")
    desk.settle()
    assert len({row["customer_id"] for row in desk.world.rows(tables.tickets)}) == 2
    number, line = again.listen().line()
    assert (number, line["text"]) == ("1", "hello again")


def test_notes_and_what_agents_do_are_never_shown(desk: ChatDesk) -> None:
    ada = desk.customer()
    ada.write("hello")
    desk.settle()
    stream = ada.listen()
    desk.act("note", note="a rude customer")
    desk.act("set", field="priority", new="low", priority="low", why="nothing")
    desk.act("assign", to="Agent A")
    desk.answer("Good day.")
    numbers = [stream.line()[0] for _ in range(3)]
    assert numbers == ["1", "2", "3"]  # not even that something happened
    assert not re.search("rude|Super|Agent A|nothing", str(stream.all))


def test_no_line_is_shown_before_its_delivery_was_accepted(desk: ChatDesk) -> None:
    ada, world = desk.customer(), desk.world
    ada.write("hello")
    world.run()
    desk.number()
    stream = ada.listen()
    assert stream.line()[1]["text"] == "hello"
    ada.write("more")
    world.run()
    desk.number()
    assert stream.line()[1]["text"] == "more"  # the acknowledgement is queued still
    desk.settle()
    assert stream.line()[1]["automatic"] is True


def test_secrets_come_back_as_they_are_kept_and_are_kept_nowhere(desk: ChatDesk) -> None:
    ada, world = desk.customer(), desk.world
    ada.write(f"card {CARD} was declined, my password is hunter2xyz")
    [row] = world.rows(tables.receipts)
    assert CARD not in receipts.opened(row, world.vault).body.decode()
    desk.settle()
    text = ada.listen().line()[1]["text"]
    assert CARD not in text
    assert "hunter2xyz" not in text
    assert "declined" in text


def test_the_token_is_stored_as_a_digest_only(desk: ChatDesk) -> None:
    ada = desk.customer()
    ada.write("hello")
    desk.settle()
    token = ada.cookie.partition("=")[2].partition(".")[0]
    [identity] = desk.world.rows(tables.identities)
    assert len(token) == 43  # 256 bits in base 64
    assert re.fullmatch("[0-9a-f]{32}", identity["address"])
    assert token not in str([desk.world.rows(table) for table in tables.METADATA.sorted_tables if table.primary_key])


def test_the_page_tells_what_arrived_and_what_was_read(desk: ChatDesk) -> None:
    ada = desk.customer()
    ada.write("hello")
    desk.settle()
    desk.answer("Good day.")
    assert desk.deliveries() == [("ack", "accepted", ""), ("reply", "accepted", "")]
    assert ada.seen(2, read=False) == 204
    assert desk.deliveries() == [("ack", "accepted", "delivered"), ("reply", "accepted", "")]
    assert ada.seen(3, read=True) == 204
    assert ada.seen(3, read=False) == 204
    assert {report for _, _, report in desk.deliveries()} == {"read"}
    page = desk.world.logged_in().get(f"/console/t/{desk.code()}")
    assert page.text.count('<span class="tag">read</span>') == 2


def test_what_is_no_report_is_refused(desk: ChatDesk) -> None:
    ada = desk.customer()
    ada.write("hello")
    for given in ({"seq": "1", "read": True}, {"seq": True, "read": True}, {"seq": 1}, {"seq": 1, "read": 1}, {"x": 1}):
        assert ada.send("POST", "/chat/help/seen", given)[0] == 422


def test_six_at_once_are_too_many_and_a_second_later_there_is_room_for_one(desk: ChatDesk) -> None:
    ada, world = desk.customer(), desk.world
    assert [ada.write(str(n)) for n in range(BURST + 1)] == [201] * BURST + [429]
    status, headers, said = ada.send("POST", "/chat/help/messages", {"id": str(uuid.uuid4()), "text": "x"})
    assert (status, headers["retry-after"]) == (429, "1")
    assert "error" in said
    assert desk.customer().write("another session") == 201
    world.now += SECOND
    assert [ada.write("a"), ada.write("b")] == [201, 429]


def test_what_was_refused_as_too_fast_is_taken_when_it_comes_again(desk: ChatDesk) -> None:
    ada, world, key = desk.customer(), desk.world, str(uuid.uuid4())
    for n in range(BURST):
        ada.write(str(n))
    assert ada.write("late", key) == 429
    world.now += SECOND
    assert [ada.write("late", key), ada.write("late", key)] == [201, 200]


@pytest.mark.parametrize(
    ("given", "field"),
    [
        ({"id": "x", "text": "a"}, "id"),
        ({"text": "a"}, "id"),
        ({"id": str(uuid.uuid4()), "text": " \n"}, "text"),
        ({"id": str(uuid.uuid4()), "text": 7}, "text"),
        ({"id": str(uuid.uuid4()), "text": "x" * 4001}, "text"),
        ({"id": str(uuid.uuid4()), "text": "😀" * 2001}, "text"),  # 4002 units of UTF-16
        ({"id": str(uuid.uuid4()), "text": "a", "author": "Agent A"}, "author"),
    ],
)
def test_what_is_wrong_is_said_by_field_and_nothing_is_kept(
    world: ConsoleWorld, given: dict[str, object], field: str
) -> None:
    answer = world.client().post("/chat/help/messages", json=given)
    assert (answer.status_code, list(answer.json()["errors"])) == (422, [field])
    assert world.rows(tables.receipts) == []


@pytest.mark.parametrize("body", [b"", b"[]", b"{", b"[" * 100_000, b'"x"'])
def test_what_is_no_object_is_refused(world: ConsoleWorld, body: bytes) -> None:
    client = world.client(content_type="application/json")
    assert client.post("/chat/help/messages", content=body).status_code == 400
    assert world.client().post("/chat/help/messages", data={"text": "x"}).status_code == 415


def test_another_site_can_neither_write_nor_listen(world: ConsoleWorld) -> None:
    given = {"id": str(uuid.uuid4()), "text": "a"}
    for other in ({"sec_fetch_site": "cross-site"}, {"origin": "https://elsewhere.example"}):
        client = world.client(**other)
        client.get("/chat/help")
        assert client.post("/chat/help/messages", json=given).status_code == 403
        assert client.get("/chat/help/events").status_code == 403
        assert client.post("/chat/help/seen", json={"seq": 1, "read": True}).status_code == 403


def test_after_closing_the_conversation_goes_on_in_a_new_ticket_and_the_numbers_too(desk: ChatDesk) -> None:
    ada, world = desk.customer(), desk.world
    ada.write("one")
    desk.settle()
    desk.answer("Done.", then="resolved")
    stream = ada.listen()
    assert [stream.line()[0] for _ in range(3)] == ["1", "2", "3"]
    assert [data["state"] for name, _, data in stream.all if name == "state"][-1] == "settled"
    world.now += 4 * DAY
    ada.write("another matter")
    desk.settle()
    number, line = stream.line()
    assert (number, line["text"], len(world.rows(tables.tickets))) == ("4", "another matter", 2)


def test_a_stream_holds_no_connection_to_the_database_while_it_waits(desk: ChatDesk) -> None:
    ada = desk.customer()
    ada.write("hello")
    desk.settle()
    streams = [desk.customer(ada.cookie).listen() for _ in range(8)]
    for stream in streams:
        stream.line()
    status, headers, _ = ada.send("GET", "/chat/help/events")
    assert (status, headers["retry-after"]) == (503, "5")  # eight windows of one session
    for stream in streams[1:]:
        stream.cut()
    desk.answer("Good day.")
    assert [streams[0].line()[1]["text"] for _ in range(2)][-1] == "Good day."


def test_in_silence_a_comment_says_that_we_are_there(world: ConsoleWorld) -> None:
    world.app = build(replace(world.context, ping_s=0.01))
    with served(world) as desk:
        ada = desk.customer()
        ada.write("hello")
        stream = ada.listen()
        assert (stream.answer.headers["content-type"], stream.answer.headers["x-accel-buffering"]) == (
            "text/event-stream; charset=utf-8",
            "no",
        )
        assert [stream.comment(), stream.comment()] == [": ping", ": ping"]


@pytest.mark.parametrize(
    ("language", "words"), [("en", "Nobody is at the desk"), ("zh-CN", "客服休息时间"), ("zh-TW", "客服休息時間")]
)
def test_outside_of_the_hours_the_page_says_so_before_anybody_types(
    world: ConsoleWorld, language: str, words: str
) -> None:
    page = world.client(accept_language=language).get("/chat/help").text
    assert words in page  # Friday, 04:26 in Shanghai
    assert re.search("(today|今天) 14:00", page)  # four hours of the office's: 9 to 12, 13 to 14
    world.now += 6 * HOUR
    assert words not in world.client(accept_language=language).get("/chat/help").text


def test_the_page_is_framed_by_the_sites_of_the_settings_alone(world: ConsoleWorld) -> None:
    policies = [world.client().get(f"/chat/{name}").headers["content-security-policy"] for name in ("help", "other")]
    assert policies[0].endswith(f"frame-ancestors {SITE}")
    assert policies[1].endswith("frame-ancestors 'none'")
    for policy in policies:
        assert "unsafe" not in policy
        assert "default-src 'none'; script-src 'self'; style-src 'self'" in policy
    page = world.client().get(f"/chat/help?from={SITE}").text
    assert f'data-site="{SITE}"' in page
    assert 'data-site=""' in world.client().get("/chat/help?from=https://evil.example").text


def test_no_markup_of_the_page_is_script_or_style_of_its_own(world: ConsoleWorld) -> None:
    page = world.client().get("/chat/help").text
    assert re.findall(r"<script[^>]*>", page) == ['<script src="/static/chat_page.js" defer>']
    assert "style=" not in page
    assert " onclick" not in page
    assert 'role="log" aria-live="polite"' in page
    assert '<form id="chat-form" hidden>' in page  # without script nothing may end up in an address


def test_the_cookie_is_first_party_or_in_a_frame_the_sites_own(database: object, tmp_path: object) -> None:
    world = ConsoleWorld(database, tmp_path / "data", secure=True)  # type: ignore[operator, arg-type]
    own = world.client().get("/chat/help").headers["set-cookie"]
    assert own.startswith("__Host-deskd-chat=")
    assert own.endswith("; Path=/; Max-Age=2592000; HttpOnly; SameSite=Lax; Secure")
    framed = world.client(sec_fetch_dest="iframe").get("/chat/help").headers["set-cookie"]
    assert framed.endswith("HttpOnly; SameSite=None; Secure; Partitioned")


def test_the_session_goes_on_from_page_to_page_and_ends_when_the_customer_says_so(world: ConsoleWorld) -> None:
    client = world.client()
    first, second = (client.get("/chat/help").headers["set-cookie"] for _ in range(2))
    assert first == second
    answer = client.post("/chat/help/leave", json={})
    assert answer.status_code == 204
    assert "deskd-chat=; Path=/; Max-Age=0" in answer.headers["set-cookie"]
    assert client.post("/chat/help/seen", json={"seq": 1, "read": True}).status_code == 401


def test_the_loader_is_small_and_may_be_loaded_and_checked_by_other_sites(world: ConsoleWorld) -> None:
    answer = world.client().get("/chat.js")
    assert len(answer.content) <= 10_000
    assert answer.headers["content-type"] == "text/javascript; charset=utf-8"
    assert answer.headers["cross-origin-resource-policy"] == "cross-origin"
    assert answer.headers["access-control-allow-origin"] == "*"
    assert "innerHTML" not in answer.text
    assert "SPDX-License-Identifier: MIT" in answer.text


@pytest.mark.parametrize("method", ["GET", "POST"])
def test_a_chat_that_is_not_there_is_not_there(world: ConsoleWorld, method: str) -> None:
    for path in ("", "/events", "/messages", "/seen", "/leave"):
        assert world.client().request(method, f"/chat/none{path}", json={}).status_code in {404, 405}
