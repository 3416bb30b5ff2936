"""A real daemon is asked whatever its description allows, and what it does not: nothing breaks, all is as described."""

import json
import os
import subprocess
from pathlib import Path
from typing import Any

import pytest
from child import Child, free_port
from sqlalchemy import Connection

from deskd import app
from deskd.acts import tokens, verbs
from deskd.app import Parts
from deskd.domain.ports import Receipt
from deskd.domain.words import Role, Scope
from deskd.store import people, receipts, tables

EXAMPLES = 20  # an operation and kind, beside those that schemathesis always tries
SECONDS = 900


def furnished(parts: Parts) -> tuple[str, dict[str, str]]:
    """A token of everything, and one thing of each kind that an address can name."""
    app.add_agent(parts, "sue", Role.ADMIN, (), ())
    sealed = receipts.seal(Receipt("form", "help", "k", "k", b"{}", app.now()), app.new_id, parts.vault)

    def furnish(connection: Connection) -> tuple[str, dict[str, str]]:
        sue = people.named(connection, "sue")
        assert sue
        ticket = verbs.open_by_hand(parts.desk, connection, sue, "a@example.com", "My transfer is late", "call")
        delivery = verbs.reply(parts.desk, connection, sue, ticket.code, "We looked into it.")
        lost = tables.deliveries.update().where(tables.deliveries.c.id == delivery)
        connection.execute(lost.values(state="unknown", note="451 try later"))
        receipts.keep(connection, [sealed])
        aside = tables.receipts.update().where(tables.receipts.c.id == sealed[1]["id"])
        connection.execute(aside.values(state="parked", step="look", reason="A defect.", settled_at=app.now()))
        token = tokens.issue(parts.desk, connection, "sue", list(Scope))
        ids = {"code": ticket.code, "customer": ticket.customer_id, "delivery": delivery}
        return token, ids | {"receipt": sealed[1]["id"]}

    return parts.database.transact(furnish)


def config(ids: dict[str, str]) -> str:
    """422 is right for a cursor that was never given out and for a key that was used for something else."""
    lines = ["[checks]", "[checks.positive_data_acceptance]"]
    lines += ['expected-statuses = ["2xx", "401", "403", "404", "409", "422"]', "[parameters]"]
    return "\n".join([*lines, *(f'"path.{name}" = {json.dumps(value)}' for name, value in ids.items())])


@pytest.mark.schemathesis
def test_nothing_that_it_is_asked_breaks_it_or_is_answered_otherwise_than_described(url: str, tmp_path: Path) -> None:
    child = Child(tmp_path / "data", free_port(), url)
    parts = child.build()
    try:
        token, ids = furnished(parts)
        child.start()
        (tmp_path / "st.toml").write_text(config(ids), "utf-8")
        words: list[Any] = [os.environ["DESKD_TEST_SCHEMATHESIS"], "--config-file", tmp_path / "st.toml", "run"]
        words += [f"http://127.0.0.1:{child.http}/api/openapi.json", "-H", f"Authorization: Bearer {token}"]
        words += ["--max-examples", str(EXAMPLES), "--no-color", "--continue-on-failure"]
        words += ["--suppress-health-check", "all"]
        done = subprocess.run(words, cwd=tmp_path, capture_output=True, text=True, check=False, timeout=SECONDS)
        assert done.returncode == 0, done.stdout[-6000:] + done.stderr[-2000:]
        assert "http.defect" not in child.log()
    finally:
        child.stop()
        parts.database.close()
