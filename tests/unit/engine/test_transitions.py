"""Advancing a case: what blocks, who is waited for, what a move does."""

from engine.case import commands as cmd
from engine.case import events as ev
from engine.case.refusal import Why
from engine.case.state import CaseStatus, TaskState
from engine.case.wording import refusal_sentences, say
from tests.factories import a_desk, a_sop, an_approval


def test_a_stage_is_not_left_before_its_work_is_done_and_the_answer_names_what_and_who() -> None:
    desk = a_desk()
    desk.start()
    refusal = desk.advance("submit").refusal
    assert refusal is not None
    assert refusal.why is Why.BLOCKED
    assert refusal_sentences(refusal, "zh") == ["任务“写简报”尚未完成", "字段“简报”（brief）尚未填写"]
    assert (
        say(refusal.blockers[0], "en", lambda p: p.upper())
        == "task 'Write the brief' is not done yet (waiting for PEI)"
    )


def test_a_task_asks_for_its_fields_first() -> None:
    desk = a_desk()
    desk.start()
    refusal = desk.do(cmd.CompleteTask(case_id=desk.case().id, task="write_brief")).refusal
    assert refusal is not None
    assert [b.code for b in refusal.blockers] == ["field_missing"]


def _at_review(desk) -> None:
    desk.start(brief="新品")
    desk.do(cmd.CompleteTask(case_id=desk.case().id, task="write_brief"))
    assert desk.advance("submit").refusal is None
    desk.run()


def test_requesting_is_durable_before_anything_moves_and_the_runner_fires_it() -> None:
    desk = a_desk()
    desk.start(brief="新品")
    desk.do(cmd.CompleteTask(case_id=desk.case().id, task="write_brief"))
    desk.advance("submit")
    assert desk.case().at("brief_stage") is not None
    assert desk.run().at("review") is not None


def test_a_track_has_one_open_request_and_the_second_is_told_whom_it_waits_for() -> None:
    desk = a_desk()
    _at_review(desk)
    desk.advance("go_live")
    refusal = desk.advance("rework", reason="改").refusal
    assert refusal is not None
    assert [(b.code, b.waits_for) for b in refusal.blockers] == [("approval_pending", ("hua",))]


def test_a_transition_from_elsewhere_says_where_it_starts_and_where_the_case_is() -> None:
    desk = a_desk()
    desk.start()
    refusal = desk.advance("go_live").refusal
    assert refusal is not None
    assert refusal_sentences(refusal, "zh") == ["“上线”只能在评审进行，当前在写简报"]


def test_a_reason_is_asked_for_where_the_sop_wants_one() -> None:
    desk = a_desk()
    _at_review(desk)
    refusal = desk.advance("rework").refusal
    assert refusal is not None
    assert refusal_sentences(refusal, "en") == ["'Rework' needs a reason"]


def test_reentering_a_stage_is_a_new_visit_with_a_fresh_checklist() -> None:
    desk = a_desk()
    _at_review(desk)
    desk.advance("rework", reason="数字不对")
    case = desk.run()
    visit = case.at("brief_stage")
    assert visit is not None
    assert (visit.number, case.tasks["write_brief"].state) == (3, TaskState.OPEN)


def test_a_kept_task_stays_done_in_the_next_visit() -> None:
    sop = a_sop()
    sop["stages"][0]["tasks"][0]["keep"] = True
    desk = a_desk(sop)
    _at_review(desk)
    desk.advance("rework", reason="改")
    assert desk.run().tasks["write_brief"].state is TaskState.DONE


def test_a_transition_that_no_longer_holds_when_fired_is_dropped_with_its_reasons() -> None:
    sop = a_sop()
    sop["transitions"][0]["guard"] = "given(brief)"
    desk = a_desk(sop)
    desk.start(brief="新品")
    desk.do(cmd.CompleteTask(case_id=desk.case().id, task="write_brief"))
    desk.advance("submit")
    desk.set(brief=None)
    case = desk.run()
    dropped = desk.last(ev.TransitionDropped)
    assert case.at("brief_stage") is not None
    assert (dropped.why, [b.code for b in dropped.reasons], dropped.notify) == (
        "blocked",
        ["field_missing"],
        ("pei",),
    )


