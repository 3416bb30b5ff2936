"""`deskd doctor`: what is kept. It changes nothing: no file is made, no schema raised."""

import os
import shutil
from collections.abc import Iterator
from pathlib import Path

from sqlalchemy import Connection

from deskd import app, settings
from deskd.cli.checks import Row, State, without_password
from deskd.domain.errors import DeskError, SettingsError, StoreAway
from deskd.domain.states import DeliveryState, ReceiptState
from deskd.settings import Settings
from deskd.store import deliveries, gauges, keyring, people, receipts, rule_sets, schema
from deskd.store.database import Database, sqlite_module

MIB = 1 << 20
FULL = 128 * MIB  # below it the daemon is not ready: the next large mails may be refused
SCARCE = 1024 * MIB
FIRST = "The first `deskd run` makes it."


def folder(read: Settings) -> Iterator[Row]:
    data = read.data
    if not data.is_dir():
        parent = next(one for one in data.parents if one.is_dir())
        able = _may_write(parent)
        yield Row("data folder", State.OFF if able else State.BROKEN, f"{data} is not there", FIRST if able else "")
        return
    mode = data.stat().st_mode & 0o777
    if not _may_write(data):
        yield Row("data folder", State.BROKEN, f"{data} can't be written to", "Give it to the user that runs deskd.")
    elif mode & 0o077:
        yield Row("data folder", State.LOOK, f"{data} is open to others ({mode:o})", f"chmod 700 {data}")
    else:
        yield Row("data folder", State.OK, str(data))
    free = shutil.disk_usage(data).free
    state = State.BROKEN if free < FULL else State.LOOK if free < SCARCE else State.OK
    yield Row("disk", state, f"{free // MIB} MiB free", "" if state is State.OK else "Make room.")


def _may_write(place: Path) -> bool:
    return os.access(place, os.W_OK | os.X_OK, effective_ids=os.access in os.supports_effective_ids)


def store(read: Settings) -> Iterator[Row]:
    """Database, schema, keys, rules, what waits: each as far as the one before it allows."""
    url = read.store.url
    if not url and not (read.data / "desk.db").exists():
        yield Row("database", State.OFF, f"{_sqlite()}; {read.data / 'desk.db'} is not there yet", FIRST)
        yield Row("keys", State.OFF, "none yet", FIRST)
        return
    try:
        database = app.open_database(read)
    except DeskError as error:
        yield Row("database", State.BROKEN, str(error))
        return
    try:
        yield from _database(database, read)
        if schema.current(database) == schema.HEAD:
            with database.read() as connection:
                yield from _inside(connection, read)
    except StoreAway as error:
        yield Row("database", State.BROKEN, f"{without_password(url)} {error}".strip())
    finally:
        database.close()


def _database(database: Database, read: Settings) -> Iterator[Row]:
    [(kind, version)] = database.versions().items()
    where = _sqlite() if database.sqlite else f"{kind} {version} at {without_password(read.store.url)}"
    yield Row("database", State.OK, where)
    found = schema.current(database)
    if found is None:
        yield Row("schema", State.OFF, "none yet", FIRST)
    elif found > schema.HEAD:
        newer = f"{found}, newer than this program's {schema.HEAD}"
        yield Row("schema", State.BROKEN, newer, "Start the newer deskd, or restore a backup of before.")
    elif found < schema.HEAD:
        yield Row("schema", State.LOOK, f"{found}, this program's is {schema.HEAD}", "`deskd migrate`")
    else:
        yield Row("schema", State.OK, found)


