"""The work inside a case: doing things twice, undoing them, and what a child may bring along."""

from datetime import timedelta
from typing import Any

import pytest

from engine.case import commands as cmd
from engine.case.decide import decide
from engine.case.refusal import Refusal, Why
from engine.case.state import ParentRef, TaskState
from engine.ids import CaseId, PersonId
from tests.factories import Desk, a_desk, a_sop, an_approval, person

C1 = CaseId("c1")


def _desk(*tasks: dict[str, Any], **stage: Any) -> Desk:
    sop = a_sop()
    sop["stages"][0] |= {"tasks": list(tasks), **stage}
    desk = a_desk(sop)
    desk.start()
    return desk


def _done(desk: Desk, command: cmd.Command) -> int:
    """How many events the command made."""
    answer = desk.do(command)
    assert answer.refusal is None, answer.refusal
    return len(answer.events)


WRITE = {"id": "write", "waivable": True}


def test_a_task_is_done_reopened_and_done_again() -> None:
    desk = _desk(WRITE)
    for command in (cmd.CompleteTask, cmd.ReopenTask, cmd.CompleteTask):
        assert _done(desk, command(case_id=C1, task="write")) == 1
    task = desk.case().tasks["write"]
    assert (task.state, task.by) == (TaskState.DONE, "pei")


@pytest.mark.parametrize(
    ("before", "again"),
    [
        (cmd.CompleteTask(case_id=C1, task="write"), cmd.CompleteTask(case_id=C1, task="write")),
        (None, cmd.ReopenTask(case_id=C1, task="write")),
        (
            cmd.WaiveTask(case_id=C1, task="write", reason="x"),
            cmd.WaiveTask(case_id=C1, task="write", reason="y"),
        ),
    ],
    ids=["complete", "reopen", "waive"],
)
def test_what_is_so_already_makes_no_event(before: cmd.Command | None, again: cmd.Command) -> None:
    desk = _desk(WRITE)
    if before is not None:
        desk.do(before)
    assert _done(desk, again) == 0


def test_the_same_file_again_is_no_new_version_but_another_name_or_content_is() -> None:
    desk = _desk(deliverables=[{"id": "deck"}])

    def attach(name: str, blob: str) -> cmd.AttachDeliverable:
        return cmd.AttachDeliverable(
            case_id=C1, deliverable="deck", name=name, hash=blob, size=1, media_type="x/y"
        )

    made = [_done(desk, attach(*one)) for one in [("a", "1"), ("a", "1"), ("b", "1"), ("b", "2")]]
    assert made == [1, 0, 1, 1]
    assert [(a.version, a.name, a.hash) for a in desk.case().attachments["deck"]] == [
        (1, "a", "1"),
        (2, "b", "1"),
        (3, "b", "2"),
    ]


def test_assigning_the_same_again_changes_nothing_and_nobody_gives_the_role_back() -> None:
    desk = _desk()

    def assign(*persons: str) -> cmd.AssignRoles:
        return cmd.AssignRoles(case_id=C1, roles={"head": tuple(PersonId(p) for p in persons)})

    made = [_done(desk, assign("xia", "xia")), _done(desk, assign("xia")), _done(desk, assign())]
    assert made == [1, 0, 1]
    assert desk.case().roles == {}


def test_the_owner_of_an_sop_may_be_assigned_on_a_case_though_no_role_is_declared() -> None:
    desk = _desk()
    _done(desk, cmd.AssignRoles(case_id=C1, roles={"sop_owner": (PersonId("xia"),)}))
    assert desk.case().roles == {"sop_owner": ("xia",)}


def test_a_child_takes_what_it_knows_of_what_its_parent_passes() -> None:
    desk = a_desk()
    start = cmd.StartCase(
        case_id=C1,
        sop="launch",
        title="x",
        values={"brief": "b", "ghost": "g"},
        roles={"head": (PersonId("xia"),), "ghost": (PersonId("xia"),)},
        parent=ParentRef(id=CaseId("c0"), spec="side"),
    )
    assert desk.do(start, by="rule").refusal is None
    assert (desk.case().values, desk.case().roles) == ({"brief": "b"}, {"head": ("xia",)})


def test_a_value_given_as_none_at_the_start_is_not_given() -> None:
    desk = a_desk()
    desk.start(brief=None)
    assert desk.case().values == {}


def test_a_case_that_is_not_there_is_refused_by_the_rules_too() -> None:
    desk = a_desk()
    definition = desk.store.current["launch"]
    facts = desk.service.facts(definition, desk.store.company("launch"), person("pei"))
    refusal = decide(definition, None, cmd.ResumeCase(case_id=C1), facts)
    assert isinstance(refusal, Refusal)
    assert (refusal.why, refusal.blockers[0].code) == (Why.NOT_FOUND, "no_such_case")


@pytest.mark.parametrize(("by", "command", "allowed"), [
    ("ke", cmd.AddComment(case_id=C1, text="x"), False),
    ("ke", cmd.CompleteTask(case_id=C1, task="write"), False),
    ("ke", cmd.RequestTransition(case_id=C1, transition="submit"), False),
    ("stranger", cmd.AddComment(case_id=C1, text="x"), False),
    ("pei", cmd.AddComment(case_id=C1, text="x"), True),
    ("rule", cmd.AddComment(case_id=C1, text="x"), True),
])  # fmt: skip
def test_who_may_act(by: str, command: cmd.Command, allowed: bool) -> None:
    assert (_desk(WRITE).do(command, by=by).refusal is None) is allowed


