"""Who stands in for whom, and the asks that reach them."""

import sqlalchemy as sa
from alembic import op

from engine.store.columns import Instant

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "stand_in",
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("principal", sa.Text(), nullable=False),
        sa.Column("stand_in", sa.Text(), nullable=False),
        sa.Column("begins_at", Instant(), nullable=False),
        sa.Column("ends_at", Instant(), nullable=False),
        sa.Column("sops", sa.Text(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("made_by", sa.Text(), nullable=False),
        sa.Column("made_at", Instant(), nullable=False),
        sa.Column("ended_by", sa.Text(), nullable=True),
        sa.Column("next_at", Instant(), nullable=True),
        sa.ForeignKeyConstraint(["principal"], ["people.id"], name=op.f("fk_stand_in_principal")),
        sa.ForeignKeyConstraint(["stand_in"], ["people.id"], name=op.f("fk_stand_in_stand_in")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_stand_in")),
    )
    op.create_index(
        "ix_stand_in_next_at",
        "stand_in",
        ["next_at"],
        unique=False,
        sqlite_where=sa.text("next_at IS NOT NULL"),
        postgresql_where=sa.text("next_at IS NOT NULL"),
    )
    op.create_index(op.f("ix_stand_in_principal"), "stand_in", ["principal"], unique=False)
    _asks_by_person()


def _asks_by_person() -> None:
    """Several people may answer one ask: the key takes in the person."""
    old = sa.table("ask_row", *(sa.column(name) for name in (*_KEY, "person", "role", "issue")))
    rows = [dict(row) for row in op.get_bind().execute(sa.select(old)).mappings()]
    op.drop_table("ask_row")
    new = op.create_table(
        "ask_row",
        sa.Column("case_id", sa.Text(), nullable=False),
        sa.Column("approval", sa.Text(), nullable=False),
        sa.Column("place", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("person", sa.Text(), nullable=False),
        sa.Column("principal", sa.Text(), nullable=False),
        sa.Column("role", sa.Text(), nullable=False),
        sa.Column("issue", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["case_id", "approval"],
            ["approval_row.case_id", "approval_row.approval"],
            name=op.f("fk_ask_row_case_id_approval"),
        ),
        sa.PrimaryKeyConstraint("case_id", "approval", "place", "person", name=op.f("pk_ask_row")),
        sqlite_with_rowid=False,
    )
    op.create_index(op.f("ix_ask_row_person"), "ask_row", ["person"], unique=False)
    op.bulk_insert(new, [{**row, "principal": row["person"]} for row in rows])


_KEY = ("case_id", "approval", "place")


def downgrade() -> None:
    raise NotImplementedError("going back is a restored backup")
