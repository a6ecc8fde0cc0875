"""Children and rules: cases that open cases, money that needs releasing first."""

from typing import Any

from engine.case import commands as cmd
from engine.case import events as ev
from engine.ids import CaseId
from engine.outbox import OwedCommand
from tests.factories import Desk, a_desk, a_sop

MONEY = {"type": "money", "zh": "金额"}
ITEM = {
    "type": "enum",
    "zh": "科目",
    "values": {"media": {"zh": "媒体", "en": "Media"}, "other": {"zh": "其他"}},
}


def _parent(**child: Any) -> dict[str, Any]:
    lines = {
        "type": "list",
        "of": {"type": "record", "fields": {"item": {**ITEM, "required": True}, "amount": MONEY}},
    }
    spec = {
        "sop": "more_money",
        "zh": "超支申请",
        "at": "brief_stage",
        "values": {"asked_for": "budget"},
        "on_child": {"granted": {"append": {"releases": {"item": "child.item", "amount": "child.amount"}}}},
        **child,
    }
    within = "sum(expenses.amount, item) <= sum(lines.amount, item) + sum(releases.amount, item)"
    sop = a_sop(
        children={"over_budget": spec},
        rules=[
            {
                "id": "within_budget",
                "zh": "不超预算",
                "per": "expenses.item",
                "always": within,
                "remedy": "over_budget",
            }
        ],
    )
    sop["fields"] |= {"lines": lines, "expenses": lines, "releases": lines}
    return sop


CHILD = {
    "sop": "more_money",
    "zh": "超支申请",
    "roles": {"head": {"zh": "主管"}},
    "fields": {"item": ITEM, "amount": MONEY, "asked_for": MONEY},
    "exits": {"granted": {"zh": "批准", "success": True}, "refused": {"zh": "驳回"}},
    "stages": [{"id": "asking", "zh": "申请"}],
    "transitions": [
        {"id": "grant", "from": "asking", "exit": "granted"},
        {"id": "refuse", "from": "asking", "exit": "refused"},
    ],
}


def _deliver(desk: Desk) -> None:
    """Handles the commands owed to other cases, twice each: at least once must be applied once."""
    owed = [o for o in desk.store.owed if isinstance(o, OwedCommand)]
    desk.store.owed = [o for o in desk.store.owed if not isinstance(o, OwedCommand)]
    from engine.case.state import RULE

    for one in owed:
        first = desk.service.handle(one.command, actor=RULE, key=one.key)
        assert first.refusal is None, first.refusal
        assert desk.service.handle(one.command, actor=RULE, key=one.key).repeated


def _with_child(**child: Any) -> Desk:
    desk = a_desk(_parent(**child), CHILD)
    desk.start(budget="5 CNY", lines=[{"item": "media", "amount": "100 CNY"}])
    opened = desk.do(
        cmd.OpenChild(
            case_id=desk.case().id,
            child="over_budget",
            title="加媒体",
            values={"item": "media", "amount": "50"},
        )
    )
    assert opened.refusal is None
    _deliver(desk)
    return desk


def _child_id(desk: Desk) -> str:
    return next(iter(desk.case().children))


def test_a_child_is_a_case_of_its_own_with_what_the_parent_passes() -> None:
    desk = _with_child()
    child = desk.case(_child_id(desk))
    assert child.values["asked_for"] == {"amount": "5.00", "currency": "CNY"}
    assert (child.parent.id, child.parent.spec) == ("c1", "over_budget") if child.parent else False


def test_spending_over_budget_is_refused_and_offers_the_remedy() -> None:
    desk = _with_child()
    refusal = desk.set(expenses=[{"item": "media", "amount": "120 CNY"}]).refusal
    assert refusal is not None
    assert refusal.blockers[0].code == "rule_broken_for_remedy"
    assert refusal.blockers[0].detail["remedy"] == "over_budget"
    assert "expenses" not in desk.case().values


def test_spending_is_possible_once_the_child_granted_it_and_only_on_that_line() -> None:
    desk = _with_child()
    child = _child_id(desk)
    desk.advance("grant", child)
    desk.run(child)
    _deliver(desk)
    assert desk.case().children[child].outcome == "granted"
    assert desk.set(expenses=[{"item": "media", "amount": "120 CNY"}]).refusal is None
    assert desk.set(expenses=[{"item": "other", "amount": "1 CNY"}]).refusal is not None


def test_a_refused_child_releases_nothing() -> None:
    desk = _with_child()
    child = _child_id(desk)
    desk.advance("refuse", child)
    desk.run(child)
    _deliver(desk)
    assert "releases" not in desk.case().values