def test_somebody_outside_answers_what_they_are_asked_and_may_have_the_link_anew() -> None:
    sop = a_sop()
    sop["stages"][0]["tasks"] = []
    sop["transitions"][0]["approvals"] = [an_approval(by=[{"role": "customer"}])]
    desk = a_desk(sop)
    desk.start()
    desk.advance("submit")
    approval = next(iter(desk.case().approvals.values()))
    reissue = cmd.ReissueLink(case_id=C1, approval=approval.id, person=PersonId("ke"))
    assert desk.do(reissue, by="ke").refusal is None
    assert desk.sign("ke").refusal is None


def test_a_person_cannot_pose_as_the_rule() -> None:
    refusal = _desk().service.handle(cmd.AddComment(case_id=C1, text="x"), actor=person("rule")).refusal
    assert refusal is not None
    assert [b.code for b in refusal.blockers] == ["only_by_rule"]


def test_a_deadline_counts_from_a_date_or_an_instant_where_the_sop_says_so() -> None:
    sop = a_sop()
    sop["fields"]["signed_at"] = {"type": "datetime"}
    sop["stages"][0] |= {"tasks": [], "deadline": {"within": "1 d", "from": "go_live_on"}}
    sop["stages"][1]["deadline"] = {"within": "1 d", "from": "signed_at"}
    desk = a_desk(sop)
    desk.start()
    assert desk.case().deadlines == {}
    desk.set(go_live_on="2026-11-25", signed_at="2026-11-26T10:00:00+08:00")
    assert desk.case().deadlines["stage:1"].due_at.isoformat() == "2026-11-25T16:00:00+00:00"
    desk.advance("submit")
    desk.run()
    assert desk.case().deadlines["stage:2"].due_at.isoformat() == "2026-11-27T02:00:00+00:00"


def test_a_deadline_on_an_instant_is_that_instant() -> None:
    sop = a_sop()
    sop["fields"]["signed_at"] = {"type": "datetime"}
    sop["stages"][0]["deadline"] = {"on": "signed_at"}
    desk = a_desk(sop)
    desk.start(signed_at="2026-11-26T10:00:00+08:00")
    assert desk.case().deadlines["stage:1"].due_at.isoformat() == "2026-11-26T02:00:00+00:00"


def test_two_gates_late_at_once_end_the_request_once() -> None:
    late = {"within": "1 wd", "on_timeout": {"reject": True}}
    sop = a_sop()
    sop["stages"][0]["tasks"] = []
    sop["transitions"][0]["approvals"] = [
        an_approval(**late),
        an_approval(id="boss_agrees", by=[{"role": "boss"}], **late),
    ]
    desk = a_desk(sop)
    desk.start()
    desk.advance("submit")
    desk.clock.advance(timedelta(days=3))
    desk.sweep()
    assert (desk.kinds().count("transition_dropped"), desk.case().deadlines) == (1, {})


def test_the_people_asked_are_reminded_of_an_approval_and_of_its_being_late() -> None:
    gate = an_approval(
        by=[{"role": "head"}, {"role": "boss"}],
        mode="sequence",
        within="2 wd",
        remind=["1 wd"],
        on_timeout={"escalate": "customer"},
    )
    sop = a_sop()
    sop["stages"][0]["tasks"] = []
    sop["transitions"][0]["approvals"] = [gate]
    desk = a_desk(sop)
    desk.start()
    desk.advance("submit")
    sent = len(desk.store.owed)
    for _ in range(8):
        desk.clock.advance(timedelta(hours=12))
        desk.sweep()
    assert [o.key.split("/", 2)[2] for o in desk.store.owed[sent:]] == [
        "approval_reminder/hua",
        "deadline_overdue/hua",
        "approval_escalated/ke",
    ]
    assert [a.person for a in next(iter(desk.case().approvals.values())).asks] == ["hua", "bo"]


def test_moves_take_another_track_along_whether_it_is_under_way_or_not() -> None:
    sop = a_sop(
        tracks={"work": {"start": "brief_stage"}, "watch": {"start": "measure", "opened_by": "go_live"}}
    )
    for stage in sop["stages"]:
        stage["track"] = "work"
    sop["stages"] += [{"id": "measure", "track": "watch"}, {"id": "report", "track": "watch"}]
    sop["transitions"].append({"id": "look", "from": "brief_stage", "moves": {"watch": "report"}})
    desk = a_desk(sop)
    desk.start()
    for visit in (2, 3):
        desk.advance("look")
        desk.run()
        assert desk.case().positions["watch"].number == visit
    assert desk.case().positions["work"].number == 1


def test_a_person_field_takes_known_persons_only_wherever_the_person_stands() -> None:
    sop = a_sop()
    sop["fields"]["lead"] = {"type": "person", "zh": "负责人"}
    sop["fields"]["team"] = {"type": "list", "of": {"type": "record", "fields": {"who": "person"}}}
    desk = a_desk(sop)
    desk.start()
    refusal = desk.set(lead="陈静", team=[{"who": "pei"}, {"who": "nobody"}]).refusal
    assert refusal is not None
    assert [(b.code, b.subject) for b in refusal.blockers] == [
        ("no_such_person_in", "陈静"),
        ("no_such_person_in", "nobody"),
    ]
    assert desk.set(lead="pei", team=[{"who": "hua"}]).refusal is None
