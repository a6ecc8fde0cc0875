"""A case whose stage and approval both have a ladder to climb, and what has to be true of it afterwards."""

import logging
from collections import Counter
from collections.abc import Generator, Sequence
from contextlib import contextmanager
from datetime import datetime, timedelta
from typing import Any, Final

from engine.case import events as ev
from engine.case.events import Recorded
from engine.case.state import Case
from engine.ids import CaseId
from engine.store.mailbox import Mail, MailFilter
from tests.faults.company import a_sop, behind, gate
from tests.faults.station import Station

LADDER: Final = [{"after": "20 min", "to": "boss"}, {"after": "40 min", "to": "two"}]
LEVELS: Final = len(LADDER)


def laddered(name: str) -> dict[str, Any]:
    asks = gate("five", within="45 min", on_timeout={"escalate": "boss"}, remind=["15 min"])
    desk = {"deadline": {"urgent": True, "within": "1 h", "remind": ["30 min"], "escalate": LADDER}}
    return a_sop(name, {"ask_five": behind(asks)}, desk=desk)


def mails(here: Station, cases: Sequence[CaseId]) -> list[Mail]:
    wanted = [MailFilter(case_id=case_id) for case_id in cases]
    return [mail for each in wanted for mail in here.store.mailbox.page(each, limit=1000)]


def climbed_once(here: Station, case_id: CaseId) -> None:
    events = [recorded.event for recorded in here.history(case_id)]
    rungs = Counter((e.deadline, e.level) for e in events if isinstance(e, ev.DeadlineEscalated))
    missed = Counter(e.deadline for e in events if isinstance(e, ev.DeadlineMissed))
    reminded = Counter((e.deadline, e.count) for e in events if isinstance(e, ev.DeadlineReminded))
    timeouts = Counter(e.approval for e in events if isinstance(e, ev.ApprovalTimedOut))
    assert [level for _, level in rungs] == list(range(1, LEVELS + 1)), f"{case_id} climbed {rungs}"
    for what in (rungs, missed, reminded, timeouts):
        assert set(what.values()) <= {1}, f"{case_id} did something twice: {what}"
    assert len(missed) == 2, f"{case_id}: overdue are {missed}, and should be the stage and the approval"


def none_early(here: Station, case_id: CaseId, *, now: datetime) -> None:
    """Nothing was flagged before its instant, nothing bears an instant that has not come."""
    case = here.case(case_id)
    for recorded in here.history(case_id):
        come = _instant(case, recorded)
        assert recorded.at <= now + timedelta(minutes=1), f"{case_id}: {recorded.event} is of {recorded.at}"
        assert come is None or come <= recorded.at, f"{case_id}: {recorded.event} before {come}"


def _instant(case: Case, recorded: Recorded) -> datetime | None:
    match recorded.event:
        case ev.DeadlineMissed() as missed:
            return missed.due_at
        case ev.DeadlineEscalated() as escalated:
            return case.deadlines[escalated.deadline].rungs[escalated.level - 1].at
        case ev.DeadlineReminded() as reminded:
            return case.deadlines[reminded.deadline].reminders[reminded.count - 1]
        case _:
            return None


def owed_once(owed: Sequence[Mail]) -> None:
    named = Counter((mail.case_id, mail.kind, mail.to_person, str(dict(mail.data))) for mail in owed)
    twice = [what for what, times in named.items() if times > 1]
    assert not twice, f"owed more than once: {twice}"


class _Failures(logging.Handler):
    """What a runner only logs, so that one bad case fails alone; a busy database is no failure."""

    def __init__(self) -> None:
        super().__init__(logging.ERROR)
        self.said: list[str] = []

    def emit(self, record: logging.LogRecord) -> None:
        if "StoreBusy" not in record.getMessage():
            self.said.append(record.getMessage())


@contextmanager
def without_failure() -> Generator[None]:
    failed = _Failures()
    logging.getLogger("guanka.runner").addHandler(failed)
    try:
        yield
    finally:
        logging.getLogger("guanka.runner").removeHandler(failed)
    assert not failed.said, f"a runner could not do its work: {failed.said}"
