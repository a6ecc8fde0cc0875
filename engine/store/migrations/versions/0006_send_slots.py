"""When which robot was written to, so that all processes keep its provider's limit together."""

import sqlalchemy as sa
from alembic import op

from engine.store.columns import Instant

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "send_limit",
        sa.Column("robot", sa.Text(), nullable=False),
        sa.Column("shut_until", Instant(), nullable=True),
        sa.PrimaryKeyConstraint("robot", name=op.f("pk_send_limit")),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "send_slot",
        sa.Column("robot", sa.Text(), nullable=False),
        sa.Column("at", Instant(), nullable=False),
        sa.Column("key", sa.Text(), nullable=False),
        sa.Column("used", sa.Boolean(), nullable=False),
        sa.ForeignKeyConstraint(["robot"], ["send_limit.robot"], name=op.f("fk_send_slot_robot")),
        sa.PrimaryKeyConstraint("robot", "at", "key", "used", name=op.f("pk_send_slot")),
        sqlite_with_rowid=False,
    )


def downgrade() -> None:
    raise NotImplementedError("going back is a restored backup")
