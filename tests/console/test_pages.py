"""An agent's day on the pages."""

from console_world import ConsoleWorld, act

from deskd.store import tables


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
    assert act(client, f"{here}/set", field="priority", new="urgent", why="large sum").status_code == 303
    assert act(client, f"{here}/set", field="priority", new="huge", why="?").status_code == 409
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


def test_metrics_count_rows(world: ConsoleWorld) -> None:
    world.ticket()
    text = world.client().get("/metrics").text
    assert 'deskd_tickets{category="transfer"} 1.0' in text
    assert 'deskd_receipts{state="parked"} 0.0' in text
    assert "deskd_queue_depth" in text
