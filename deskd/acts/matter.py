"""A ticket with its clocks, as one act reads and changes it; `save` says what is to be written."""

import json
from dataclasses import dataclass, field, fields, replace
from typing import Any

from deskd.acts.desk import Desk
from deskd.domain.ports import Micros
from deskd.domain.states import ClockState
from deskd.domain.ticket import FAR, Ticket
from deskd.domain.words import ClockKind
from deskd.store import clocks as clock_rows
from deskd.store import tables
from deskd.store import tickets as ticket_rows
from deskd.store.plan import Plan, Row
from sla.clocks import Clock, Entry

_CLOCK = tuple(f.name for f in fields(Clock))


@dataclass(slots=True)
class Held:
    """A clock and what guards its row: 0 is a clock that has no row yet."""

    id: str
    clock: Clock
    version: int


@dataclass(slots=True)
class Matter:
    ticket: Ticket
    clocks: dict[ClockKind, Held] = field(default_factory=dict)
    read_at: int = 0  # the ticket's events when it was read or last saved; 0: it has no row yet
    _events: list[Row] = field(default_factory=list)
    _ledger: list[Row] = field(default_factory=list)
    _turned: set[ClockKind] = field(default_factory=set)

    def change(self, **values: Any) -> None:
        self.ticket = replace(self.ticket, **values)

    def event(self, desk: Desk, kind: str, by: str, at: Micros, **data: Any) -> None:
        """Every change of a ticket writes one: the count it moves is what guards the ticket's row."""
        self.change(events=self.ticket.events + 1)
        self._events.append(
            {
                "id": desk.ids(),
                "ticket_id": self.ticket.id,
                "n": self.ticket.events,
                "kind": kind,
                "at": at,
                "by": by,
                "data": json.dumps(data, ensure_ascii=False, sort_keys=True, separators=(",", ":")),
            }
        )

    def turn(self, desk: Desk, kind: ClockKind, turned: tuple[Clock, tuple[Entry, ...]]) -> None:
        """Takes over what a verb of sla/ made of a clock, with its ledger rows."""
        clock, entries = turned
        held = self.clocks.setdefault(kind, Held(desk.ids(), clock, 0))
        held.clock = clock
        self._turned.add(kind)
        for entry in entries:
            self._ledger.append(
                {
                    "id": desk.ids(),
                    "clock_id": held.id,
                    "at": entry.at,
                    "act": str(entry.act),
                    "due_at": entry.due_at,
                    "why": entry.why,
                }
            )
        self.change(due_at=self._earliest())

    def running(self, kind: ClockKind) -> Clock | None:
        held = self.clocks.get(kind)
        return held.clock if held and held.clock.state is ClockState.RUNNING else None

    def save(self, plan: Plan) -> None:
        """Adds to the plan whatever changed since the matter was read or saved."""
        if not self._events:
            return
        if self.read_at == 0:
            plan.add(tables.tickets, ticket_rows.row_of(self.ticket))
        else:
            plan.change(ticket_rows.SAVE, ticket_rows.saving(self.ticket, self.read_at))
        for kind in sorted(self._turned):
            self._save_clock(plan, kind)
        for row in self._ledger:
            plan.add(tables.clock_ledger, row)
        for row in self._events:
            plan.add(tables.events, row)
        self.read_at = self.ticket.events
        self._events, self._ledger, self._turned = [], [], set()

    def _save_clock(self, plan: Plan, kind: ClockKind) -> None:
        held = self.clocks[kind]
        values: Row = {name: getattr(held.clock, name) for name in _CLOCK}
        values["kind"], values["state"] = str(held.clock.kind), str(held.clock.state)
        if held.version == 0:
            plan.add(tables.clocks, values | {"id": held.id, "ticket_id": self.ticket.id, "version": 1})
        else:
            del values["kind"]
            guard = {"b_id": held.id, "b_version": held.version}
            plan.change(clock_rows.SAVE, values | {"version": held.version + 1} | guard)
        held.version += 1

    def _earliest(self) -> Micros:
        dues = (held.clock.due_at for held in self.clocks.values() if held.clock.state is ClockState.RUNNING)
        return min((due for due in dues if due is not None), default=FAR)


def held_of(row: Any) -> tuple[ClockKind, Held]:
    """A row of the table `clocks` as a matter holds it."""
    values = {name: row[name] for name in _CLOCK}
    values["kind"], values["state"] = ClockKind(values["kind"]), ClockState(values["state"])
    return values["kind"], Held(row["id"], Clock(**values), row["version"])