def test_an_open_mandatory_child_holds_the_transition_out_of_its_stage() -> None:
    desk = _with_child(mandatory=True)
    desk.set(brief="x")
    desk.do(cmd.CompleteTask(case_id=desk.case().id, task="write_brief"))
    refusal = desk.advance("submit").refusal
    assert refusal is not None
    assert [b.code for b in refusal.blockers] == ["child_open"]


def test_a_closing_parent_ends_the_children_that_may_not_outlive_it() -> None:
    desk = _with_child()
    desk.advance("cancel", reason="不做了")
    desk.run()
    _deliver(desk)
    assert desk.case(_child_id(desk)).outcome == "parent_ended"


def test_a_child_left_alone_goes_on_after_its_parent() -> None:
    desk = _with_child(on_parent_end="leave")
    desk.advance("cancel", reason="不做了")
    desk.run()
    _deliver(desk)
    child = _child_id(desk)
    assert desk.case(child).status == "open"
    desk.advance("grant", child)
    desk.run(child)
    _deliver(desk)
    assert desk.case().children[child].outcome == "granted"


def test_a_child_can_be_opened_only_where_the_sop_allows_it() -> None:
    desk = a_desk(_parent(at="live"), CHILD)
    desk.start()
    refusal = desk.do(cmd.OpenChild(case_id=desk.case().id, child="over_budget", title="x")).refusal
    assert refusal is not None
    assert [b.code for b in refusal.blockers] == ["child_elsewhere"]


def test_a_childs_role_is_taken_by_the_holders_of_the_parents() -> None:
    desk = _with_child(roles={"head": "boss"})
    assert desk.case(_child_id(desk)).roles["head"] == ("bo",)


def test_a_successor_case_carries_values_into_the_next_cycle() -> None:
    sop = a_sop()
    sop["transitions"].append(
        {
            "id": "again",
            "from": "brief_stage",
            "exit": "cancelled",
            "opens": {"sop": "launch", "values": {"brief": "brief"}},
        }
    )
    desk = a_desk(sop)
    desk.start(brief="改进项")
    desk.advance("again")
    desk.run()
    _deliver(desk)
    following = next(c for key, c in desk.store.cases.items() if key != "c1")
    assert (following.values["brief"], following.status) == ("改进项", "open")


def _closed(desk: Desk, outcome: str, **values: Any) -> cmd.RecordChildClosed:
    child = desk.case().children[_child_id(desk)]
    return cmd.RecordChildClosed(case_id=desk.case().id, child=child.id, outcome=outcome, values=values)


def _end(desk: Desk, outcome: str, **values: Any) -> None:
    answer = desk.do(_closed(desk, outcome, **values), by="rule")
    assert answer.refusal is None, answer.refusal


def _released(desk: Desk) -> list[str]:
    lines: Any = desk.case().values["releases"]
    return [line["amount"]["amount"] for line in lines]


def _effect(**effect: Any) -> dict[str, Any]:
    return {"on_child": {"granted": effect}}


def test_an_outcome_sets_fields_from_the_child_and_from_the_parent() -> None:
    sop_effect = _effect(set={"brief": "child.outcome", "budget": "child.amount", "go_live_on": "today"})
    desk = _with_child(**sop_effect)
    _end(desk, "granted", amount={"amount": "9.00", "currency": "CNY"})
    values = desk.case().values
    assert (values["brief"], values["budget"], values["go_live_on"]) == (
        "granted",
        {"amount": "9.00", "currency": "CNY"},
        "2026-11-23",
    )


def test_an_outcome_may_note_which_child_it_was() -> None:
    desk = _with_child(**_effect(set={"brief": "child.id"}))
    _end(desk, "granted")
    assert desk.case().values["brief"] == _child_id(desk)


def test_a_value_that_does_not_fit_is_left_out_and_the_child_is_closed_all_the_same() -> None:
    desk = _with_child(**_effect(set={"budget": "child.amount"}))
    _end(desk, "granted", amount="a lot")
    case = desk.case()
    assert case.values["budget"] == {"amount": "5.00", "currency": "CNY"}
    assert case.children[_child_id(desk)].outcome == "granted"


def test_an_effect_that_would_break_a_rule_is_left_out_and_the_child_is_closed_all_the_same() -> None:
    spends = {"append": {"expenses": {"item": "child.item", "amount": "child.amount"}}}
    desk = _with_child(**_effect(**spends))
    _end(desk, "granted", item="media", amount="120 CNY")
    case = desk.case()
    assert case.children[_child_id(desk)].outcome == "granted"
    assert "expenses" not in case.values


