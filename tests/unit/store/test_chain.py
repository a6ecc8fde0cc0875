"""The chain of one case, without a database."""

import json
from collections.abc import Iterator
from datetime import UTC, date, datetime

import pytest

from engine.case import events as ev
from engine.case import signer_events as se
from engine.case.evidence import Client
from engine.case.refusal import Blocker
from engine.case.state import (
    Actor,
    Approval,
    Ask,
    Deadline,
    DeadlineKind,
    ParentRef,
    Place,
    Task,
    Verdict,
    Via,
    Visit,
)
from engine.definition.approval_model import Assurance
from engine.ids import ApprovalId, CaseId, PersonId, RequestId
from engine.store import chain

AT = datetime(2026, 3, 2, 1, 0, tzinfo=UTC)
LI = Actor(person=PersonId("li"), via=Via.CLI, os_user="lilei")
ID, CHILD = CaseId("case0001"), CaseId("case0002")
A1, R1, WANG = ApprovalId("a1"), RequestId("r1"), PersonId("wang")
APPROVAL = Approval(
    id=A1, spec="price", request=R1, opened_at=AT, content="h", asks=(Ask(person=WANG, role="boss"),)
)
DEADLINE = Deadline(id="stage:1", kind=DeadlineKind.STAGE, subject="1", due_at=AT, reminders=(AT,))
EVERY_KIND: list[ev.Event] = [
    ev.CaseStarted(
        sop="s", definition="d", title="T", values={"x": [1, None]}, parent=ParentRef(id=CHILD, spec="p")
    ),
    ev.StageEntered(
        visit=Visit(number=1, track="main", stage="a", entered_at=AT), tasks=(Task(id="t", visit=1),)
    ),
    ev.StageLeft(track="main", stage="a", visit=1),
    ev.FieldsSet(values={"price": {"amount": "1.00", "currency": "CNY"}, "gone": None}),
    ev.TaskCompleted(task="t", visit=1),
    ev.TaskReopened(task="t", visit=1),
    ev.TaskWaived(task="t", visit=1, reason="不适用"),
    ev.TaskRecurred(task="t", visit=1, occurrence=2, missed=True, notify=(WANG,)),
    ev.DeliverableAttached(deliverable="d", version=1, name="报价.pdf", hash="0", size=1, media_type="x/y"),
    ev.TransitionRequested(request=R1, transition="go", tracks=("main",), reason="因为"),
    ev.ApprovalOpened(approval=APPROVAL, notify=(WANG,), changes=(ev.Change(what="price", old=1, new=2),)),
    ev.ApprovalAsked(approval=A1, notify=(WANG,)),
    ev.DecisionRecorded(
        approval=A1,
        round=1,
        person=WANG,
        verdict=Verdict.REJECT,
        comment="太贵",
        assurance=Assurance.CODE,
        content="h",
    ),
    ev.DecisionRecorded(
        approval=A1,
        round=1,
        person=WANG,
        verdict=Verdict.REJECT,
        comment="太贵",
        assurance=Assurance.CODE,
        shown_at=AT,
        language="zh",
        issue=2,
        client=Client(address="203.0.113.7", agent="x/1"),
        content="h",
    ),
    ev.ApprovalClosed(approval=A1, granted=False, by_rule=True),
    ev.ApprovalTimedOut(approval=A1, action="escalate", role="boss", to=(WANG,)),
    ev.LinkReissued(approval=A1, person=WANG, issue=2),
    ev.TransitionReady(request=R1),
    ev.TransitionDropped(
        request=R1, transition="go", why="blocked", reasons=(Blocker(code="task_open"),), comment="x"
    ),
    ev.TransitionFired(request=R1, transition="go", flow_run="run-1"),
    ev.CounterBumped(counter="v", value=2),
    ev.DeadlineSet(deadline=DEADLINE),
    ev.DeadlineReminded(deadline="stage:1", count=1),
    ev.DeadlineMissed(deadline="stage:1", due_at=AT),
    ev.DeadlineEscalated(deadline="stage:1", level=1, role="boss"),
    ev.DeadlinesRecounted(
        changes=(ev.DeadlineChange(deadline=DEADLINE, was=AT, was_provisional=True, was_calendar="cn-1"),)
    ),
    ev.DeadlineClosed(deadline="stage:1"),
    ev.AnswerNoted(approval="gate"),
    ev.DeadlineExtended(deadline="stage:1", old=AT, new=AT, by=PersonId("pei"), reason="客户改期"),
    ev.StageWaits(stage="review", visit=2, waits_for="客户", reason="等样品", until=AT),
    ev.StageGoesOn(stage="review", visit=2, used=3600, capped=True, notify=(PersonId("pei"),)),
    ev.MilestonePlanned(milestone="m", name="上市", planned=date(2026, 5, 1)),
    ev.MilestoneReached(milestone="m", on=date(2026, 5, 2)),
    ev.MilestoneNotReached(milestone="m"),
    ev.MilestoneDropped(milestone="m"),
    ev.ChildOpened(child=CHILD, spec="p", sop="s", title="子", values={"x": 1}, roles={"boss": (WANG,)}),
    ev.ChildClosed(child=CHILD, outcome="won", values={"x": 1}),
    ev.CaseHeld(reason="等", resume_on=date(2026, 5, 1)),
    ev.CaseResumed(),
    ev.CaseClosed(outcome="won", values={"x": 1}, cancels=(CHILD,)),
    ev.Commented(text="好"),
    ev.FieldsLocked(fields=("price",), until=("a",)),
    ev.RolesAssigned(roles={"boss": (WANG,)}),
    se.AskTransferred(approval=A1, person=WANG, to=LI.person, reason="休假"),
    se.SignersAdded(
        approval=A1, persons=(WANG,), place=Place.BEFORE, part="li", role="boss", reason="听听意见"
    ),
    se.SignersRemoved(approval=A1, persons=(WANG,), part="", reason="不再需要"),
    se.DecisionTakenBack(approval=A1, person=WANG, reason="看错了"),
    se.ApprovalNudged(approval=A1, notify=(WANG,)),
    se.MaterialAsked(approval=A1, text="报价明细？", notify=(WANG,)),
    se.MaterialGiven(approval=A1, text="见附件", notify=(WANG,)),
    se.ApprovalCopied(approval=A1, persons=(WANG,)),
    se.ApprovalCommented(approval=A1, text="注意档期"),
    se.AskDelegated(approval=A1, person=WANG, to=LI.person, reason="先看看"),
    se.AskHandedBack(approval=A1, person=WANG, text="可以"),
    se.RequestReturned(request=R1, approval=A1, person=WANG, straight_back=True, comment="重写"),
    se.RequestResubmitted(request=R1, back_to="price", reason="已改"),
    se.AskCalledBack(approval=A1, person=WANG, notify=(LI.person,)),
    se.StandInsSet(approval=A1, stand_ins={WANG: (LI.person,)}, notify=(LI.person,)),
    se.SignersGone(approval=A1, persons=(WANG,), alert=(LI.person,)),
    se.WorkHandedOver(person=WANG, to=LI.person, reason="离职", asks=(A1,), roles=("boss",), opened=True),
]


