"""A person's own working calendar, and which data of each calendar the deadlines were counted with."""

import sqlalchemy as sa
from alembic import op

from engine.store.columns import Instant

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("people", sa.Column("calendar", sa.Text(), nullable=False, server_default=""))
    op.create_table(
        "calendar_seen",
        sa.Column("calendar", sa.Text(), nullable=False),
        sa.Column("version", sa.Text(), nullable=False),
        sa.Column("seen_at", Instant(), nullable=False),
        sa.Column("settled_at", Instant(), nullable=True),
        sa.PrimaryKeyConstraint("calendar", name=op.f("pk_calendar_seen")),
    )


def downgrade() -> None:
    raise NotImplementedError("going back is a restored backup")
