"""For every blocker the core can name, the shortest way to be told it."""

from collections.abc import Callable
from dataclasses import replace
from datetime import date, timedelta
from typing import Any

from engine.case import commands as cmd
from engine.case import events as ev
from engine.case import signer_commands as sc
from engine.case.absence import StandIn, fault, not_theirs
from engine.case.contacts import Wanted, contact
from engine.case.refusal import Blocker, Refusal
from engine.case.state import Place, Verdict
from engine.case.time_commands import AskMoreTime
from engine.definition.approval_model import Assurance
from engine.ids import ApprovalId, CaseId, PersonId, RequestId
from engine.ports import Answer
from engine.store.people import Person
from tests.factories import MONDAY, Desk, a_definition, a_desk, a_sop, a_sop_with_steps, an_approval
from tests.unit.engine.test_extension import with_extension
from tests.unit.engine.waiting_desk import a_pausable_sop, goes_on, in_review, waits

C1 = CaseId("c1")
PEOPLE = (
    Person(id=PersonId("pei"), name="裴", email="pei@ours.example"),
    Person(id=PersonId("gu"), name="顾", email="gu@theirs.example", external=True, active=False),
)
Told = tuple[Blocker, ...]


def _started(sop: dict[str, Any] | None = None, **values: Any) -> Desk:
    desk = a_desk(sop)
    desk.start(**values)
    return desk


def _with_person_field() -> Desk:
    sop = a_sop()
    sop["fields"]["team"] = {"type": "list", "of": {"type": "record", "fields": {"who": "person"}}}
    return _started(sop)


def _told(answer: Answer) -> Told:
    assert answer.refusal is not None
    return answer.refusal.blockers


def _contact(**typed: str) -> Told:
    wanted = Wanted(**{"role": "customer", "name": "林越", "email": "lin@theirs.example", **typed})
    sop = a_sop()
    sop["roles"]["customer"] = {"zh": "客户", "en": "Customer", "external": True}
    answer = contact(a_definition(sop), wanted, PEOPLE)
    assert isinstance(answer, Refusal)
    return answer.blockers


def _first(**parts: Any) -> dict[str, Any]:
    """The usual SOP with parts added to its first transition, which then has no checklist."""
    sop = a_sop()
    sop["stages"][0]["tasks"] = []
    sop["transitions"][0] |= parts
    return sop


def _task(**parts: Any) -> dict[str, Any]:
    sop = a_sop()
    sop["stages"][0]["tasks"] = [{"id": "write", "zh": "写", "en": "Write", **parts}]
    return sop


def _asking(by: str = "head", **parts: Any) -> Desk:
    desk = _started(_first(approvals=[an_approval(by=[{"role": by}, {"role": "boss"}], **parts)]))
    assert desk.advance("submit").refusal is None
    return desk


def _decide(desk: Desk, by: str, **parts: Any) -> Told:
    approval = next(iter(desk.case().approvals), "a99")
    asked = cmd.RecordDecision(case_id=C1, approval=ApprovalId(approval), verdict=Verdict.APPROVE)
    decision = replace(asked, **parts)
    return _told(desk.do(decision, by=by))


def _do(desk: Desk, command: cmd.Command, by: str = "pei") -> Told:
    return _told(desk.do(command, by=by))


def _held() -> Desk:
    desk = _started()
    desk.do(cmd.HoldCase(case_id=C1, reason="等"))
    return desk


def _over() -> Desk:
    desk = _started()
    desk.advance("cancel", reason="x")
    desk.run()
    return desk


def _ruled(**parts: Any) -> Told:
    limit = {"id": "small", "zh": "小额", "en": "Small", "always": "budget <= '10 CNY'", **parts}
    return _told(_started(a_sop(rules=[limit])).set(budget="11 CNY"))


def _ruled_per_line(**parts: Any) -> Told:
    of = {"type": "record", "fields": {"item": {"type": "text", "required": True}, "amount": "money"}}
    rule = {
        "id": "small",
        "zh": "小额",
        "per": "lines.item",
        "always": "sum(lines.amount) <= '10 CNY'",
        **parts,
    }
    sop = a_sop(rules=[rule])
    sop["fields"]["lines"] = {"type": "list", "of": of}
    return _told(_started(sop).set(lines=[{"item": "媒体", "amount": "11 CNY"}]))


def _child(**parts: Any) -> Desk:
    spec = {"sop": "side", "zh": "支线", "en": "Side", **parts}
    sop = _first() | {"children": {"side": spec}}
    desk = a_desk(sop, a_sop(sop="side"))
    desk.start()
    return desk


