"""What we sent, by which answers find their ticket."""

from collections.abc import Collection

from sqlalchemy import Connection, select

from deskd.store.tables import deliveries


def sent_as(connection: Connection, mail_ids: Collection[str]) -> dict[str, tuple[str, str]]:
    """Our Message-ID → (the one address it went to, its ticket). An id that we never sent is not there."""
    if not mail_ids:
        return {}
    found = select(deliveries.c.mail_id, deliveries.c.address, deliveries.c.ticket_id)
    rows = connection.execute(found.where(deliveries.c.mail_id.in_(list(mail_ids))))
    return {mail_id: (address, ticket_id) for mail_id, address, ticket_id in rows}
