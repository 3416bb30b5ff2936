"""Queues; and for supervisors and ops what was set aside on the way in and what is not known on the way out."""

from functools import partial

from deskd.acts import names, outcome
from deskd.acts import parked as acts
from deskd.console.api import answers, from_rows
from deskd.console.api.asked import DeliveryQuery, Dismissal, PageQuery, Verdict
from deskd.console.api.on import On
from deskd.console.api.paging import page
from deskd.domain.errors import NotFound
from deskd.domain.states import ReceiptState
from deskd.outbox.decide import decided
from deskd.store import api_lists, tickets


def queues(on: On, query: PageQuery) -> answers.QueuePage:
    """Those of the agent, also the empty ones, by name."""
    waiting = {name: (depth, since) for name, depth, since in tickets.depths(on.connection)}
    mine = sorted(n for n in {*names.queues(on.desk, on.connection), *waiting} if on.agent.sees(n))

    def behind(at: str, limit: int) -> list[str]:
        return [name for name in mine if name > at][:limit]

    found, following = page(on.desk.vault.ring, "queues", query, behind, lambda name: name)
    rows = [(name, *waiting.get(name, (0, None))) for name in found]
    items = [answers.Queue(name=name, depth=depth, oldest=from_rows.maybe(since)) for name, depth, since in rows]
    return answers.QueuePage(items=items, next=following)


def deliveries(on: On, query: DeliveryQuery) -> answers.DeliveryPage:
    behind = partial(api_lists.of_deliveries, on.connection, on.agent, tuple(query.state))
    found, following = page(on.desk.vault.ring, "deliveries", query, behind, lambda row: str(row["id"]))
    return answers.DeliveryPage(items=[from_rows.delivery(row) for row in found], next=following)


def decide(on: On, delivery: str, asked: Verdict) -> answers.Delivery:
    row = decided(
        on.connection,
        delivery,
        asked.verdict,
        by=on.agent,
        why=asked.why,
        cover=on.desk.cover,
        now=on.now,
        ids=on.desk.ids,
        settle=partial(outcome.settle, on.desk),
    )
    [ticket] = tickets.by_ids(on.connection, [row["ticket_id"]])
    return from_rows.delivery(row | {"ticket_code": ticket.code})


def parked(on: On, query: PageQuery) -> answers.ParkedPage:
    behind = partial(api_lists.of_parked, on.connection)
    found, following = page(on.desk.vault.ring, "parked", query, behind, lambda row: str(row["id"]))
    return answers.ParkedPage(items=[from_rows.parked(row) for row in found], next=following)


def one_parked(on: On, receipt: str) -> answers.Parked:
    row = api_lists.parked(on.connection, receipt)
    if row is None:
        raise NotFound("There is no such receipt that is parked.")
    return from_rows.parked(row)


def retried(on: On, receipt: str) -> answers.ReceiptState:
    one_parked(on, receipt)
    acts.retry(on.connection, on.agent, receipt)
    return answers.ReceiptState(id=receipt, state=ReceiptState.KEPT)


def dismissed(on: On, receipt: str, asked: Dismissal) -> answers.ReceiptState:
    one_parked(on, receipt)
    acts.dismiss(on.desk, on.connection, on.agent, receipt, asked.why)
    return answers.ReceiptState(id=receipt, state=ReceiptState.DISMISSED)