def recorded(*events: ev.Event) -> list[ev.Recorded]:
    return [ev.Recorded(case_id=ID, sequence=n, at=AT, actor=LI, event=e) for n, e in enumerate(events, 1)]


def salts() -> Iterator[str]:
    number = 0
    while True:
        number += 1
        yield f"salt{number}"


def sealed(*events: ev.Event) -> list[chain.Link]:
    source = salts()
    return chain.seal(chain.START, recorded(*events), lambda: next(source))


def test_every_kind_of_event_is_tried_here():
    assert {event.kind for event in EVERY_KIND} == set(chain.KINDS)


@pytest.mark.parametrize("event", EVERY_KIND, ids=lambda event: event.kind)
def test_an_event_comes_back_as_it_was(event):
    (link,) = sealed(event)
    assert chain.unseal(link.body, link.private) == recorded(event)[0]
    assert chain.opened(link.body, link.private).broken_commitments() == []


@pytest.mark.parametrize("event", EVERY_KIND, ids=lambda event: event.kind)
def test_an_event_can_be_read_when_its_private_parts_are_gone(event):
    (link,) = sealed(event)
    read = chain.unseal(link.body, None)
    assert (read.event.kind, read.actor.os_user) == (event.kind, None)
    for name in event.private:
        expected = chain.ERASED.get(name, chain.ERASED_TEXT) if getattr(event, name) else getattr(event, name)
        assert getattr(read.event, name) == (tuple(expected) if isinstance(expected, list) else expected)


def test_the_body_is_one_canonical_text_with_commitments_for_private_parts():
    (link,) = sealed(ev.Commented(text="好"))
    body = json.loads(link.body)
    assert link.body == json.dumps(body, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
    assert body.pop("data").keys() == {"text"}
    assert body.pop("actor")["person"] == "li"
    assert body == {
        "at": "2026-03-02T01:00:00+00:00",
        "case": "case0001",
        "kind": "commented",
        "schema": 1,
        "sequence": 1,
    }
    assert json.loads(link.private or "") == {"text": ["salt1", "好"], "os_user": ["salt2", "lilei"]}


def test_equal_words_are_committed_to_differently():
    one, two = sealed(ev.Commented(text="是"), ev.Commented(text="是"))
    assert json.loads(one.body)["data"] != json.loads(two.body)["data"]


def test_each_hash_stands_on_the_one_before():
    one, two = sealed(ev.Commented(text="一"), ev.Commented(text="二"))
    assert one.hash == chain.hash_of(chain.START, one.body)
    assert two.hash == chain.hash_of(one.hash, two.body)


def test_other_words_than_those_committed_to_are_noticed():
    (link,) = sealed(ev.Commented(text="同意"))
    changed = chain.opened(link.body, (link.private or "").replace("同意", "反对"))
    assert changed.broken_commitments() == ["text"]


def test_one_part_can_go_and_the_others_stay():
    (link,) = sealed(ev.Commented(text="好"))
    left = chain.without_parts(link.private or "", ["text"])
    read = chain.unseal(link.body, left)
    assert (read.event, read.actor) == (ev.Commented(text=chain.ERASED_TEXT), LI)
    assert chain.without_parts(left or "", ["os_user"]) is None


def test_an_event_of_an_older_schema_is_lifted_to_the_present_one(monkeypatch):
    (link,) = sealed(ev.StageLeft(track="main", stage="a", visit=1))
    monkeypatch.setattr(ev, "EVENT_SCHEMA", 2)
    monkeypatch.setitem(chain.UPCASTERS, 1, lambda kind, data: {**data, "stage": f"{kind}:{data['stage']}"})
    read = chain.unseal(link.body, link.private)
    assert read.event == ev.StageLeft(track="main", stage="stage_left:a", visit=1)


def test_a_decision_stored_before_evidence_was_kept_reads_as_one_without():
    decided = next(e for e in EVERY_KIND if isinstance(e, ev.DecisionRecorded))
    (link,) = chain.seal(chain.START, [ev.Recorded(case_id=ID, sequence=1, at=AT, actor=LI, event=decided)])
    body = json.loads(link.body)
    for name in ("shown_at", "language", "issue", "client"):
        del body["data"][name]
    assert chain.unseal(chain.canonical(body), link.private).event == decided
