"""Who stopped a message or sent it again by hand, last, and when."""

import sqlalchemy as sa
from alembic import op

from engine.store.columns import Instant

revision = "0012"
down_revision = "0011"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("outbox", sa.Column("acted", sa.Text(), nullable=True))
    op.add_column("outbox", sa.Column("acted_by", sa.Text(), nullable=True))
    op.add_column("outbox", sa.Column("acted_at", Instant(), nullable=True))


def downgrade() -> None:
    raise NotImplementedError("going back is a restored backup")
