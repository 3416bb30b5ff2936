"""Escalation in steps and the duty roster: how many steps of a clock were taken, where an agent's notices go, the calls."""

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("clocks", sa.Column("steps", sa.Integer(), server_default=sa.text("0"), nullable=False))
    op.execute("UPDATE clocks SET steps = 1 WHERE escalated_at IS NOT NULL")
    op.add_column("agents", sa.Column("mail", sa.Text(), server_default=sa.text("''"), nullable=False))
    op.create_table(
        "pages",
        sa.Column("id", sa.String(length=32), nullable=False),
        sa.Column("ticket_id", sa.String(length=32), nullable=False),
        sa.Column("agent_id", sa.String(length=32), nullable=True),
        sa.Column("way", sa.String(length=40), nullable=False),
        sa.Column("n", sa.Integer(), nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.Column("digest", sa.LargeBinary(length=32), nullable=True),
        sa.Column("until", sa.BigInteger(), nullable=False),
        sa.Column("accepted_at", sa.BigInteger(), nullable=True),
        sa.ForeignKeyConstraint(["agent_id"], ["agents.id"], name=op.f("fk_pages_agent_id")),
        sa.ForeignKeyConstraint(["ticket_id"], ["tickets.id"], name=op.f("fk_pages_ticket_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_pages")),
        sa.UniqueConstraint("digest", name=op.f("uq_pages_digest")),
    )
    op.create_index(op.f("ix_pages_ticket_id"), "pages", ["ticket_id"], unique=False)
