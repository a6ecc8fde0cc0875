"""A definition ready for use: the SOP, its hash, its lookups and its parsed guards. Built once per hash and
shared.
"""

from functools import cached_property
from typing import assert_never

from engine.definition.approval_model import ApprovalSpec
from engine.definition.fields import FieldSpec, FieldType
from engine.definition.guards import Expression, Guard, GuardScope, parse_guard, parse_value
from engine.definition.model import (
    ANY_STAGE,
    MAIN_TRACK,
    PARENT_ENDED,
    MilestoneSpec,
    Sop,
    StageSpec,
    TaskSpec,
    TrackSpec,
    TransitionSpec,
)
from engine.definition.origins import OriginKind, read_origin
from engine.text import Text

CYCLE_SUFFIX = "_cycle"


class Definition:
    """A published SOP version. `digest` is the sha256 (hex) of the stored text; a case pins it."""

    def __init__(self, sop: Sop, digest: str) -> None:
        self.sop = sop
        self.digest = digest
        self.stages: dict[str, StageSpec] = {stage.id: stage for stage in sop.stages}
        self.order: dict[str, int] = {stage.id: n for n, stage in enumerate(sop.stages)}
        self.transitions: dict[str, TransitionSpec] = {t.id: t for t in (*sop.transitions, *_cycles(sop))}
        self.milestones: dict[str, MilestoneSpec] = {m.id: m for m in sop.milestones}
        self._guards: dict[str, Guard] = {}
        self._values: dict[str, Expression] = {}

    @cached_property
    def tracks(self) -> dict[str, TrackSpec]:
        """The declared tracks, or the one unnamed track of a linear SOP, which starts at the first stage."""
        if self.sop.tracks:
            return dict(self.sop.tracks)
        return {MAIN_TRACK: TrackSpec(start=self.sop.stages[0].id)}

    @cached_property
    def scope(self) -> GuardScope:
        """The names a guard of this SOP may use."""
        return scope_of(self.sop)

    def guard(self, text: str, *, per: str | None = None) -> Guard:
        key = f"{per}|{text}"
        if key not in self._guards:
            self._guards[key] = parse_guard(text, self.scope, per=per)
        return self._guards[key]

    def expression(self, text: str) -> Expression:
        if text not in self._values:
            self._values[text] = parse_value(text, self.scope)
        return self._values[text]

    def sources(self, transition: TransitionSpec) -> dict[str, tuple[str, ...]]:
        """The stages a transition may leave, by track; a join names several tracks, `any` every stage."""
        match transition.from_:
            case dict() as join:
                return {track: (stage,) for track, stage in join.items()}
            case str() as one:
                names = tuple(self.stages) if one == ANY_STAGE else (one,)
            case tuple() as several:
                names = several
            case _:
                assert_never(transition.from_)
        found: dict[str, tuple[str, ...]] = {}
        for name in names:
            track = self.stages[name].track
            found[track] = (*found.get(track, ()), name)
        return found

    @cached_property
    def dated_approvals(self) -> frozenset[str]:
        """The approvals whose answer a deadline is counted from."""
        sop = self.sop
        tasks = (task for stage in sop.stages for task in stage.tasks)
        specs = (holder.deadline for holder in (*sop.stages, *tasks, *sop.milestones))
        found = (read_origin(spec.origin) for spec in specs if spec is not None and spec.origin is not None)
        return frozenset(origin.name for origin in found if origin.kind is OriginKind.APPROVAL)

    def is_join(self, transition: TransitionSpec) -> bool:
        return isinstance(transition.from_, dict)

    def task(self, stage: str, task: str) -> TaskSpec | None:
        return next((t for t in self.stages[stage].tasks if t.id == task), None)

    def approval(self, transition: str, approval: str) -> ApprovalSpec:
        return next(a for a in self.transitions[transition].approvals if a.id == approval)

    def calendar_of(self, stage: str | None) -> str:
        """The id of the working calendar that counts in a stage; the SOP's own for None."""
        own = self.stages[stage].calendar if stage in self.stages else None
        return own or self.sop.calendar

    @cached_property
    def calendars(self) -> frozenset[str]:
        """The ids of all calendars it counts by."""
        return frozenset(self.calendar_of(stage) for stage in (None, *self.stages))

    def title_of(self, name: str) -> Text:
        """The name for people of a stage, field, task, transition, role, exit, track or child; the id
        itself if unknown.
        """
        return self.titles.get(name, Text(name, name))

    @cached_property
    def titles(self) -> dict[str, Text]:
        """The name for people of everything declared, by id."""
        sop = self.sop
        titles: dict[str, Text] = {PARENT_ENDED: Text("随上级案例结束", "ended with its parent case")}
        for group in (sop.children, sop.exits, sop.roles, sop.settings, sop.counters, sop.tracks, sop.fields):
            titles.update({name: _named(name, spec.zh, spec.en) for name, spec in group.items()})
        for transition in self.transitions.values():
            titles.update({a.id: _named(a.id, a.zh, a.en) for a in transition.approvals})
            titles[transition.id] = _named(transition.id, transition.zh, transition.en)
        for stage in sop.stages:
            titles.update({t.id: _named(t.id, t.zh, t.en) for t in (*stage.tasks, *stage.deliverables)})
        for thing in (*sop.milestones, *sop.rules, *sop.stages):
            titles[thing.id] = _named(thing.id, thing.zh, thing.en)
        return titles


def _named(name: str, zh: str, en: str) -> Text:
    return Text(zh or en or name, en or zh or name)


def _cycles(sop: Sop) -> list[TransitionSpec]:
    """The transition a repeating track takes from its last stage back to its first, by itself or by hand."""
    made: list[TransitionSpec] = []
    for name, track in sop.tracks.items():
        if track.cycle is not None:
            until = track.cycle.until
            spec = {
                "id": f"{name}{CYCLE_SUFFIX}",
                "zh": "下一轮",
                "en": "Next round",
                "from": track.cycle.stages[-1],
                "to": track.cycle.stages[0],
                "guard": None if until is None else f"not ({until})",
                "checklist": True,
            }
            made.append(TransitionSpec.model_validate(spec))
    return made


def scope_of(sop: Sop, extra: dict[str, FieldSpec] | None = None) -> GuardScope:
    stages = {s.id for s in sop.stages} | {f"{s.track}.{s.id}" for s in sop.stages}
    return GuardScope(
        fields=sop.fields,
        settings=sop.settings,
        stages=frozenset(stages),
        tasks=frozenset(t.id for s in sop.stages for t in s.tasks),
        children=frozenset(sop.children),
        versions=frozenset(sop.counters),
        extra=extra or {},
    )


__all__ = ["CYCLE_SUFFIX", "Definition", "FieldType", "scope_of"]
