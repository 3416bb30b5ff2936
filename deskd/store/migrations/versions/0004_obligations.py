"""Obligations: the answers that are owed to customers who gave feedback."""

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "obligations",
        sa.Column("ticket_id", sa.String(32), nullable=False),
        sa.Column("state", sa.String(40), nullable=False),
        sa.Column("verdict", sa.String(40), nullable=False),
        sa.Column("why", sa.Text(), nullable=False),
        sa.Column("delivery_id", sa.String(32), nullable=False),
        sa.Column("intent_by", sa.Text(), nullable=False),
        sa.Column("intent_at", sa.BigInteger(), nullable=False),
        sa.Column("opened_at", sa.BigInteger(), nullable=False),
        sa.Column("settled_at", sa.BigInteger()),
        sa.PrimaryKeyConstraint("ticket_id", name="pk_obligations"),
        sa.ForeignKeyConstraint(["ticket_id"], ["tickets.id"], name="fk_obligations_ticket_id"),
    )
    decided = sa.text("state = 'decided'")
    op.create_index(
        "ix_obligations_decided", "obligations", ["delivery_id"], sqlite_where=decided, postgresql_where=decided
    )
