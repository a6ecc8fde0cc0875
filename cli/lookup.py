"""Finding what a person named on the command line, and naming things back to them."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, tzinfo
from difflib import get_close_matches
from functools import cached_property
from zoneinfo import ZoneInfo

from cli.session import Exit, Failed, Session
from engine.case import waking
from engine.case.facts import Facts
from engine.case.state import RULE, RULE_PERSON, Actor, Case, Deadline, DeadlineKind, Via
from engine.definition.compiled import Definition
from engine.groups import group_named
from engine.ids import CaseId, PersonId
from engine.store.people import Person
from engine.text import Language, Text
from runtime.wiring import Parts


@dataclass(frozen=True)
class Names:
    """How instants and persons are written for this session."""

    parts: Parts
    language: Language

    @cached_property
    def people(self) -> Mapping[PersonId, Person]:
        return {person.id: person for person in self.parts.store.people.all()}

    @cached_property
    def zone(self) -> tzinfo:
        return ZoneInfo(self.parts.settings.zone)

    def person(self, person: str) -> str:
        if person == RULE_PERSON:
            return Text("按规则", "by rule").in_(self.language)
        group = group_named(person)
        if group is not None:
            return Text(f"群 {group}", f"group {group}").in_(self.language)
        known = self.people.get(PersonId(person))
        return known.name if known else person

    def persons(self, persons: Iterable[str]) -> str:
        return ("、" if self.language == "zh" else ", ").join(self.person(p) for p in persons)

    def deadline(self, case: Case, due: Deadline) -> str:
        """What a deadline hangs on."""
        definition = self.parts.store.definitions.by_digest(case.definition)
        name = due.subject
        if due.kind is DeadlineKind.STAGE:
            name = next((v.stage for v in case.positions.values() if str(v.number) == name), name)
        elif due.kind is DeadlineKind.RESUME:
            stages = {str(visit.number): visit.stage for visit in case.positions.values()}
            stage = definition.title_of(stages.get(waking.visit_of(name), ""))
            return waking.title(name, stage).in_(self.language)
        elif due.kind is DeadlineKind.APPROVAL and due.subject in case.approvals:
            name = case.approvals[due.subject].spec
        elif due.kind is DeadlineKind.MILESTONE:
            known = case.milestones.get(name)
            title = definition.title_of(name.partition("/")[0]).in_(self.language)
            return f"{title} {known.name}".strip() if known else title
        return definition.title_of(name).in_(self.language)

    def instant(self, instant: datetime | None) -> str:
        return instant.astimezone(self.zone).strftime("%Y-%m-%d %H:%M") if instant else ""

    def due(self, instant: datetime | None, *, provisional: bool) -> str:
        """A due instant, and whether it may still move."""
        may_move = Text("（预计）", " (provisional)").in_(self.language) if instant and provisional else ""
        return self.instant(instant) + may_move


@dataclass(frozen=True, kw_only=True)
class Found:
    """A case with what it is judged by."""

    case: Case
    definition: Definition
    facts: Facts

    def title(self, name: str, language: Language) -> str:
        return self.definition.title_of(name).in_(language)


def find_case(session: Session, parts: Parts, case_id: str) -> Found:
    """Raises Failed for a case that is not there."""
    case = parts.store.board.case(CaseId(case_id))
    if case is None:
        raise Failed(
            Exit.NOT_FOUND,
            Text(
                f"没有案例 {case_id}；用 guanka list 查看现有案例",
                f"there is no case {case_id}; guanka list shows the cases",
            ),
        )
    definition = parts.store.definitions.by_digest(case.definition)
    person = session.person or session.settings.person
    actor = Actor(person=PersonId(person), via=Via.CLI) if person else RULE
    facts = parts.service.facts(definition, parts.store.people.company(case.sop), actor)
    return Found(case=case, definition=definition, facts=facts)


def latest(parts: Parts, sop: str) -> Definition:
    """The version new cases of this SOP start on. Raises Failed, naming what is published."""
    version = parts.store.definitions.latest(sop)
    if version is None:
        known = sorted({each.sop for each in parts.store.definitions.versions()})
        raise Failed(Exit.NOT_FOUND, unknown("流程", "SOP", sop, known))
    return parts.store.definitions.by_digest(version.digest)


def known_stage(parts: Parts, stage: str, sop: str | None) -> None:
    """In any version, because cases stay on theirs. Raises Failed, naming the likeliest."""
    versions = [v for v in parts.store.definitions.versions() if sop in (None, v.sop)]
    stages = {name for v in versions for name in parts.store.definitions.by_digest(v.digest).stages}
    if stage not in stages:
        near = get_close_matches(stage, sorted(stages), n=3)
        raise Failed(Exit.NOT_FOUND, unknown("阶段", "stage", stage, near))


def known_person(parts: Parts, person: str) -> None:
    """Raises Failed, naming the likeliest."""
    people = [each.id for each in parts.store.people.all()]
    if person not in people:
        near = get_close_matches(person, people, n=3)
        raise Failed(Exit.NOT_FOUND, unknown("人员", "person", person, near))


def unknown(zh: str, en: str, name: str, known: Iterable[str]) -> Text:
    """What to say of a name that means nothing; `known` is what it could have been."""
    close = get_close_matches(name, list(known), n=1)
    hint_zh = f"；是否要写 {close[0]}？" if close else ""
    hint_en = f"; did you mean {close[0]}?" if close else ""
    listed = ", ".join(known)
    known_zh, known_en = (f"（现有：{listed}）", f" (known: {listed})") if listed else ("", "")
    return Text(f"没有{zh} {name}{hint_zh}{known_zh}", f"there is no {en} {name}{hint_en}{known_en}")


def pairs(words: Iterable[str], what: Text) -> dict[str, str]:
    """`name=value` words as a mapping. Raises Failed for one without `=`, and for a name given twice."""
    found: dict[str, str] = {}
    for word in words:
        name, equals, value = word.partition("=")
        if not equals or not name.strip():
            raise Failed(
                Exit.USAGE,
                Text(
                    f"{what.zh}要写成 名称=值，这里是 {word!r}",
                    f"write {what.en} as name=value, not {word!r}",
                ),
            )
        if name.strip() in found:
            raise Failed(Exit.USAGE, Text(f"{what.zh} {name} 写了两次", f"{what.en} {name} is given twice"))
        found[name.strip()] = value
    return found
