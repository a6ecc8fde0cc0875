"""What people write goes into the record only when it can be read there."""

import pytest

from engine.case import commands as cmd
from engine.case import events as ev
from engine.case.refusal import Why
from engine.case.state import Verdict
from tests.factories import Desk, a_desk, a_sop, an_approval


def _with_request() -> Desk:
    sop = a_sop()
    sop["stages"][0]["tasks"] = []
    sop["transitions"][0]["approvals"] = [an_approval()]
    desk = a_desk(sop)
    desk.start()
    desk.advance("submit")
    return desk


BAD = [("x" * 10_001, "text_too_long"), ("a\x00b", "text_unprintable")]


@pytest.mark.parametrize(("text", "code"), BAD, ids=["too long", "unprintable"])
@pytest.mark.parametrize("where", ["comment", "request", "withdrawal", "decision", "hold"])
def test_words_that_cannot_be_read_are_refused_wherever_they_are_written(
    where: str, text: str, code: str
) -> None:
    desk = _with_request()
    case = desk.case()
    request, approval = next(iter(case.requests.values())).id, next(iter(case.approvals.values())).id
    command: cmd.Command = {
        "comment": cmd.AddComment(case_id=case.id, text=text),
        "request": cmd.RequestTransition(case_id=case.id, transition="cancel", reason=text),
        "withdrawal": cmd.WithdrawRequest(case_id=case.id, request=request, reason=text),
        "decision": cmd.RecordDecision(
            case_id=case.id,
            approval=approval,
            verdict=Verdict.REJECT,
            comment=text,
        ),
        "hold": cmd.HoldCase(case_id=case.id, reason=text),
    }[where]
    refusal = desk.do(command, by="hua" if where == "decision" else "pei").refusal
    assert refusal is not None
    assert (refusal.why, [b.code for b in refusal.blockers]) == (Why.BAD_INPUT, [code])
    assert desk.case() == case


def test_line_breaks_and_tabs_are_words_too() -> None:
    desk = _with_request()
    assert desk.do(cmd.AddComment(case_id=desk.case().id, text=" 一\n\t二 ")).refusal is None
    assert desk.last(ev.Commented).text == "一\n\t二"
