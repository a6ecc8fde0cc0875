"""What has changed since a person last knew what is signed."""

from dataclasses import replace
from datetime import timedelta
from typing import Any

from engine.case import events as ev
from engine.case import signer_commands as sc
from engine.case.events import Change
from engine.case.since import asked_at, changed_since
from engine.ids import CaseId, PersonId
from tests.factories import Desk
from tests.unit.engine.test_signers import approval, gate, ok


def changes(desk: Desk, who: str, events: Any = None) -> tuple[Change, ...]:
    case = desk.case()
    told = desk.store.events[CaseId("c1")] if events is None else events
    definition = desk.store.definitions[case.definition]
    return changed_since(definition, case, approval(desk), events=told, person=PersonId(who))


def test_the_first_time_nothing_has_changed() -> None:
    assert changes(gate(), "hua") == ()


def test_it_is_compared_with_what_was_answered_not_with_the_round_before() -> None:
    desk = gate(mode="all")
    desk.sign("hua")
    desk.set(brief="甲")
    desk.set(brief="乙")
    assert changes(desk, "hua") == (Change(what="brief", old="新品", new="乙"),)
    assert changes(desk, "bo") == (Change(what="brief", old="甲", new="乙"),)


def test_who_comes_in_new_is_told_no_changes() -> None:
    desk = gate(mode="all")
    desk.set(brief="甲")
    ok(desk, "hua", sc.TransferAsk, to=PersonId("xia"), reason="休假")
    assert changes(desk, "xia") == ()


def test_where_the_record_was_erased_what_was_noted_with_the_round_is_told() -> None:
    desk = gate(mode="all")
    desk.sign("hua")
    desk.set(brief="甲")
    events = [
        replace(one, event=replace(one.event, values={})) if isinstance(one.event, ev.CaseStarted) else one
        for one in desk.store.events[CaseId("c1")]
    ]
    assert changes(desk, "hua", events) == (Change(what="brief", old="新品", new="甲"),)


def test_it_waits_since_the_person_was_asked_last() -> None:
    desk = gate(mode="sequence")
    events = desk.store.events[CaseId("c1")]
    first = desk.clock.now()
    assert asked_at(events, approval(desk), PersonId("bo")) is None
    desk.clock.advance(timedelta(minutes=30))
    desk.sign("hua")
    assert asked_at(events, approval(desk), PersonId("hua")) == first
    assert asked_at(events, approval(desk), PersonId("bo")) == desk.clock.now()
