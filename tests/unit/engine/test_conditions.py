"""Conditional gates and empty roles: what opens a gate late, and that none is slipped past."""

from typing import Any

from engine.case import commands as cmd
from engine.case import events as ev
from engine.case.state import ApprovalState, RequestState
from tests.factories import Desk, a_desk, a_sop, an_approval


def _asked(*approvals: dict[str, Any], budget: str, **people: tuple[str, ...]) -> Desk:
    sop = a_sop()
    sop["stages"][0]["tasks"] = []
    sop["transitions"][0]["approvals"] = list(approvals)
    desk = a_desk(sop)
    desk.store.people |= people
    desk.start(brief="新品", budget=budget)
    assert desk.advance("submit").refusal is None
    return desk


def _gates(desk: Desk) -> dict[str, str]:
    return {a.spec: a.state for a in desk.case().approvals.values()}


def _ready(desk: Desk) -> bool:
    return any(r.state is RequestState.READY for r in desk.case().requests.values())


BIG = an_approval(id="boss_agrees", by=[{"role": "boss"}], when="budget > '100 CNY'", shows=["brief"])
PLAIN = an_approval(shows=["brief"])


def test_a_gate_whose_condition_ends_is_opened_by_the_rule() -> None:
    desk = _asked(BIG, budget="500 CNY")
    desk.set(budget="50 CNY")
    assert desk.last(ev.ApprovalClosed).by_rule
    assert desk.store.events["c1"][-2].actor.person == "rule"
    assert _ready(desk)


def test_a_gate_the_rule_opened_is_asked_when_its_condition_comes_back() -> None:
    desk = _asked(BIG, budget="500 CNY")
    desk.set(budget="50 CNY")
    desk.set(budget="900 CNY")
    assert _gates(desk) == {"boss_agrees": ApprovalState.OPEN}
    assert not _ready(desk)
    desk.sign("bo")
    assert _ready(desk)


def test_a_gate_a_person_opened_is_not_asked_again_for_what_they_did_not_sign() -> None:
    desk = _asked(BIG, PLAIN, budget="500 CNY")
    desk.sign("bo")
    desk.set(budget="900 CNY")
    assert _gates(desk) == {"boss_agrees": ApprovalState.GRANTED, "head_agrees": ApprovalState.OPEN}


def test_a_condition_that_reads_nothing_that_changed_is_left_alone() -> None:
    desk = _asked(BIG, budget="500 CNY")
    before = desk.case().approvals
    desk.set(go_live_on="2026-12-01")
    assert desk.case().approvals == before


def test_one_person_holding_two_roles_is_asked_once_with_the_weight_of_both() -> None:
    by = [{"role": "head", "weight": 2}, {"role": "boss", "weight": 3}]
    votes = an_approval(by=by, mode="votes", threshold=5, shows=["brief"])
    desk = _asked(votes, budget="1 CNY", boss=("hua",))
    asks = next(iter(desk.case().approvals.values())).asks
    assert [(a.person, a.role, a.weight) for a in asks] == [("hua", "head", 5)]
    desk.sign("hua")
    assert _ready(desk)


def test_under_sequence_the_holders_of_one_role_answer_one_after_the_other() -> None:
    by = [{"role": "head"}, {"role": "boss"}]
    desk = _asked(an_approval(by=by, mode="sequence", shows=["brief"]), budget="1 CNY", head=("hua", "xia"))
    asked = []
    for who in ("hua", "xia", "bo"):
        assert desk.sign(who).refusal is None
        asked.append(desk.store.owed[-1].key.rsplit("/", 1)[-1])
    assert asked == ["xia", "bo", "bo"]
    assert _ready(desk)


