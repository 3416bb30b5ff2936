"""An agent's day on the pages."""

import re
import uuid
from concurrent.futures import ThreadPoolExecutor

import pytest
from console_world import TOKEN, ConsoleWorld, act

from deskd.console.said import traditional
from deskd.console.words_names import NAMES
from deskd.domain.ports import HOUR, MINUTE
from deskd.store import tables

CARD = "4111 1111 1111 1111"


def test_the_queue_shows_what_waits_and_next_takes_the_most_urgent(world: ConsoleWorld) -> None:
    slow = world.ticket("I like your app, thank you", email="a@example.com")
    urgent = world.ticket("有人盗用了我的账户，这笔转账不是我操作的", email="b@example.com")
    client = world.logged_in()
    page = client.get("/console").text
    assert page.index(urgent) < page.index(slow)
    answer = act(client, "/console/next")
    assert answer.headers["location"] == f"/console/t/{urgent}"
    assert "Agent A" in client.get("/console").text


def test_a_ticket_shows_its_reasons_clocks_trust_and_why_no_acknowledgement_went(world: ConsoleWorld) -> None:
    code = world.ticket("my transfer did not arrive", phone="13800138000")
    page = world.logged_in().get(f"/console/t/{code}").text
    for words in (
        "my transfer did not arrive",
        "claimed",
        "nothing proves that it is the sender",
        "The page they saw was the acknowledgement.",
        "First response",
        "Why it was decided so",
        "rule set 1",
    ):
        assert words in page
    assert "13800138000" not in page
    reason = world.rows(tables.decisions)[0]["reasons"][0]
    assert reason["en"].split("&")[0].split("'")[0].split('"')[0] in page


def test_what_a_customer_writes_is_text_and_never_markup(world: ConsoleWorld) -> None:
    code = world.ticket("<script>alert(1)</script><b>x</b>", subject="<img src=x>", name='"><i>')
    page = world.logged_in().get(f"/console/t/{code}").text
    assert "<script" not in page
    assert "<b>x" not in page
    assert "<img" not in page
    assert "<i>" not in page


def test_a_reply_is_queued_once_and_says_what_follows(world: ConsoleWorld) -> None:
    code, client = world.ticket(), world.logged_in()
    here = f"/console/t/{code}"
    [ticket] = world.rows(tables.tickets)
    answer = act(client, f"{here}/reply", here, reply="已为您查询", then="resolved", read=ticket["last_in_id"])
    assert answer.status_code == 303
    [delivery] = world.rows(tables.deliveries)
    assert (delivery["kind"], delivery["address"]) == ("reply", "customer@example.com")
    assert world.rows(tables.tickets)[0]["state"] == "resolved"


def test_an_answer_that_misses_a_newer_message_is_refused_with_both_words_shown(world: ConsoleWorld) -> None:
    code, client = world.ticket("the words of the customer"), world.logged_in()
    here = f"/console/t/{code}"
    answer = act(client, f"{here}/reply", here, reply="my long answer", read="0" * 32)
    assert answer.status_code == 409
    assert "wrote again" in answer.text
    assert "my long answer" in answer.text
    assert world.rows(tables.deliveries) == []


def test_words_that_ask_for_a_secret_do_not_leave_and_are_kept_in_the_box(world: ConsoleWorld) -> None:
    code, client = world.ticket(), world.logged_in()
    answer = act(client, f"/console/t/{code}/reply", reply="Please send me your password.")
    assert answer.status_code == 409
    assert "We never do." in answer.text
    assert "Please send me your password." in answer.text


def test_note_correction_spam_release_and_resolve(world: ConsoleWorld) -> None:
    code, client = world.ticket(), world.logged_in()
    here = f"/console/t/{code}"
    assert act(client, f"{here}/claim").status_code == 303
    assert act(client, f"{here}/note", note="called the bank").status_code == 303
    assert act(client, f"{here}/set", priority="urgent", why="large sum").status_code == 303
    assert act(client, f"{here}/set", priority="huge", why="?").status_code == 409
    assert act(client, f"{here}/spam", spam="yes").status_code == 303
    assert act(client, f"{here}/spam", spam="no").status_code == 303
    assert act(client, f"{here}/resolve").status_code == 303
    assert act(client, f"{here}/release").headers["location"] == "/console"
    [correction] = world.rows(tables.corrections)
    assert (correction["field"], correction["new"], correction["by"]) == ("priority", "urgent", "Agent A")
    assert "called the bank" in client.get(here).text


def test_the_pages_speak_chinese_to_those_who_ask_for_it(world: ConsoleWorld) -> None:
    code, client = world.ticket(), world.logged_in()
    client.headers["accept-language"] = "zh-CN,zh;q=0.9"
    assert "领取下一个工单" in client.get("/console").text
    assert "首次响应" in client.get(f"/console/t/{code}").text


