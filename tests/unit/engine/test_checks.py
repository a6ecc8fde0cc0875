"""What a sound SOP may do: the other side of tests/data/broken, so that no rule refuses too much."""

import pytest

from engine.definition.loader import load

TRACKS = """\
sop: campaign
zh: 推广活动
roles: {head: {zh: 主管}}
settings: {review_every: {type: duration, zh: 评估周期}}
fields:
  goal: text
  spent: {type: list, of: {type: record, fields: {item: {type: text, required: true}, sum: decimal}}}
exits: {done: {zh: 结案, success: true}, cancelled: {zh: 取消}}
tracks:
  work: {start: plan}
  watch:
    start: look
    opened_by: begin
    cycle: {stages: [look, tell], every: $review_every, until: left(run)}
stages:
  - {id: plan, zh: 计划, track: work}
  - {id: run, zh: 执行, track: work}
  - {id: look, zh: 观察, track: watch}
  - {id: tell, zh: 汇报, track: watch}
  - {id: close, zh: 总结, track: work}
transitions:
  - {id: begin, from: plan, to: run, guard: given(goal)}
  - {id: report, from: look, to: tell}
  - {id: again, from: tell, moves: {work: plan}}
  - {id: finish, from: {work: run, watch: look}, to: close}
  - {id: note, from: run, stay: true}
  - {id: end, from: close, exit: done}
  - {id: cancel, from: any, exit: cancelled}
"""


def test_tracks_that_open_go_round_move_one_another_and_join():
    definition = load(TRACKS, "campaign.yaml")
    assert list(definition.tracks) == ["work", "watch"]
    assert "watch_cycle" in definition.transitions


def test_a_child_may_give_back_what_only_its_own_file_declares():
    text = TRACKS + (
        "children:\n  claim:\n    sop: claim\n    at: run\n    roles: {payer: head}\n"
        "    values: {why: goal}\n"
        "    on_child:\n      paid:\n        set: {goal: child.why}\n"
        "        append: {spent: {item: child.what, sum: child.amount}}\n        fire: note\n"
    )
    assert load(text, "campaign.yaml").sop.children["claim"].on_child["paid"].fire == "note"


def test_the_owner_of_an_sop_need_not_be_declared_unless_it_is_named():
    assert load(TRACKS, "campaign.yaml").sop.owner == "sop_owner"
    assert load(TRACKS + "owner: head\n", "campaign.yaml").sop.owner == "head"


def test_giving_up_may_be_the_only_way_to_end():
    text = (
        "sop: board\nzh: 看板\nexits: {gone: {zh: 移除}}\nstages: [{id: card}]\n"
        "transitions: [{id: go, from: any, exit: gone}]\n"
    )
    assert load(text, "board.yaml").sop.sop == "board"


@pytest.mark.parametrize("threshold", [1, 9, "60%", "100%"])
def test_a_vote_may_need_more_weight_than_the_roles_named_since_each_holder_votes(threshold):
    approval = f"{{id: vote, by: [{{role: head}}], mode: votes, threshold: {threshold}, on_reject: wait_all}}"
    text = TRACKS.replace("exit: done}", f"exit: done, approvals: [{approval}]}}")
    assert load(text, "campaign.yaml").approval("end", "vote").threshold == threshold


def test_a_rule_is_judged_for_each_value_of_a_required_column():
    text = TRACKS + "rules:\n  - {id: some, per: spent.item, always: 'sum(spent.sum, item) >= 0'}\n"
    assert load(text, "campaign.yaml").sop.rules[0].per == "spent.item"
