"""What is overdue, as every list of it shows it: what, whose, and how many working days late."""

from collections import defaultdict
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from engine.case.calendar import working_days_passed
from engine.case.overdue import answers_for
from engine.ids import PersonId
from engine.store.inbox import Due
from engine.text import Text
from web.case_view import CaseView
from web.ports import Wiring
from web.seeing import facts_for, seen
from web.visitor import Visitor


@dataclass(frozen=True, slots=True, kw_only=True)
class Late:
    """`owners` hold the role it belongs to in this case, or are asked where an approval is late; `who` are
    their names. `working_days`: late.
    """

    due: Due
    what: Text
    title: str
    sop_title: str
    owners: tuple[PersonId, ...]
    who: str
    working_days: int


def late_list(wiring: Wiring, visitor: Visitor, *, person: PersonId | None = None) -> list[Late]:
    """Longest late first; with `person`, what this person answers for, and what waits for them."""
    now, views = wiring.clock.now(), dict[str, CaseView]()
    found: list[Late] = []
    for due in wiring.store.inbox.overdue(now=now, person=person):
        if due.case_id not in views:
            at = seen(wiring, due.case_id)
            facts = facts_for(wiring, at, visitor.actor())
            views[due.case_id] = CaseView(seen=at, facts=facts, visitor=visitor)
        found.append(_late(views[due.case_id], due))
    return found


def _late(view: CaseView, due: Due) -> Late:
    what = view.deadline_text(due.kind, due.subject)
    deadline = view.case.deadlines.get(due.deadline)
    owners = answers_for(view.definition, view.case, view.facts, deadline)
    return Late(
        due=due,
        what=what,
        title=what.in_(view.visitor.language),
        sop_title=view.sop_title,
        owners=owners,
        who=view.names(owners),
        working_days=working_days_passed(view.facts.calendar_for(deadline), due.due_at, view.facts.now),
    )


def late_groups(found: Sequence[Late], named: Callable[[Late], str]) -> list[tuple[str, list[Late]]]:
    """By name, the group with most first."""
    groups: defaultdict[str, list[Late]] = defaultdict(list)
    for one in found:
        groups[named(one)].append(one)
    return sorted(groups.items(), key=lambda group: (-len(group[1]), group[0]))
