"""What foresight says of an approval is what happens when somebody asks."""

from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from engine.case import commands as cmd
from engine.case.foreseen import Foresaw, Foreseen
from engine.case.foresight import Cases, foresee
from engine.case.outlook import Staff
from engine.ids import CaseId
from tests.factories import Desk, a_desk, a_sop, an_approval, person

ROLES = ("planner", "head", "boss", "customer")
EVERYBODY = ("pei", "hua", "bo", "ke", "ou", "xia")
FAILS_CLOSED = frozenset(
    {Foresaw.ROLE_EMPTY, Foresaw.ROLE_PER_CASE, Foresaw.TOO_LIGHT, Foresaw.ONLY_REQUESTERS}
)
IN_VAIN = (Foresaw.OWN_REQUEST, Foresaw.ONLY_ONE_NOT_OWN)


@st.composite
def gates(draw: st.DrawFn) -> list[dict[str, Any]]:
    return [_gate(draw, f"gate{n}") for n in range(draw(st.integers(1, 2)))]


def _gate(draw: st.DrawFn, name: str) -> dict[str, Any]:
    roles = draw(st.lists(st.sampled_from(ROLES), min_size=1, max_size=3, unique=True))
    mode = draw(st.sampled_from(["any", "all", "sequence", "votes"]))
    gate = an_approval(
        id=name,
        by=[{"role": role, "weight": draw(st.integers(1, 3))} for role in roles],
        mode=mode,
        own_request=draw(st.booleans()) and draw(st.booleans()),
    )
    if mode == "votes":
        gate["threshold"] = draw(st.sampled_from([1, 3, 5, "34%", "60%", "100%"]))
    return gate


@st.composite
def offices(draw: st.DrawFn) -> Desk:
    """An SOP with gates, people in its roles, some of them two identities of one person."""
    sop = a_sop()
    sop["stages"][0]["tasks"] = []
    sop["transitions"][0]["approvals"] = draw(gates())
    sop["transitions"][0]["by"] = draw(st.lists(st.sampled_from(ROLES), max_size=1))
    desk = a_desk(sop)
    some = st.lists(st.sampled_from(EVERYBODY), max_size=3, unique=True).map(tuple)
    desk.store.people = {role: draw(some) for role in (*ROLES, "sop_owner")}
    desk.store.external = frozenset({"ke"})
    desk.store.same_as = draw(
        st.sampled_from([{}, {"hua": "bo"}, {"pei": "hua"}, {"xia": "bo", "pei": "bo"}])
    )
    return desk


def _asked(desk: Desk, by: str) -> str | None:
    """A case in which this person has asked for the transition; None when he may not."""
    case_id = f"case-{by}"
    start = cmd.StartCase(case_id=CaseId(case_id), sop="launch", title="x", values={"brief": "新品"})
    if desk.do(start, by=by).refusal or desk.advance("submit", case_id, by=by).refusal:
        return None
    return case_id


def _foreseen(desk: Desk) -> tuple[Foreseen, ...]:
    definition = desk.store.current["launch"]
    return foresee(definition, _facts(desk), Staff())


def _facts(desk: Desk) -> Any:
    definition = desk.store.current["launch"]
    return desk.service.facts(definition, desk.store.company("launch"), person("ou"))


@given(desk=offices())
def test_what_is_foreseen_of_an_approval_is_what_happens_when_it_opens(desk: Desk) -> None:
    found = _foreseen(desk)
    asked = {by: _asked(desk, by) for by in EVERYBODY}
    for by, case_id in asked.items():
        if case_id is None:
            continue
        for approval in desk.case(case_id).approvals.values():
            mine = [one for one in found if one.approval == approval.spec]
            nobody = any(one.code in FAILS_CLOSED for one in mine)
            in_vain = {p for one in mine if one.code in IN_VAIN for p in one.persons}
            same = _facts(desk).same
            vain = nobody or any(same(by, p) for p in in_vain)
            assert bool(approval.unfilled) is vain, (by, approval, mine)


@given(desk=offices())
def test_a_running_case_is_foreseen_to_stand_still_exactly_when_an_approval_failed_closed(
    desk: Desk,
) -> None:
    definition = desk.store.current["launch"]
    for by in EVERYBODY:
        case_id = _asked(desk, by)
        if case_id is None:
            continue
        case = desk.case(case_id)
        found = {one.approval for one in Cases(definition, _facts(desk), Staff()).foresee(case)}
        assert found == {a.spec for a in case.approvals.values() if a.unfilled}
