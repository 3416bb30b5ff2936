"""The form: kept before it is acknowledged, once, and without secrets."""

import datetime as dt
import re
import uuid
from concurrent.futures import ThreadPoolExecutor

import pytest
from console_world import ConsoleWorld

from deskd.console.form import FACTS
from deskd.domain.ports import HOUR
from deskd.domain.words import Category
from deskd.store import receipts, tables

CARD = "4111 1111 1111 1111"


def given(**more: object) -> dict[str, object]:
    return {"id": str(uuid.uuid4()), "email": "customer@example.com", "message": "我的转账三天还没到账"} | more


def test_the_page_says_the_code_and_an_honest_time(world: ConsoleWorld) -> None:
    answer = world.client(accept_language="zh-CN").post("/form/help", data=given())
    [ticket] = world.rows(tables.tickets)
    assert answer.status_code == 201
    assert f"{ticket['code'][:4]}-{ticket['code'][4:]}" in answer.text
    assert "北京时间" in answer.text
    assert world.rows(tables.deliveries) == []


def test_without_its_ticket_yet_the_answer_still_names_the_code_that_it_will_have(world: ConsoleWorld) -> None:
    world.at_once = False
    answer = world.client().post("/form/help", json=given()).json()
    assert answer["due"] is None
    world.run()
    [ticket] = world.rows(tables.tickets)
    assert answer["code"] == f"UP-{ticket['code'][:4]}-{ticket['code'][4:]}"


def test_five_clicks_at_once_are_one_ticket_and_one_code(world: ConsoleWorld) -> None:
    words, client = given(), world.client()
    with ThreadPoolExecutor(5) as threads:
        codes = {
            answer.json()["code"] for answer in threads.map(lambda _: client.post("/form/help", json=words), range(5))
        }
    assert len(codes) == 1
    assert len(world.rows(tables.tickets)) == 1
    assert client.post("/form/help", json=words).status_code == 200


def test_the_same_id_with_other_words_is_refused_and_the_page_may_send_it_anew(world: ConsoleWorld) -> None:
    first, client = given(), world.client()
    client.post("/form/help", json=first)
    other = first | {"message": "Something else"}
    assert client.post("/form/help", json=other).status_code == 409
    page = client.post("/form/help", data=other)
    assert page.status_code == 409
    assert "Something else" in page.text
    assert str(first["id"]) not in page.text


def test_a_taken_code_is_passed_over(world: ConsoleWorld) -> None:
    one = given()
    code = world.client().post("/form/help", json=one).json()["code"]
    with world.database.write() as connection:  # another ticket gets the code that `two` would have
        world.at_once = False
    two = given()
    expected = world.client().post("/form/help", json=two).json()["code"].replace("-", "")[2:]
    with world.database.write() as connection:
        connection.execute(
            tables.keys.delete().where(tables.keys.c.receipt_id == world.rows(tables.receipts)[-1]["id"])
        )
        connection.execute(tables.receipts.delete().where(tables.receipts.c.state == "kept"))
        connection.execute(tables.tickets.update().values(code=expected))
    again = world.client().post("/form/help", json=two).json()["code"]
    assert again.replace("-", "")[2:] != expected
    assert again != code


def test_no_secret_is_ever_kept_and_facts_reach_their_fields(world: ConsoleWorld) -> None:
    world.at_once = False
    words = given(
        message=f"card {CARD} declined, my password is hunter2xyz", subject=f"about {CARD}", phone="13800138000"
    )
    answer = world.client().post("/form/help", json=words)
    assert answer.json()["removed"] is True
    [row] = world.rows(tables.receipts)
    kept = receipts.opened(row, world.vault)
    for secret in (CARD, "hunter2xyz"):
        assert secret not in kept.body.decode()
    assert "13800138000" in kept.body.decode()
    world.run()
    assert "phone" in {fact["kind"] for fact in world.rows(tables.facts)}
    [message] = world.rows(tables.messages)
    assert "13800138000" not in message["text"]
    assert "password" in message["warnings"][0]


