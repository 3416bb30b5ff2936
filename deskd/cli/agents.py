"""`deskd agents`. Whoever may read the data folder may use these: it is how a lost password is replaced."""

import base64
from typing import Annotated

import typer
from argon2 import PasswordHasher

from deskd import app
from deskd.acts import tokens
from deskd.acts.customers import MAIL
from deskd.cli.desk import opened
from deskd.cli.options import DEFAULT, AsJson, SettingsFile, group
from deskd.cli.output import moment, show, tell
from deskd.domain.errors import NotFound, Refused
from deskd.domain.words import Language, Role, Scope
from deskd.store import api_tokens, people

NAME_LIMIT = 40  # characters, as the queue page has room for
PASSWORD_BYTES = 12

Name = Annotated[str, typer.Argument(help="The name by which they log in and act")]

command = group()


@command.command("add")
def add(
    name: Name,
    role: Annotated[Role, typer.Option(help="agent, supervisor, ops or admin")] = Role.AGENT,
    queues: Annotated[str, typer.Option(help="Names with commas; none: all")] = "",
    languages: Annotated[str, typer.Option(help="Of zh-Hans, zh-Hant, en, with commas")] = "",
    mail: Annotated[str, typer.Option(help="Their own address: escalations and pages go there; none: nowhere")] = "",
    path: SettingsFile = DEFAULT,
    as_json: AsJson = False,
) -> None:
    """A new agent; the password is made here and shown once."""
    if not name.strip() or name != name.strip() or not name.isprintable() or len(name) > NAME_LIMIT:
        raise Refused(f"An agent's name has 1 to {NAME_LIMIT} printable characters and no spaces around it.")
    spoken = _names(languages)
    if unknown := sorted(set(spoken) - set(Language)):
        raise Refused(f'"{unknown[0]}" is no language of the desk; there are {", ".join(Language)}.')
    with opened(path) as parts:
        password = app.add_agent(parts, name, role, _names(queues), spoken, _own_mail(mail, parts))
        known = {rule.then.queue for rule in parts.desk.rules.rules}
    for queue in _names(queues):
        if queue not in known:
            typer.echo(f'No rule sends anything to the queue "{queue}" yet.', err=True)
    _password(name, password, as_json=as_json)


@command.command("mail")
def mail_(
    name: Name,
    address: Annotated[str, typer.Argument(help='Their own address; "" for none')],
    path: SettingsFile = DEFAULT,
    as_json: AsJson = False,
) -> None:
    """Where escalations and pages of the duty roster go."""
    with opened(path) as parts:
        given = _own_mail(address, parts)
        if not parts.database.transact(lambda connection: people.set_mail(connection, name, given)):
            raise _nobody(name)
    tell(f"{name}: {given or 'no notices'}", {"name": name, "mail": given}, as_json=as_json)


@command.command("list")
def list_(path: SettingsFile = DEFAULT, as_json: AsJson = False) -> None:
    """Everybody, also who is switched off."""
    with opened(path) as parts, parts.database.read() as connection:
        found = people.everybody(connection)
    if as_json:
        rows = [
            {"name": a.name, "role": a.role, "queues": list(a.queues), "languages": list(a.languages)} for a in found
        ]
        show([row | {"mail": a.mail, "active": a.active} for row, a in zip(rows, found, strict=True)], as_json=True)
        return
    show(
        [
            {
                "name": a.name,
                "role": a.role,
                "queues": ",".join(a.queues) or "all",
                "languages": ",".join(a.languages),
                "mail": a.mail,
                "active": "yes" if a.active else "off",
            }
            for a in found
        ],
        as_json=False,
    )


@command.command("off")
def off(name: Name, path: SettingsFile = DEFAULT, as_json: AsJson = False) -> None:
    """Ends the person's log-ins, tokens and claims at once."""
    with opened(path) as parts:
        if not parts.database.transact(lambda connection: people.switch_off(connection, name)):
            raise _nobody(name)
    tell(f"{name} is switched off.", {"name": name, "active": False}, as_json=as_json)


@command.command("password")
def password(name: Name, path: SettingsFile = DEFAULT, as_json: AsJson = False) -> None:
    """A new password, made here and shown once; the old one and all log-ins with it end."""
    made = base64.urlsafe_b64encode(app.random_bytes(PASSWORD_BYTES)).decode()
    hashed = PasswordHasher().hash(made)
    with opened(path) as parts:
        if not parts.database.transact(lambda connection: people.set_password(connection, name, hashed)):
            raise _nobody(name)
    _password(name, made, as_json=as_json)


@command.command("token")
def token(
    name: Name,
    scope: Annotated[list[Scope], typer.Option(help="What it may be used for; may be given again")],
    days: Annotated[int, typer.Option(help="How long it lives")] = tokens.DAYS,
    path: SettingsFile = DEFAULT,
    as_json: AsJson = False,
) -> None:
    """A bearer token for the API, made here and shown once; who holds it acts as the agent."""
    with opened(path) as parts:
        made = parts.database.transact(lambda connection: tokens.issue(parts.desk, connection, name, scope, days))
    row = {"token": made, "handle": tokens.handle_of(made), "agent": name, "scopes": [*scope], "days": days}
    tell(f"{made}  acts as {name} for {days} days: {', '.join(scope)}  (shown once)", row, as_json=as_json)


@command.command("tokens")
def tokens_(path: SettingsFile = DEFAULT, as_json: AsJson = False) -> None:
    """The bearer tokens by the handles that stand in them; also those whose days are over."""
    with opened(path) as parts, parts.database.read() as connection:
        found, now = api_tokens.listed(connection), parts.desk.clock()
    rows = [
        {"handle": row["handle"], "agent": row["name"], "scopes": row["scopes"] if as_json else ",".join(row["scopes"])}
        | {"made": moment(row["created_at"]), "until": moment(row["expires_at"]), "used": moment(row["used_at"])}
        | {"live": (row["expires_at"] > now) if as_json else "yes" if row["expires_at"] > now else "over"}
        for row in found
    ]
    show(rows, as_json=as_json)


@command.command("revoke")
def revoke(
    handle: Annotated[str, typer.Argument(help="As `deskd agents tokens` has it")],
    path: SettingsFile = DEFAULT,
    as_json: AsJson = False,
) -> None:
    """Ends a bearer token at once."""
    with opened(path) as parts:
        if not parts.database.transact(lambda connection: api_tokens.revoke(connection, handle)):
            raise NotFound(f'There is no token "{handle}". `deskd agents tokens` lists them by their handles.')
    tell(f"The token {handle} is revoked.", {"handle": handle, "live": False}, as_json=as_json)


def _password(name: str, made: str, *, as_json: bool) -> None:
    said = f"{name} may log in with the password {made}  (shown once)"
    tell(said, {"name": name, "password": made}, as_json=as_json)


def _nobody(name: str) -> NotFound:
    return NotFound(f'There is no active agent "{name}". `deskd agents list` shows who there is.')


def _own_mail(typed: str, parts: app.Parts) -> str:
    """An address of the person's own; one of the desk's would make tickets of its own notices."""
    address = typed.strip()
    if address and not MAIL.fullmatch(address):
        raise Refused(f'"{typed}" is no mail address.')
    if address.lower() in {account.address.lower() for account in parts.settings.mail.accounts}:
        raise Refused(f"{address} is an address of the desk itself; give the person's own.")
    return address


def _names(text: str) -> tuple[str, ...]:
    return tuple(dict.fromkeys(part.strip() for part in text.split(",") if part.strip()))
