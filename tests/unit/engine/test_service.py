"""The one door: tries again, answers once under a key, refuses what it does not know, wakes the runner."""

from collections.abc import Sequence

import pytest

from engine.case import commands as cmd
from engine.case.events import Recorded
from engine.case.refusal import Why
from engine.case.state import Case
from engine.definition.compiled import Definition
from engine.errors import KeyReused, StaleCase, VersionMoved
from engine.ids import CaseId
from engine.outbox import Owed
from engine.service import TRIES, Service
from tests.factories import Desk, MemoryStore, a_calendar, a_desk, person

C1 = CaseId("c1")
GOOD = cmd.AddComment(case_id=C1, text="好")


class Crowded(MemoryStore):
    """A store in which somebody else was faster, `moves` times."""

    moves = 0

    def save(
        self, definition: Definition, case: Case, events: Sequence[Recorded], owed: Sequence[Owed]
    ) -> None:
        if self.moves:
            self.moves -= 1
            raise VersionMoved("c1")
        super().save(definition, case, events, owed)


def _crowded(moves: int) -> tuple[Desk, list[str]]:
    desk = a_desk()
    desk.start()
    store = Crowded(**{name: getattr(desk.store, name) for name in MemoryStore.__dataclass_fields__})
    store.moves = moves
    woken: list[str] = []
    service = Service(store, desk.clock, lambda _: a_calendar(), wake=lambda: woken.append("up"))
    return Desk(store, desk.clock, service), woken


def test_a_case_that_moved_meanwhile_is_judged_anew_and_the_runner_woken_once() -> None:
    desk, woken = _crowded(TRIES - 1)
    assert desk.do(GOOD).refusal is None
    assert woken == ["up"]


def test_a_case_that_keeps_moving_is_given_up_and_nobody_is_woken() -> None:
    desk, woken = _crowded(TRIES)
    with pytest.raises(VersionMoved, match="case c1 was changed by somebody else just now"):
        desk.do(GOOD)
    assert woken == []


def test_a_refusal_and_a_command_with_nothing_to_do_wake_nobody() -> None:
    desk, woken = _crowded(0)
    desk.set(ghost="x")
    desk.set(brief=None)
    assert woken == []


def test_the_same_key_and_command_give_the_same_answer_once_more() -> None:
    desk = a_desk()
    desk.start()
    first = desk.service.handle(GOOD, actor=person("pei"), key="k1")
    again = desk.service.handle(GOOD, actor=person("pei"), key="k1")
    assert (again.version, again.repeated, again.events) == (first.version, True, ())
    assert desk.kinds().count("commented") == 1


def test_a_key_belongs_to_one_person() -> None:
    desk = a_desk()
    desk.start()
    desk.service.handle(GOOD, actor=person("pei"), key="k1")
    assert not desk.service.handle(GOOD, actor=person("bo"), key="k1").repeated


def test_the_same_key_with_another_command_is_refused() -> None:
    desk = a_desk()
    desk.start()
    desk.service.handle(GOOD, actor=person("pei"), key="k1")
    with pytest.raises(KeyReused, match="idempotency key k1 was already used for another command"):
        desk.service.handle(cmd.AddComment(case_id=C1, text="不"), actor=person("pei"), key="k1")


def test_a_refusal_is_not_remembered_so_a_mended_case_can_be_tried_under_the_same_key() -> None:
    desk = a_desk()
    desk.start()
    complete = cmd.CompleteTask(case_id=C1, task="write_brief")
    assert desk.service.handle(complete, actor=person("pei"), key="k1").refusal is not None
    desk.set(brief="x")
    assert desk.service.handle(complete, actor=person("pei"), key="k1").refusal is None


def test_a_command_on_an_older_version_is_told_so_and_changes_nothing() -> None:
    desk = a_desk()
    version = desk.start().version
    desk.do(GOOD)
    with pytest.raises(StaleCase) as stale:
        desk.service.handle(GOOD, actor=person("pei"), if_version=version)
    assert (stale.value.case_id, stale.value.seen, stale.value.stored) == ("c1", version, version + 1)
    assert desk.service.handle(GOOD, actor=person("pei"), if_version=version + 1).refusal is None


def test_a_case_that_does_not_exist_has_no_version_to_be_older_than() -> None:
    answer = a_desk().service.handle(GOOD, actor=person("pei"), if_version=3)
    assert answer.refusal is not None
    assert (answer.refusal.why, answer.refusal.blockers[0].code) == (Why.NOT_FOUND, "no_such_case")


def test_a_case_starts_on_a_published_sop_only() -> None:
    answer = a_desk().do(cmd.StartCase(case_id=C1, sop="ghost", title="x"))
    assert answer.refusal is not None
    assert (answer.refusal.why, answer.refusal.blockers[0].code) == (Why.NOT_FOUND, "sop_not_published")
    assert answer.version == 0