def _open(child: str) -> cmd.OpenChild:
    return cmd.OpenChild(case_id=C1, child=child, title="支线一")


def _with_open_child() -> Told:
    desk = _child(mandatory=True)
    desk.do(_open("side"))
    return _told(desk.advance("submit"))


def _planned(milestone: str, sop: dict[str, Any] | None = None, **parts: Any) -> Told:
    spec = {"id": "day", "zh": "日", "en": "Day", "entered": "live", **parts}
    plan = cmd.PlanMilestone(case_id=C1, milestone=milestone, planned=date(2026, 12, 1))
    return _do(_started(sop or a_sop(milestones=[spec])), plan)


def _locked() -> Told:
    desk = _started(_first(locks=["brief"]), brief="x")
    desk.advance("submit")
    desk.run()
    return _told(desk.set(brief="y"))


def _deliverable() -> Told:
    sop = _first()
    sop["stages"][0]["deliverables"] = [{"id": "deck", "zh": "方案", "en": "Deck", "required": True}]
    return _told(_started(sop).advance("submit"))


def _under_way() -> Told:
    desk = _started(_first())
    desk.advance("submit")
    return _told(desk.advance("submit"))


def _unfilled() -> Told:
    desk = _started(_first(approvals=[an_approval(by=[{"role": "planner"}])]))
    desk.advance("submit")
    return _told(desk.advance("submit"))


def _deserted() -> Told:
    desk = _asking(mode="all")
    desk.store.left = frozenset({"hua"})
    desk.sweep()
    return _told(desk.advance("submit"))


def _closed_approval() -> Told:
    desk = _asking()
    desk.sign("hua")
    return _decide(desk, "bo")


def _decided() -> Told:
    desk = _asking(mode="all")
    desk.sign("hua")
    return _decide(desk, "hua")


def _own() -> Told:
    """The SOP no longer lets people sign for themselves, but the running approval still asks them."""
    desk = _started(_first(approvals=[an_approval(by=[{"role": "planner"}], own_request=True)]))
    desk.advance("submit")
    definition = desk.store.definitions[desk.case().definition]
    spec = definition.transitions["submit"].approvals[0].model_copy(update={"own_request": False})
    changed = definition.transitions["submit"].model_copy(update={"approvals": (spec,)})
    definition.transitions["submit"] = changed
    return _decide(desk, "pei")


def _rejected() -> Told:
    desk = _asking()
    desk.sign("hua", "reject", comment="不")
    return desk.last(ev.TransitionDropped).reasons


def _act(desk: Desk, kind: type[Any], by: str, **parts: Any) -> Told:
    """What somebody is told who acts on the first approval in this way."""
    return _told(_acted(desk, kind, by, **parts))


def _acted(desk: Desk, kind: type[Any], by: str, **parts: Any) -> Answer:
    approval = next(iter(desk.case().approvals), "a99")
    return desk.do(kind(case_id=C1, approval=ApprovalId(approval), **parts), by=by)


def _delegated() -> Told:
    desk = _asking()
    _acted(desk, sc.DelegateAsk, "hua", to=PersonId("xia"), reason="x")
    return _decide(desk, "hua")


def _acted_on_since() -> Told:
    desk = _asking(mode="all")
    desk.sign("hua")
    _acted(desk, sc.TransferAsk, "bo", to=PersonId("xia"), reason="x")
    return _act(desk, sc.TakeBackDecision, "hua")


def _nudged_lately() -> Told:
    desk = _asking()
    _acted(desk, sc.NudgeApproval, "pei")
    return _act(desk, sc.NudgeApproval, "pei")


def _nobody_to_nudge() -> Told:
    desk = _started(_first(approvals=[an_approval(by=[{"role": "planner"}])]))
    desk.advance("submit")
    return _act(desk, sc.NudgeApproval, "pei")


def _signed_elsewhere() -> Told:
    first = an_approval(id="first", by=[{"role": "head"}])
    second = an_approval(id="second", by=[{"role": "head"}, {"role": "boss"}], not_same_person_as=["first"])
    desk = _started(_first(approvals=[first, second]))
    desk.advance("submit")
    desk.sign("hua")
    approval = next(a.id for a in desk.case().approvals.values() if a.spec == "second")
    return _decide(desk, "hua", approval=approval)


def _resubmit(desk: Desk) -> Told:
    request = next(iter(desk.case().requests))
    return _do(desk, sc.ResubmitRequest(case_id=C1, request=RequestId(request)))


