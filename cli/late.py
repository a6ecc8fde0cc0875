"""What is overdue: the command for it, and the rows that the inbox shows too."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING, Annotated, Any

import typer

from cli.language import say
from cli.screen import Result, Screen, plain
from cli.session import Session
from engine.ids import PersonId

if TYPE_CHECKING:
    from cli.lookup import Names
    from engine.store.inbox import Due
    from runtime.wiring import Parts

PersonOption = Annotated[str | None, typer.Option("--person", help=say("只看此人的", "only this person's"))]


class By(StrEnum):
    OWNER = "owner"
    SOP = "sop"


def overdue(
    session: Session,
    person: PersonOption = None,
    sop: Annotated[str | None, typer.Option("--sop", help=say("只看此流程", "only this SOP"))] = None,
    by: Annotated[
        By | None, typer.Option("--by", help=say("按负责人或流程分组", "grouped by owner or SOP"))
    ] = None,
) -> Result:
    from cli.lookup import Names, latest

    with session.opened() as parts:
        wanted = PersonId(person) if person else None
        if wanted:
            parts.store.people.get(wanted)
        if sop:
            latest(parts, sop)
        rows = late_rows(parts, Names(parts, session.language), session, person=wanted, sop=sop)

    def shown(screen: Screen) -> None:
        if not rows:
            screen.line(screen.say("没有逾期事项", "nothing is overdue"))
        for title, lines in _grouped(screen, rows, by):
            _table(screen, lines, title)

    return Result(data=[row.data for row in rows], show=shown)


def late_rows(
    parts: "Parts",
    names: "Names",
    session: Session,
    *,
    person: PersonId | None = None,
    sop: str | None = None,
) -> list["LateRow"]:
    """Longest late first; with `person`, what this person answers for, and what waits for them."""
    late = parts.store.inbox.overdue(now=parts.clock.now(), person=person)
    return [_late_row(parts, names, session, due) for due in late if sop in (None, due.sop)]


def show_late(screen: Screen, rows: Sequence["LateRow"], *, title: str) -> None:
    if rows:
        _table(screen, [row.cells for row in rows], title)


def _table(screen: Screen, lines: list[list[str]], title: str) -> None:
    screen.table([screen.say(*head) for head in _LATE_HEADS], lines, title=title)


_LATE_HEADS = (
    ("案例", "case"),
    ("标题", "title"),
    ("事项", "what"),
    ("负责", "owner"),
    ("到期", "due"),
    ("逾期工作日", "working days late"),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class LateRow:
    """`cells` for people, `data` for programs, `groups` by what it can be grouped."""

    cells: list[str]
    data: dict[str, Any]
    groups: dict[By, str]


def _grouped(screen: Screen, rows: Sequence[LateRow], by: By | None) -> list[tuple[str, list[list[str]]]]:
    if by is None:
        return [("", [row.cells for row in rows])] if rows else []
    groups: defaultdict[str, list[list[str]]] = defaultdict(list)
    for row in rows:
        groups[row.groups[by] or screen.say("无人", "nobody")].append(row.cells)
    named = sorted(groups.items(), key=lambda group: (-len(group[1]), group[0]))
    return [(screen.say(f"{name}（{len(lines)}）", f"{name} ({len(lines)})"), lines) for name, lines in named]


def _late_row(parts: "Parts", names: "Names", session: Session, due: "Due") -> LateRow:
    from cli.lookup import find_case
    from cli.report import Reporter
    from engine.case.calendar import working_days_passed
    from engine.case.overdue import answers_for

    found = find_case(session, parts, due.case_id)
    what = Reporter(found=found, names=names, language=session.language).of_deadline(
        due.kind.value, due.subject
    )
    deadline = found.case.deadlines.get(due.deadline)
    owners = answers_for(found.definition, found.case, found.facts, deadline)
    days = working_days_passed(found.facts.calendar_for(deadline), due.due_at, found.facts.now)
    who, sop = names.persons(owners), found.definition.sop.title.in_(session.language)
    return LateRow(
        cells=[
            due.case_id,
            due.title,
            what,
            who,
            names.due(due.due_at, provisional=due.provisional),
            str(days),
        ],
        data={**plain(due), "what": what, "owners": list(owners), "working_days": days},
        groups={By.OWNER: who, By.SOP: sop},
    )
