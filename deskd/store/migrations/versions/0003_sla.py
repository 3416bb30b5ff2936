"""Next response: since when a clock's promise is owed, and how many before it were broken."""

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    for name, kind in (("began_at", sa.BigInteger()), ("missed", sa.Integer())):
        op.add_column("clocks", sa.Column(name, kind, server_default=sa.text("0"), nullable=False))
    op.execute(
        "UPDATE clocks SET began_at = COALESCE("
        "(SELECT MIN(l.at) FROM clock_ledger l WHERE l.clock_id = clocks.id AND l.act = 'start'), since, 0)"
    )
