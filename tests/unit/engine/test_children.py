"""Children and rules: cases that open cases, money that needs releasing first."""

from typing import Any

from engine.case import commands as cmd
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
    assert desk.case(_child_id(desk)).outcome == "cancelled"


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