def _returned() -> Told:
    desk = _asking()
    _acted(desk, sc.ReturnRequest, "hua", comment="x")
    return _told(desk.advance("submit"))


def _material_asked() -> Told:
    desk = _asking()
    _acted(desk, sc.AskForMaterial, "hua", text="?")
    return _act(desk, sc.AskForMaterial, "bo", text="?")


def _start(case_id: str, sop: str = "launch", **parts: Any) -> cmd.StartCase:
    return replace(cmd.StartCase(case_id=CaseId(case_id), sop=sop, title="新品"), **parts)


def _withdraw(request: str, by: str) -> Told:
    desk = _asking()
    known = next(iter(desk.case().requests))
    return _do(desk, cmd.WithdrawRequest(case_id=C1, request=RequestId(request or known)), by)


def _stand_in(by: str = "xia", *, rows: tuple[tuple[str, str], ...] = (), days: float = 1) -> Told:
    def row(principal: str, stand_in: str, days: float = 1) -> StandIn:
        ends = MONDAY + timedelta(days=days)
        begins = MONDAY - timedelta(days=1)
        return StandIn(principal=PersonId(principal), stand_in=PersonId(stand_in), begins=begins, ends=ends)

    known = [row(*pair) for pair in rows]
    found = fault(row("hua", by, days), known, now=MONDAY, external={PersonId("ke")})
    assert found is not None
    return (found,)


def _stood_in() -> Told:
    """Whose ask was answered by the stand-in comes too late."""
    desk = _asking(mode="all")
    desk.away("hua", "xia")
    approval = next(iter(desk.case().approvals))
    decision = cmd.RecordDecision(case_id=C1, approval=ApprovalId(approval), verdict=Verdict.APPROVE)
    assert desk.do(decision, by="xia").refusal is None
    return _decide(desk, "hua")


def _stranger_names_the_customer() -> Told:
    """Somebody of the company who has nothing to do with the case."""
    joins = cmd.AssignRoles(case_id=C1, roles={"customer": (PersonId("ke"),)}, joining=True)
    return _told(_started().do(joins, by="lu"))


def _leaves(person: str, to: str, desk: Desk | None = None) -> Told:
    command = sc.HandOverWork(case_id=C1, person=PersonId(person), to=PersonId(to), reason="离职")
    return _do(desk or _asking(mode="all"), command)


def _second(first: Callable[[Desk], Answer], then: Callable[[Desk], Answer]) -> Told:
    desk = in_review()
    first(desk)
    return _told(then(desk))


def _asks_more_time(by: str = "", *, left: bool = False, twice: bool = False) -> Told:
    sop = with_extension()
    if twice:
        sop["transitions"].append({**sop["transitions"][-1], "id": "more_again"})
    desk = in_review(sop)
    if left:
        desk.advance("rework", reason="改")
        desk.run()
    return _told(desk.do(AskMoreTime(case_id=C1, until="2026-12-01", reason="改期", transition=by)))


def _extends(before: str = "", until: str = "2026-12-01", review_time: Any = "2 wd", **extends: Any) -> Told:
    desk = in_review(with_extension(**extends), review_time=review_time)
    if before:
        _asks_until(desk, before)
    return _told(_asks_until(desk, until))


def _asks_until(desk: Desk, day: str) -> Answer:
    desk.set(new_date=day)
    answer = desk.advance("more_time", reason="x")
    desk.run()
    return answer


def _waited_enough() -> Told:
    desk = in_review(a_pausable_sop(most="60 min"))
    waits(desk)
    desk.clock.advance(timedelta(hours=2))
    desk.sweep()
    return _told(waits(desk))


