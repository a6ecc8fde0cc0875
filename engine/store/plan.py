"""Every statement a command needs, prepared once per database."""

from sqlalchemy import Insert, Select, Update, bindparam, func, insert, select, update
from sqlalchemy.engine import Dialect

from engine.store.projections import SOURCES
from engine.store.revision import CURRENT, GROWTH
from engine.store.statements import Prepared, Rows
from engine.store.tables import (
    CaseRow,
    EventPrivateRow,
    EventRow,
    IdempotencyRow,
    OutboxRow,
    PersonRow,
    RequestRow,
    Row,
    table,
)

_CASE, _EVENT, _PRIVATE, _KEY = table(CaseRow), table(EventRow), table(EventPrivateRow), table(IdempotencyRow)
_PEOPLE = table(PersonRow)
OWED_COLUMNS = (
    "key", "is_command", "kind", "to_person", "case_id", "sequence", "data", "state", "due_at", "created_at",
)  # fmt: skip
KEPT: dict[type[Row], tuple[str, ...]] = {
    RequestRow: ("token",)
}  # an old token must never become valid again
NOT_YET = {"attempts": 0, "token": 0, "channel": "", "code": "", "detail": ""}


class Plan:
    def __init__(self, dialect: Dialect) -> None:
        own = _CASE.c.id == bindparam("id")
        self.locked = Prepared(
            select(_CASE.c.version, _CASE.c.head_hash, _CASE.c.snapshot, CURRENT.scalar_subquery())
            .where(own)
            .with_for_update(of=_CASE),
            dialect,
        )
        self.claim_name = _claim_name(dialect)
        self.snapshot = Prepared(select(_CASE.c.snapshot).where(own), dialect)
        self.cases = Rows(_CASE, dialect)
        self.move_case = Prepared(_move_case(), dialect)
        self.events = Rows(_EVENT, dialect)
        self.events_between = Prepared(events_between(), dialect)
        self.private = Rows(_PRIVATE, dialect)
        self.outbox = Prepared(_owe(), dialect)
        self.keys = Rows(_KEY, dialect)
        self.used_key = Prepared(_used_key(), dialect)
        self.grow = Prepared(GROWTH, dialect)
        self.namesake = Prepared(_namesake(), dialect)
        self.people = Rows(_PEOPLE, dialect)
        self.projections: dict[type[Row], Rows] = {
            row: Rows(table(row), dialect, kept=KEPT.get(row, ())) for row, _ in SOURCES
        }


def events_between() -> Select[tuple[str, str]]:
    """Body and private parts of the events `first` .. `last` of a case, in order."""
    return (
        select(_EVENT.c.body, _PRIVATE.c.data)
        .join_from(
            _EVENT,
            _PRIVATE,
            (_PRIVATE.c.case_id == _EVENT.c.case_id) & (_PRIVATE.c.sequence == _EVENT.c.sequence),
            isouter=True,
        )
        .where(
            _EVENT.c.case_id == bindparam("case_id"),
            _EVENT.c.sequence >= bindparam("first"),
            _EVENT.c.sequence <= bindparam("last"),
        )
        .order_by(_EVENT.c.sequence)
    )


def _move_case() -> Update:
    """Every column but the id, if the stored version is still the one the command was judged on."""
    changed = {c.name: bindparam(c.name) for c in _CASE.columns if c.name != "id"}
    still = (_CASE.c.id == bindparam("key_id")) & (_CASE.c.version == bindparam("key_version"))
    return update(_CASE).where(still).values(changed)


def _owe() -> Insert:
    columns = table(OutboxRow).c
    given = {name: bindparam(name, type_=columns[name].type) for name in OWED_COLUMNS}
    return insert(table(OutboxRow)).inline().values({**given, **NOT_YET})


def _used_key() -> Select[tuple[str, str, int, int, str | None]]:
    return select(_KEY.c.body_hash, _KEY.c.case_id, _KEY.c.version, _KEY.c.events, _KEY.c.refusal).where(
        _KEY.c.person == bindparam("person"), _KEY.c.key == bindparam("key")
    )


def _namesake() -> Select[tuple[str]]:
    """Whoever has this id or this address by now; addresses as they are compared elsewhere, ASCII without
    case.
    """
    same = func.lower(func.trim(_PEOPLE.c.email)) == bindparam("email")
    return select(_PEOPLE.c.id).where((_PEOPLE.c.id == bindparam("id")) | same).limit(1)


def _claim_name(dialect: Dialect) -> Prepared | None:
    """Orders those who would make the same case, which has no row to lock yet. SQLite's write lock does it
    already.
    """
    if dialect.name == "sqlite":
        return None
    return Prepared(select(func.pg_advisory_xact_lock(func.hashtextextended(bindparam("id"), 0))), dialect)
