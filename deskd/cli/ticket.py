"""`deskd ticket`: what a person does with one. Each prints the ticket as it is then."""

from typing import Annotated, Any

import typer
from sqlalchemy import Connection

from deskd import app
from deskd.acts import facts, verbs
from deskd.acts.seen import seen
from deskd.cli import output, ticket_whole
from deskd.cli.desk import Unit, act, look, on_ticket
from deskd.cli.given import words
from deskd.cli.options import DEFAULT, AsJson, AsName, Code, SettingsFile, Words, group
from deskd.cli.output import of_ticket, show_one
from deskd.domain.errors import Refused
from deskd.domain.states import TicketState
from deskd.domain.ticket import Agent
from deskd.store import views

command = group()


@command.command("new")
def new(
    address: Annotated[str, typer.Argument(help="The customer's mail address or phone number, as they say it")],
    text: Words,
    reason: Annotated[str, typer.Option(help="call, visit, or why we write first")],
    path: SettingsFile = DEFAULT,
    as_name: AsName = "admin",
    as_json: AsJson = False,
) -> None:
    """For a call or a visit: the same rules and clocks; the address is claimed, and nothing is sent."""
    said = words(text)

    def make(parts: app.Parts, connection: Connection, agent: Agent) -> dict[str, Any]:
        return of_ticket(verbs.open_by_hand(parts.desk, connection, agent, address, said, reason))

    show_one(act(path, as_name, make), as_json=as_json)


@command.command("show")
def show(code: Code, path: SettingsFile = DEFAULT, as_name: AsName = "admin", as_json: AsJson = False) -> None:
    """Everything about it: messages, why it is where it is, clocks, what was sent, events."""
    whole = look(path, as_name, lambda p, c, agent: ticket_whole.all_of(p, c, agent, code))
    ticket_whole.show(whole, as_json=as_json)


@command.command("reply")
def reply(
    code: Code,
    text: Words,
    then: Annotated[TicketState, typer.Option(help="What follows: waiting, open, held or resolved")] = (
        TicketState.WAITING
    ),
    read: Annotated[
        int | None,
        typer.Option(help="Number of the last message you have read; without it: what was there at your last act"),
    ] = None,
    declined: Annotated[
        str, typer.Option(help="Feedback is not followed, for this reason; resolves it when the answer has arrived")
    ] = "",
    path: SettingsFile = DEFAULT,
    as_name: AsName = "admin",
    as_json: AsJson = False,
) -> None:
    """Answers the customer; refused, with the words, when they wrote something that you have not read."""
    said = words(text)
    if then is TicketState.CLOSED:
        raise Refused("An answer closes nothing: --then takes waiting, open, held or resolved.")

    def answer(parts: app.Parts, connection: Connection, agent: Agent) -> object:
        links = frozenset(parts.settings.desk.links)
        read_up_to = seen(parts.desk, connection, agent, code, read)
        return verbs.reply(
            parts.desk, connection, agent, code, said, then=then, read=read_up_to, links=links, declined=declined
        )

    _done(path, as_name, code, answer, as_json=as_json)


@command.command("note")
def note(
    code: Code, text: Words, path: SettingsFile = DEFAULT, as_name: AsName = "admin", as_json: AsJson = False
) -> None:
    """For colleagues only."""
    said = words(text)
    _done(path, as_name, code, lambda p, c, agent: verbs.note(p.desk, c, agent, code, said), as_json=as_json)


