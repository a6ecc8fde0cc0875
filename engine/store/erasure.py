"""Forgetting people, and the contents of ended cases, while every chain still verifies.

Only private parts go: the chain keeps their commitments. The snapshot is made anew from what is left. A
case is forgotten in one transaction, under its lock.
"""

from typing import Any

from sqlalchemy import Connection, delete, or_, select, update

from engine.case.evolve import replay
from engine.case.state import CaseStatus
from engine.ids import CaseId, PersonId
from engine.store import mapping, projections
from engine.store.chain import ERASED_TEXT, unseal, without_parts
from engine.store.engines import Database
from engine.store.errors import StillOpen
from engine.store.history import EVENTS
from engine.store.revision import grow
from engine.store.tables import (
    CaseRow,
    DeliveryRow,
    EventPrivateRow,
    EventRow,
    FeedRow,
    MilestoneRow,
    OutboxRow,
    PersonRow,
    PreferenceRow,
    RoleHolderRow,
    StandInRow,
    table,
)

_CASE, _EVENT, _PRIVATE, _OUTBOX = (table(row) for row in (CaseRow, EventRow, EventPrivateRow, OutboxRow))
_PEOPLE, _HOLDER, _MILESTONE = table(PersonRow), table(RoleHolderRow), table(MilestoneRow)
_STAND_IN, _FEED, _PREFERENCE = table(StandInRow), table(FeedRow), table(PreferenceRow)
_DELIVERY = table(DeliveryRow)
OWN_WORDS = (
    "text",
    "comment",
    "reason",
    "os_user",
    "client",
)  # of the person; the case's data are the company's


class Eraser:
    def __init__(self, database: Database) -> None:
        self._database = database

    def erase_private(self, case_id: CaseId) -> int:
        """Title, values, names and words of an ended case; the number of events that lost something. Raises
        StillOpen.
        """
        with self._database.writing() as connection:
            status = connection.scalar(_locked(case_id, _CASE.c.status))
            if status is None:
                return 0
            if status != CaseStatus.CLOSED:
                raise StillOpen(case_id)
            gone = connection.execute(delete(_PRIVATE).where(_PRIVATE.c.case_id == case_id)).rowcount
            ended = (_OUTBOX.c.case_id == case_id) & _OUTBOX.c.is_command & _OUTBOX.c.due_at.is_(None)
            connection.execute(update(_OUTBOX).where(ended).values(data="{}"))
            _make_anew(connection, case_id)
        return gone

    def erase_person(self, person: PersonId) -> int:
        """Name, addresses and roles, and the words written in cases; the number of events that lost
        something.

        The id stays: who decided what must remain provable, by a name that means nobody any more.
        """
        with self._database.writing() as connection:
            grow(connection)
            connection.execute(delete(_HOLDER).where(_HOLDER.c.person == person))
            connection.execute(delete(_FEED).where(_FEED.c.person == person))
            connection.execute(update(_STAND_IN).where(_concerns(person)).values(reason=""))
            connection.execute(delete(_PREFERENCE).where(_PREFERENCE.c.person == person))
            got = select(_OUTBOX.c.id).where(_OUTBOX.c.to_person == person)
            connection.execute(update(_DELIVERY).where(_DELIVERY.c.message.in_(got)).values(address=""))
            nobody = {"name": ERASED_TEXT, "email": "", "channels": "{}", "active": False}
            connection.execute(update(_PEOPLE).where(_PEOPLE.c.id == person).values(nobody))
        wrote = select(_EVENT.c.case_id).where(_EVENT.c.person == person).distinct()
        with self._database.reading() as connection:
            cases = [CaseId(case_id) for case_id in connection.scalars(wrote)]
        return sum(self._forget_words(case_id, person) for case_id in cases)

    def _forget_words(self, case_id: CaseId, person: PersonId) -> int:
        same = (_EVENT.c.case_id == _PRIVATE.c.case_id) & (_EVENT.c.sequence == _PRIVATE.c.sequence)
        own = (
            select(_PRIVATE)
            .join(_EVENT, same)
            .where(_PRIVATE.c.case_id == case_id, _EVENT.c.person == person)
        )
        with self._database.writing() as connection:
            connection.execute(_locked(case_id, _CASE.c.id))
            gone = sum(_forget(connection, row) for row in connection.execute(own).all())
            if gone:
                _make_anew(connection, case_id)
        return gone


def _concerns(person: PersonId) -> Any:
    return or_(*(_STAND_IN.c[name] == person for name in ("principal", "stand_in", "made_by")))


def _locked(case_id: CaseId, column: Any) -> Any:
    return select(column).where(_CASE.c.id == case_id).with_for_update()


def _forget(connection: Connection, row: Any) -> bool:
    """Takes a person's own words out of one event's private parts; False if there were none."""
    left = without_parts(row.data, OWN_WORDS)
    if left == row.data:
        return False
    own = (_PRIVATE.c.case_id == row.case_id) & (_PRIVATE.c.sequence == row.sequence)
    if left is None:
        connection.execute(delete(_PRIVATE).where(own))
    else:
        connection.execute(update(_PRIVATE).where(own).values(data=left))
    return True


def _make_anew(connection: Connection, case_id: CaseId) -> None:
    """Snapshot and names in lists, from the events as they read now."""
    rows = connection.execute(EVENTS.where(_EVENT.c.case_id == case_id).order_by(_EVENT.c.sequence))
    case = replay(unseal(row.body, row.private) for row in rows)
    if case is None:
        return
    values = {**projections.case_columns(case), "snapshot": mapping.case_to_text(case)}
    connection.execute(update(_CASE).where(_CASE.c.id == case_id).values(values))
    for milestone in case.milestones.values():
        own = (_MILESTONE.c.case_id == case_id) & (_MILESTONE.c.milestone == milestone.id)
        connection.execute(update(_MILESTONE).where(own).values(name=milestone.name))
