"""A rule set that is activated takes effect in a process that runs; one that does not load changes nothing."""

from dataclasses import replace

import pytest
from sqlalchemy import text
from structlog.testing import capture_logs
from world import World, read_line

from deskd.acts.desk import Desk
from deskd.acts.rules_in_force import LOOK, RulesInForce
from deskd.domain.errors import StoreAway
from deskd.store import rule_sets, tables
from deskd.store.database import Database
from ingest.masking.formats import DEFAULT
from ingest.pipeline import Pipeline
from router import rules

RULE = """
[[rules]]
name = "all"
then = {{ category = "other", topic = "{topic}", queue = "triage", policy = "{policy}" }}
reason = {{ en = "All.", zh = "全部。" }}
"""


def add(database: Database, topic: str = "x", policy: str = "other", written: str = "") -> int:
    body = written or RULE.format(topic=topic, policy=policy)
    return database.transact(lambda c: rule_sets.add(c, topic + policy, body, author="t", at=0, active=False))


def activate(database: Database, version: int) -> None:
    assert database.transact(lambda connection: rule_sets.activate(connection, version, 1))


def in_force(world: World, loads: list[str] | None = None) -> RulesInForce:
    def load(written: str) -> rules.RuleSet:
        (loads if loads is not None else []).append(written)
        return rules.load_text(written)

    return RulesInForce(world.database, lambda: world.now, load, world.desk.book.names, 1, world.desk.rules)


def test_another_version_is_in_force_a_second_after_it_was_activated(world: World) -> None:
    now, version = in_force(world), add(world.database)
    activate(world.database, version)
    assert now()[0] == 1
    world.now += LOOK
    assert (now()[0], [rule.then.topic for rule in now()[1].rules]) == (2, ["x"])
    activate(world.database, 1)


def test_it_is_read_at_most_once_a_second_and_loaded_once(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    loads: list[str] = []
    now, version, looks = in_force(world, loads), add(world.database), []
    real = rule_sets.active_version
    monkeypatch.setattr(rule_sets, "active_version", lambda connection: looks.append(1) or real(connection))
    activate(world.database, version)
    for _ in range(50):
        world.now += LOOK // 10
        now()
    assert (len(looks), len(loads)) == (5, 1)


@pytest.mark.parametrize(
    ("written", "policy", "why"),
    [
        ("no toml [", "other", "TOML"),
        ("[[rules]]\nname = 'a'", "other", "rule 'a'"),
        ("", "no-such", "the policy no-such"),
    ],
)
def test_a_version_that_does_not_load_changes_nothing_and_is_told_once(
    world: World, written: str, policy: str, why: str
) -> None:
    now, bad = in_force(world), add(world.database, policy=policy, written=written)
    activate(world.database, bad)
    with capture_logs() as told:
        for _ in range(3):
            world.now += LOOK
            assert now() == (1, world.desk.rules)
    [line] = told
    assert (line["event"], line["version"], line["kept"]) == ("rules.refused", bad, 1)
    assert why in line["reason"]
    good = add(world.database, "good")
    activate(world.database, good)
    world.now += LOOK
    assert now()[0] == good


def test_a_version_taken_back_is_the_old_one_again(world: World) -> None:
    now, version = in_force(world), add(world.database)
    for wanted in (version, 1, version):
        if wanted == 1:
            with world.database.write() as connection:  # the world's first version has no text of its own
                connection.execute(tables.rule_sets.update().where(tables.rule_sets.c.version == 1).values(text="#"))
        activate(world.database, wanted)
        world.now += LOOK
        assert now()[0] == wanted


def test_while_the_database_is_away_the_rules_stay(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    now = in_force(world)

    def away(_connection: object) -> int:
        raise StoreAway("The database is away.")

    monkeypatch.setattr(rule_sets, "active_version", away)
    world.now += LOOK
    assert now() == (1, world.desk.rules)


def test_the_pipeline_decides_by_what_is_in_force_between_two_batches(world: World) -> None:
    now = in_force(world)

    def desk() -> Desk:
        version, rules_now = now()
        return replace(world.desk, rules=rules_now, rule_version=version)

    live = Pipeline(world.database, desk, {"line": read_line}, DEFAULT, world.voice, world.ids, "live")
    world.write("a@example.com", "I forgot my password")
    live.round()
    activate(world.database, add(world.database))
    world.now += LOOK
    world.write("b@example.com", "I forgot my password")
    live.round()
    assert [(row["rule_set"], row["topic"]) for row in world.rows(tables.decisions)] == [(1, "password"), (2, "x")]


def test_the_active_version_is_read_out_of_an_index_and_never_past_the_texts(database: Database) -> None:
    with database.read() as connection:
        if not database.sqlite:
            connection.execute(text("SET LOCAL enable_seqscan = off"))  # a table of a few rows is read whole
        explain = "EXPLAIN QUERY PLAN" if database.sqlite else "EXPLAIN"
        plan = str(connection.execute(text(f"{explain} {rule_sets._ACTIVE}")).all())
    assert ("COVERING INDEX" if database.sqlite else "Index") in plan
    assert "ix_rule_sets_active" in plan
