"""The first schema."""

import sqlalchemy as sa
from alembic import op

from engine.store.columns import Instant

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None


def upgrade() -> None:  # noqa: PLR0915  (one statement per table and index)
    op.create_table(
        "blob",
        sa.Column("hash", sa.Text(), nullable=False),
        sa.Column("size", sa.BigInteger(), nullable=False),
        sa.Column("data", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("hash", name=op.f("pk_blob")),
    )
    op.create_table(
        "code_attempt",
        sa.Column("case_id", sa.Text(), nullable=False),
        sa.Column("approval", sa.Text(), nullable=False),
        sa.Column("person", sa.Text(), nullable=False),
        sa.Column("round", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("issue", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("tries", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint(
            "case_id", "approval", "person", "round", "issue", name=op.f("pk_code_attempt")
        ),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "heartbeat",
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("at", Instant(), nullable=False),
        sa.Column("note", sa.Text(), nullable=False),
        sa.Column("paused", sa.Boolean(), nullable=False),
        sa.PrimaryKeyConstraint("name", name=op.f("pk_heartbeat")),
    )
    op.create_table(
        "idempotency",
        sa.Column("person", sa.Text(), nullable=False),
        sa.Column("key", sa.Text(), nullable=False),
        sa.Column("body_hash", sa.Text(), nullable=False),
        sa.Column("case_id", sa.Text(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("events", sa.Integer(), nullable=False),
        sa.Column("refusal", sa.Text(), nullable=True),
        sa.Column("created_at", Instant(), nullable=False),
        sa.PrimaryKeyConstraint("person", "key", name=op.f("pk_idempotency")),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "meta",
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("value", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("name", name=op.f("pk_meta")),
    )
    op.create_table(
        "people",
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("email", sa.Text(), nullable=False),
        sa.Column("language", sa.Text(), nullable=False),
        sa.Column("zone", sa.Text(), nullable=False),
        sa.Column("external", sa.Boolean(), nullable=False),
        sa.Column("active", sa.Boolean(), nullable=False),
        sa.Column("channels", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_people")),
    )
    op.create_table(
        "setting",
        sa.Column("sop", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("value", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("sop", "name", name=op.f("pk_setting")),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "sop_version",
        sa.Column("digest", sa.Text(), nullable=False),
        sa.Column("sop", sa.Text(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("parsed", sa.Text(), nullable=False),
        sa.Column("published_at", Instant(), nullable=False),
        sa.Column("published_by", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("digest", name=op.f("pk_sop_version")),
        sa.UniqueConstraint("sop", "number", name=op.f("uq_sop_version_sop_number")),
    )
    op.create_table(
        "case_",
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("sop", sa.Text(), nullable=False),
        sa.Column("digest", sa.Text(), nullable=False),
        sa.Column("title", sa.Text(), nullable=False),
        sa.Column("status", sa.Text(), nullable=False),
        sa.Column("outcome", sa.Text(), nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("opened_by", sa.Text(), nullable=False),
        sa.Column("opened_at", Instant(), nullable=False),
        sa.Column("updated_at", Instant(), nullable=False),
        sa.Column("closed_at", Instant(), nullable=True),
        sa.Column("parent", sa.Text(), nullable=True),
        sa.Column("next_due", Instant(), nullable=True),
        sa.Column("overdue", sa.Boolean(), nullable=False),
        sa.Column("head_hash", sa.Text(), nullable=False),
        sa.Column("snapshot", sa.Text(), nullable=False),
        sa.CheckConstraint("status IN ('open', 'held', 'closed')", name=op.f("ck_case__status")),
        sa.ForeignKeyConstraint(["digest"], ["sop_version.digest"], name=op.f("fk_case__digest")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_case_")),
    )
    op.create_index(op.f("ix_case__parent"), "case_", ["parent"], unique=False)
    op.create_index(op.f("ix_case__status_sop"), "case_", ["status", "sop"], unique=False)
    op.create_table(
        "role_holder",
        sa.Column("sop", sa.Text(), nullable=False),
        sa.Column("role", sa.Text(), nullable=False),
        sa.Column("person", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(["person"], ["people.id"], name=op.f("fk_role_holder_person")),
        sa.PrimaryKeyConstraint("sop", "role", "person", name=op.f("pk_role_holder")),
        sqlite_with_rowid=False,
    )
    op.create_index(op.f("ix_role_holder_person"), "role_holder", ["person"], unique=False)
    op.create_table(
        "approval_row",
        sa.Column("case_id", sa.Text(), nullable=False),
        sa.Column("approval", sa.Text(), nullable=False),
        sa.Column("spec", sa.Text(), nullable=False),
        sa.Column("request", sa.Text(), nullable=False),
        sa.Column("transition", sa.Text(), nullable=False),
        sa.Column("round", sa.Integer(), nullable=False),
        sa.Column("opened_at", Instant(), nullable=False),
        sa.Column("assurance", sa.Text(), nullable=False),
        sa.CheckConstraint("assurance IN ('link', 'code', 'login')", name=op.f("ck_approval_row_assurance")),
        sa.ForeignKeyConstraint(["case_id"], ["case_.id"], name=op.f("fk_approval_row_case_id")),
        sa.PrimaryKeyConstraint("case_id", "approval", name=op.f("pk_approval_row")),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "case_role_row",
        sa.Column("case_id", sa.Text(), nullable=False),
        sa.Column("role", sa.Text(), nullable=False),
        sa.Column("person", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(["case_id"], ["case_.id"], name=op.f("fk_case_role_row_case_id")),
        sa.PrimaryKeyConstraint("case_id", "role", "person", name=op.f("pk_case_role_row")),
        sqlite_with_rowid=False,
    )
    op.create_index(op.f("ix_case_role_row_person"), "case_role_row", ["person"], unique=False)
    op.create_table(
        "deadline_row",
        sa.Column("case_id", sa.Text(), nullable=False),
        sa.Column("deadline", sa.Text(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("subject", sa.Text(), nullable=False),
        sa.Column("track", sa.Text(), nullable=True),
        sa.Column("owner", sa.Text(), nullable=True),
        sa.Column("due_at", Instant(), nullable=False),
        sa.Column("next_at", Instant(), nullable=True),
        sa.Column("missed_at", Instant(), nullable=True),
        sa.Column("provisional", sa.Boolean(), nullable=False),
        sa.Column("escalated", sa.Integer(), nullable=False),
        sa.CheckConstraint(
            "kind IN ('stage', 'approval', 'milestone', 'task', 'cycle', 'wake', 'resume')",
            name=op.f("ck_deadline_row_kind"),
        ),
        sa.ForeignKeyConstraint(["case_id"], ["case_.id"], name=op.f("fk_deadline_row_case_id")),
        sa.PrimaryKeyConstraint("case_id", "deadline", name=op.f("pk_deadline_row")),
        sqlite_with_rowid=False,
    )
    op.create_index(
        "ix_deadline_row_next_at",
        "deadline_row",
        ["next_at", "case_id"],
        unique=False,
        sqlite_where=sa.text("next_at IS NOT NULL"),
        postgresql_where=sa.text("next_at IS NOT NULL"),
    )
    op.create_table(
        "event",
        sa.Column("case_id", sa.Text(), nullable=False),
        sa.Column("sequence", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("schema_number", sa.Integer(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("at", Instant(), nullable=False),
        sa.Column("person", sa.Text(), nullable=False),
        sa.Column("via", sa.Text(), nullable=False),
        sa.Column("flow_run", sa.Text(), nullable=True),
        sa.Column("body", sa.Text(), nullable=False),
        sa.Column("hash", sa.Text(), nullable=False),
        sa.CheckConstraint(
            "via IN ('web', 'link', 'api', 'cli', 'runner', 'rule')", name=op.f("ck_event_via")
        ),
        sa.CheckConstraint("sequence > 0", name=op.f("ck_event_sequence")),
        sa.ForeignKeyConstraint(["case_id"], ["case_.id"], name=op.f("fk_event_case_id")),
        sa.PrimaryKeyConstraint("case_id", "sequence", name=op.f("pk_event")),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "milestone_row",
        sa.Column("case_id", sa.Text(), nullable=False),
        sa.Column("milestone", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("planned", sa.Text(), nullable=True),
        sa.Column("forecast", sa.Text(), nullable=True),
        sa.Column("reached_on", sa.Text(), nullable=True),
        sa.ForeignKeyConstraint(["case_id"], ["case_.id"], name=op.f("fk_milestone_row_case_id")),
        sa.PrimaryKeyConstraint("case_id", "milestone", name=op.f("pk_milestone_row")),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "position_row",
        sa.Column("case_id", sa.Text(), nullable=False),
        sa.Column("track", sa.Text(), nullable=False),
        sa.Column("stage", sa.Text(), nullable=False),
        sa.Column("visit", sa.Integer(), nullable=False),
        sa.Column("entered_at", Instant(), nullable=False),
        sa.ForeignKeyConstraint(["case_id"], ["case_.id"], name=op.f("fk_position_row_case_id")),
        sa.PrimaryKeyConstraint("case_id", "track", name=op.f("pk_position_row")),
        sqlite_with_rowid=False,
    )
    op.create_index(op.f("ix_position_row_stage"), "position_row", ["stage"], unique=False)
    op.create_table(
        "request_row",
        sa.Column("case_id", sa.Text(), nullable=False),
        sa.Column("request", sa.Text(), nullable=False),
        sa.Column("transition", sa.Text(), nullable=False),
        sa.Column("sop", sa.Text(), nullable=False),
        sa.Column("person", sa.Text(), nullable=False),
        sa.Column("asked_at", Instant(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("ready_at", Instant(), nullable=True),
        sa.Column("due_at", Instant(), nullable=True),
        sa.Column("lease_holder", sa.Text(), nullable=True),
        sa.Column("token", sa.Integer(), nullable=False),
        sa.CheckConstraint("state IN ('pending', 'ready')", name=op.f("ck_request_row_state")),
        sa.ForeignKeyConstraint(["case_id"], ["case_.id"], name=op.f("fk_request_row_case_id")),
        sa.PrimaryKeyConstraint("case_id", "request", name=op.f("pk_request_row")),
        sqlite_with_rowid=False,
    )
    op.create_index(
        "ix_request_row_due_at",
        "request_row",
        ["due_at"],
        unique=False,
        sqlite_where=sa.text("due_at IS NOT NULL"),
        postgresql_where=sa.text("due_at IS NOT NULL"),
    )
    op.create_table(
        "task_row",
        sa.Column("case_id", sa.Text(), nullable=False),
        sa.Column("visit", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("task", sa.Text(), nullable=False),
        sa.Column("stage", sa.Text(), nullable=False),
        sa.Column("role", sa.Text(), nullable=False),
        sa.Column("optional", sa.Boolean(), nullable=False),
        sa.Column("occurrence", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["case_id"], ["case_.id"], name=op.f("fk_task_row_case_id")),
        sa.PrimaryKeyConstraint("case_id", "visit", "task", name=op.f("pk_task_row")),
        sqlite_with_rowid=False,
    )
    op.create_index(op.f("ix_task_row_role"), "task_row", ["role"], unique=False)
    op.create_table(
        "ask_row",
        sa.Column("case_id", sa.Text(), nullable=False),
        sa.Column("approval", sa.Text(), nullable=False),
        sa.Column("place", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("person", sa.Text(), nullable=False),
        sa.Column("role", sa.Text(), nullable=False),
        sa.Column("issue", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["case_id", "approval"],
            ["approval_row.case_id", "approval_row.approval"],
            name=op.f("fk_ask_row_case_id_approval"),
        ),
        sa.PrimaryKeyConstraint("case_id", "approval", "place", name=op.f("pk_ask_row")),
        sqlite_with_rowid=False,
    )
    op.create_index(op.f("ix_ask_row_person"), "ask_row", ["person"], unique=False)
    op.create_table(
        "event_private",
        sa.Column("case_id", sa.Text(), nullable=False),
        sa.Column("sequence", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("data", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(
            ["case_id", "sequence"],
            ["event.case_id", "event.sequence"],
            name=op.f("fk_event_private_case_id_sequence"),
        ),
        sa.PrimaryKeyConstraint("case_id", "sequence", name=op.f("pk_event_private")),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "outbox",
        sa.Column(
            "id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=True, nullable=False
        ),
        sa.Column("key", sa.Text(), nullable=False),
        sa.Column("is_command", sa.Boolean(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("to_person", sa.Text(), nullable=False),
        sa.Column("case_id", sa.Text(), nullable=True),
        sa.Column("sequence", sa.Integer(), nullable=True),
        sa.Column("data", sa.Text(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("due_at", Instant(), nullable=True),
        sa.Column("lease_holder", sa.Text(), nullable=True),
        sa.Column("token", sa.Integer(), nullable=False),
        sa.Column("channel", sa.Text(), nullable=False),
        sa.Column("code", sa.Text(), nullable=False),
        sa.Column("detail", sa.Text(), nullable=False),
        sa.Column("created_at", Instant(), nullable=False),
        sa.Column("finished_at", Instant(), nullable=True),
        sa.CheckConstraint(
            "state IN ('owed', 'retry', 'unknown', 'sent', 'rejected', 'dead', 'cancelled')",
            name=op.f("ck_outbox_state"),
        ),
        sa.ForeignKeyConstraint(
            ["case_id", "sequence"],
            ["event.case_id", "event.sequence"],
            name=op.f("fk_outbox_case_id_sequence"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_outbox")),
        sa.UniqueConstraint("key", name=op.f("uq_outbox_key")),
    )
    op.create_index(op.f("ix_outbox_case_id_sequence"), "outbox", ["case_id", "sequence"], unique=False)
    op.create_index(
        "ix_outbox_due_at",
        "outbox",
        ["is_command", "due_at", "id"],
        unique=False,
        sqlite_where=sa.text("due_at IS NOT NULL"),
        postgresql_where=sa.text("due_at IS NOT NULL"),
    )
    op.create_index(op.f("ix_outbox_to_person_id"), "outbox", ["to_person", "id"], unique=False)
    op.execute("INSERT INTO meta (name, value) VALUES ('company', 1)")


def downgrade() -> None:
    raise NotImplementedError("there is nothing before the first schema")
