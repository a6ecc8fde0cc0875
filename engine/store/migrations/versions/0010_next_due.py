"""The next instant due of a case leaves out what stands still."""

from alembic import op

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.execute(
        "UPDATE case_ SET next_due = (SELECT MIN(d.due_at) FROM deadline_row AS d WHERE d.case_id = case_.id"
        " AND d.kind NOT IN ('wake', 'resume') AND (d.next_at IS NOT NULL OR d.missed_at IS NOT NULL))"
        " WHERE status <> 'closed'"
    )


def downgrade() -> None:
    raise NotImplementedError("going back is a restored backup")
