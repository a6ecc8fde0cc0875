"""Laws of approvals, under random policies and random interleavings of everything people may do to one."""

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from engine.case import commands as cmd
from engine.case import events as ev
from engine.case import signer_commands as sc
from engine.case import signer_events as se
from engine.case.absence import standing_in
from engine.case.awaiting import awaited
from engine.case.evolve import replay
from engine.case.state import Approval, ApprovalState, Case, Place, RequestState, Verdict
from engine.ids import CaseId, PersonId
from engine.ports import Answer
from tests.factories import Desk, a_desk, a_sop, an_approval

C1 = CaseId("c1")
ROLES = ("head", "boss", "customer", "planner")
EVERYBODY = ("pei", "hua", "bo", "ke", "xia", "yan", "zhu", "ou")
OTHERS = st.sampled_from(EVERYBODY).map(PersonId)
MODES = st.sampled_from(["any", "all", "sequence", "votes"])


@st.composite
def policies(draw: st.DrawFn) -> list[dict[str, Any]]:
    """One or two gates of any mode, some of them to be signed by different people."""
    gates = [_gate(draw, name) for name in draw(st.sampled_from([("one",), ("one", "two")]))]
    if len(gates) == 2 and draw(st.booleans()):
        gates[0]["not_same_person_as"] = ["two"]
    return gates


def _gate(draw: st.DrawFn, name: str) -> dict[str, Any]:
    roles = draw(st.lists(st.sampled_from(ROLES), min_size=1, max_size=3, unique=True))
    mode = draw(MODES)
    gate = an_approval(
        id=name,
        by=[{"role": role, "weight": draw(st.integers(1, 3))} for role in roles],
        mode=mode,
        on_reject=draw(st.sampled_from(["stop", "wait_all"])),
        comment="never",
        shows=draw(st.sampled_from([["brief"], ["budget"], []])),
        return_to=["requester", "earlier"],
        once=draw(st.booleans()),
    )
    if mode == "votes":
        gate["threshold"] = draw(st.sampled_from([1, 2, 3, "34%", "60%", "100%"]))
    if draw(st.booleans()):
        gate |= {
            "within": "4 h",
            "on_timeout": draw(st.sampled_from([{"remind": True}, {"transfer": "boss"}])),
        }
    return gate


def _command(draw: st.DrawFn, case: Case) -> cmd.Command:
    approval = draw(st.sampled_from(sorted(case.approvals)))
    on: dict[str, Any] = {"case_id": C1, "approval": approval}
    request = case.approvals[approval].request
    some = st.lists(OTHERS, min_size=1, max_size=2, unique=True).map(tuple)
    places = st.sampled_from([Place.BEFORE, Place.BESIDE, Place.AFTER])
    yes = st.builds(cmd.RecordDecision, **_just(on), verdict=st.just(Verdict.APPROVE))
    no = st.builds(cmd.RecordDecision, **_just(on), verdict=st.just(Verdict.REJECT))
    words = {"reason": st.just("因为")}
    changes = st.sampled_from([{"brief": "甲"}, {"budget": "9"}])
    acts: list[st.SearchStrategy[cmd.Command]] = [
        yes,
        yes,
        no,
        st.builds(sc.TransferAsk, **_just(on), to=OTHERS, **words),
        st.builds(sc.AddSigners, **_just(on), persons=some, place=places, **words),
        st.builds(sc.RemoveSigner, **_just(on), person=OTHERS, **words),
        st.builds(sc.TakeBackDecision, **_just(on)),
        st.builds(sc.DelegateAsk, **_just(on), to=OTHERS, **words),
        st.builds(sc.HandBack, **_just(on), text=st.just("可以")),
        st.builds(sc.CallBack, **_just(on)),
        st.builds(sc.AskForMaterial, **_just(on), text=st.just("?")),
        st.builds(sc.GiveMaterial, **_just(on)),
        st.builds(sc.ReturnRequest, **_just(on), comment=st.just("退"), straight_back=st.booleans()),
        st.just(sc.ResubmitRequest(case_id=C1, request=request)),
        st.builds(sc.HandOverWork, case_id=st.just(C1), person=OTHERS, to=OTHERS, **words),
        st.builds(cmd.SetFields, case_id=st.just(C1), values=changes),
        st.just(cmd.Sweep(case_id=C1)),
    ]
    return draw(st.one_of(acts))


def _just(on: dict[str, Any]) -> dict[str, st.SearchStrategy[Any]]:
    return {name: st.just(value) for name, value in on.items()}


def _by(draw: st.DrawFn, case: Case, command: cmd.Command) -> str:
    """Mostly somebody of the approval, so that things happen; now and then anybody."""
    if isinstance(command, cmd.Sweep):
        return "rule"
    if isinstance(command, sc.ResubmitRequest):
        return case.requests[command.request].by
    name = getattr(command, "approval", None)
    asks = case.approvals[name].asks if name else ()
    inside = [p for ask in asks for p in (ask.person, ask.looks, *ask.stand_ins) if p]
    return draw(st.sampled_from([*inside, *inside, *EVERYBODY]))


