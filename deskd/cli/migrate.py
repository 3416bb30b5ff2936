"""`deskd migrate`."""

from deskd import app
from deskd.cli.options import DEFAULT, AsJson, SettingsFile
from deskd.cli.output import tell
from deskd.store import schema


def command(path: SettingsFile = DEFAULT, as_json: AsJson = False) -> None:
    database = app.open_database(app.prepare(path))
    try:
        revision = schema.upgrade(database)
    finally:
        database.close()
    tell(f"The schema is {revision}.", {"schema": revision}, as_json=as_json)
