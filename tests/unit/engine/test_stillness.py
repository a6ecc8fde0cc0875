"""Why a clock stands still, since when and for whom."""

from datetime import timedelta

from engine.case import commands as cmd
from engine.case import signer_commands as sc
from engine.case.stillness import Still, StillFor, of_approval, of_task, said
from engine.ids import ApprovalId, PersonId
from engine.text import Text
from tests.factories import MONDAY, Desk, a_desk, a_sop, an_approval
from tests.unit.engine.waiting_desk import C1, a_pausable_sop, in_review, waits

LATER = MONDAY + timedelta(hours=1)


def a_task_in_review() -> Desk:
    sop = a_pausable_sop()
    sop["stages"][1]["tasks"] = [{"id": "check", "zh": "核对"}]
    desk = in_review(sop)
    desk.clock.advance(timedelta(hours=1))
    return desk


def asked() -> Desk:
    sop = a_sop()
    gate = an_approval(within="2 wd", on_timeout={"remind": True})
    sop["transitions"][4]["approvals"] = [gate]
    desk = a_desk(sop)
    desk.start()
    desk.advance("cancel", reason="不做了")
    desk.clock.advance(timedelta(hours=1))
    return desk


def of_the_one(desk: Desk) -> Still | None:
    return of_approval(desk.case(), ApprovalId(next(iter(desk.case().approvals))))


def test_a_task_waits_for_whom_its_stage_waits_for() -> None:
    desk = a_task_in_review()
    assert of_task(desk.case(), "check") is None
    waits(desk)
    still = of_task(desk.case(), "check")
    assert still == Still(why=StillFor.OUTSIDE, since=LATER, outside="客户", person=PersonId("pei"))


def test_on_hold_everything_stands_still_since_then() -> None:
    desk = a_task_in_review()
    desk.do(cmd.HoldCase(case_id=C1, reason="放假"))
    still = of_task(desk.case(), "check")
    assert still is not None
    assert (still.why, still.since, still.outside) == (StillFor.HOLD, LATER, "")
    assert of_task(desk.case(), "no such task") is not None  # the case stands still, whatever is asked about


def test_an_approval_says_who_asked_for_material() -> None:
    desk = asked()
    assert of_the_one(desk) is None
    approval = ApprovalId(next(iter(desk.case().approvals)))
    ask = sc.AskForMaterial(case_id=desk.case().id, approval=approval, text="明细？")
    assert desk.do(ask, by="hua").refusal is None
    still = of_the_one(desk)
    assert still is not None
    assert (still.why, still.since, still.person) == (StillFor.MATERIAL, LATER, "hua")


def test_an_approval_on_hold_or_gone() -> None:
    desk = asked()
    name = ApprovalId(next(iter(desk.case().approvals)))
    desk.do(cmd.HoldCase(case_id=desk.case().id, reason="放假"))
    still = of_the_one(desk)
    assert still is not None
    assert still.why is StillFor.HOLD
    assert of_approval(a_task_in_review().case(), name) is None


def test_it_is_said_in_both_languages() -> None:
    words = {
        why: said(Still(why=why, since=MONDAY, outside="印刷厂"), since="11-23 09:00", person="裴")
        for why in StillFor
    }
    assert words == {
        StillFor.OUTSIDE: Text(
            "11-23 09:00 起停走，等印刷厂", "stands still since 11-23 09:00, waiting for 印刷厂"
        ),
        StillFor.MATERIAL: Text(
            "11-23 09:00 起停走，等补充材料（裴 提出）",
            "stands still since 11-23 09:00, waiting for material that 裴 asked for",
        ),
        StillFor.RETURNED: Text(
            "11-23 09:00 起停走，待修改（裴 退回）", "stands still since 11-23 09:00, sent back by 裴"
        ),
        StillFor.HOLD: Text(
            "11-23 09:00 起停走，案例已暂停（裴）",
            "stands still since 11-23 09:00, the case is on hold (裴)",
        ),
    }