def _played(data: st.DataObject, desk: Desk) -> Iterator[tuple[Case, Answer]]:
    for _ in range(data.draw(st.integers(5, 30))):
        before = desk.case()
        if not before.approvals:
            return
        desk.clock.advance(timedelta(minutes=data.draw(st.sampled_from([0, 20, 180]))))
        if data.draw(st.integers(0, 9)) == 0:
            away = [data.draw(OTHERS), data.draw(OTHERS)]
            desk.away(*away, days=data.draw(st.sampled_from([0.1, 1])))
        command = data.draw(st.composite(_command)(before))
        by = data.draw(st.composite(_by)(before, command))
        yield before, desk.do(command, by=by)


def asking(gates: list[dict[str, Any]]) -> Desk:
    """A case in which pei has asked for the move these gates stand before."""
    sop = a_sop()
    sop["stages"][0]["tasks"] = []
    sop["transitions"][1]["approvals"] = gates
    desk = a_desk(sop)
    desk.start(brief="新品", budget="10 CNY")
    desk.advance("submit")
    desk.run()
    desk.advance("go_live")
    return desk


@given(gates=policies(), data=st.data())
def test_whatever_people_do_an_approval_has_one_outcome(
    gates: list[dict[str, Any]], data: st.DataObject
) -> None:
    desk = asking(gates)
    for before, answer in _played(data, desk):
        _refusals_change_nothing(desk, before, answer)
        for recorded in answer.events:
            if isinstance(recorded.event, ev.DecisionRecorded) and not recorded.event.carried_from:
                _only_who_was_asked_decided(desk, before, recorded.event, recorded.actor.person)
        _nobody_is_in_it_twice_nor_the_requester(desk.case())
        _kept_apart(gates, desk.case())
        _ready_means_all_agreed(desk.case())
    events = desk.store.events[C1]
    assert replay(events) == desk.case()
    assert [e.sequence for e in events] == list(range(1, len(events) + 1))
    _each_outcome_is_reached_once([recorded.event for recorded in events])


def _refusals_change_nothing(desk: Desk, before: Case, answer: Answer) -> None:
    if answer.refusal is not None:
        assert desk.case() == before


def _only_who_was_asked_decided(desk: Desk, before: Case, event: ev.DecisionRecorded, by: PersonId) -> None:
    """Or somebody standing in for who was; never who asks."""
    approval = before.approvals[event.approval]
    request = before.requests[approval.request]
    definition = desk.store.definitions[before.definition]
    mode = definition.approval(request.transition, approval.spec).mode
    assert event.person in {ask.person for ask in awaited(mode, approval) if ask.looks is None}
    away = standing_in(desk.store.stand_ins, event.person, sop=before.sop, now=desk.clock.now())
    assert by in (event.person, *away)
    assert by != request.by
    assert (event.round, event.content) == (approval.round, approval.content)
    assert request.returned is None


def _nobody_is_in_it_twice_nor_the_requester(case: Case) -> None:
    for approval in case.approvals.values():
        persons = [ask.person for ask in approval.asks]
        answered = [ask.decision.by for ask in approval.asks if ask.decision]
        assert len(persons) == len(set(persons))
        assert len(answered) == len(set(answered))
        stand_ins = {person for ask in approval.asks if not ask.decision for person in ask.stand_ins}
        assert not stand_ins & {*persons, *answered}
        assert case.requests[approval.request].by not in {*persons, *answered, *stand_ins}


def _kept_apart(gates: list[dict[str, Any]], case: Case) -> None:
    if not any("not_same_person_as" in gate for gate in gates):
        return
    signed = [_agreed(approval) for approval in case.approvals.values()]
    assert len(set().union(*signed)) == sum(len(persons) for persons in signed)


def _agreed(approval: Approval) -> set[PersonId]:
    return {a.decision.by for a in approval.asks if a.decision and a.decision.verdict is Verdict.APPROVE}


def _ready_means_all_agreed(case: Case) -> None:
    for request in case.requests.values():
        granted = [a.state is ApprovalState.GRANTED for a in case.approvals_of(request.id)]
        assert (request.state is RequestState.READY) is all(granted)


def _each_outcome_is_reached_once(events: list[ev.Event]) -> None:
    """Between two outcomes of one approval it was asked again, or an answer was taken back."""
    over: set[str] = set()
    for event in events:
        match event:
            case ev.ApprovalOpened():
                over.discard(event.approval.id)
            case se.DecisionTakenBack():
                over.discard(event.approval)
            case ev.ApprovalClosed():
                assert event.approval not in over
                over.add(event.approval)
            case ev.DecisionRecorded():
                assert event.approval not in over
            case _:
                pass