def test_what_is_wrong_is_tied_to_its_field_and_nothing_typed_is_lost(world: ConsoleWorld) -> None:
    page = world.client().post("/form/help", data={"email": "nobody", "message": "", "phone": "13800138000"})
    assert page.status_code == 422
    assert 'aria-describedby="email-error email-why"' in page.text
    assert 'id="message-error"' in page.text
    assert "13800138000" in page.text
    assert world.rows(tables.receipts) == []


def test_json_with_unknown_fields_wrong_types_or_no_id_is_refused(world: ConsoleWorld) -> None:
    client = world.client()
    for words, field in (
        (given(extra=1), "extra"),
        (given(name=7), "name"),
        (given(id="x"), "id"),
        (given(category="gold"), "category"),
        (given(files=[{"filename": "a", "data": "%%%"}]), "files"),
        (given(message="x" * 20_001), "message"),
    ):
        answer = client.post("/form/help", json=words)
        assert (answer.status_code, list(answer.json()["errors"])) == (422, [field])
    assert client.post("/form/help", content=b"[1", headers={"content-type": "application/json"}).status_code == 400
    words = given()
    key = words.pop("id")
    assert client.post("/form/help", json=words, headers={"idempotency-key": str(key)}).status_code == 201


def test_attachments_come_with_it_and_too_many_or_too_large_are_refused(world: ConsoleWorld) -> None:
    client = world.client()
    one = ("files", ("card 4111111111111111.png", b"\x89PNG", "image/png"))
    assert client.post("/form/help", data=given(), files=[one]).status_code == 201
    [attachment] = world.rows(tables.attachments)
    assert attachment["size"] == 4
    assert "4111111111111111" not in attachment["filename"]
    assert client.post("/form/help", data=given(), files=[one] * 4).status_code == 422
    large = ("files", ("a.bin", bytes((10 << 20) + 1), "application/octet-stream"))
    assert client.post("/form/help", data=given(), files=[large]).status_code == 422


def test_a_program_that_fills_the_hidden_field_is_kept_as_spam(world: ConsoleWorld) -> None:
    world.client().post("/form/help", data=given(website="http://spam.example"))
    [ticket] = world.rows(tables.tickets)
    assert ticket["spam"]


def test_while_the_store_is_away_the_peer_is_told_to_come_again(world: ConsoleWorld) -> None:
    world.away = True
    answer = world.client().post("/form/help", json=given())
    assert answer.status_code == 503
    assert int(answer.headers["retry-after"]) > 0
    assert answer.json()["error"]


@pytest.mark.parametrize(
    ("accept", "asked", "saved", "zone"),
    [
        ("en", "What happened?", "We have it", "UTC+8"),
        ("zh-CN", "发生了什么？", "我们收到了", "北京时间"),
        ("zh-TW", "發生了什麼事？", "我們收到了", "北京時間"),
    ],
)
def test_the_form_and_its_answer_speak_the_readers_language(
    world: ConsoleWorld, accept: str, asked: str, saved: str, zone: str
) -> None:
    world.now += 6 * HOUR  # from half past four to half past ten in the morning: somebody is at the desk
    client = world.client(accept_language=accept)
    assert asked in client.get("/form/help").text
    page = client.post("/form/help", data=given()).text
    assert saved in page
    assert zone in page
    answer = client.post("/form/help", json=given()).json()
    assert zone in answer["due"]
    assert answer["due"] in answer["text"]
    assert answer["code"] in answer["text"]


def test_a_link_leads_to_each_other_language_and_the_choice_outlives_an_error(world: ConsoleWorld) -> None:
    client = world.client(accept_language="en")
    page = client.get("/form/help").text
    assert 'href="?lang=zh-Hans"' in page
    assert 'href="?lang=zh-Hant"' in page
    page = client.get("/form/help?lang=zh-Hant").text
    assert 'action="/form/help?sent&amp;lang=zh-Hant"' in page
    assert "請說明發生了什麼事" in client.post("/form/help?lang=zh-Hant", data={"email": "a@example.com"}).text


