"""A backup is one tar file: the schema's revision, every table as JSON lines, the sealed files. Never the keys.

The same format from both databases, so a desk moves from SQLite to PostgreSQL by a backup and a restore.
"""

import base64
import io
import json
import tarfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from sqlalchemy import LargeBinary, Table, insert, select, text

from deskd.domain.errors import SettingsError
from deskd.store import schema
from deskd.store.database import Database
from deskd.store.tables import METADATA

BATCH = 1000  # rows of one statement
FOLDERS = ("receipts", "attachments")
MANIFEST = "manifest.json"


def save(database: Database, folder: Path, target: Path) -> dict[str, int]:
    """Writes a snapshot; returns the rows of each table. Refuses to write over a file."""
    counts: dict[str, int] = {}
    with database.read() as connection, tarfile.open(target, "x:gz") as tar:
        if not database.sqlite:
            connection.execute(text("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY"))
        for table in METADATA.sorted_tables:
            lines = [_line(table, row._mapping) for row in connection.execute(select(table))]
            counts[table.name] = len(lines)
            _put(tar, f"tables/{table.name}.jsonl", "".join(lines).encode())
        _put(tar, MANIFEST, json.dumps({"schema": schema.current(database), "rows": counts}).encode())
        for name in FOLDERS:
            if (folder / name).is_dir():
                tar.add(folder / name, arcname=f"files/{name}")
    target.chmod(0o600)
    return counts


def restore(database: Database, folder: Path, source: Path) -> dict[str, int]:
    """Into an empty desk of the same schema, or not at all. The keys come from their own backup."""
    schema.upgrade(database)
    with tarfile.open(source, "r:gz") as tar:
        manifest = json.loads(_read(tar, MANIFEST))
        if manifest["schema"] != schema.HEAD:
            raise SettingsError(
                f"The backup has the schema {manifest['schema']}, this program {schema.HEAD}: "
                "restore it with the version that made it, then upgrade."
            )
        with database.write() as connection:
            if any(connection.execute(select(table).limit(1)).first() for table in METADATA.sorted_tables):
                raise SettingsError("This desk is not empty. Restore into a new data folder or database.")
            for table in METADATA.sorted_tables:
                for rows in _batches(table, _read(tar, f"tables/{table.name}.jsonl")):
                    connection.execute(insert(table), rows)
        members = [member for member in tar.getmembers() if member.name.startswith("files/")]
        for member in members:
            member.name = member.name.removeprefix("files/")
        tar.extractall(folder, members, filter="data")
    return dict(manifest["rows"])


def _line(table: Table, row: Any) -> str:
    values = {}
    for column in table.columns:
        value = row[column.name]
        values[column.name] = base64.b64encode(value).decode() if isinstance(value, bytes | memoryview) else value
    return json.dumps(values, ensure_ascii=False) + "\n"


def _batches(table: Table, lines: bytes) -> Iterator[list[dict[str, Any]]]:
    binary = [column.name for column in table.columns if isinstance(column.type, LargeBinary)]
    batch: list[dict[str, Any]] = []
    for line in lines.splitlines():
        row = json.loads(line)
        for name in binary:
            row[name] = base64.b64decode(row[name]) if row[name] is not None else None
        batch.append(row)
        if len(batch) == BATCH:
            yield batch
            batch = []
    if batch:
        yield batch


def _put(tar: tarfile.TarFile, name: str, data: bytes) -> None:
    member = tarfile.TarInfo(name)
    member.size, member.mode = len(data), 0o600
    tar.addfile(member, io.BytesIO(data))


def _read(tar: tarfile.TarFile, name: str) -> bytes:
    try:
        file = tar.extractfile(name)
    except KeyError:
        file = None
    if file is None:
        raise SettingsError(f"This is no backup of deskd: {name} is missing in it.")
    return file.read()
