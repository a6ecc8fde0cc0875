"""A case as guards see it."""

from datetime import date, datetime

from engine.case.calendar import local_date
from engine.case.facts import Facts
from engine.case.state import Case, TaskState
from engine.definition.compiled import Definition
from engine.definition.fields import FieldSpec, typed


class CaseView:
    """The data of one case for `judge` and `evaluate`: typed values, settings, places, children, the
    calendar's today.
    """

    def __init__(self, definition: Definition, case: Case, facts: Facts) -> None:
        self._definition = definition
        self._case = case
        self._facts = facts

    def value(self, name: str, /) -> object | None:
        return _typed(self._definition.sop.fields.get(name), self._case.values.get(name))

    def setting(self, name: str, /) -> object | None:
        return _typed(self._definition.sop.settings.get(name), self._facts.settings.get(name))

    def has_left(self, stage: str, /) -> bool:
        return stage.rpartition(".")[2] in self._case.left

    def is_at(self, stage: str, /) -> bool:
        return self._case.at(stage.rpartition(".")[2]) is not None

    def task_done(self, task: str, /) -> bool:
        """As it stands in the current visit, or as it was when its stage was last left."""
        found = self._case.tasks.get(task) or self._case.kept.get(task)
        return found is not None and found.state is not TaskState.OPEN

    def children_open(self, child: str, /) -> int:
        return sum(1 for c in self._case.children.values() if c.spec == child and c.outcome is None)

    def children_total(self, child: str, /) -> int:
        return sum(1 for c in self._case.children.values() if c.spec == child)

    def version(self, counter: str, /) -> int:
        return self._case.counters.get(counter, 0)

    def today(self) -> date:
        return local_date(self._facts.calendar, self._facts.now)

    def now(self) -> datetime:
        return self._facts.now


def _typed(spec: FieldSpec | None, stored: object) -> object | None:
    return None if spec is None or stored is None else typed(spec, stored)  # pyright: ignore[reportArgumentType]