def test_an_exit_ends_everything_and_the_case_accepts_only_comments() -> None:
    desk = a_desk(review_time="2 wd")
    _at_review(desk)
    desk.advance("go_live")
    desk.store.cases["c1"]
    withdrawn = next(iter(desk.case().requests.values())).id
    desk.do(cmd.WithdrawRequest(case_id=desk.case().id, request=withdrawn))
    desk.advance("cancel", reason="没有预算")
    case = desk.run()
    assert (case.status, case.outcome, case.positions, case.deadlines) == (
        CaseStatus.CLOSED,
        "cancelled",
        {},
        {},
    )
    refusal = desk.set(brief="再来").refusal
    assert refusal is not None
    assert refusal.why is Why.CONFLICT
    assert desk.do(cmd.AddComment(case_id=case.id, text="可惜")).refusal is None


def test_a_loop_bumps_its_counter_and_clears_stale_answers() -> None:
    sop = a_sop(counters={"brief_version": {"zh": "简报版本"}})
    sop["transitions"][2] |= {"bump": "brief_version", "clears": ["budget"]}
    desk = a_desk(sop)
    _at_review(desk)
    desk.set(budget="10 CNY")
    desk.advance("rework", reason="改")
    case = desk.run()
    assert (case.counters, case.values) == ({"brief_version": 1}, {"brief": "新品"})


def test_a_transition_fires_by_itself_when_its_date_comes() -> None:
    sop = a_sop()
    sop["transitions"][1] |= {"guard": "go_live_on <= today", "auto": True, "approvals": []}
    desk = a_desk(sop)
    _at_review(desk)
    desk.set(go_live_on="2026-11-25")
    assert not desk.case().requests
    wake = desk.case().deadlines["wake:dates"]
    desk.clock.set(wake.due_at)
    desk.sweep()
    assert desk.run().at("live") is not None


def test_a_waivable_task_needs_a_reason_and_excuses_its_fields() -> None:
    sop = a_sop()
    sop["stages"][0]["tasks"][0]["waivable"] = True
    desk = a_desk(sop)
    desk.start()
    waive = cmd.WaiveTask(case_id=desk.case().id, task="write_brief", reason=" ")
    assert desk.do(waive).refusal is not None
    desk.do(cmd.WaiveTask(case_id=desk.case().id, task="write_brief", reason="客户自带简报"))
    assert desk.advance("submit").refusal is None


def test_a_missing_deliverable_holds_the_stage_until_it_is_attached() -> None:
    sop = a_sop()
    sop["stages"][1]["deliverables"] = [{"id": "deck", "zh": "方案", "required": True}]
    desk = a_desk(sop)
    _at_review(desk)
    refusal = desk.advance("go_live").refusal
    assert refusal is not None
    assert [b.code for b in refusal.blockers] == ["deliverable_missing"]
    attach = cmd.AttachDeliverable(
        case_id=desk.case().id,
        deliverable="deck",
        name="方案.pdf",
        hash="ab",
        size=3,
        media_type="application/pdf",
    )
    desk.do(attach)
    assert desk.advance("go_live").refusal is None


def test_a_guard_that_is_false_is_said_in_words() -> None:
    sop = a_sop()
    sop["transitions"][0]["guard"] = "budget > '100 CNY'"
    desk = a_desk(sop)
    desk.start(brief="x", budget="50 CNY")
    desk.do(cmd.CompleteTask(case_id=desk.case().id, task="write_brief"))
    refusal = desk.advance("submit").refusal
    assert refusal is not None
    assert "预算" in refusal_sentences(refusal, "zh")[0]


