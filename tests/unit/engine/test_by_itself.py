"""Transitions that fire by themselves: when they ask, and when they do not ask again."""

from datetime import timedelta
from typing import Any

from engine.case import commands as cmd
from tests.factories import Desk, a_desk, a_sop, an_approval


def _automatic(**parts: Any) -> dict[str, Any]:
    """The brief is handed in by itself as soon as there is a budget."""
    sop = a_sop()
    sop["stages"][0]["tasks"] = []
    sop["transitions"][0] |= {"guard": "given(budget)", "auto": True, **parts}
    return sop


def _asked_for(desk: Desk) -> list[str]:
    return [r.transition for r in desk.case().requests.values()]


def test_it_is_asked_for_by_the_rule_as_soon_as_its_guard_holds() -> None:
    desk = a_desk(_automatic())
    desk.start()
    assert _asked_for(desk) == []
    desk.set(budget="1 CNY")
    assert [(r.transition, r.by) for r in desk.case().requests.values()] == [("submit", "rule")]


def test_it_is_taken_whoever_made_its_guard_come_true_even_when_kept_to_a_role() -> None:
    desk = a_desk(_automatic(by=["boss"]))
    desk.start()
    desk.set(budget="1 CNY", by="pei")
    assert _asked_for(desk) == ["submit"]


def test_one_that_was_refused_is_not_asked_again_in_the_same_visit() -> None:
    desk = a_desk(_automatic(approvals=[an_approval(shows=["brief"])]))
    desk.start()
    desk.set(budget="1 CNY")
    desk.sign("hua", "reject", comment="不")
    desk.set(budget="2 CNY")
    assert _asked_for(desk) == []


def test_one_that_was_refused_stays_refused_when_another_track_moves_on() -> None:
    sop = _automatic(approvals=[an_approval(shows=["brief"])])
    sop["tracks"] = {"work": {"start": "brief_stage"}, "watch": {"start": "plan_watch"}}
    for stage in sop["stages"]:
        stage["track"] = "work"
    sop["stages"] += [{"id": "plan_watch", "track": "watch"}, {"id": "watching", "track": "watch"}]
    sop["transitions"].append({"id": "watch", "from": "plan_watch", "to": "watching"})
    desk = a_desk(sop)
    desk.start(budget="1 CNY")
    desk.sign("hua", "reject", comment="不")
    desk.advance("watch")
    desk.run()
    assert desk.case().at("watching") is not None
    assert _asked_for(desk) == []


def test_one_that_was_refused_is_asked_again_in_the_next_visit() -> None:
    sop = _automatic(approvals=[an_approval(shows=["brief"])])
    sop["transitions"].append({"id": "again", "from": "brief_stage", "to": "brief_stage"})
    desk = a_desk(sop)
    desk.start(budget="1 CNY")
    desk.sign("hua", "reject", comment="不")
    desk.advance("again")
    desk.run()
    assert _asked_for(desk) == ["submit"]


def test_one_that_was_dropped_because_its_guard_no_longer_held_is_asked_when_it_holds_again() -> None:
    desk = a_desk(_automatic())
    desk.start()
    desk.set(budget="1 CNY")
    desk.set(budget=None)
    desk.run()
    assert _asked_for(desk) == []
    desk.set(budget="2 CNY")
    assert _asked_for(desk) == ["submit"]


def test_the_wake_goes_when_no_date_is_to_come_any_more() -> None:
    sop = a_sop()
    sop["stages"][0]["tasks"] = []
    sop["transitions"][0] |= {"guard": "go_live_on <= today", "auto": True}
    desk = a_desk(sop)
    desk.start(go_live_on="2026-11-25")
    assert "wake:dates" in desk.case().deadlines
    desk.set(go_live_on=None)
    assert desk.case().deadlines == {}


def test_an_instant_wakes_the_case_when_it_comes() -> None:
    sop = a_sop()
    sop["stages"][0]["tasks"] = []
    sop["fields"]["starts_at"] = {"type": "datetime", "zh": "开始"}
    sop["transitions"][0] |= {"guard": "starts_at <= now", "auto": True}
    desk = a_desk(sop)
    desk.start(starts_at="2026-11-24T10:00:00+08:00")
    wake = desk.case().deadlines["wake:dates"].due_at
    assert wake - desk.clock.now() == timedelta(hours=25)
    desk.clock.set(wake)
    desk.sweep()
    assert _asked_for(desk) == ["submit"]


def test_a_hold_keeps_it_waiting_and_its_end_judges_it_again() -> None:
    desk = a_desk(_automatic())
    desk.start()
    desk.do(cmd.HoldCase(case_id=desk.case().id, reason="等"))
    desk.do(cmd.ResumeCase(case_id=desk.case().id))
    desk.set(budget="1 CNY")
    assert _asked_for(desk) == ["submit"]