def test_a_vacant_role_given_to_somebody_already_asked_is_filled() -> None:
    both = an_approval(by=[{"role": "head"}, {"role": "boss"}], mode="all", shows=["brief"])
    desk = _asked(both, budget="1 CNY", boss=())
    assert next(iter(desk.case().approvals.values())).unfilled == ("boss",)
    desk.do(cmd.AssignRoles(case_id=desk.case().id, roles={"boss": ("hua",)}))  # pyright: ignore[reportArgumentType]
    assert next(iter(desk.case().approvals.values())).unfilled == ()
    desk.sign("hua")
    assert _ready(desk)


def test_a_role_filled_for_the_whole_company_is_noticed_by_the_next_sweep() -> None:
    desk = _asked(an_approval(by=[{"role": "boss"}], shows=["brief"]), budget="1 CNY", boss=())
    desk.store.people |= {"boss": ("bo",)}
    desk.sweep()
    desk.sign("bo")
    assert _ready(desk)


def test_filling_another_role_leaves_the_unfilled_approval_as_it_is() -> None:
    desk = _asked(an_approval(by=[{"role": "boss"}], shows=["brief"]), budget="1 CNY", boss=())
    before = desk.case().approvals
    desk.do(cmd.AssignRoles(case_id=desk.case().id, roles={"head": ("xia",)}))  # pyright: ignore[reportArgumentType]
    assert desk.case().approvals == before


def test_votes_whose_holders_weigh_too_little_fail_closed_and_the_owner_is_told() -> None:
    votes = an_approval(by=[{"role": "head"}], mode="votes", threshold=2, shows=["brief"])
    desk = _asked(votes, budget="1 CNY")
    assert next(iter(desk.case().approvals.values())).unfilled == ("head",)
    assert desk.store.owed[-1].key.endswith("/approval_unfilled/ou")
    desk.do(cmd.AssignRoles(case_id=desk.case().id, roles={"head": ("hua", "xia")}))  # pyright: ignore[reportArgumentType]
    desk.sign("hua")
    desk.sign("xia")
    assert _ready(desk)


def test_under_any_an_empty_role_beside_a_held_one_does_no_harm() -> None:
    desk = _asked(
        an_approval(by=[{"role": "head"}, {"role": "boss"}], shows=["brief"]), budget="1 CNY", boss=()
    )
    assert next(iter(desk.case().approvals.values())).unfilled == ()
    desk.sign("hua")
    assert _ready(desk)


def test_an_unfilled_gate_takes_no_yes_for_the_whole() -> None:
    both = an_approval(by=[{"role": "head"}, {"role": "boss"}], mode="all", shows=["brief"])
    desk = _asked(both, budget="1 CNY", boss=())
    desk.sign("hua")
    assert not _ready(desk)


def test_under_any_with_wait_all_the_last_no_ends_it() -> None:
    two = an_approval(by=[{"role": "head"}, {"role": "boss"}], on_reject="wait_all", shows=["brief"])
    desk = _asked(two, budget="1 CNY")
    desk.sign("hua", "reject", comment="不")
    assert desk.case().requests
    desk.sign("bo", "reject", comment="不")
    assert not desk.case().requests


def test_without_shows_the_approver_signs_what_the_left_stage_and_the_move_ask_for() -> None:
    sop = a_sop()
    sop["stages"][0] |= {"requires": ["budget"], "deliverables": [{"id": "deck"}]}
    gate = an_approval()
    del gate["shows"]
    sop["transitions"][0] |= {"approvals": [gate], "requires": ["go_live_on"]}
    desk = a_desk(sop)
    desk.start(brief="新品", budget="1 CNY", go_live_on="2026-12-01")
    desk.do(cmd.CompleteTask(case_id=desk.case().id, task="write_brief"))
    desk.advance("submit")
    desk.sign("hua")
    deck = cmd.AttachDeliverable(
        case_id=desk.case().id, deliverable="deck", name="甲.pdf", hash="aa", size=1, media_type="x/y"
    )
    desk.do(deck)
    opened = desk.last(ev.ApprovalOpened)
    assert [(c.what, c.old, c.new) for c in opened.changes] == [("deck", None, "aa")]
    assert not _ready(desk)
