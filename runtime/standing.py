"""Why the clocks in somebody's lists stand still; each case is read once, and only where one does."""

from collections.abc import Callable
from dataclasses import dataclass, field

from engine.case.state import Case
from engine.case.stillness import Still, of_approval, of_task
from engine.ids import CaseId
from engine.store.concern_list import OpenConcern
from engine.store.inbox import OpenAsk, OpenTask


@dataclass(slots=True)
class Standing:
    """`read` gives a case as it stands, None for one that is gone."""

    read: Callable[[CaseId], Case | None]
    _seen: dict[CaseId, Case | None] = field(default_factory=dict[CaseId, Case | None])

    def of(self, one: OpenAsk | OpenTask | OpenConcern) -> Still | None:
        """None while its clock runs."""
        if not one.stopped:
            return None
        if one.case_id not in self._seen:
            self._seen[one.case_id] = self.read(one.case_id)
        case = self._seen[one.case_id]
        if case is None:
            return None
        return of_task(case, one.task) if isinstance(one, OpenTask) else of_approval(case, one.approval)
