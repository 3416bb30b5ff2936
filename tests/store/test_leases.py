"""One holder at a time; each new one is known by its fence."""

import threading

from deskd.domain.ports import MINUTE
from deskd.store import leases
from deskd.store.database import Database

NOW = 1_780_000_000_000_000


def take(database: Database, holder: str, *, now: int = NOW, length: int = MINUTE) -> int | None:
    return database.transact(lambda connection: leases.take(connection, "sequencer", holder, now, length))


def holds(database: Database, holder: str, fence: int, *, now: int = NOW) -> bool:
    return database.transact(lambda connection: leases.held(connection, "sequencer", holder, fence, now))


def test_a_lease_has_one_holder(database: Database) -> None:
    assert take(database, "one") == 1
    assert take(database, "two") is None
    assert holds(database, "one", 1)
    assert not holds(database, "two", 1)


def test_its_holder_renews_it_under_the_same_fence(database: Database) -> None:
    assert [take(database, "one") for _ in range(3)] == [1, 1, 1]


def test_the_fence_grows_when_it_ran_out_and_the_old_holder_is_known_as_old(database: Database) -> None:
    take(database, "one", length=0)
    assert take(database, "two") == 2
    assert not holds(database, "one", 1)
    assert holds(database, "two", 2)


def test_a_holder_that_let_it_run_out_gets_a_new_fence_too(database: Database) -> None:
    take(database, "one", length=0)
    assert take(database, "one") == 2
    assert not holds(database, "one", 1)


def test_a_release_is_at_once_and_the_fence_goes_on(database: Database) -> None:
    take(database, "one")
    database.transact(lambda connection: leases.release(connection, ["sequencer"], "two"))
    assert holds(database, "one", 1)
    database.transact(lambda connection: leases.release(connection, ["sequencer"], "one"))
    assert not holds(database, "one", 1)
    assert take(database, "two") == 2


def test_a_holder_that_is_gone_is_forgotten(database: Database) -> None:
    take(database, "one")
    database.transact(lambda connection: leases.forget(connection, "one"))
    assert take(database, "two") is not None
    assert not holds(database, "one", 1)


def test_of_many_that_come_at_once_one_gets_it(database: Database) -> None:
    ready, got = threading.Barrier(6), []

    def come(n: int) -> None:
        ready.wait(10)
        got.append(take(database, f"holder-{n}"))

    threads = [threading.Thread(target=come, args=(n,)) for n in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
    assert sorted(got, key=str) == [1, None, None, None, None, None]


def test_on_one_machine_time_is_the_callers(database: Database) -> None:
    if not database.sqlite:  # there it is the database's own: a caller's wrong clock changes nothing
        take(database, "one")
        assert take(database, "two", now=NOW + 100 * MINUTE) is None
        return
    take(database, "one")
    assert take(database, "two", now=NOW + MINUTE - 1) is None
    assert take(database, "two", now=NOW + MINUTE) == 2


def test_a_daemon_that_starts_ends_what_the_killed_one_before_it_held_and_nobody_elses(database: Database) -> None:
    first = database.transact(lambda c: leases.take(c, "clocks", "here_1:killed", 1_000, 10**15))
    other = database.transact(lambda c: leases.take(c, "sequencer", "here-1:alive", 1_000, 10**15))
    database.transact(lambda c: leases.forget_all(c, "here_1:"))
    assert other is not None
    assert database.transact(lambda c: leases.take(c, "sequencer", "new", 1_001, 10**15)) is None
    second = database.transact(lambda c: leases.take(c, "clocks", "new", 1_001, 10**15))
    assert first is not None
    assert second == first + 1
