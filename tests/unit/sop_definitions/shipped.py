"""The shipped SOPs under test: what each element must say, and a company in which their cases run."""

import re
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any, Final

import yaml

import sop_definitions
from engine.case import commands as cmd
from engine.clock import FixedClock
from engine.definition.compiled import Definition
from engine.definition.fields import FieldSpec, FieldType
from engine.definition.loader import read
from engine.definition.model import Sop
from engine.ids import CaseId
from engine.service import Service
from tests.factories import MONDAY, Desk, MemoryStore, a_calendar

FOLDER: Final = Path(sop_definitions.__file__).parent
SOURCE: Final = re.compile(r"S|S-[A-Z0-9]{2}|I|STD|B:[a-z0-9_]+")
# Outside the settings' names, an amount of time, money or share could only be a made-up default.
_AMOUNT: Final = re.compile(r"\b\d+ *(wd|wh|d|h|min|CNY|%|元|天|小时|个工作日)\b|\b[1-9]\d*\b")


@cache
def shipped(name: str) -> Definition:
    return read(FOLDER / f"{name}.yaml")


def elements(sop: Sop) -> Iterator[tuple[str, str, str, str | None]]:
    """Everything with a name for people: where it stands, zh, en, source."""
    yield "sop", sop.zh, sop.en, sop.source
    groups = {
        "settings": sop.settings, "roles": sop.roles, "fields": sop.fields, "counters": sop.counters,
        "exits": sop.exits, "tracks": sop.tracks, "children": sop.children,
    }  # fmt: skip
    for group, things in groups.items():
        for name, thing in things.items():
            yield f"{group}.{name}", thing.zh, thing.en, thing.source
    for thing in (*sop.stages, *sop.transitions, *sop.milestones, *sop.rules):
        yield thing.id, thing.zh, thing.en, thing.source
    for stage in sop.stages:
        for part in (*stage.tasks, *stage.deliverables):
            yield f"{stage.id}.{part.id}", part.zh, part.en, part.source
    for transition in sop.transitions:
        for approval in transition.approvals:
            yield f"{transition.id}.{approval.id}", approval.zh, approval.en, approval.source


def incomplete(sop: Sop) -> list[str]:
    """Where a wording is missing in one language, or where nothing says what it comes from."""
    unnamed = [where for where, zh, en, _ in elements(sop) if not (zh and en)]
    unmarked = [where for where, *_, source in elements(sop) if not SOURCE.fullmatch(source or "")]
    return [*unnamed, *unmarked, *_unnamed_inside(sop)]


def _unnamed_inside(sop: Sop) -> Iterator[str]:
    """Columns and enum values share the mark of their field, but need a name of their own."""
    for name, spec in sop.fields.items():
        for where, inner in _inside(name, spec):
            if not (inner.zh and inner.en):
                yield where
            yield from (
                f"{where}={value}" for value, title in inner.values.items() if not (title.zh and title.en)
            )


def _inside(name: str, spec: FieldSpec) -> Iterator[tuple[str, FieldSpec]]:
    if spec.of is None:
        yield name, spec
    elif not spec.of.fields:
        yield f"{name}[]", spec.of
    for column, inner in spec.columns.items():
        yield from _inside(f"{name}.{column}", inner)


def amounts(name: str) -> list[str]:
    """Every scalar of the file that holds a number other than zero; wordings are left out."""
    root = yaml.compose((FOLDER / f"{name}.yaml").read_text(encoding="utf-8"), Loader=yaml.SafeLoader)
    return [text for text in _scalars(root) if _AMOUNT.search(text)]


def _scalars(node: Any) -> Iterator[str]:
    match node:
        case yaml.MappingNode():
            for key, value in node.value:
                if key.value not in {"zh", "en"}:
                    yield from _scalars(value)
        case yaml.SequenceNode():
            for item in node.value:
                yield from _scalars(item)
        case _:
            yield node.value


def of_stage(sop: Sop, source: str) -> dict[str, int]:
    """How many tasks of each stage carry this mark."""
    return {stage.id: sum(task.source == source for task in stage.tasks) for stage in sop.stages}


def demanded(sop: Sop, stage_id: str) -> set[str]:
    """The fields without which a stage cannot be left."""
    stage = next(s for s in sop.stages if s.id == stage_id)
    return {*stage.requires, *(f for task in stage.tasks if not task.optional for f in task.requires)}