def test_an_unknown_transition_is_told_which_was_probably_meant() -> None:
    desk = a_desk()
    desk.start()
    refusal = desk.advance("golive").refusal
    assert refusal is not None
    assert refusal_sentences(refusal, "en") == ["there is no transition golive; did you mean 'go_live'?"]


def test_bad_values_are_all_named_at_once_and_nothing_is_saved() -> None:
    desk = a_desk()
    desk.start()
    refusal = desk.set(budget="abc", go_live_on="2026-02-30", ghost="1").refusal
    assert refusal is not None
    assert [b.subject for b in refusal.blockers] == ["budget", "go_live_on", "ghost"]
    assert desk.case().values == {}


def test_a_join_needs_both_tracks_in_place_and_ends_the_other() -> None:
    sop = a_sop(
        tracks={"work": {"start": "brief_stage"}, "watch": {"start": "measure", "opened_by": "submit"}}
    )
    for stage in sop["stages"]:
        stage["track"] = "work"
    sop["stages"].append({"id": "measure", "zh": "监测", "track": "watch"})
    sop["transitions"][1] |= {"from": {"work": "review", "watch": "measure"}, "approvals": []}
    desk = a_desk(sop)
    desk.start()
    assert set(desk.case().positions) == {"work"}
    desk.set(brief="x")
    desk.do(cmd.CompleteTask(case_id=desk.case().id, task="write_brief"))
    desk.advance("submit")
    assert set(desk.run().positions) == {"work", "watch"}
    desk.advance("go_live")
    assert {t: v.stage for t, v in desk.run().positions.items()} == {"work": "live"}


def test_the_requester_may_withdraw_and_nobody_else() -> None:
    desk = a_desk()
    _at_review(desk)
    desk.advance("go_live")
    request = next(iter(desk.case().requests.values())).id
    assert desk.do(cmd.WithdrawRequest(case_id=desk.case().id, request=request), by="bo").refusal is not None
    assert desk.do(cmd.WithdrawRequest(case_id=desk.case().id, request=request)).refusal is None
    assert not desk.case().requests


def test_approvals_run_for_a_conditional_gate_only_when_needed_or_unknown() -> None:
    sop = a_sop()
    sop["transitions"][1]["approvals"] = [an_approval(when="budget > $budget_limit")]
    desk = a_desk(sop, budget_limit={"amount": "100.00", "currency": "CNY"})
    _at_review(desk)
    desk.set(budget="50 CNY")
    desk.advance("go_live")
    assert not desk.case().approvals
    assert desk.run().at("live") is not None


def test_giving_up_waits_for_no_open_request_and_ends_it() -> None:
    desk = a_desk()
    _at_review(desk)
    desk.advance("go_live")
    desk.advance("cancel", reason="没有预算")
    case = desk.run()
    assert (case.outcome, case.requests, case.approvals) == ("cancelled", {}, {})


def test_what_was_agreed_binds_until_its_stage_is_entered_again() -> None:
    sop = a_sop()
    sop["transitions"][0]["locks"] = ["brief"]
    desk = a_desk(sop)
    _at_review(desk)
    refusal = desk.set(brief="改了").refusal
    assert refusal is not None
    assert refusal_sentences(refusal, "zh") == ["“简报”已获批准，不能再改；须先退回到写简报"]
    desk.advance("rework", reason="改")
    desk.run()
    assert desk.set(brief="改了").refusal is None


def test_a_transition_may_be_kept_to_a_role() -> None:
    sop = a_sop()
    sop["transitions"][4]["by"] = ["boss"]
    desk = a_desk(sop)
    desk.start()
    refusal = desk.advance("cancel", reason="x").refusal
    assert refusal is not None
    assert [(b.code, b.waits_for) for b in refusal.blockers] == [("not_for_you", ("bo",))]
    assert desk.advance("cancel", reason="x", by="bo").refusal is None
