"""Customers: seen through their tickets."""

from functools import partial

from sqlalchemy import RowMapping

from deskd.console.api import answers, from_rows
from deskd.console.api.asked import PageQuery
from deskd.console.api.on import On
from deskd.console.api.paging import page
from deskd.domain.errors import NotFound
from deskd.store import api_lists


def shown(on: On, customer: str) -> answers.Customer:
    row = _one(on, customer)
    return answers.Customer(
        id=row["id"],
        name=row["name"],
        language=row["language"],
        created=from_rows.time(row["created_at"]),
        addresses=[from_rows.sender(one) for one in api_lists.identities_of(on.connection, customer)],
    )


def tickets(on: On, customer: str, query: PageQuery) -> answers.TicketPage:
    """Of the agent's queues, spam left out, the newest first."""
    _one(on, customer)
    wanted = api_lists.Wanted(customer_id=customer)
    behind = partial(api_lists.of_tickets, on.connection, on.agent, wanted)
    found, following = page(on.desk.vault.ring, f"tickets of {customer}", query, behind, lambda ticket: ticket.id)
    return answers.TicketPage(items=on.heads(list(found)), next=following)


def _one(on: On, customer: str) -> RowMapping:
    row = api_lists.customer(on.connection, on.agent, customer)
    if row is None:
        raise NotFound("There is no such customer that you may see.")
    return row
