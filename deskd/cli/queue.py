"""`deskd queue`."""

from typing import Any

from sqlalchemy import Connection

from deskd import app
from deskd.acts import verbs
from deskd.cli.desk import act, look, on_ticket
from deskd.cli.options import DEFAULT, AsJson, AsName, Code, SettingsFile, group
from deskd.cli.output import of_ticket, show, tell
from deskd.domain.ticket import Agent
from deskd.store import tickets, views

LISTED = 100  # tickets; whoever has more to do takes the next

command = group()


@command.command("list")
def queue_list(path: SettingsFile = DEFAULT, as_name: AsName = "admin", as_json: AsJson = False) -> None:
    """The open tickets of the agent's queues, also those that colleagues hold."""

    def read(parts: app.Parts, connection: Connection, agent: Agent) -> list[dict[str, Any]]:
        now = parts.desk.clock()
        found = tickets.listed(connection, tickets.queued(agent.queues, now, agent.id, LISTED, claimed=True))
        held = views.holders(connection, {one.customer_id for one in found}, now)
        return [of_ticket(one) | {"with": held.get(one.customer_id, "")} for one in found]

    show(look(path, as_name, read), as_json=as_json)


@command.command("next")
def queue_next(path: SettingsFile = DEFAULT, as_name: AsName = "admin", as_json: AsJson = False) -> None:
    """Takes the most urgent ticket, and its customer with it: the customer's other open tickets follow it."""
    taken = act(path, as_name, lambda parts, c, agent: verbs.next_ticket(parts.desk, c, agent))
    show([of_ticket(one) for one in taken], as_json=as_json)


@command.command("release")
def queue_release(code: Code, path: SettingsFile = DEFAULT, as_name: AsName = "admin", as_json: AsJson = False) -> None:
    """Lets the ticket's customer go, so that others may take them."""
    ticket = on_ticket(path, as_name, code, lambda p, c, agent: verbs.release(p.desk, c, agent, code))
    said = of_ticket(ticket)
    tell(f"The customer of {said['code']} is free.", said, as_json=as_json)