def loops(sop: Sop) -> set[tuple[str, str, str]]:
    """Moves back to an earlier stage or to the same one."""
    order = [stage.id for stage in sop.stages]
    return {
        (t.id, str(t.from_), t.to)
        for t in sop.transitions
        if t.to is not None and order.index(t.to) <= order.index(str(t.from_))
    }


class Company:
    """One person for each role, named like the role; every setting unset, as on the first day."""

    def __init__(self, name: str, *more: str, **settings: Any) -> None:
        store = MemoryStore(settings=settings)
        definitions = [shipped(each) for each in (name, *more)]
        for definition in definitions:
            store.publish(definition)
        roles = {role: spec.external for d in definitions for role, spec in d.sop.roles.items()}
        store.people = {role: (role,) for role in roles} | {"staff": ("pei",)}
        store.external = frozenset(role for role, external in roles.items() if external)
        clock = FixedClock(MONDAY)
        service = Service(store, clock, lambda _: a_calendar())
        self.desk = Desk(store, clock, service)
        self.sop = definitions[0].sop
        self.desk.start(name)

    @property
    def stage(self) -> str:
        """Where the case stands; its outcome once it is closed."""
        case = self.desk.case()
        return case.outcome or next(iter(case.positions.values())).stage

    def do(self, command: cmd.Command) -> None:
        answer = self.desk.do(command)
        assert answer.refusal is None, answer.refusal

    def fill(self, **values: Any) -> None:
        answer = self.desk.set(**values)
        assert answer.refusal is None, answer.refusal

    def work(self, **values: Any) -> None:
        """Fills in what the stage demands, by example where nothing is given, and completes its checklist."""
        stage = next(s for s in self.sop.stages if s.id == self.stage)
        case = self.desk.case()
        wanted = {name for name in demanded(self.sop, stage.id) if name not in case.values} - values.keys()
        self.fill(**{name: example(self.sop.fields[name]) for name in wanted}, **values)
        for task in stage.tasks:
            self.do(cmd.CompleteTask(case_id=CaseId("c1"), task=task.id))
        for deliverable in stage.deliverables:
            self.do(
                cmd.AttachDeliverable(
                    case_id=CaseId("c1"), deliverable=deliverable.id, name="文件.pdf", hash="0" * 64, size=1,
                    media_type="application/pdf",
                )
            )  # fmt: skip

    def take(self, transition: str, *signers: str, reason: str = "理由", refused_by: str = "") -> str:
        """Asks for the move, lets these people agree and perhaps one refuse, lets the runner carry it."""
        answer = self.desk.advance(transition, reason=reason)
        assert answer.refusal is None, answer.refusal
        for signer in signers:
            assert self.desk.sign(signer).refusal is None
        if refused_by:
            assert self.desk.sign(refused_by, "reject", comment="不同意").refusal is None
        self.desk.run()
        return self.stage

    def blocked(self, transition: str) -> set[str]:
        """The codes of what stands against the move; empty when it would be taken up."""
        answer = self.desk.advance(transition, reason="理由")
        return {blocker.code for blocker in answer.refusal.blockers} if answer.refusal else set()


_EXAMPLES: Final[dict[FieldType, Any]] = {
    FieldType.TEXT: "示例",
    FieldType.LONGTEXT: "示例",
    FieldType.INT: 3,
    FieldType.DECIMAL: "3",
    FieldType.MONEY: "100 CNY",
    FieldType.PERCENT: "3",
    FieldType.DATE: "2026-11-23",
    FieldType.DATETIME: "2026-11-23T09:00",
    FieldType.BOOL: True,
    FieldType.PERSON: "pei",
    FieldType.REFERENCE: "r1",
    FieldType.DURATION: "3 wd",
    FieldType.PERIOD: {"start": "2026-11-23", "end": "2026-11-24"},
    FieldType.FILE: {"name": "文件.pdf", "hash": "0" * 64, "size": 1, "media_type": "application/pdf"},
}


def example(spec: FieldSpec) -> Any:
    """Some value of the field's type; the first of an enum, one record of a list."""
    if spec.type is FieldType.ENUM:
        return next(iter(spec.values))
    if spec.type is FieldType.RECORD:
        return {name: example(column) for name, column in spec.fields.items()}
    return [example(spec.of)] if spec.of is not None else _EXAMPLES[spec.type]