def _inside(connection: Connection, read: Settings) -> Iterator[Row]:
    yield _keys(connection, read.data / "keys")
    yield _rules(connection, read)
    states = [(state, n) for (_, state), n in gauges.received(connection).items()]
    kept, parked = (sum(n for state, n in states if state == one) for one in (ReceiptState.KEPT, ReceiptState.PARKED))
    do = "`deskd parked list`" if parked else ""
    yield Row("receipts", State.LOOK if parked else State.OK, f"{kept} waiting, {parked} parked", do)
    sent = deliveries.counts(connection)
    unknown, rejected, queued = (sent.get(s, 0) for s in (DeliveryState.UNKNOWN, DeliveryState.REJECTED, "queued"))
    said = f"{queued} queued, {unknown} unknown, {rejected} rejected"
    do = "`deskd deliveries list --state unknown --state rejected`" if unknown or rejected else ""
    yield Row("deliveries", State.LOOK if do else State.OK, said, do)
    yield _duty(connection, read)


def _duty(connection: Connection, read: Settings) -> Row:
    """Whether everybody on the roster can be called."""
    roster = read.duty.people
    if not roster:
        return Row("duty", State.OFF, "an urgent ticket that nobody takes pages nobody", "Name people in [duty].")
    able = {agent.name for agent in people.everybody(connection) if agent.active and agent.mail}
    said = ", ".join(person.agent for person in roster)
    if lost := [person.agent for person in roster if person.agent not in able]:
        what = f"{said}; {', '.join(lost)} can't be called"
        return Row("duty", State.LOOK, what, "`deskd agents list`: each must be active and have a mail address.")
    if not read.web.public_url:
        return Row("duty", State.LOOK, f"{said}; no link to accept by", "Set [web] public_url.")
    return Row("duty", State.OK, said)


def _keys(connection: Connection, where: Path) -> Row:
    """Whether the ring is whole, ours alone, and opens what is sealed."""
    sealed = receipts.newest_sealed(connection)
    missing = [purpose for purpose in keyring.PURPOSES if not (where / f"{purpose}-1").exists()]
    if missing and (sealed is not None or len(missing) < len(keyring.PURPOSES)):
        said = f"{', '.join(missing)} missing in {where}"
        return Row("keys", State.BROKEN, said, "Restore data/keys from its own backup before anything is started.")
    if missing:
        return Row("keys", State.OFF, "none yet", FIRST)
    try:
        ring = keyring.open_ring(where, app.random_bytes)
        if sealed is not None:
            ring.unseal(sealed["id"], bytes(sealed["data_key"]), bytes(sealed["envelope"]))
    except (SettingsError, OSError) as error:
        return Row("keys", State.BROKEN, str(error))
    files = [one for one in where.iterdir() if one.is_file()]
    if open_to_others := [one.name for one in files if one.stat().st_mode & 0o077]:
        return Row("keys", State.LOOK, f"{', '.join(open_to_others)} can be read by others", f"chmod 600 {where}/*")
    tried = "opens what is sealed" if sealed is not None else "nothing is sealed yet"
    return Row("keys", State.OK, f"{len(files)} in {where}; {tried}")


def _rules(connection: Connection, read: Settings) -> Row:
    """The version in force, and whether the file says something else."""
    active = rule_sets.active(connection)
    if active is None:
        return Row("rules", State.OFF, "no version yet", FIRST)
    version = f"version {active['version']} in force"
    try:
        rules = settings.rules_of(active["text"])
        settings.fit(rules, read.book, version)
    except (SettingsError, ValueError) as error:
        return Row("rules", State.BROKEN, f"{version} can't be used: {error}", "Activate another version.")
    said = f"{version}, {len(rules.rules)} rules"
    if read.rules.hash == active["hash"]:
        return Row("rules", State.OK, said)
    known = rule_sets.by_hash(connection, read.rules.hash)
    candidate = f"version {known}" if known else "no version yet; the next start makes it one"
    do = f"`deskd rules diff {known}`, `deskd rules activate {known}`" if known else ""
    return Row("rules", State.LOOK, f"{said}; the settings file has others ({candidate})", do)


def _sqlite() -> str:
    module = sqlite_module()
    whose = "pysqlite3" if "pysqlite3" in module.__name__ else "Python's own; `pysqlite3` brings a newer one"
    return f"SQLite {module.sqlite_version} ({whose})"
