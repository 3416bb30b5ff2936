"""What an operation works on."""

from dataclasses import dataclass

from sqlalchemy import Connection

from deskd.acts import verbs
from deskd.acts.desk import Desk
from deskd.console.api import answers, from_rows
from deskd.console.context import Context
from deskd.domain import code as public_code
from deskd.domain.errors import NotFound
from deskd.domain.ports import Micros
from deskd.domain.ticket import Agent, Ticket
from deskd.store import people, tickets


@dataclass(frozen=True, slots=True)
class On:
    """One request of one agent, in one transaction."""

    context: Context
    desk: Desk
    connection: Connection
    agent: Agent
    now: Micros

    def ticket(self, code: str) -> Ticket:
        """Raises NotFound alike for a ticket of a foreign queue and for none."""
        return verbs.find(self.connection, self.agent, code[:40]).ticket

    def head(self, code: str) -> answers.TicketHead:
        """The ticket as it is now, also where what was done took it out of the agent's sight."""
        ticket = tickets.by_code(self.connection, public_code.read(code) or "")
        if ticket is None:
            raise NotFound(f"There is no ticket {code[:40]}.")
        return self.heads([ticket])[0]

    def heads(self, some: list[Ticket]) -> list[answers.TicketHead]:
        names = {person.id: person.name for person in people.everybody(self.connection)}
        return [from_rows.head(ticket, names) for ticket in some]
