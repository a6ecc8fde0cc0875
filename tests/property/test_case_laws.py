"""Laws of a case, under random SOPs and random sequences of commands by random people."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from typing import Any

from hypothesis import given
from hypothesis import strategies as st
from pydantic import TypeAdapter

from engine.case import commands as cmd
from engine.case.awaiting import awaited
from engine.case.decide import decide
from engine.case.evolve import replay
from engine.case.refusal import Refusal
from engine.case.signer_commands import ResubmitRequest, SignerCommand
from engine.case.state import ApprovalState, Case, CaseStatus, RequestState
from engine.case.wording import refusal_sentences
from engine.outbox import messages_owed
from tests.factories import Desk, a_desk, person
from tests.property.sops import CASE, COMMANDS, PERSONS, sops

_BY_RULE = (cmd.FireTransition, cmd.Sweep, cmd.RecordChildClosed)
CASE_JSON = TypeAdapter(Case)


def _steps(data: st.DataObject, desk: Desk) -> Iterator[tuple[Case, cmd.Command]]:
    """Plays a random sequence; half of the time people do what is at hand: sign what is asked, fire what is
    ready.
    """
    desk.start()
    for _ in range(data.draw(st.integers(1, 25))):
        desk.clock.advance(timedelta(minutes=data.draw(st.sampled_from([0, 30, 24 * 60]))))
        before = desk.case()
        command = data.draw(COMMANDS)
        by = "rule" if isinstance(command, _BY_RULE) else data.draw(st.sampled_from(PERSONS))
        if data.draw(st.booleans()):
            command, by = _at_hand(before, command, by)
        answer = desk.do(command, by=by)
        if answer.refusal is not None:
            assert desk.case() == before
            for language in ("zh", "en"):
                assert all(refusal_sentences(answer.refusal, language))
        yield before, command


def _at_hand(case: Case, command: cmd.Command, by: str) -> tuple[cmd.Command, str]:
    if isinstance(command, cmd.RecordChildClosed):
        children = [child for child in case.children.values() if child.outcome is None]
        return (replace(command, child=children[0].id) if children else command), by
    for request in case.requests.values():
        if request.state is RequestState.READY:
            return cmd.FireTransition(case_id=CASE, request=request.id), "rule"
    for request in case.requests.values():
        if request.returned is not None and isinstance(command, ResubmitRequest):
            return replace(command, request=request.id), request.by
    for approval in case.approvals.values():
        for ask in approval.asks:
            if (
                approval.state is ApprovalState.OPEN
                and ask.decision is None
                and isinstance(command, cmd.RecordDecision)
            ):
                return replace(command, approval=approval.id), ask.person
            if isinstance(command, SignerCommand):
                return replace(command, approval=approval.id), ask.looks or ask.person
    return command, by


@given(sop=sops(), data=st.data(), limits=st.fixed_dictionaries({}, optional={"limit_time": st.just("1 wd")}))
def test_whatever_people_do_the_laws_of_a_case_hold(
    sop: dict[str, Any], data: st.DataObject, limits: dict[str, Any]
) -> None:
    desk = a_desk(sop, **limits)
    closed: Case | None = None
    for before, command in _steps(data, desk):
        case = desk.case()
        if isinstance(command, cmd.SetFields):
            _what_binds_is_not_changed_by_people(before, case)
        _an_ended_child_stays_as_it_ended(before, case)
        _every_visit_is_a_new_one(before, case)
        closed = _final_stage_is_never_left(closed, case)
        assert case.version >= before.version
        _one_open_request_per_track(case)
        _nobody_signs_their_own(case)
        _nobody_is_asked_twice(case)
        _who_is_awaited_is_silent(desk, case)
    _history_is_gapless_and_replays(desk)
    _every_message_is_owed_once(desk)


def _final_stage_is_never_left(closed: Case | None, case: Case) -> Case | None:
    if closed is not None:
        assert (case.status, case.outcome) == (closed.status, closed.outcome)
        assert not case.positions
    return case if case.status is CaseStatus.CLOSED else None


def _what_binds_is_not_changed_by_people(before: Case, case: Case) -> None:
    assert {n: before.values.get(n) for n in before.locked} == {n: case.values.get(n) for n in before.locked}


def _an_ended_child_stays_as_it_ended(before: Case, case: Case) -> None:
    ended = {key: child for key, child in before.children.items() if child.outcome is not None}
    assert {key: case.children[key] for key in ended} == ended


def _every_visit_is_a_new_one(before: Case, case: Case) -> None:
    fresh = {v.number for v in case.positions.values()} - {v.number for v in before.positions.values()}
    assert all(before.visits < number <= case.visits for number in fresh)


def _one_open_request_per_track(case: Case) -> None:
    tracks = [track for request in case.requests.values() for track in request.tracks]
    assert len(tracks) == len(set(tracks))


def _nobody_signs_their_own(case: Case) -> None:
    for approval in case.approvals.values():
        assert case.requests[approval.request].by not in {ask.person for ask in approval.asks if ask.decision}


def _nobody_is_asked_twice(case: Case) -> None:
    for approval in case.approvals.values():
        persons = [ask.person for ask in approval.asks]
        assert len(persons) == len(set(persons))


def _who_is_awaited_is_silent(desk: Desk, case: Case) -> None:
    """An open approval that did not fail closed waits for somebody; a closed one for nobody."""
    definition = desk.store.definitions[case.definition]
    for approval in case.approvals.values():
        transition = case.requests[approval.request].transition
        waits = awaited(definition.approval(transition, approval.spec).mode, approval)
        assert all(ask.decision is None for ask in waits)
        if not approval.unfilled:
            assert bool(waits) is (approval.state is ApprovalState.OPEN)


def _history_is_gapless_and_replays(desk: Desk) -> None:
    events = desk.store.events[CASE]
    assert [e.sequence for e in events] == list(range(1, len(events) + 1))
    assert replay(events) == desk.case()
    assert CASE_JSON.validate_json(CASE_JSON.dump_json(desk.case())) == desk.case()


def _every_message_is_owed_once(desk: Desk) -> None:
    keys = [owed.key for owed in desk.store.owed]
    assert len(keys) == len(set(keys))
    assert keys == [owed.key for event in desk.store.events[CASE] for owed in messages_owed(event)]


@given(sop=sops(), data=st.data())
def test_sweeping_twice_at_one_instant_does_nothing_the_second_time(
    sop: dict[str, Any], data: st.DataObject
) -> None:
    desk = a_desk(sop, limit_time="1 wd")
    for _ in _steps(data, desk):
        pass
    desk.clock.advance(timedelta(days=data.draw(st.integers(0, 30))))
    desk.sweep()
    assert desk.sweep().events == ()


@given(sop=sops(), data=st.data())
def test_the_same_command_on_the_same_facts_gives_the_same_events(
    sop: dict[str, Any], data: st.DataObject
) -> None:
    desk = a_desk(sop)
    for _ in _steps(data, desk):
        pass
    definition = desk.store.current["launch"]
    facts = desk.service.facts(definition, desk.store.company("launch"), person("pei"))
    command = data.draw(COMMANDS)
    first = decide(definition, desk.case(), command, facts)
    assert first == decide(definition, desk.case(), command, facts)
    if isinstance(first, Refusal):
        assert first.blockers
