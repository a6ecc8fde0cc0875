"""Each message at each of its addresses, digests with what they mention, and what people prefer."""

import sqlalchemy as sa
from alembic import op

from engine.store.columns import Instant

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None

NUMBER = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
STATES = "'owed', 'retry', 'unknown', 'sent', 'rejected', 'dead', 'cancelled'"


def upgrade() -> None:
    op.add_column("outbox", sa.Column("begun_at", Instant(), nullable=True))
    op.add_column("outbox", sa.Column("urgent_at", Instant(), nullable=True))
    op.create_index(
        "ix_outbox_begun_at",
        "outbox",
        ["to_person", "begun_at"],
        unique=False,
        sqlite_where=sa.text("begun_at IS NOT NULL"),
        postgresql_where=sa.text("begun_at IS NOT NULL"),
    )
    _deliveries()
    _digest_items()
    _preferences()


def _deliveries() -> None:
    op.create_table(
        "delivery",
        sa.Column("message", NUMBER, autoincrement=False, nullable=False),
        sa.Column("target", sa.Text(), nullable=False),
        sa.Column("channel", sa.Text(), nullable=False),
        sa.Column("address", sa.Text(), nullable=False),
        sa.Column("place", sa.Integer(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("code", sa.Text(), nullable=False),
        sa.Column("detail", sa.Text(), nullable=False),
        sa.Column("fallback", sa.Boolean(), nullable=False),
        sa.Column("repeated", sa.Boolean(), nullable=False),
        sa.Column("first_at", Instant(), nullable=True),
        sa.Column("last_at", Instant(), nullable=True),
        sa.Column("due_at", Instant(), nullable=True),
        sa.CheckConstraint(f"state IN ({STATES})", name=op.f("ck_delivery_state")),
        sa.ForeignKeyConstraint(["message"], ["outbox.id"], name=op.f("fk_delivery_message")),
        sa.PrimaryKeyConstraint("message", "target", name=op.f("pk_delivery")),
        sqlite_with_rowid=False,
    )
    op.create_index(op.f("ix_delivery_last_at"), "delivery", ["last_at"], unique=False)


def _digest_items() -> None:
    op.create_table(
        "digest_item",
        sa.Column("message", NUMBER, autoincrement=False, nullable=False),
        sa.Column("digest", NUMBER, nullable=False),
        sa.ForeignKeyConstraint(["message"], ["outbox.id"], name=op.f("fk_digest_item_message")),
        sa.ForeignKeyConstraint(["digest"], ["outbox.id"], name=op.f("fk_digest_item_digest")),
        sa.PrimaryKeyConstraint("message", name=op.f("pk_digest_item")),
        sqlite_with_rowid=False,
    )
    op.create_index(op.f("ix_digest_item_digest"), "digest_item", ["digest"], unique=False)


def _preferences() -> None:
    op.create_table(
        "preference",
        sa.Column("person", sa.Text(), nullable=False),
        sa.Column("manners", sa.Text(), nullable=False),
        sa.Column("channels", sa.Text(), nullable=False),
        sa.Column("everywhere", sa.Boolean(), nullable=False),
        sa.Column("digest_hours", sa.Text(), nullable=False),
        sa.Column("per_hour", sa.Integer(), nullable=True),
        sa.Column("quiet", sa.Boolean(), nullable=False),
        sa.Column("morning", sa.Boolean(), nullable=False),
        sa.ForeignKeyConstraint(["person"], ["people.id"], name=op.f("fk_preference_person")),
        sa.PrimaryKeyConstraint("person", name=op.f("pk_preference")),
        sqlite_with_rowid=False,
    )


def downgrade() -> None:
    raise NotImplementedError("going back is a restored backup")
