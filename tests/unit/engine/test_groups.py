"""What is owed to group chats: news that concern a role or an SOP, beside those to persons."""

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from engine.case import commands as cmd
from engine.case import events as ev
from engine.groups import TOPICS, Binding, Topic, What, addressee, group_named, is_news_of
from engine.ids import CaseId, PersonId
from engine.outbox import MessageKind, OwedMessage
from tests.factories import Desk, a_desk, a_sop, an_approval

ALL = frozenset(Topic)


def a_desk_with(*groups: Binding, review: dict[str, Any] | None = None, **settings: Any) -> Desk:
    sop = a_sop()
    sop["transitions"][1]["approvals"] = [an_approval(**(review or {}))]
    desk = a_desk(sop, **settings)
    desk.store.groups = groups
    return desk


def begun(desk: Desk) -> Desk:
    desk.start(brief="新品", budget={"amount": "120000", "currency": "CNY"})
    desk.do(cmd.CompleteTask(case_id=CaseId("c1"), task="write_brief"))
    desk.advance("submit")
    desk.run()
    return desk


def asked(desk: Desk) -> Desk:
    begun(desk)
    assert desk.advance("go_live").refusal is None
    return desk


def told(desk: Desk, group: str = "sales") -> list[OwedMessage]:
    to = addressee(group)
    return [owed for owed in desk.store.owed if isinstance(owed, OwedMessage) and owed.to == to]


def heard(desk: Desk, group: str = "sales") -> list[str]:
    return [str(owed.data["what"]) for owed in told(desk, group)]


def test_without_groups_nothing_is_owed_to_any():
    assert told(asked(a_desk_with())) == []


def test_a_group_hears_of_a_case_from_stage_to_decision_with_the_persons_named():
    desk = asked(a_desk_with(Binding(group="sales", topics=ALL)))
    desk.sign("hua")
    desk.run()
    assert heard(desk) == ["stage_entered", "stage_entered", "requested", "granted", "stage_entered"]
    by_what = {owed.data["what"]: owed for owed in told(desk)}
    assert by_what["requested"].data["persons"] == ["hua"]
    assert by_what["granted"].data == {
        "what": "granted",
        "persons": ["pei"],
        "approval": by_what["requested"].data["approval"],
        "spec": "head_agrees",
    }


def test_persons_are_told_the_same_with_groups_as_without():
    with_groups, without = asked(a_desk_with(Binding(group="sales", topics=ALL))), asked(a_desk_with())
    persons = [owed for owed in with_groups.store.owed if owed not in told(with_groups)]
    assert [owed.key for owed in persons] == [owed.key for owed in without.store.owed]


def test_by_default_a_group_does_not_hear_of_what_one_person_is_asked():
    assert "requested" not in heard(asked(a_desk_with(Binding(group="sales"))))


@pytest.mark.parametrize(
    ("topic", "wanted"),
    [(Topic.STAGES, ["stage_entered", "stage_entered"]), (Topic.REQUESTS, ["requested"]), (Topic.LATE, [])],
)
def test_a_group_hears_of_its_topics_only(topic: Topic, wanted: list[str]):
    assert heard(asked(a_desk_with(Binding(group="sales", topics=frozenset({topic}))))) == wanted


def test_a_group_bound_to_another_sop_hears_nothing():
    assert heard(asked(a_desk_with(Binding(group="sales", sop="another", topics=ALL)))) == []


def test_a_group_of_a_role_hears_of_what_concerns_the_role_or_whoever_holds_it():
    reviewers = asked(a_desk_with(Binding(group="sales", role="head", topics=ALL)))
    assert heard(reviewers) == ["requested"]
    planners = asked(a_desk_with(Binding(group="sales", role="planner", topics=ALL)))
    planners.sign("hua", "reject", comment="不行")
    assert heard(planners) == ["stage_entered", "stage_entered", "requested", "refused"]


def test_several_bindings_of_a_group_make_one_message():
    twice = (Binding(group="sales"), Binding(group="sales", role="planner"))
    assert heard(begun(a_desk_with(*twice))) == ["stage_entered", "stage_entered"]


def test_what_is_overdue_is_told_with_whom_it_waits_for_and_a_rung_with_whom_it_climbed_to():
    desk = begun(a_desk_with(Binding(group="sales"), review_time="2 wd"))
    for _ in range(6 * 24):
        desk.clock.advance(timedelta(hours=1))
        desk.sweep()
    late, climbed = told(desk)[-2:]
    assert (late.data["what"], late.data["persons"], "catch_up" in late.data) == ("overdue", ["pei"], False)
    assert (climbed.data["what"], climbed.data["persons"]) == ("escalated", ["bo"])


def test_after_downtime_the_group_hears_once_that_it_is_late_and_of_the_highest_rung_only():
    desk = begun(a_desk_with(Binding(group="sales"), review_time="2 wd"))
    desk.clock.advance(timedelta(days=30))
    desk.sweep()
    late = told(desk)[-2:]
    assert [(owed.data["what"], owed.data["catch_up"]) for owed in late] == [
        ("overdue", True),
        ("escalated", True),
    ]


def test_hold_resume_and_end_concern_every_role_of_the_sop():
    desk = begun(a_desk_with(Binding(group="sales", role="boss")))
    desk.do(cmd.HoldCase(case_id=CaseId("c1"), reason="等客户"), by="bo")
    desk.do(cmd.ResumeCase(case_id=CaseId("c1")), by="bo")
    desk.advance("cancel", reason="不做了", by="bo")
    desk.run()
    assert heard(desk) == ["case_held", "case_resumed", "case_closed"]
    assert "等客户" not in str([owed.data for owed in told(desk)])


def test_an_approval_nobody_can_sign_is_told_and_not_also_as_one_that_waits():
    desk = a_desk_with(Binding(group="sales", topics=ALL))
    desk.store.people["head"] = ()
    assert heard(asked(desk))[-1] == "unfilled"


def test_an_approval_that_was_not_answered_is_told_with_whom_it_climbed_to():
    escalate = {"within": "2 wd", "on_timeout": {"escalate": "boss"}}
    desk = asked(a_desk_with(Binding(group="sales", role="boss"), review=escalate))
    desk.clock.advance(timedelta(days=3))
    desk.sweep()
    (climbed,) = [owed for owed in told(desk) if owed.data["what"] == "unanswered"]
    assert climbed.data["persons"] == ["bo"]


def test_a_key_belongs_to_its_event_and_to_no_other():
    desk = begun(a_desk_with(Binding(group="sales")))
    (first, *_), events = told(desk), desk.store.events["c1"]
    own = next(recorded for recorded in events if recorded.sequence == first.sequence)
    other = next(recorded for recorded in events if isinstance(recorded.event, ev.CaseStarted))
    assert is_news_of(first.key, own)
    assert not is_news_of(first.key, other)
    assert not is_news_of(first.key, replace(own, sequence=99))
    assert not is_news_of("c1/1/stage_entered/pei", own)


def test_a_group_is_named_where_else_a_person_is():
    assert group_named(addressee("销售群")) == "销售群"
    assert group_named(PersonId("pei")) is None


def test_everything_that_can_happen_belongs_to_a_topic():
    assert set(TOPICS) == set(What)
    assert set(TOPICS.values()) == set(Topic)


def test_a_message_to_a_group_is_of_a_kind_of_its_own():
    assert {owed.kind for owed in told(begun(a_desk_with(Binding(group="sales"))))} == {
        MessageKind.GROUP_NEWS
    }
