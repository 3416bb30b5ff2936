"""An agent's day in the terminal: take, see, answer, correct."""

import pytest
from cli_desk import CliDesk
from sqlalchemy import select

from deskd import app, settings
from deskd.store import tables


def test_the_next_ticket_is_taken_seen_answered_and_resolved(desk: CliDesk) -> None:
    code = desk.ticket()
    [listed] = desk("queue", "list", "--as", "ada", "--json").json
    assert (listed["code"], listed["queue"], listed["with"]) == (code, "transfers", "")
    [taken] = desk("queue", "next", "--as", "ada", "--json").json
    assert taken["code"] == code
    assert desk("queue", "list", "--as", "ben", "--json").json[0]["with"] == "ada"
    assert desk("queue", "next", "--as", "ben", "--json").json == []
    whole = desk("ticket", "show", code, "--as", "ada", "--json").json
    assert [m["text"].strip() for m in whole["messages"]] == ["My transfer has not arrived"]
    assert whole["reasons"][0]["rule"].startswith("transfer.")
    assert {c["kind"] for c in whole["clocks"]} == {"first_response", "resolution"}
    assert desk("ticket", "reply", code, "We look into it.", "--as", "ada", "--json").json["state"] == "waiting"
    [delivery] = desk("deliveries", "list", "--json").json
    assert (delivery["state"], delivery["ticket"]) == ("queued", code)
    assert desk("ticket", "resolve", code, "--as", "ada", "--json").json["state"] == "resolved"
    assert desk("audit", "verify", "--json").json["whole"] is True


@pytest.mark.parametrize("then", ["waiting", "open", "held", "resolved"])
def test_a_reply_says_what_follows(desk: CliDesk, then: str) -> None:
    code = desk.ticket()
    assert desk("ticket", "reply", code, "-", "--then", then, "--json", stdin="好的。\n".encode()).json["state"] == then
    assert desk("ticket", "show", code, "--json").json["messages"][-1]["text"] == "好的。"


def test_an_answer_that_misses_what_the_customer_wrote_since_is_refused_with_it(desk: CliDesk) -> None:
    code = desk.ticket()
    read = desk("ticket", "show", code, "--json").json["messages"][-1]["n"]
    missed = desk("ticket", "reply", code, "Done.", "--read", str(read - 1))
    assert (missed.status, "read it first" in missed.err, "My transfer has not arrived" in missed.err) == (
        1,
        True,
        True,
    )
    assert desk("ticket", "reply", code, "Done.", "--read", str(read)).status == 0


def test_without_a_number_what_came_after_ones_last_act_counts_as_not_read(desk: CliDesk) -> None:
    code = desk.ticket()
    desk("queue", "next", "--as", "ada")
    parts = app.build(settings.load(desk.file))
    with parts.database.write() as connection:
        connection.execute(tables.messages.update().values(at=app.now() + 1))
    parts.database.close()
    missed = desk("ticket", "reply", code, "Done.", "--as", "ada")
    assert (missed.status, "My transfer has not arrived" in missed.err) == (1, True)
    desk("ticket", "note", code, "Read.", "--as", "ada")
    assert desk("ticket", "reply", code, "Done.", "--as", "ada").status == 0


def test_a_customer_who_is_held_is_let_go_by_who_may(desk: CliDesk) -> None:
    code = desk.ticket()
    desk("queue", "next", "--as", "ada")
    refused = desk("queue", "release", code, "--as", "ben")
    assert (refused.status, "ada is with this customer" in refused.err) == (1, True)
    assert desk("queue", "release", code, "--as", "sue").out.startswith(f"The customer of {code} is free.")


def test_a_ticket_is_made_by_hand_noted_assigned_corrected_and_spam_and_back(desk: CliDesk) -> None:
    made = desk("ticket", "new", "+86 138 0013 8000", "I lost my phone", "--reason", "call", "--json").json
    code = made["code"]
    assert made["state"] == "open"
    assert desk("ticket", "note", code, "Rang back.", "--json").json["code"] == code
    assert desk("ticket", "assign", code, "ben", "--json").status == 0
    assert desk("ticket", "show", code, "--json").json["assigned"] == "ben"
    assert desk("ticket", "assign", code, "", "--json").status == 0
    corrected = desk("ticket", "set", code, "priority", "urgent", "--why", "it says so", "--json").json
    assert corrected["priority"] == "urgent"
    assert desk("ticket", "spam", code).status == 0
    assert desk("queue", "list", "--json").json == []
    assert desk("ticket", "release", code).status == 0
    assert [row["code"] for row in desk("queue", "list", "--json").json] == [code]


def test_a_correction_that_takes_the_ticket_out_of_ones_queues_is_shown_all_the_same(desk: CliDesk) -> None:
    code = desk.ticket()
    assert (
        desk("ticket", "set", code, "queue", "triage", "--why", "x", "--as", "ada", "--json").json["queue"] == "triage"
    )
    assert desk("ticket", "show", code, "--as", "ada").status == 1


