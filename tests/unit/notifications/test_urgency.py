"""What may go past quiet hours is declared: little working time left to sign, a rung marked urgent."""

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from engine.case.reckoned import Rung
from engine.case.state import Deadline, DeadlineKind
from engine.ids import CaseId, PersonId
from engine.outbox import MessageKind, OwedMessage
from notifications.urgency import is_urgent
from tests.factories import MONDAY
from tests.unit.notifications.office import Office, an_office, asking

ASKED = {"within": "2 wd", "on_timeout": {"remind": True}}


def urgent(office: Office, owed: OwedMessage, left: timedelta, deadline: Deadline | None = None) -> bool:
    case = office.desk.case()
    if deadline is not None:
        case = replace(case, deadlines={**case.deadlines, deadline.id: deadline})
    found = office.definition(case.definition)
    return is_urgent(owed, case, found, left=lambda _: left, within=timedelta(hours=2))


@pytest.mark.parametrize(
    ("left", "wanted"), [(timedelta(hours=1), True), (timedelta(hours=3), False), (timedelta(0), False)]
)
def test_a_request_to_sign_is_urgent_while_little_working_time_is_left(left: timedelta, wanted: bool) -> None:
    office = asking(an_office(review=ASKED))
    assert urgent(office, office.owed(MessageKind.APPROVAL_REQUESTED), left) is wanted


@pytest.mark.parametrize(("level", "wanted"), [(1, False), (2, True)])
def test_of_two_rungs_to_one_role_the_marked_one_is_urgent(level: int, wanted: bool) -> None:
    office = asking(an_office())
    rungs = tuple(Rung(at=MONDAY, role="boss", urgent=mark) for mark in (False, True))
    late: dict[str, Any] = {"kind": DeadlineKind.STAGE, "subject": "1", "due_at": MONDAY, "rungs": rungs}
    owed = OwedMessage(
        key="k",
        kind=MessageKind.DEADLINE_ESCALATED,
        to=PersonId("bo"),
        case_id=CaseId("c1"),
        sequence=9,
        data={"deadline": "stage:1", "level": level},
    )
    assert urgent(office, owed, timedelta(0), Deadline(id="stage:1", **late)) is wanted
