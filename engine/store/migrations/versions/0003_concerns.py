"""Whom running approvals concern beside those asked, for each person's list of work."""

import json
from collections.abc import Iterator
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from alembic import op

from engine.store.columns import Instant

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None

RULE = "rule"


def upgrade() -> None:
    made = op.create_table(
        "concern_row",
        sa.Column("case_id", sa.Text(), nullable=False),
        sa.Column("approval", sa.Text(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("person", sa.Text(), nullable=False),
        sa.Column("spec", sa.Text(), nullable=False),
        sa.Column("request", sa.Text(), nullable=False),
        sa.Column("transition", sa.Text(), nullable=False),
        sa.Column("other", sa.Text(), nullable=False),
        sa.Column("since", Instant(), nullable=False),
        sa.Column("nudged_at", Instant(), nullable=True),
        sa.CheckConstraint(
            "kind IN ('look', 'material', 'returned', 'waiting', 'copy')", name=op.f("ck_concern_row_kind")
        ),
        sa.ForeignKeyConstraint(["case_id"], ["case_.id"], name=op.f("fk_concern_row_case_id")),
        sa.PrimaryKeyConstraint("case_id", "approval", "kind", "person", name=op.f("pk_concern_row")),
        sqlite_with_rowid=False,
    )
    op.create_index(op.f("ix_concern_row_person_kind"), "concern_row", ["person", "kind"], unique=False)
    _fill(made)


def _fill(made: sa.Table) -> None:
    """From the snapshots as they lie there: what equals its default is left out of them."""
    connection = op.get_bind()
    running = sa.text("SELECT id, opened_by, snapshot FROM case_ WHERE status <> 'closed'")
    for case_id, opened_by, snapshot in connection.execute(running).fetchall():
        rows = list(_rows(json.loads(snapshot), opened_by))
        if rows:
            connection.execute(made.insert(), [{"case_id": case_id, **row} for row in rows])


def _rows(case: dict[str, Any], opened_by: str) -> Iterator[dict[str, Any]]:
    for approval in case.get("approvals", {}).values():
        request = case.get("requests", {}).get(approval["request"])
        if request is None:
            continue
        common = {
            "approval": approval["id"],
            "spec": approval["spec"],
            "request": request["id"],
            "transition": request["transition"],
            "since": datetime.fromisoformat(approval["opened_at"]),
            "nudged_at": None,
        }
        for kind, person, other in _concerned(approval, request, opened_by):
            nudged = approval.get("nudged_at") if kind == "waiting" else None
            at = datetime.fromisoformat(nudged) if nudged else None
            yield {**common, "kind": kind, "person": person, "other": other, "nudged_at": at}


def _concerned(
    approval: dict[str, Any], request: dict[str, Any], opened_by: str
) -> Iterator[tuple[str, str, str]]:
    by, returned = request["by"], request.get("returned")
    mine = opened_by if by == RULE else by
    if returned is not None and returned["approval"] == approval["id"]:
        yield "returned", mine, returned["by"]
    if approval.get("state", "open") != "open":
        return
    for ask in approval["asks"]:
        lent = ask.get("delegation")
        if lent and lent.get("opinion") is None and not ask.get("decision"):
            yield "look", lent["to"], ask["person"]
    if approval.get("material"):
        yield "material", mine, approval["material"]["by"]
    if by != RULE:
        yield "waiting", by, by
    for person in dict.fromkeys(approval.get("copies", ())):
        yield "copy", person, by


def downgrade() -> None:
    raise NotImplementedError("going back is a restored backup")
