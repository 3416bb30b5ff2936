"""The rules that are in force now, in a process that runs on while somebody activates others."""

import threading
from collections.abc import Callable, Collection

import structlog

from deskd.domain.errors import SettingsError, StoreAway
from deskd.domain.ports import SECOND, Clock, Micros
from deskd.store import rule_sets
from deskd.store.database import Database
from router.rules import RuleSet

LOOK: Micros = 1 * SECOND  # between two looks at which version is active

_log = structlog.get_logger("deskd.rules")


class RulesInForce:
    """Called for (version, rules): at most one small read a second, and a load only where another version is active.

    `load` makes rules of a version's text; policies: the names that rules may give. A version that does not load, or
    names another policy, is logged once and changes nothing; so does a database that is away. Any thread may ask.
    """

    def __init__(
        self,
        database: Database,
        clock: Clock,
        load: Callable[[str], RuleSet],
        policies: Collection[str],
        version: int,
        rules: RuleSet,
    ) -> None:
        self._database, self._clock, self._load, self._policies = database, clock, load, frozenset(policies)
        self._now = (version, rules)
        self._seen, self._looked = version, clock()
        self._turn = threading.Lock()

    def __call__(self) -> tuple[int, RuleSet]:
        if self._clock() - self._looked >= LOOK and self._turn.acquire(blocking=False):
            try:
                self._look()
            finally:
                self._turn.release()
        return self._now

    def _look(self) -> None:
        self._looked = self._clock()
        try:
            with self._database.read() as connection:
                version = rule_sets.active_version(connection)
                text = rule_sets.text_of(connection, version) if version not in {None, self._seen} else None
        except StoreAway:
            return  # whoever needs the database will say so; the rules are those that were in force
        if version is None or text is None:
            return
        self._seen = version
        if version != self._now[0]:
            self._take(version, text)

    def _take(self, version: int, text: str) -> None:
        try:
            rules = self._load(text)
            unknown = {rule.then.policy for rule in rules.rules if rule.then.policy} - self._policies
            if unknown:
                raise SettingsError(f"The rules name the policy {min(unknown)}, and there is none of this name.")
        except (SettingsError, ValueError) as error:
            _log.error("rules.refused", version=version, kept=self._now[0], reason=str(error))
            return
        _log.info("rules.activated", version=version, before=self._now[0])
        self._now = (version, rules)
