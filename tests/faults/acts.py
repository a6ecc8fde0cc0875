"""What anybody may try on a case as it stands: mostly what fits, now and then what does not."""

import random
from collections.abc import Callable
from typing import Any

from engine.case import commands as cmd
from engine.case import signer_commands as sc
from engine.case.state import RULE_PERSON, Approval, Case, Place, RequestState, Verdict
from engine.ids import PersonId, RequestId
from tests.faults.company import ASKER, BOSS, OWNER, SIGNERS

Act = tuple[cmd.Command, PersonId]
EVERYBODY = (*SIGNERS, ASKER, BOSS, OWNER)
PLACES = (Place.BEFORE, Place.BESIDE, Place.AFTER)


def an_act(rng: random.Random, case: Case) -> Act:
    """A command, and who sends it."""
    approval = rng.choice(list(case.approvals.values())) if case.approvals else None
    if approval is None or rng.random() < 0.25:
        return _on_the_case(rng, case)
    return _on_the_approval(rng, case, approval)


def _on_the_case(rng: random.Random, case: Case) -> Act:
    requests = list(case.requests.values())
    request = rng.choice(requests) if requests else None
    name = request.id if request else RequestId("r9")
    acts: list[Act] = [
        (cmd.Sweep(case_id=case.id), RULE_PERSON),
        (cmd.Sweep(case_id=case.id), RULE_PERSON),
        (cmd.SetFields(case_id=case.id, values={"brief": rng.choice(["新品", "甲", "乙"])}), ASKER),
        (cmd.WithdrawRequest(case_id=case.id, request=name), ASKER),
        (sc.ResubmitRequest(case_id=case.id, request=name), ASKER),
        (cmd.RequestTransition(case_id=case.id, transition="everybody"), ASKER),
        (cmd.RequestTransition(case_id=case.id, transition="cancel", reason="不做了"), ASKER),
        (cmd.HoldCase(case_id=case.id, reason="等"), ASKER),
        (cmd.ResumeCase(case_id=case.id), ASKER),
    ]
    if request is not None and request.state is RequestState.READY:
        acts += [(cmd.FireTransition(case_id=case.id, request=name), RULE_PERSON)] * 4
    return rng.choice(acts)


def _on_the_approval(rng: random.Random, case: Case, approval: Approval) -> Act:
    inside = [person for ask in approval.asks for person in (ask.person, ask.looks) if person]
    by = rng.choice([*inside * 3, rng.choice(EVERYBODY)] if inside else EVERYBODY)
    on: dict[str, Any] = {"case_id": case.id, "approval": approval.id}
    other, words = rng.choice(EVERYBODY), dict[str, Any](reason="因为")
    seen: dict[str, Any] = (
        {"round": approval.round, "content": approval.content} if rng.random() < 0.5 else {}
    )
    acts: list[Callable[[], Any]] = [
        lambda: cmd.RecordDecision(**on, **seen, verdict=Verdict.APPROVE),
        lambda: cmd.RecordDecision(**on, **seen, verdict=Verdict.APPROVE),
        lambda: cmd.RecordDecision(**on, **seen, verdict=Verdict.REJECT),
        lambda: cmd.ReissueLink(**on, person=by),
        lambda: sc.TransferAsk(**on, to=other, **words),
        lambda: sc.AddSigners(**on, persons=(other,), place=rng.choice(PLACES), **words),
        lambda: sc.RemoveSigner(**on, person=other, **words),
        lambda: sc.TakeBackDecision(**on),
        lambda: sc.DelegateAsk(**on, to=other, **words),
        lambda: sc.HandBack(**on, text="可以"),
        lambda: sc.CallBack(**on),
        lambda: sc.AskForMaterial(**on, text="还缺报价单"),
        lambda: sc.ReturnRequest(**on, **seen, comment="退", straight_back=rng.random() < 0.5),
        lambda: sc.CommentApproval(**on, text="知道了"),
    ]
    return rng.choice(acts)(), by
