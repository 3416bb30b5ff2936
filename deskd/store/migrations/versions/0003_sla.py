"""Next response and escalation in steps: since when a clock's promise is owed, how many before it were broken, how many
steps were taken; where an agent's notices go."""

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    for name, kind in (("began_at", sa.BigInteger()), ("missed", sa.Integer()), ("steps", sa.Integer())):
        op.add_column("clocks", sa.Column(name, kind, server_default=sa.text("0"), nullable=False))
    op.execute(
        "UPDATE clocks SET began_at = COALESCE("
        "(SELECT MIN(l.at) FROM clock_ledger l WHERE l.clock_id = clocks.id AND l.act = 'start'), since, 0), "
        "steps = CASE WHEN escalated_at IS NULL THEN 0 ELSE 1 END"
    )
    op.add_column("agents", sa.Column("mail", sa.Text(), server_default=sa.text("''"), nullable=False))
