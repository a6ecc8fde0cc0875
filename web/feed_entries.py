"""What stands in a calendar feed: whatever a person has a date for, or the milestones and dates of a case."""

from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from datetime import date, datetime

from engine.case.overdue import is_overdue, stands_still
from engine.case.state import CaseStatus, Deadline, DeadlineKind
from engine.ids import CaseId
from engine.store.people import Person
from web.case_page import MilestoneLine, milestones
from web.case_view import CaseView
from web.icalendar_text import Entry
from web.phrases import Phrases
from web.ports import Wiring
from web.seeing import facts_for, seen
from web.visitor import Visitor, times_for

UNSEEN = (DeadlineKind.WAKE, DeadlineKind.RESUME)


@dataclass(frozen=True, slots=True, kw_only=True)
class Dated:
    """One thing with a date. `name` tells it from the others of its case; `more` is whatever else is to be
    said.
    """

    name: str
    title: str
    when: datetime | date
    more: str = ""
    late: bool = False
    still: bool = False
    done: bool = False
    provisional: bool = False
    optional: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class FeedEntries:
    """For one reader, in their language. Each case is read once."""

    wiring: Wiring
    visitor: Visitor
    views: dict[CaseId, CaseView] = field(default_factory=dict[CaseId, CaseView])

    @classmethod
    def of(cls, wiring: Wiring, person: Person) -> "FeedEntries":
        t = Phrases("en" if person.language == "en" else "zh")
        people = {one.id: one for one in wiring.store.people.all(active=True)}
        times = times_for(wiring, person, t)
        visitor = Visitor(person=person, people=people, t=t, times=times, seat="", form_token="")
        return cls(wiring=wiring, visitor=visitor)

    def mine(self) -> list[Entry]:
        """What this person decides, does or answers for, due first."""
        found = [
            self._entry(self.view(case_id), dated)
            for part in (self._asks(), self._tasks(), self._owned())
            for case_id, dated in part
        ]
        return sorted(found, key=lambda entry: (str(entry.when), entry.uid))

    def of_case(self, case_id: CaseId) -> list[Entry]:
        """Milestones as whole days, what else is due as instants. Raises NoSuchPage."""
        view = self.view(case_id)
        stones = (self._milestone(stone) for stone in milestones(view))
        return [self._entry(view, dated) for dated in (*filter(None, stones), *self._clocks(view))]

    def view(self, case_id: CaseId) -> CaseView:
        if case_id not in self.views:
            at = seen(self.wiring, case_id)
            facts = facts_for(self.wiring, at, self.visitor.actor())
            self.views[case_id] = CaseView(seen=at, facts=facts, visitor=self.visitor)
        return self.views[case_id]

    def _asks(self) -> Iterator[tuple[CaseId, Dated]]:
        me, t = self.visitor.person.id, self.visitor.t
        for ask in self.wiring.store.inbox.asks(me):
            view, name = self.view(ask.case_id), f"{DeadlineKind.APPROVAL}:{ask.approval}"
            own = ask.principal == me
            more = "" if own else t("for {person}", person=self.visitor.name(ask.principal))
            if (found := view.case.deadlines.get(name)) is not None:
                title = t("To sign: {title}", title=view.title(ask.spec))
                yield ask.case_id, self._timed(found, found.id, title, more)

    def _tasks(self) -> Iterator[tuple[CaseId, Dated]]:
        for task in self.wiring.store.inbox.tasks(self.visitor.person.id):
            view = self.view(task.case_id)
            known = view.case.deadlines
            shared = None if task.optional else known.get(f"{DeadlineKind.STAGE}:{task.visit}")
            found = known.get(f"{DeadlineKind.TASK}:{task.task}", shared)
            if found is not None:
                name = f"work:{task.task}/{task.visit}/{task.occurrence}"
                dated = self._timed(found, name, view.title(task.task))
                yield task.case_id, replace(dated, optional=task.optional)

    def _owned(self) -> Iterator[tuple[CaseId, Dated]]:
        for due in self.wiring.store.inbox.answers_for(self.visitor.person.id):
            view = self.view(due.case_id)
            found = view.case.deadlines.get(due.deadline)
            if found is not None:
                yield (
                    due.case_id,
                    self._timed(found, found.id, view.deadline_title(found.kind, found.subject)),
                )

    def _clocks(self, view: CaseView) -> Iterator[Dated]:
        if view.case.status is CaseStatus.CLOSED:
            return
        for one in sorted(view.case.deadlines.values(), key=lambda deadline: deadline.due_at):
            if one.kind not in UNSEEN and not _has_its_day(view, one):
                title = view.deadline_title(one.kind, one.subject)
                yield self._timed(one, one.id, title, view.holders(one.owner))

    def _milestone(self, stone: MilestoneLine) -> Dated | None:
        day = stone.reached or stone.forecast or stone.planned
        if not day:
            return None
        t = self.visitor.t
        said = (
            t("planned {day}", day=stone.planned) if stone.planned else "",
            t("forecast {day}", day=stone.forecast) if stone.forecast else "",
            t("reached {day}", day=stone.reached) if stone.reached else "",
        )
        return Dated(
            name=f"{DeadlineKind.MILESTONE}:{stone.id}",
            title=stone.title,
            when=date.fromisoformat(day),
            more="\n".join(filter(None, said)),
            late=stone.late,
            done=bool(stone.reached),
            provisional=not stone.reached,
        )

    def _timed(self, found: Deadline, name: str, title: str, more: str = "") -> Dated:
        return Dated(
            name=name,
            title=title,
            when=found.due_at,
            more=more,
            late=is_overdue(found, self.visitor.times.now),
            still=stands_still(found),
            provisional=found.provisional,
        )

    def _entry(self, view: CaseView, dated: Dated) -> Entry:
        case, path = view.case, self.wiring.settings.case_path
        base, line = self.wiring.settings.public_url.rstrip("/"), self.wiring.store.board.line(view.case.id)
        return Entry(
            uid=f"{case.id}/{dated.name}",
            when=dated.when,
            title=f"{self._mark(dated)}{dated.title} · {case.title}",
            note="\n".join(filter(None, (view.sop_title, dated.more))),
            address=f"{base}{path.format(id=case.id)}" if path else "",
            touched=line.updated_at if line else case.opened_at,
            version=case.version,
            tentative=dated.provisional or dated.still,
        )

    def _mark(self, dated: Dated) -> str:
        t = self.visitor.t
        if dated.done:
            return "✓ "
        words = [
            t("Overdue") if dated.late else "",
            t("optional") if dated.optional else "",
            t("paused") if dated.still else "",
            t("estimated") if dated.provisional and isinstance(dated.when, datetime) else "",
        ]
        return "".join(f"[{word}] " for word in words if word)


def _has_its_day(view: CaseView, deadline: Deadline) -> bool:
    """A milestone stands in the calendar on its day; one that only has a deadline, at that instant."""
    if deadline.kind is not DeadlineKind.MILESTONE:
        return False
    known = view.case.milestones.get(deadline.subject)
    return known is not None and bool(known.reached_on or known.forecast or known.planned)