def test_each_page_has_its_own_id_and_there_is_no_other_form(world: ConsoleWorld) -> None:
    client = world.client()
    assert client.get("/form/help").text != client.get("/form/help").text
    assert client.get("/form/other").status_code == 404


def test_each_category_asks_for_its_facts_and_none_has_to_be_chosen(world: ConsoleWorld) -> None:
    page = world.client().get("/form/help").text
    for name, categories in FACTS.items():
        asked = " ".join(f"for-{category}" for category in categories)
        assert f'<div class="fact {asked}">' in page
        assert f'name="{name}"' in page
    sheet = world.client().get("/static/desk.css").text
    for category in Category:
        assert f"#category-{category}:checked" in sheet
    assert 'id="category-any" name="category" value="" checked' in page


def test_every_field_has_its_label(world: ConsoleWorld) -> None:
    page = world.client().get("/form/help").text
    ids = set(re.findall(r'<(?:input|textarea|select) (?!type="hidden")[^>]*?id="([^"]+)"', page))
    assert {"email", "message", "files", "phone", "category-any"} <= ids
    assert ids <= set(re.findall(r'<label for="([^"]+)"', page))


def test_on_an_error_its_summary_has_the_focus_and_says_that_files_are_to_be_chosen_again(world: ConsoleWorld) -> None:
    one = ("files", ("a.png", b"x", "image/png"))
    page = world.client().post("/form/help", data={"email": "nobody", "category": "security"}, files=[one]).text
    assert "<title>Error: " in page
    assert 'role="alert" tabindex="-1" autofocus' in page
    assert 'href="#email"' in page
    assert "Choose the attachments again" in page
    assert re.search(r'value="security" checked', page)


def test_a_typed_address_is_claimed_and_shown_nothing_of_what_it_wrote_before(world: ConsoleWorld) -> None:
    client = world.client()
    old = client.post("/form/help", json=given(message="the matter of last week", subject="last week")).json()["code"]
    answer = client.post("/form/help", data=given(message="the matter of today"))
    for words in (old, "last week"):
        assert words not in answer.text
        assert words not in client.post("/form/help", json=given()).text
    [who] = world.rows(tables.identities)
    assert (who["kind"], who["level"]) == ("email", "claimed")
    assert len(world.rows(tables.tickets)) == 4


def test_the_time_is_there_for_programs_as_well(world: ConsoleWorld) -> None:
    answer = world.client().post("/form/help", json=given()).json()
    [clock] = [c for c in world.rows(tables.clocks) if c["kind"] == "first_response"]
    assert answer["due_at"] == f"{dt.datetime.fromtimestamp(clock['due_at'] // 10**6, dt.UTC):%Y-%m-%dT%H:%M:%SZ}"


def test_another_site_may_not_send_the_form(world: ConsoleWorld) -> None:
    assert world.client(sec_fetch_site="cross-site").post("/form/help", data=given()).status_code == 403


@pytest.mark.parametrize(
    ("hours", "message", "heading"),
    [
        (6, "我的转账三天还没到账", "我们收到了"),
        (0, "我的转账三天还没到账", "已登记，上班后答复"),
        (0, "有人盗用了我的账户，这笔转账不是我操作的", "安全专员正在处理"),
        (6, "我的转账没到账，卡号 4111 1111 1111 1111", "已抹去保密信息"),
        (6, "建议增加夜间模式", "您的意见已登记"),
    ],
)
def test_the_page_says_what_the_moment_asks_for(world: ConsoleWorld, hours: int, message: str, heading: str) -> None:
    world.now += hours * HOUR
    page = world.client(accept_language="zh-CN").post("/form/help", data=given(message=message)).text
    assert f"<h1>{heading}</h1>" in page