@command.command("facts")
def facts_(
    code: Code,
    reveal: Annotated[str, typer.Option(help="Open those of this kind: transaction, order, phone, amount…")] = "",
    why: Annotated[str, typer.Option(help="What for; kept with the ticket")] = "",
    path: SettingsFile = DEFAULT,
    as_name: AsName = "admin",
    as_json: AsJson = False,
) -> None:
    """What masking took out of the customer's words, shown short; opened for a reason, on the record."""

    def read(parts: app.Parts, connection: Connection, agent: Agent) -> list[dict[str, str]]:
        ticket = verbs.find(connection, agent, code).ticket
        return [
            {
                "kind": fact.kind,
                "short": fact.short,
                "value": facts.reveal(parts.desk, connection, agent, code, fact.id, why) if fact.kind == reveal else "",
            }
            for fact in views.facts_of(connection, ticket.id)
        ]

    found = act(path, as_name, read) if reveal else look(path, as_name, read)
    if reveal and not any(one["value"] for one in found):
        raise Refused(f'The ticket has no fact of the kind "{reveal}".')
    output.show(found, as_json=as_json)


@command.command("assign")
def assign(
    code: Code,
    to: Annotated[str, typer.Argument(help='The agent who is to have it; "" for nobody')],
    path: SettingsFile = DEFAULT,
    as_name: AsName = "admin",
    as_json: AsJson = False,
) -> None:
    """To a person by name."""
    _done(path, as_name, code, lambda p, c, agent: verbs.assign(p.desk, c, agent, code, to), as_json=as_json)


@command.command("set")
def set_(
    code: Code,
    field: Annotated[str, typer.Argument(help="category, topic, queue or priority")],
    new: Annotated[str, typer.Argument(help="What it is to be")],
    why: Annotated[str, typer.Option(help="Why it was wrong: the rules learn from it")],
    path: SettingsFile = DEFAULT,
    as_name: AsName = "admin",
    as_json: AsJson = False,
) -> None:
    """Corrects what the rules decided."""
    if not why.strip():
        raise Refused("Say with --why what was wrong: the rules learn from it.")

    def correct(parts: app.Parts, connection: Connection, agent: Agent) -> None:
        verbs.correct(parts.desk, connection, agent, code, field=field, new=new, why=why)

    _done(path, as_name, code, correct, as_json=as_json)


@command.command("spam")
def spam(
    code: Code,
    block: Annotated[
        bool, typer.Option("--block", help="Whatever comes from this address is spam, until a ticket of it is released")
    ] = False,
    path: SettingsFile = DEFAULT,
    as_name: AsName = "admin",
    as_json: AsJson = False,
) -> None:
    """Out of every queue and clock."""

    def mark(parts: app.Parts, connection: Connection, agent: Agent) -> None:
        verbs.spam(parts.desk, connection, agent, code, is_spam=True, block=block)

    _done(path, as_name, code, mark, as_json=as_json)


@command.command("release")
def release(code: Code, path: SettingsFile = DEFAULT, as_name: AsName = "admin", as_json: AsJson = False) -> None:
    """It is no spam: its clocks start at the time of receipt, and its sender is blocked no more."""
    _done(path, as_name, code, lambda p, c, agent: verbs.spam(p.desk, c, agent, code, is_spam=False), as_json=as_json)


@command.command("unreachable")
def unreachable(
    code: Code,
    why: Annotated[str, typer.Option(help="What was tried; kept with the ticket")] = "",
    path: SettingsFile = DEFAULT,
    as_name: AsName = "admin",
    as_json: AsJson = False,
) -> None:
    """Feedback whose customer nobody can tell: a supervisor's word, after three answers came back."""
    _done(path, as_name, code, lambda p, c, agent: verbs.unreachable(p.desk, c, agent, code, why), as_json=as_json)


@command.command("resolve")
def resolve(code: Code, path: SettingsFile = DEFAULT, as_name: AsName = "admin", as_json: AsJson = False) -> None:
    """Without a word to the customer; feedback first needs an answer, and is resolved when that has arrived."""
    _done(
        path,
        as_name,
        code,
        lambda p, c, agent: verbs.move(p.desk, c, agent, code, TicketState.RESOLVED),
        as_json=as_json,
    )


def _done(path: Any, as_name: str, code: str, unit: Unit[object], *, as_json: bool) -> None:
    show_one(of_ticket(on_ticket(path, as_name, code, unit)), as_json=as_json)
