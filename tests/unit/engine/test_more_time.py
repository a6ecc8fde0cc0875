"""Asking for more time in one act: the date and the request, both or neither."""

from typing import Any

import pytest

from engine.case import events as ev
from engine.case.refusal import Refusal, Why
from engine.case.time_commands import AskMoreTime
from engine.case.wording import refusal_sentences
from tests.factories import Desk, a_desk, a_sop, an_approval
from tests.unit.engine.test_extension import CLOSING_25TH, with_extension
from tests.unit.engine.waiting_desk import C1, in_review


def ask(desk: Desk, until: str, transition: str = "", reason: str = "客户改期") -> Refusal | None:
    asks = AskMoreTime(case_id=C1, until=until, reason=reason, transition=transition)
    return desk.do(asks, by="pei").refusal


def said(refusal: Refusal | None) -> tuple[Why, str]:
    assert refusal is not None
    return refusal.why, "; ".join(refusal_sentences(refusal, "en"))


def test_the_date_is_filled_in_and_the_only_way_is_asked_for() -> None:
    desk = in_review(with_extension(an_approval(id="agreed")))
    assert ask(desk, "2026-11-27") is None
    assert desk.case().values["new_date"] == "2026-11-27"
    assert [r.transition for r in desk.case().requests.values()] == ["more_time"]
    assert desk.run().deadlines["stage:2"].due_at == CLOSING_25TH
    desk.sign("hua")
    desk.run()
    assert desk.last(ev.DeadlineExtended).reason == "客户改期"


@pytest.mark.parametrize("until", ["2026-11-25", "2026-02-30", "tomorrow"])
def test_refused_it_leaves_nothing_behind(until: str) -> None:
    desk = in_review(with_extension())
    before = desk.case()
    assert ask(desk, until) is not None
    assert desk.case() == before


def test_without_the_reason_the_sop_wants_nothing_is_filled_in() -> None:
    desk = in_review(with_extension())
    assert ask(desk, "2026-11-27", reason="") is not None
    assert "new_date" not in desk.case().values


def test_where_the_sop_gives_none_it_says_what_else_gives_time() -> None:
    sop: dict[str, Any] = a_sop()
    sop["stages"][1] |= {"pausable": {}, "deadline": {"on": "go_live_on"}}
    desk = in_review(sop)
    why, words = said(ask(desk, "2026-11-27"))
    assert why is Why.BLOCKED
    assert words == (
        "no transition gives more time here: the deadline of 'Review' moves with the date of 'Go-live date'; "
        "the clock of 'Review' can stand still while somebody outside has to act (guanka wait); "
        "or have the SOP's owner add one with 'extends'"
    )


def test_where_it_is_there_in_another_stage_only_that_is_said() -> None:
    desk = a_desk(with_extension(), review_time="2 wd")
    desk.start(brief="新品")
    _, words = said(ask(desk, "2026-11-27"))
    assert words.startswith(
        "no transition gives more time here: 'Ask for more time' is there in Review; or have"
    )


def test_of_several_one_has_to_be_named_and_a_wrong_name_is_told_the_right_one() -> None:
    sop = with_extension()
    sop["stages"][1]["tasks"] = [{"id": "check", "zh": "核对", "deadline": {"within": "1 wd"}}]
    more = {**sop["transitions"][-1], "id": "more_for_check", "en": "More for the check"}
    more["extends"] = {"deadline": "task:check", "until": "new_date"}
    sop["transitions"].append(more)
    desk = in_review(sop)
    why, words = said(ask(desk, "2026-11-27"))
    assert why is Why.BAD_INPUT
    assert words.endswith("more_time (Ask for more time), more_for_check (More for the check)")
    assert said(ask(desk, "2026-11-27", "more_tme")) == (
        Why.NOT_FOUND,
        "transition more_tme extends nothing; did you mean 'more_time'?",
    )
    assert ask(desk, "2026-11-27", "more_for_check") is None
    desk.run()
    assert desk.last(ev.DeadlineExtended).deadline == "task:check"


def test_a_way_whose_deadline_does_not_run_gives_way_to_one_whose_does() -> None:
    sop = with_extension()
    more = {
        **sop["transitions"][-1],
        "id": "later",
        "extends": {"deadline": "milestone:up", "until": "new_date"},
    }
    sop["milestones"] = [{"id": "up", "entered": "live"}]
    sop["transitions"].append(more)
    desk = in_review(sop)
    assert ask(desk, "2026-11-27") is None
    assert [r.transition for r in desk.case().requests.values()] == ["more_time"]


def test_a_named_transition_that_extends_nothing_in_an_sop_without_any_is_refused_the_same_way() -> None:
    why, words = said(ask(in_review(a_sop()), "2026-11-27", "submit"))
    assert why is Why.BLOCKED
    assert words.startswith("no transition gives more time here: have the SOP")