def test_an_outcome_may_take_a_transition_for_the_rule() -> None:
    desk = _with_child(**_effect(fire="cancel"))
    _end(desk, "granted")
    assert desk.run().outcome == "cancelled"


def test_a_transition_an_outcome_would_take_but_that_is_blocked_leaves_the_case_where_it_is() -> None:
    desk = _with_child(**_effect(fire="submit"))
    _end(desk, "granted")
    assert (desk.case().requests, desk.case().children[_child_id(desk)].outcome) == ({}, "granted")


def test_an_outcome_told_twice_counts_once() -> None:
    desk = _with_child()
    _end(desk, "granted", item="media", amount="50 CNY")
    _end(desk, "granted", item="media", amount="50 CNY")
    assert _released(desk) == ["50.00"]


def test_two_children_append_one_after_the_other() -> None:
    desk = _with_child()
    _end(desk, "granted", item="media", amount="50 CNY")
    again = cmd.OpenChild(case_id=desk.case().id, child="over_budget", title="再加", values={"item": "media"})
    assert desk.do(again).refusal is None
    second = list(desk.case().children.values())[1]
    told = cmd.RecordChildClosed(
        case_id=desk.case().id,
        child=second.id,
        outcome="granted",
        values={"item": "media", "amount": "1 CNY"},
    )
    desk.do(told, by="rule")
    assert _released(desk) == ["50.00", "1.00"]


def test_a_child_that_ends_after_its_parent_is_noted_and_changes_nothing() -> None:
    desk = _with_child(on_parent_end="leave", **_effect(set={"brief": "child.outcome"}))
    desk.advance("cancel", reason="不做了")
    desk.run()
    _end(desk, "granted")
    assert ("brief" in desk.case().values, desk.case().status) == (False, "closed")


def test_a_sum_goes_over_in_the_currency_of_the_sop() -> None:
    desk = a_desk(_parent(values={"asked_for": "sum(lines.amount)"}) | {"currency": "USD"}, CHILD)
    desk.start(lines=[])
    desk.do(cmd.OpenChild(case_id=desk.case().id, child="over_budget", title="x"))
    assert desk.last(ev.ChildOpened).values == {"asked_for": "0 USD"}


def test_closing_by_the_parent_twice_ends_the_case_once() -> None:
    desk = _with_child()
    close = cmd.CloseByParent(case_id=desk.case(_child_id(desk)).id, outcome="parent_ended")
    assert desk.do(close, by="rule").events
    assert desk.do(close, by="rule").events == ()


def test_a_rule_without_groups_names_its_condition_and_its_remedy_if_there_is_one() -> None:
    rule = {"id": "small", "zh": "小额", "always": "budget <= '10 CNY'"}
    desk = a_desk(a_sop(rules=[rule, rule | {"id": "offered", "remedy": "cancel"}]))
    desk.start()
    refusal = desk.set(budget="11 CNY").refusal
    assert refusal is not None
    assert [(b.code, b.subject, dict(b.detail)) for b in refusal.blockers] == [
        ("rule_broken", "small", {"condition": "budget <= '10 CNY'"}),
        (
            "rule_broken_remedy",
            "offered",
            {
                "condition": "budget <= '10 CNY'",
                "remedy": "cancel",
                "remedy_zh": "取消",
                "remedy_en": "Cancel",
            },
        ),
    ]


def test_a_mandatory_child_of_any_stage_holds_every_move_forward_and_no_move_back() -> None:
    desk = _with_child(mandatory=True, at=None)
    desk.set(brief="x")
    desk.do(cmd.CompleteTask(case_id=desk.case().id, task="write_brief"))
    refusal = desk.advance("submit").refusal
    assert refusal is not None
    assert [b.code for b in refusal.blockers] == ["child_open"]
    assert desk.advance("cancel", reason="不做了").refusal is None


def test_nobody_but_the_engine_starts_a_case_as_somebodys_child() -> None:
    from engine.case.state import ParentRef

    desk = _with_child()
    parent = ParentRef(id=desk.case().id, spec="over_budget")
    start = cmd.StartCase(case_id=CaseId("c9"), sop="more_money", title="x", parent=parent)
    refusal = desk.do(start).refusal
    assert refusal is not None
    assert [b.code for b in refusal.blockers] == ["only_by_rule"]


def test_a_child_of_an_sop_nobody_published_is_refused() -> None:
    desk = a_desk(_parent())
    desk.start()
    refusal = desk.do(cmd.OpenChild(case_id=desk.case().id, child="over_budget", title="x")).refusal
    assert refusal is not None
    assert [(b.code, b.subject) for b in refusal.blockers] == [("sop_not_published", "more_money")]
