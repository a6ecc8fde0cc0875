"""Group chats, and what each hears of."""

import sqlalchemy as sa
from alembic import op

revision = "0011"
down_revision = "0010"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "chat_group",
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("channel", sa.Text(), nullable=False),
        sa.Column("language", sa.Text(), nullable=False),
        sa.Column("zone", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("name", name=op.f("pk_chat_group")),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "group_binding",
        sa.Column("group", sa.Text(), nullable=False),
        sa.Column("sop", sa.Text(), nullable=False),
        sa.Column("role", sa.Text(), nullable=False),
        sa.Column("topics", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(["group"], ["chat_group.name"], name=op.f("fk_group_binding_group")),
        sa.PrimaryKeyConstraint("group", "sop", "role", name=op.f("pk_group_binding")),
        sqlite_with_rowid=False,
    )


def downgrade() -> None:
    raise NotImplementedError("going back is a restored backup")
