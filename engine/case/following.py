"""Deadlines follow what they are counted from: a moved field, milestone or answer lays them anew."""

from collections.abc import Iterator
from dataclasses import dataclass, replace

from engine.case import deadlines
from engine.case import events as ev
from engine.case.anchors import standing
from engine.case.draft import Draft
from engine.case.state import CaseStatus, Deadline, DeadlineKind, TaskState, Visit
from engine.definition.model import DeadlineSpec, TaskSpec


@dataclass(frozen=True, slots=True, kw_only=True)
class _Wanted:
    """A deadline the SOP declares for something that is still to come, as it would be laid now."""

    id: str
    spec: DeadlineSpec
    new: Deadline | None


def follow(draft: Draft) -> None:
    """After a command: lays anew every deadline whose origin has moved, and those of milestones at the start.

    What an extension or a pause had added to the old one goes with it.
    """
    if draft.case.status is CaseStatus.CLOSED:
        return
    for one in tuple(_declared(draft)):
        if _moved(draft, one.spec):
            _lay(draft, one)


def _moved(draft: Draft, spec: DeadlineSpec) -> bool:
    if draft.before is None:
        return True
    if spec.origin is None:
        return False
    now = standing(draft.definition, draft.case, spec.origin)
    return now != standing(draft.definition, draft.before, spec.origin)


def _lay(draft: Draft, one: _Wanted) -> None:
    """A clock that stands still stays so, from now on at the new date; the same date by another way is kept
    with that way, to be counted again by it.
    """
    old = draft.case.deadlines.get(one.id)
    if one.new is not None and old is not None and old.due_at == one.new.due_at:
        if old.reckoned != one.new.reckoned:
            draft.add(ev.DeadlineSet(deadline=replace(old, reckoned=one.new.reckoned)))
        return
    deadlines.put(draft, one.new, one.id)
    if old is not None and old.stopped_at is not None:
        deadlines.stop(draft, one.id)


def _declared(draft: Draft) -> Iterator[_Wanted]:
    for visit in draft.case.positions.values():
        stage = draft.definition.stages[visit.stage]
        if stage.deadline is not None:
            name = f"{DeadlineKind.STAGE}:{visit.number}"
            yield _Wanted(id=name, spec=stage.deadline, new=deadlines.of_stage(draft, visit))
        for task in stage.tasks:
            if task.deadline is not None and draft.case.tasks[task.id].state is TaskState.OPEN:
                new = deadlines.of_task(draft, visit, task)
                yield _Wanted(id=f"{DeadlineKind.TASK}:{task.id}", spec=task.deadline, new=new)
    for spec in draft.definition.sop.milestones:
        known = draft.case.milestones.get(spec.id)
        if spec.deadline is not None and (known is None or known.reached_on is None):
            new = deadlines.of_milestone(draft, spec)
            yield _Wanted(id=f"{DeadlineKind.MILESTONE}:{spec.id}", spec=spec.deadline, new=new)


def task_begins(draft: Draft, spec: TaskSpec) -> None:
    """A reopened task has its deadline again, the one it had."""
    if spec.deadline is not None:
        deadlines.put(draft, deadlines.of_task(draft, _visit(draft, spec), spec), "")


def task_ends(draft: Draft, spec: TaskSpec) -> None:
    if spec.deadline is not None:
        deadlines.close(draft, f"{DeadlineKind.TASK}:{spec.id}")


def _visit(draft: Draft, spec: TaskSpec) -> Visit:
    number = draft.case.tasks[spec.id].visit
    return next(visit for visit in draft.case.positions.values() if visit.number == number)
