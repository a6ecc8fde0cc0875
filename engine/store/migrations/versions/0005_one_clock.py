"""The clock of an installation on SQLite, who sweeps which case, and what operators were told is late."""

import sqlalchemy as sa
from alembic import op

from engine.store.columns import Instant

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "store_clock",
        sa.Column("boot", sa.Text(), nullable=False),
        sa.Column("started_at", sa.BigInteger(), nullable=False),
        sa.Column("doubted_at", sa.BigInteger(), nullable=True),
        sa.PrimaryKeyConstraint("boot", name=op.f("pk_store_clock")),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "sweep_claim",
        sa.Column("case_id", sa.Text(), nullable=False),
        sa.Column("due_at", Instant(), nullable=False),
        sa.Column("lease_holder", sa.Text(), nullable=True),
        sa.Column("token", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("case_id", name=op.f("pk_sweep_claim")),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "alarm",
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("since", Instant(), nullable=False),
        sa.Column("told_at", Instant(), nullable=True),
        sa.Column("due_at", Instant(), nullable=False),
        sa.Column("lease_holder", sa.Text(), nullable=True),
        sa.Column("token", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("name", name=op.f("pk_alarm")),
        sqlite_with_rowid=False,
    )


def downgrade() -> None:
    raise NotImplementedError("going back is a restored backup")