def test_what_a_customer_wrote_steers_no_terminal_and_is_no_style(desk: CliDesk) -> None:
    code = desk.ticket("\x1b[2J\x9b31m[/red] \u202etxt.exe :smile: [bold]x", subject="[/b] \x1b]0;x\x07 transfer")
    for words in (["queue", "list"], ["ticket", "show", code], ["queue", "next"]):
        said = desk(*words)
        assert said.status == 0
        assert not {"\x1b", "\x9b", "\x07", "\u202e"} & set(said.out)
        assert "[/b]" in said.out
    assert "[/red]" in desk("ticket", "show", code).out


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["queue", "list", "--as", "nobody"], 'no agent "nobody"'),
        (["queue", "next", "--as", ""], 'no agent ""'),
        (["ticket", "show", "UP-7K3M-9QXZ"], "no ticket UP-7K3M-9QXZ"),
        (["ticket", "show", "第一"], "no ticket"),
        (["ticket", "note", "CODE", " "], "empty"),
        (["ticket", "reply", "CODE", ""], "empty"),
        (["ticket", "reply", "CODE", "Please send us your password"], "not sent"),
        (["ticket", "reply", "CODE", "Done.", "--then", "closed"], "closes nothing"),
        (["ticket", "assign", "CODE", "nobody"], 'no agent "nobody"'),
        (["ticket", "assign", "CODE", "off"], 'no agent "off"'),
        (["ticket", "set", "CODE", "colour", "red", "--why", "x"], "can't be set"),
        (["ticket", "set", "CODE", "queue", "nowhere", "--why", "x"], "no queue"),
        (["ticket", "set", "CODE", "priority", "1", "--why", "x"], "no priority"),
        (["ticket", "set", "CODE", "priority", "low", "--why", " "], "--why"),
        (["ticket", "release", "CODE"], "marked so already"),
        (["ticket", "new", "nowhere", "x", "--reason", "call"], "the mail address or the phone number"),
        (["ticket", "new", "4111 1111 1111 1111", "x", "--reason", "call"], "the mail address or the phone number"),
        (["ticket", "new", "a@example.com", " ", "--reason", "call"], "needs the matter"),
        (["ticket", "new", "a@example.com", "x", "--reason", ""], "needs the matter"),
        (["queue", "release", "CODE"], "Nobody holds"),
        (["ticket", "show", "CODE", "--as", "off"], "switched off"),
        (["deliveries", "decide", "x", "accepted", "--why", "log"], "no such delivery"),
        (["deliveries", "decide", "x", "perhaps", "--why", "log"], "no verdict"),
        (["deliveries", "decide", "x", "accepted", "--why", ""], "Say why"),
        (["deliveries", "decide", "x", "accepted", "--why", "log", "--as", "nobody"], 'no agent "nobody"'),
        (["deliveries", "decide", "x", "accepted", "--why", "log", "--as", "off"], "switched off"),
    ],
)
def test_what_can_not_be_done_is_one_sentence(quiet: CliDesk, words: list[str], said: str) -> None:
    done = quiet(*[quiet.code if word == "CODE" else word for word in words])
    assert done.status == 1
    assert said in done.err
    assert "Traceback" not in done.err
    assert "defect" not in done.err


def test_a_resolved_ticket_is_not_resolved_again(desk: CliDesk) -> None:
    code = desk.ticket()
    desk("ticket", "resolve", code)
    again = desk("ticket", "resolve", code)
    assert (again.status, "resolved cannot become resolved" in again.err) == (1, True)


def test_words_from_standard_input_must_be_utf8(desk: CliDesk) -> None:
    said = desk("ticket", "note", "UP-7K3M-9QXD", "-", stdin=b"one\ncaf\xe9")
    assert (said.status, "Standard input is not UTF-8 text: line 2" in said.err) == (1, True)


def test_an_unknown_outcome_is_decided_by_a_person_and_goes_again(desk: CliDesk) -> None:
    code = desk.ticket()
    desk("ticket", "reply", code, "Done.")
    parts = desk.build()
    with parts.database.write() as connection:
        connection.execute(tables.deliveries.update().values(state="unknown"))
        delivery = connection.scalar(select(tables.deliveries.c.id))
    parts.database.close()
    assert desk("deliveries", "list", "--state", "unknown", "--json").json[0]["id"] == delivery
    again = desk(
        "deliveries", "decide", str(delivery), "again", "--why", "not in the log", "--as", "sue", "--json"
    ).json
    assert (again["state"], again["note"]) == ("queued", "sue: not in the log")


def test_facts_are_shown_short_and_opened_for_a_reason(desk: CliDesk) -> None:
    code = desk.ticket("My transfer T202611200012345678 has not arrived")
    [shown] = desk("ticket", "facts", code, "--json").json
    assert (shown["kind"], shown["value"]) == ("transaction", "")
    assert desk("ticket", "facts", code, "--reveal", "transaction").status == 1
    [opened] = desk("ticket", "facts", code, "--reveal", "transaction", "--why", "to look it up", "--json").json
    assert opened["value"] == "T202611200012345678"
    assert "no fact of the kind" in desk("ticket", "facts", code, "--reveal", "colour", "--why", "x").err