def test_the_button_pressed_twice_sends_one_answer(world: ConsoleWorld) -> None:
    code, client = world.ticket(), world.logged_in()
    here = f"/console/t/{code}"
    found = TOKEN.search(client.get(here).text)
    assert found
    given = {"csrf": found[1], "reply": "We looked into it.", "answered": ""}
    with ThreadPoolExecutor(4) as threads:
        answers = list(threads.map(lambda _: client.post(f"{here}/reply", data=given), range(4)))
    assert {answer.status_code for answer in answers} == {303}
    assert len(world.rows(tables.deliveries)) == 1


def test_an_answer_that_misses_a_colleagues_is_refused_with_it_shown(world: ConsoleWorld) -> None:
    code, one, other = world.ticket(), world.logged_in("Super"), world.logged_in()
    here = f"/console/t/{code}"
    act(one, f"{here}/reply", here, reply="The bank has it since noon.", then="open", answered="")
    act(one, f"{here}/release")
    late = act(other, f"{here}/reply", here, reply="We will look into it.", answered="")
    assert late.status_code == 409
    assert "Super answered after you loaded this page" in late.text
    assert "The bank has it since noon." in late.text
    assert "We will look into it." in late.text
    assert len(world.rows(tables.deliveries)) == 1


def test_a_ticket_is_assigned_to_a_colleague_who_serves_its_queue_or_to_nobody(world: ConsoleWorld) -> None:
    code, client = world.ticket(), world.logged_in("Super")
    here = f"/console/t/{code}"
    page = client.get(here).text
    assert '<option value="Agent A"' in page
    assert '<option value="Agent B"' not in page
    assert act(client, f"{here}/assign", to="Agent A").status_code == 303
    assert code in world.logged_in().get("/console?view=mine").text
    assert act(client, f"{here}/assign", to="Agent B").status_code == 404
    assert act(client, f"{here}/assign", to="").status_code == 303
    assert code not in world.logged_in().get("/console?view=mine").text


def test_a_supervisor_frees_a_customer_whom_somebody_else_holds_and_an_agent_cannot(world: ConsoleWorld) -> None:
    code, supervisor, agent = world.ticket(), world.logged_in("Super"), world.logged_in()
    here = f"/console/t/{code}"
    act(supervisor, f"{here}/claim")
    assert act(agent, f"{here}/release").status_code == 409
    assert act(supervisor, f"{here}/release").status_code == 303
    act(agent, f"{here}/claim")
    assert act(supervisor, f"{here}/release").status_code == 303
    assert world.rows(tables.claims) == []


def test_the_lists_beside_the_queue_hold_what_waits_and_what_is_spam(world: ConsoleWorld) -> None:
    client = world.logged_in()
    spam, answered = world.ticket(email="a@example.com"), world.ticket(email="b@example.com")
    act(client, f"/console/t/{spam}/spam", spam="yes")
    act(client, f"/console/t/{answered}/reply", reply="Which number?", then="waiting")
    for view, inside, outside in (("waiting", answered, spam), ("spam", spam, answered)):
        page = client.get(f"/console?view={view}").text
        assert inside in page
        assert outside not in page
    assert spam not in client.get("/console").text
    assert spam not in world.logged_in("Agent B").get("/console?view=spam").text


def test_a_line_shows_the_first_words_the_deadline_and_whether_the_customer_waits_for_us(world: ConsoleWorld) -> None:
    code, client = world.ticket("my transfer did not arrive"), world.logged_in()
    page = client.get("/console").text
    assert "my transfer did not arrive" in page
    assert ">new<" in page
    act(client, f"/console/t/{code}/reply", reply="We look into it.", then="open")
    world.now += MINUTE
    assert ">new<" not in client.get("/console").text
    world.now += 72 * HOUR
    assert 'class="normal late"' in world.logged_in().get("/console").text


def test_a_code_is_opened_however_it_is_typed(world: ConsoleWorld) -> None:
    code, client = world.ticket(), world.logged_in()
    typed = code.removeprefix("UP-").lower().replace("-", " ")
    assert client.get("/console/find", params={"code": typed}).headers["location"] == f"/console/t/{code}"
    assert client.get("/console/find", params={"code": "https://elsewhere.example"}).status_code == 404


def test_the_customers_other_open_tickets_stand_on_the_page(world: ConsoleWorld) -> None:
    code, other = world.ticket(), world.ticket("I forgot my password")
    page = world.logged_in().get(f"/console/t/{code}").text
    assert page.count(f'href="/console/t/{other}"') == 2
    assert "More open tickets of this customer (1)" in page


def test_what_a_person_set_stands_beside_what_the_rules_found(world: ConsoleWorld) -> None:
    code, client = world.ticket(), world.logged_in()
    act(client, f"/console/t/{code}/set", priority="urgent", why=f"large sum, card {CARD}")
    page = client.get(f"/console/t/{code}").text
    assert "normal → urgent" in page
    assert "large sum" in page
    assert CARD not in page


