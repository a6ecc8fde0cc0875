"""Milestones that people list in a field: each stays itself, whatever happens to the rows around it."""

from datetime import date
from typing import Any

import pytest

from engine.case import commands as cmd
from engine.case import events as ev
from engine.case.evolve import evolve, replay
from engine.case.listed import Milestone
from engine.case.milestones import in_order, name_then
from engine.case.state import RULE
from engine.definition.compiled import Definition
from tests.factories import Desk, a_desk, a_sop_with_steps

SAMPLE = {"name": "样稿", "due": "2026-11-20"}
PRINT = {"name": "印刷", "due": "2026-11-27"}
LATE = {"name": "报批", "due": "2026-11-18"}


def _desk(*rows: dict[str, str]) -> Desk:
    desk = a_desk(a_sop_with_steps(owner="planner", escalate=[{"after": "1 h", "to": "boss"}]))
    desk.start(steps=list(rows))
    desk.sweep()
    return desk


def _set(desk: Desk, *rows: dict[str, str]) -> list[str]:
    """The kinds of event this and the sweep after it made."""
    before = len(desk.kinds())
    assert desk.set(steps=list(rows)).refusal is None
    desk.sweep()
    assert replay(desk.store.events[desk.case().id]) == desk.case()
    return desk.kinds()[before:]


def _definition(desk: Desk) -> Definition:
    return desk.store.definitions[desk.case().definition]


def _names(desk: Desk) -> dict[str, str]:
    return {m.id: m.name for m in desk.case().milestones.values()}


def _overdue(desk: Desk) -> set[str]:
    return {d.subject for d in desk.case().deadlines.values() if d.missed_at is not None}


def _forecast(desk: Desk, milestone: str, day: date | None) -> cmd.PlanMilestone:
    clears = ("forecast",) if day is None else ()
    return cmd.PlanMilestone(case_id=desk.case().id, milestone=milestone, forecast=day, clears=clears)


def test_a_late_record_put_above_one_that_is_done_is_overdue_and_nothing_else_is_told_again() -> None:
    desk = _desk({**SAMPLE, "done_on": "2026-11-03"}, {"name": "打样", "due": "2026-11-19"})
    assert _overdue(desk) == {"steps/2"}
    made = _set(desk, LATE, {**SAMPLE, "done_on": "2026-11-03"}, {"name": "打样", "due": "2026-11-19"})
    assert _names(desk) == {"steps/1": "样稿", "steps/2": "打样", "steps/3": "报批"}
    assert desk.case().milestones["steps/3"].reached_on is None
    assert _overdue(desk) == {"steps/2", "steps/3"}
    assert (made.count("deadline_missed"), made.count("deadline_escalated")) == (1, 1)


def test_records_that_change_places_tell_nothing() -> None:
    desk = _desk(SAMPLE, PRINT, LATE)
    assert _set(desk, LATE, SAMPLE, PRINT) == ["fields_set"]
    assert _names(desk) == {"steps/1": "样稿", "steps/2": "印刷", "steps/3": "报批"}
    shown = in_order(_definition(desk), desk.case())
    assert [m.name for m in shown] == ["报批", "样稿", "印刷"]


def test_a_record_that_is_renamed_stays_late_and_is_not_told_again() -> None:
    desk = _desk(SAMPLE, PRINT)
    assert _set(desk, {**SAMPLE, "name": "样稿二"}, PRINT) == ["fields_set", "milestone_planned"]
    assert _overdue(desk) == {"steps/1"}


def test_an_undated_record_that_is_renamed_where_it_stands_keeps_its_forecast() -> None:
    desk = _desk({"name": "甲"}, {"name": "乙"})
    desk.do(_forecast(desk, "steps/2", date(2026, 12, 1)))
    _set(desk, {"name": "甲"}, {"name": "丙"})
    assert desk.case().milestones["steps/2"] == Milestone(id="steps/2", name="丙", forecast=date(2026, 12, 1))


def test_two_of_one_name_are_told_apart_by_their_dates() -> None:
    desk = _desk(
        {"name": "送审", "due": "2026-11-18", "done_on": "2026-11-18"}, {"name": "送审", "due": "2026-11-20"}
    )
    _set(desk, {"name": "送审", "due": "2026-11-20"}, {"name": "送审", "due": "2026-12-20"})
    found = desk.case().milestones
    assert (found["steps/2"].planned, found["steps/1"].planned) == (date(2026, 11, 20), date(2026, 12, 20))
    assert found["steps/1"].reached_on is None


def test_what_leaves_the_list_goes_with_its_clock_and_its_number_is_not_given_again() -> None:
    desk = _desk(SAMPLE, PRINT)
    made = _set(desk, PRINT)
    assert made == ["fields_set", "milestone_dropped", "deadline_closed"]
    assert (_names(desk), _overdue(desk)) == ({"steps/2": "印刷"}, set())
    _set(desk, PRINT, LATE)
    assert _names(desk) == {"steps/2": "印刷", "steps/3": "报批"}