SCENARIOS: dict[str, Callable[[], Told]] = {
    "not_theirs_to_arrange": lambda: (not_theirs(PersonId("hua"), PersonId("pei"), ()) or Blocker(code=""),),
    "stand_in_twice": lambda: _stand_in(rows=(("hua", "xia"),)),
    "stand_in_self": lambda: _stand_in("hua"),
    "stand_in_backwards": lambda: _stand_in(days=-2),
    "stand_in_over": lambda: _stand_in(days=-0.5),
    "stand_in_external": lambda: _stand_in("ke"),
    "stand_in_circle": lambda: _stand_in(rows=(("xia", "yan"), ("yan", "hua"))),
    "stand_in_chain": lambda: _stand_in(rows=(("xia", "yan"), ("yan", "zhu"), ("zhu", "ou"))),
    "decided_by_another": _stood_in,
    "successor_is_leaver": lambda: _leaves("hua", "hua"),
    "successor_outside": lambda: _leaves("hua", "ke"),
    "successor_may_not": lambda: _leaves("hua", "pei"),
    "successor_signs": lambda: _leaves("pei", "hua"),
    "no_such_case": lambda: _do(a_desk(), cmd.ResumeCase(case_id=C1)),
    "case_exists": lambda: _do(_started(), _start("c1")),
    "case_closed": lambda: _told(_over().set(brief="x")),
    "case_held": lambda: _told(_held().set(brief="x")),
    "not_held": lambda: _do(_started(), cmd.ResumeCase(case_id=C1)),
    "no_hold_here": lambda: _do(
        _started(a_sop(hold={"stages": ["live"]})), cmd.HoldCase(case_id=C1, reason="x")
    ),
    "resume_in_past": lambda: _do(
        _started(), cmd.HoldCase(case_id=C1, reason="x", resume_on=date(2026, 1, 1))
    ),
    "no_such_stage": lambda: _told(waits(in_review(), "reviev")),
    "stage_elsewhere": lambda: _told(waits(in_review(), "live")),
    "no_waiting_here": lambda: _told(waits(in_review(a_sop()))),
    "waits_already": lambda: _second(waits, waits),
    "waited_enough": _waited_enough,
    "not_waiting": lambda: _told(goes_on(in_review())),
    "no_extension_here": lambda: _asks_more_time(left=True),
    "which_extension": lambda: _asks_more_time(twice=True),
    "extends_nothing": lambda: _asks_more_time(by="submit"),
    "nothing_to_extend": lambda: _extends(review_time=None),
    "extended_enough": lambda: _extends("2026-11-26", most=1),
    "extension_not_later": lambda: _extends(until="2026-11-24"),
    "extension_too_long": lambda: _extends(longest="1 wd"),
    "sop_not_published": lambda: _do(a_desk(), _start("c1", "ghost")),
    "unknown_person": lambda: _told(_started().set(by="stranger", brief="x")),
    "external_person": lambda: _told(_started().set(by="ke", brief="x")),
    "only_by_rule": lambda: _do(_started(), cmd.Sweep(case_id=C1)),
    "no_such_person": lambda: _do(
        _started(), cmd.AssignRoles(case_id=C1, roles={"head": (PersonId("stranger"),)})
    ),
    "no_such_person_in": lambda: _told(_with_person_field().set(team=[{"who": "stranger"}])),
    "not_on_case": _stranger_names_the_customer,
    "no_such_role": lambda: _do(_started(), cmd.AssignRoles(case_id=C1, roles={"ghost": ()})),
    "no_such_field": lambda: _told(_started().set(ghost="x")),
    "no_such_task": lambda: _do(_started(), cmd.CompleteTask(case_id=C1, task="ghost")),
    "no_such_deliverable": lambda: _do(
        _started(a_sop(stages=[{"id": "only", "deliverables": [{"id": "deck"}]}], transitions=[])),
        cmd.AttachDeliverable(
            case_id=C1, deliverable="ghost", name="x", hash="aa", size=1, media_type="text/plain"
        ),
    ),
    "no_such_transition": lambda: _told(_started().advance("ghost")),
    "no_such_child": lambda: _do(_child(), _open("ghost")),
    "not_a_child": lambda: _do(
        _started(), cmd.RecordChildClosed(case_id=C1, child=CaseId("c9"), outcome="done"), "rule"
    ),
    "no_such_milestone": lambda: _planned("ghost"),
    "milestone_by_record": lambda: _planned("steps/1", a_sop_with_steps()),
    "milestone_by_field": lambda: _planned("day", planned="go_live_on"),
    "bad_value": lambda: _told(_started().set(budget="much")),
    "text_missing": lambda: _do(_started(), cmd.AddComment(case_id=C1, text=" ")),
    "text_too_long": lambda: _do(a_desk(), _start("c1", title="x" * 201)),
    "text_unprintable": lambda: _do(_started(), cmd.AddComment(case_id=C1, text="a\x00")),
    "task_open": lambda: _told(_started(_task()).advance("submit")),
    "task_open_waivable": lambda: _told(_started(_task(waivable=True)).advance("submit")),
    "task_elsewhere": lambda: _do(
        _started(
            a_sop(
                stages=[{"id": "one"}, {"id": "two", "tasks": [{"id": "late", "zh": "晚", "en": "Late"}]}],
                transitions=[],
            )
        ),
        cmd.CompleteTask(case_id=C1, task="late"),
    ),
    "task_not_waivable": lambda: _do(_started(_task()), cmd.WaiveTask(case_id=C1, task="write", reason="x")),
    "field_missing": lambda: _told(_started(_first(requires=["budget"])).advance("submit")),
    "field_locked": _locked,
    "deliverable_missing": _deliverable,
    "reason_missing": lambda: _told(_started().advance("cancel")),
    "setting_unset": lambda: _told(
        _started(_first(guard="budget <= $budget_limit"), budget="1 CNY").advance("submit")
    ),
    "guard_false": lambda: _told(
        _started(_first(guard="budget <= '1 CNY'"), budget="2 CNY").advance("submit")
    ),
    "not_in_stage": lambda: _told(_started().advance("finish")),
    "not_for_you": lambda: _told(_started(_first(by=["boss"])).advance("submit")),
    "transition_under_way": _under_way,
    "approval_pending": lambda: _told(_asking().advance("submit")),
    "approval_unfilled": _unfilled,
    "approval_deserted": _deserted,
    "child_open": _with_open_child,
    "child_elsewhere": lambda: _do(_child(at=["review", "live"]), _open("side")),
    "rule_broken": _ruled,
    "rule_broken_remedy": lambda: _ruled(remedy="cancel"),
    "rule_broken_for": _ruled_per_line,
    "rule_broken_for_remedy": lambda: _ruled_per_line(remedy="cancel"),
    "request_not_ready": lambda: _do(
        _asking(), cmd.FireTransition(case_id=C1, request=RequestId("r99")), "rule"
    ),
    "request_over": lambda: _withdraw("r99", "pei"),
    "not_your_request": lambda: _withdraw("", "bo"),
    "approval_over": lambda: _decide(_started(), "hua"),
    "approval_closed": _closed_approval,
    "not_asked": lambda: _decide(_asking(), "xia"),
    "not_your_turn": lambda: _decide(_asking(mode="sequence"), "bo"),
    "already_decided": _decided,
    "own_request": _own,
    "content_changed": lambda: _decide(_asking(), "hua", round=7),
    "one_at_a_time": lambda: _decide(_asking(), "hua", together=True),
    "not_seen": lambda: _decide(_asking(batch=True), "hua", together=True, round=1),
    "link_replaced": lambda: _decide(_asking(), "hua", issue=7),
    "assurance_too_weak": lambda: _decide(_asking(), "hua", assurance=Assurance.LINK),
    "comment_missing": lambda: _decide(_asking(), "hua", verdict=Verdict.REJECT),
    "role_inside": lambda: _contact(role="head"),
    "contact_name": lambda: _contact(name=" "),
    "contact_email": lambda: _contact(email="lin"),
    "contact_is_colleague": lambda: _contact(email="PEI@ours.example"),
    "contact_has_left": lambda: _contact(email="gu@theirs.example"),
    "rejected_by": _rejected,
    "delegated_away": _delegated,
    "nobody_named": lambda: _act(_asking(), sc.AddSigners, "hua", persons=(), place=Place.BEFORE, reason="x"),
    "nothing_delegated": lambda: _act(_asking(), sc.CallBack, "hua"),
    "nothing_to_take_back": lambda: _act(_asking(), sc.TakeBackDecision, "hua"),
    "acted_on_since": _acted_on_since,
    "act_not_allowed": lambda: _act(
        _asking(allows=["add"]), sc.TransferAsk, "hua", to=PersonId("xia"), reason="x"
    ),
    "already_in_approval": lambda: _act(_asking(), sc.TransferAsk, "hua", to=PersonId("bo"), reason="x"),
    "not_yours_to_remove": lambda: _act(_asking(), sc.RemoveSigner, "bo", person=PersonId("hua"), reason="x"),
    "too_few_left": lambda: _act(
        _asking(mode="votes", threshold=2), sc.RemoveSigner, "ou", person=PersonId("hua"), reason="x"
    ),
    "nudged_lately": _nudged_lately,
    "nobody_to_nudge": _nobody_to_nudge,
    "request_returned": _returned,
    "signed_elsewhere": _signed_elsewhere,
    "not_returned": lambda: _resubmit(_asking()),
    "no_such_way_back": lambda: _act(_asking(), sc.ReturnRequest, "hua", comment="x", to="live"),
    "material_asked": _material_asked,
    "no_material_asked": lambda: _act(_asking(), sc.GiveMaterial, "pei"),
}