def test_a_note_is_kept_without_secrets(world: ConsoleWorld) -> None:
    code, client = world.ticket(), world.logged_in()
    act(client, f"/console/t/{code}/note", note=f"He read me his card {CARD} on the phone.")
    assert all(CARD not in message["text"] for message in world.rows(tables.messages))


def by_hand(**more: str) -> dict[str, str]:
    given = {"id": str(uuid.uuid4()), "address": "caller@example.com", "reason": "call"}
    return given | {"text": "my transfer did not arrive"} | more


def test_a_call_becomes_a_ticket_with_its_clocks_and_nothing_is_sent(world: ConsoleWorld) -> None:
    client = world.logged_in()
    answer = act(client, "/console/new", "/console/new", **by_hand(text=f"my transfer did not arrive, card {CARD}"))
    [ticket] = world.rows(tables.tickets)
    assert (ticket["channel"], ticket["category"]) == ("hand", "transfer")
    assert answer.headers["location"].replace("-", "").endswith(ticket["code"])
    page = client.get(answer.headers["location"]).text
    assert "claimed" in page
    assert "First response" in page
    assert CARD not in page
    assert world.rows(tables.deliveries) == []


def test_the_page_for_a_call_sent_five_times_at_once_is_one_ticket(world: ConsoleWorld) -> None:
    client, given = world.logged_in(), by_hand()
    found = TOKEN.search(client.get("/console/new").text)
    assert found
    with ThreadPoolExecutor(5) as threads:
        answers = list(threads.map(lambda _: client.post("/console/new", data=given | {"csrf": found[1]}), range(5)))
    assert len({answer.headers["location"] for answer in answers}) == 1
    assert len(world.rows(tables.tickets)) == 1


@pytest.mark.parametrize("wrong", [{"address": ""}, {"address": "a@b"}, {"address": "soon"}, {"text": " "}])
def test_a_call_without_an_address_or_a_matter_is_refused_and_nothing_typed_is_lost(
    world: ConsoleWorld, wrong: dict[str, str]
) -> None:
    answer = act(world.logged_in(), "/console/new", "/console/new", **by_hand(reason="a visit at noon", **wrong))
    assert answer.status_code == 409
    assert "a visit at noon" in answer.text
    assert world.rows(tables.tickets) == []


def test_a_call_whose_queue_is_not_the_agents_is_made_and_named(world: ConsoleWorld) -> None:
    client = world.logged_in("Agent B")
    answer = act(client, "/console/new", "/console/new", **by_hand())
    [ticket] = world.rows(tables.tickets)
    assert answer.headers["location"].startswith("/console?made=UP-")
    assert ticket["code"][4:] in client.get(answer.headers["location"]).text


def test_to_a_phone_number_nothing_can_be_written_and_the_page_says_so(world: ConsoleWorld) -> None:
    client = world.logged_in()
    where = act(client, "/console/new", "/console/new", **by_hand(address="+86 138 0013 8000")).headers["location"]
    assert "deskd has no account that writes to a phone" in client.get(where).text
    assert act(client, f"{where}/reply", reply="hello").status_code == 409
    assert world.rows(tables.deliveries) == []


def test_a_correction_is_chosen_from_lists_and_a_topic_brings_its_category(world: ConsoleWorld) -> None:
    code, client = world.ticket(), world.logged_in()
    here = f"/console/t/{code}"
    page = client.get(here).text
    for offer in ('<option value="account/login"', '<option value="security">security</option>', 'value="urgent"'):
        assert offer in page
    assert act(client, f"{here}/set", topic="account/login", why="not about money").status_code == 303
    [ticket] = world.rows(tables.tickets)
    assert (ticket["category"], ticket["topic"]) == ("account", "login")
    assert [row["field"] for row in world.rows(tables.corrections)] == ["category", "topic"]
    assert act(client, f"{here}/set", category="transfer", topic="account/login", why="?").status_code == 409
    assert len(world.rows(tables.corrections)) == 2
    assert act(client, f"{here}/set", why="nothing chosen").status_code == 409


def test_a_ready_made_text_joins_what_was_typed_and_does_not_leave_with_a_gap(world: ConsoleWorld) -> None:
    code, client = world.ticket(), world.logged_in()
    here = f"/console/t/{code}"
    page = act(client, f"{here}/text", here, reply="您好，我查过了。", ready="waiting").text
    assert "您好，我查过了。\n\n" + code + " 办到一半，还差一样东西：[…]" in page
    assert world.rows(tables.messages)[-1]["direction"] == "in"
    answer = act(client, f"{here}/reply", here, reply="还差一样东西：[…]")
    assert answer.status_code == 409
    assert "A gap is left in this answer." in answer.text
    assert world.rows(tables.deliveries) == []


