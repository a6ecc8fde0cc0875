"""A case in a stage that may wait for somebody outside."""

from typing import Any

from engine.case import commands as cmd
from engine.case.time_commands import GoOn, WaitOutside
from engine.ids import CaseId
from engine.ports import Answer
from tests.factories import Desk, a_desk, a_sop

C1 = CaseId("c1")


def a_pausable_sop(**pausable: Any) -> dict[str, Any]:
    sop = a_sop()
    sop["stages"][1]["pausable"] = pausable
    return sop


def in_review(sop: dict[str, Any] | None = None, **settings: Any) -> Desk:
    desk = a_desk(sop or a_pausable_sop(), **{"review_time": "2 wd", **settings})
    desk.start(brief="新品")
    desk.do(cmd.CompleteTask(case_id=C1, task="write_brief"))
    desk.advance("submit")
    desk.run()
    return desk


def waits(desk: Desk, stage: str = "review", whom: str = "客户", by: str = "pei") -> Answer:
    return desk.do(WaitOutside(case_id=C1, stage=stage, waits_for=whom, reason="等样品"), by=by)


def goes_on(desk: Desk, stage: str = "review") -> Answer:
    return desk.do(GoOn(case_id=C1, stage=stage))