def test_what_comes_back_as_it_was_is_the_same_again_with_its_forecast() -> None:
    desk = _desk(SAMPLE, PRINT)
    desk.do(_forecast(desk, "steps/1", date(2026, 12, 1)))
    _set(desk, PRINT)
    _set(desk, PRINT, SAMPLE)
    assert desk.case().milestones["steps/1"].forecast == date(2026, 12, 1)
    assert _overdue(desk) == {"steps/1"}


def test_an_actual_date_taken_back_makes_it_late_again() -> None:
    desk = _desk(SAMPLE)
    made = _set(desk, {**SAMPLE, "done_on": "2026-11-20"})
    assert made == ["fields_set", "milestone_reached", "deadline_closed"]
    made = _set(desk, SAMPLE)
    assert made[:3] == ["fields_set", "milestone_not_reached", "deadline_set"]
    assert (desk.case().milestones["steps/1"].reached_on, _overdue(desk)) == (None, {"steps/1"})


def test_an_actual_date_that_is_corrected_is_followed() -> None:
    desk = _desk({**SAMPLE, "done_on": "2026-11-20"})
    assert _set(desk, {**SAMPLE, "done_on": "2026-11-19"}) == ["fields_set", "milestone_reached"]
    assert desk.case().milestones["steps/1"].reached_on == date(2026, 11, 19)


def test_a_forecast_stays_through_a_new_plan_and_makes_no_clock_anew() -> None:
    desk = _desk(SAMPLE)
    before = desk.case().deadlines
    assert desk.do(_forecast(desk, "steps/1", date(2026, 12, 1))).refusal is None
    assert desk.case().deadlines == before
    _set(desk, {**SAMPLE, "due": "2026-11-25"})
    assert desk.case().milestones["steps/1"].forecast == date(2026, 12, 1)
    assert desk.do(_forecast(desk, "steps/1", None)).refusal is None
    assert desk.case().milestones["steps/1"].forecast is None


@pytest.mark.parametrize(
    ("milestone", "dates", "code"),
    [
        ("steps/1", {"planned": date(2026, 12, 1)}, "milestone_by_record"),
        ("steps/1", {"clears": ("planned",)}, "milestone_by_record"),
        ("steps", {"planned": date(2026, 12, 1)}, "milestone_by_record"),
        ("steps", {"forecast": date(2026, 12, 1)}, "no_such_milestone"),
        ("steps/9", {"forecast": date(2026, 12, 1)}, "no_such_milestone"),
    ],
)
def test_only_a_forecast_is_set_beside_the_record(milestone: str, dates: dict[str, Any], code: str) -> None:
    desk = _desk(SAMPLE)
    refusal = desk.do(cmd.PlanMilestone(case_id=desk.case().id, milestone=milestone, **dates)).refusal
    assert refusal is not None
    assert [b.code for b in refusal.blockers] == [code]
    if code == "no_such_milestone":
        assert "steps/1" in refusal.blockers[0].detail["en"]


def test_a_row_with_nothing_in_it_is_no_milestone_yet() -> None:
    desk = _desk({}, SAMPLE)
    assert _names(desk) == {"steps/1": "样稿"}
    _set(desk, {"done_on": "2026-11-20"}, SAMPLE)
    assert desk.case().milestones["steps/2"] == Milestone(id="steps/2", reached_on=date(2026, 11, 20))
    _set(desk, {}, SAMPLE)
    assert _names(desk) == {"steps/1": "样稿"}


def test_a_name_that_is_not_written_is_nothing_to_know_it_by() -> None:
    desk = _desk({"name": "甲", "done_on": "2026-11-20"}, {"due": "2026-11-18"})
    assert _set(desk, {"done_on": "2026-11-20"}, {"name": "乙", "due": "2026-11-18"}) == [
        "fields_set",
        "milestone_planned",
        "milestone_planned",
    ]


def test_what_it_was_called_at_an_event_does_not_change_afterwards() -> None:
    desk = _desk(SAMPLE)
    _set(desk, {**SAMPLE, "name": "样稿二"})
    _set(desk)
    history = desk.store.events[desk.case().id]
    missed = next(r.sequence for r in history if isinstance(r.event, ev.DeadlineMissed))
    assert name_then(history, "steps/1", missed) == "样稿"
    assert name_then(history, "steps/1", len(history)) == "样稿二"
    assert name_then(history, "steps/7", len(history)) == ""


def test_a_ghost_that_an_earlier_version_left_goes_with_the_next_change() -> None:
    """Before, a record that went left its milestone behind, without a date."""
    desk = _desk(SAMPLE)
    case, ghost = desk.case(), ev.MilestonePlanned(milestone="steps/2", name="旧")
    desk.store.events[case.id].append(
        ev.Recorded(case_id=case.id, sequence=case.version + 1, at=desk.clock.now(), actor=RULE, event=ghost)
    )
    desk.store.cases[case.id] = evolve(case, desk.store.events[case.id][-1])
    assert [m.id for m in in_order(_definition(desk), desk.case())] == ["steps/1", "steps/2"]
    _set(desk, PRINT, SAMPLE)
    assert _names(desk) == {"steps/1": "样稿", "steps/3": "印刷"}