def test_texts_with_facts_are_offered_only_where_the_customer_is_proved(world: ConsoleWorld) -> None:
    code, client = world.ticket(), world.logged_in()
    here = f"/console/t/{code}"
    assert '<option value="closing"' not in client.get(here).text
    assert act(client, f"{here}/text", here, ready="closing", reply="kept").status_code == 409
    with world.database.write() as connection:
        connection.execute(tables.messages.update().values(level="channel-proved"))
    assert '<option value="closing"' in client.get(here).text
    assert f"{code} 这件事办完了：[…]" in act(client, f"{here}/text", here, ready="closing").text


def test_a_page_in_traditional_chinese_holds_no_sentence_in_simplified_or_english(world: ConsoleWorld) -> None:
    code, client = (
        world.ticket("我的錢轉出三天還沒到帳，驗證碼是 482913", reference="UP20260101ABCD"),
        world.logged_in(),
    )
    client.headers["accept-language"] = "zh-TW"
    page = client.get(f"/console/t/{code}").text
    reason = world.rows(tables.decisions)[0]["reasons"][0]
    assert traditional(reason["zh"]) in page
    assert reason["en"] not in page
    assert "訂單或交易序號: " in page
    assert "儲存之前已刪除：驗證碼。" in page
    assert "[驗證碼已刪除]" in page
    for name in ("topic_delayed", "queue_transfers", "event_ticket.opened"):
        assert NAMES[name][2] in page
        assert name.partition("_")[2] + "<" not in page
    stopped = act(client, f"/console/t/{code}/reply", reply="請把驗證碼傳給我").text
    assert "這句話在向客戶索要驗證碼" in stopped
    assert "沒有您可以查看的工單" in client.get("/console/t/UP-0000-0000").text


def test_that_a_server_took_an_answer_is_no_note_and_that_it_did_not_is_one(world: ConsoleWorld) -> None:
    code, client = world.ticket(), world.logged_in()
    here = f"/console/t/{code}"
    act(client, f"{here}/reply", here, reply="We look into it.")
    for state, note, shown in (
        ("accepted", "250 OK", False),
        ("rejected", "550 5.1.1 no such user", True),
        ("accepted", "Ada: he told me on the phone", True),
    ):
        with world.database.write() as connection:
            connection.execute(tables.deliveries.update().values(state=state, note=note))
        assert (note in client.get(here).text) is shown


def test_a_fact_is_opened_on_the_page_for_a_reason_and_closed_on_the_next(world: ConsoleWorld) -> None:
    number = "T202611200012345678"
    code, client = world.ticket(f"转账没到账，交易号 {number}"), world.logged_in()
    page = f"/console/t/{code}"
    assert number not in client.get(page).text
    [fact] = re.findall(r'name="fact" value="([0-9a-f]{32})"', client.get(page).text)
    refused = act(client, f"{page}/fact", page, fact=fact, why=" ")
    assert (refused.status_code, number in refused.text) == (409, False)
    opened = act(client, f"{page}/fact", page, fact=fact, why="to look it up")
    assert (opened.status_code, number in opened.text) == (200, True)
    assert opened.headers["cache-control"] == "no-store"
    assert number not in client.get(page).text


@pytest.mark.parametrize(("language", "shown"), [("en", "Next response"), ("zh-CN", "后续响应"), ("zh-TW", "後續回應")])
def test_the_next_response_is_shown_as_the_other_clocks_are(world: ConsoleWorld, language: str, shown: str) -> None:
    code = world.ticket()
    first = next(dict(row) for row in world.rows(tables.clocks) if row["kind"] == "first_response")
    following = first | {"id": world.ids(), "kind": "next_response"}
    world.database.transact(lambda connection: connection.execute(tables.clocks.insert().values(following)))
    page = world.logged_in().get(f"/console/t/{code}", headers={"accept-language": language}).text
    assert page.count(shown) == 2  # beside the subject, and with its ledger


def test_feedback_says_what_is_owed_and_is_declined_with_a_reason(world: ConsoleWorld) -> None:
    code, client = world.ticket("I have a suggestion: please add a dark mode to the app"), world.logged_in()
    page = f"/console/t/{code}"
    assert "is owed an answer" in client.get(page).text
    refused = act(client, f"{page}/resolve")
    assert refused.status_code == 409
    assert "owed an answer" in refused.text
    reply = {"reply": "We can't build it.", "then": "waiting", "declined": "It would hide warnings"}
    assert act(client, f"{page}/reply", **reply).status_code == 303
    assert "on its way. Agent A has resolved it" in client.get(page).text
    [owed] = world.rows(tables.obligations)
    assert (owed["state"], owed["verdict"], owed["why"]) == ("decided", "declined", "It would hide warnings")
