"""Whoever is asked may leave: an approval names those it misses exactly when the others cannot carry it."""

from collections import Counter

from hypothesis import given
from hypothesis import strategies as st

from engine.case.awaiting import asked
from engine.case.state import Approval, ApprovalState
from engine.definition.approval_model import Mode
from engine.outbox import MessageKind, OwedMessage
from tests.factories import Desk, a_desk, a_sop, an_approval

SIGNERS = ("hua", "bo", "yan", "zhu", "lu")
ROLES = {"head": 3, "boss": 1, "customer": 1}


@st.composite
def asking(draw: st.DrawFn) -> tuple[Mode, Desk]:
    """A request in front of some signers; some have answered, some are stood in for, some have left."""
    mode = Mode(draw(st.sampled_from(list(Mode))))
    gate = an_approval(
        by=[{"role": role, "weight": draw(st.integers(1, most))} for role, most in ROLES.items()],
        mode=mode.value,
        on_reject=draw(st.sampled_from(["stop", "wait_all"])),
        comment="never",
    )
    if mode is Mode.VOTES:
        gate["threshold"] = draw(st.sampled_from([1, 2, 3, "34%", "60%", "100%"]))
    sop = a_sop()
    sop["stages"][0]["tasks"] = []
    sop["transitions"][0]["approvals"] = [gate]
    desk = a_desk(sop)
    some = st.lists(st.sampled_from(SIGNERS), min_size=1, max_size=2, unique=True).map(tuple)
    desk.store.people |= {role: draw(some) for role in ROLES}
    desk.start(brief="新品", budget="10 CNY")
    assert desk.advance("submit").refusal is None
    return mode, desk


def _approval(desk: Desk) -> Approval | None:
    return next(iter(desk.case().approvals.values()), None)


def _there(mode: Mode, desk: Desk) -> list[str]:
    """Who may answer now and has not left."""
    approval = _approval(desk)
    return [p for p in asked(mode, approval) if p not in desk.store.left] if approval else []


def _answer(desk: Desk, by: str, verdict: str) -> None:
    from engine.case import commands as cmd
    from engine.case.state import Verdict

    approval = _approval(desk)
    assert approval is not None
    command = cmd.RecordDecision(case_id=desk.case().id, approval=approval.id, verdict=Verdict(verdict))
    assert desk.do(command, by=by).refusal is None


def _alerts(desk: Desk) -> Counter[object]:
    kind = MessageKind.APPROVAL_UNFILLED
    owed = (m for m in desk.store.owed if isinstance(m, OwedMessage) and m.kind is kind)
    return Counter((m.data["approval"], m.to) for m in owed)


@given(data=st.data(), asks=asking())
def test_an_approval_misses_somebody_exactly_when_those_who_remain_cannot_carry_it(
    data: st.DataObject, asks: tuple[Mode, Desk]
) -> None:
    mode, desk = asks
    for _ in range(data.draw(st.integers(0, 2))):
        if there := _there(mode, desk):
            verdict = data.draw(st.sampled_from(["approve", "approve", "reject"]))
            _answer(desk, data.draw(st.sampled_from(there)), verdict)
    if data.draw(st.booleans()):
        desk.away(data.draw(st.sampled_from(SIGNERS)), "xia")
    desk.store.left = frozenset(data.draw(st.sets(st.sampled_from((*SIGNERS, "xia")))))
    desk.sweep()
    before = _approval(desk)
    missed = before.gone if before else ()
    while there := _there(mode, desk):
        _answer(desk, there[0], "approve")
    after = _approval(desk)
    granted = after is not None and after.state is ApprovalState.GRANTED
    assert not (missed and granted)
    if after is not None and after.state is ApprovalState.OPEN and not after.unfilled:
        assert set(after.gone) <= desk.store.left
        assert after.gone, "nobody who remains can answer, and nobody is told"
    assert all(count == 1 for count in _alerts(desk).values())


@given(data=st.data(), asks=asking())
def test_whoever_comes_and_goes_the_owner_is_told_once_in_a_round(
    data: st.DataObject, asks: tuple[Mode, Desk]
) -> None:
    _, desk = asks
    rounds = 1
    for _ in range(6):
        desk.store.left = frozenset(data.draw(st.sets(st.sampled_from(SIGNERS))))
        desk.sweep()
        version = desk.case().version
        desk.sweep()
        assert desk.case().version == version
        approval = _approval(desk)
        assert approval is not None
        rounds = max(rounds, approval.round)
    assert all(count <= rounds for count in _alerts(desk).values())
