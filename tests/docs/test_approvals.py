"""docs/approvals.md: each row of its tables is carried out."""

import re
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from engine.case import commands as cmd
from engine.case import signer_commands as sc
from engine.case.awaiting import waited_for
from engine.case.state import Place, RequestState, Verdict
from engine.definition.approval_model import Mode
from engine.ids import PersonId
from tests.factories import Desk, a_desk, a_sop, an_approval

PAGE = (Path(__file__).parents[2] / "docs" / "approvals.md").read_text(encoding="utf-8")
ROWS = re.findall(
    r"^\| ((?:any|all|sequence|votes)(?: · \w+: \w+)?) \| (.+?) \| (.+?) \| (\w+) \|$", PAGE, re.MULTILINE
)
PEOPLE = ("hua", "xia", "bo", "–")
REFUSED = " ✗"
TIMEOUTS = {"escalate": "chief", "transfer": "chief", "approve": True, "reject": True, "remind": True}
WHY: dict[str, Any] = {"reason": "因为"}


def _asked(mode: str, option: str) -> Desk:
    sop = a_sop()
    sop["stages"][0]["tasks"] = []
    sop["roles"]["chief"] = {"zh": "首席", "en": "Chief"}
    gate = an_approval(by=[{"role": "head"}, {"role": "boss"}], mode=mode, shows=["brief"], batch=True)
    if mode == "votes":
        gate["threshold"] = "100%"
    sop["transitions"][0]["approvals"] = [gate | _written(option)]
    if option.startswith("once"):
        sop["transitions"][0]["approvals"] = [gate, {**gate, **_written(option), "id": "second"}]
    desk = a_desk(sop)
    desk.store.people["chief"] = ("xia",)
    desk.start(brief="新品", budget="10 CNY")
    assert desk.advance("submit").refusal is None
    return desk


def _written(option: str) -> dict[str, Any]:
    key, _, value = option.partition(": ")
    match key:
        case "":
            return {}
        case "once":
            return {"once": value == "yes"}
        case "on_timeout":
            return {"within": "4 h", "on_timeout": {value: TIMEOUTS[value]}}
        case _:
            return {key: value}


def _act(desk: Desk, act: str) -> None:
    by, verb, *words = act.removesuffix(REFUSED).split()
    match verb:
        case "standsin":
            desk.away(words[0], by)
            desk.sweep()
        case "leaves":
            desk.store.left |= {by}
            desk.sweep()
        case "joins":
            desk.store.people[words[0]] = (*desk.store.people[words[0]], by)
            desk.sweep()
        case "rejoins":
            desk.store.left -= {by}
            desk.sweep()
        case "passes":
            desk.clock.advance(timedelta(days=8))
            desk.sweep()
        case _:
            refused = desk.do(_command(desk, verb, words), by=by).refusal is not None
            assert refused is act.endswith(REFUSED), act


def _command(desk: Desk, verb: str, words: list[str]) -> cmd.Command:
    case = desk.case()
    on: dict[str, Any] = {"case_id": case.id, "approval": next(iter(case.approvals))}
    who = PersonId(words[0]) if words else PersonId("")
    made: dict[str, Any] = {
        "yes": lambda: cmd.RecordDecision(**on, verdict=Verdict.APPROVE),
        "together": lambda: cmd.RecordDecision(
            **on,
            verdict=Verdict.APPROVE,
            together=True,
            round=case.approvals[on["approval"]].round,
            content=case.approvals[on["approval"]].content,
        ),
        "no": lambda: cmd.RecordDecision(**on, verdict=Verdict.REJECT, comment="不"),
        "silentno": lambda: cmd.RecordDecision(**on, verdict=Verdict.REJECT),
        "withdraws": lambda: cmd.WithdrawRequest(
            case_id=case.id, request=next(iter(case.requests.values())).id
        ),
        "handsover": lambda: sc.HandOverWork(
            case_id=case.id, person=who, to=PersonId(words[1]), reason="离职"
        ),
        "transfers": lambda: sc.TransferAsk(**on, to=who, **WHY),
        "adds": lambda: sc.AddSigners(**on, persons=(who,), place=Place(words[1]), **WHY),
        "removes": lambda: sc.RemoveSigner(**on, person=who, **WHY),
        "delegates": lambda: sc.DelegateAsk(**on, to=who, **WHY),
        "handsback": lambda: sc.HandBack(**on, text="可以"),
        "callsback": lambda: sc.CallBack(**on),
        "takesback": lambda: sc.TakeBackDecision(**on),
        "returns": lambda: sc.ReturnRequest(**on, comment="补", straight_back=words == ["straight"]),
        "resubmits": lambda: sc.ResubmitRequest(
            case_id=case.id, request=next(iter(case.requests.values())).id
        ),
        "changes": lambda: cmd.SetFields(case_id=case.id, values={"brief": "改"}),
        "changesother": lambda: cmd.SetFields(case_id=case.id, values={"budget": "9 CNY"}),
        "asks": lambda: sc.AskForMaterial(**on, text="?"),
        "gives": lambda: sc.GiveMaterial(**on),
        "nudges": lambda: sc.NudgeApproval(**on),
        "copies": lambda: sc.CopyApproval(**on, persons=(who,)),
        "comments": lambda: sc.CommentApproval(**on, text="好"),
    }
    return made[verb]()


def _outcome(desk: Desk) -> str:
    request = next(iter(desk.case().requests.values()), None)
    if request is None:
        return "over"
    if request.returned is not None:
        return "returned"
    if any(approval.unfilled or approval.gone for approval in desk.case().approvals_of(request.id)):
        return "stuck"
    return "ready" if request.state is RequestState.READY else "open"


def test_the_page_has_a_table_for_every_operation() -> None:
    foresight = "预查 · foresight"  # looks ahead, and is no operation
    sections = [s for s in PAGE.split("\n## ")[1:] if s.splitlines()[0] != foresight]
    assert [s.splitlines()[0] for s in sections if "| mode |" not in s] == []
    assert len(ROWS) == PAGE.count("\n| ") - len(sections)


@pytest.mark.parametrize(
    ("mode", "acts", "awaited", "outcome"), ROWS, ids=[" ".join(row[:2]) for row in ROWS]
)
def test_a_row_is_what_happens(mode: str, acts: str, awaited: str, outcome: str) -> None:
    mode, _, option = mode.partition(" · ")
    desk = _asked(mode, option)
    for act in [] if acts == "–" else acts.split(", "):
        _act(desk, act)
    waits = [p for a in desk.case().approvals.values() for p in waited_for(Mode(mode), a)]
    told = sorted(set(waits), key=PEOPLE.index) or ["–"]
    assert told == sorted(awaited.split(), key=PEOPLE.index)
    assert _outcome(desk) == outcome
