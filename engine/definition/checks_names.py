"""What is named once, and named rightly: stages, tasks, tracks, milestones and what they ask for."""

from collections.abc import Iterable
from typing import Final

from engine.definition.checks_deadlines import check_deadline, check_milestone_deadline
from engine.definition.compiled import CYCLE_SUFFIX
from engine.definition.field_spec import RESERVED_NAMES, FieldType
from engine.definition.findings import quoted
from engine.definition.judge import DAYS, Judge
from engine.definition.model import ANY_STAGE, MilestoneSpec, Sop, StageSpec, TaskSpec
from engine.definition.tree import Path, Step
from engine.text import Text

_IMPLICIT_OWNER: Final[str] = Sop.model_fields["owner"].default
_LABELS: Final = frozenset(FieldType) - {FieldType.LIST, FieldType.RECORD, FieldType.FILE}
_CURRENCY_LETTERS: Final = 3


def check_names(judge: Judge) -> None:
    _top(judge)
    _reserved(judge)
    _unique(judge)
    for place, stage in enumerate(judge.sop.stages):
        _stage(judge, stage, ("stages", place))
    for name in judge.sop.tracks:
        _track(judge, name)
    for place, milestone in enumerate(judge.sop.milestones):
        _milestone(judge, milestone, ("milestones", place))


def _top(judge: Judge) -> None:
    sop = judge.sop
    if sop.owner != _IMPLICIT_OWNER:
        judge.known(sop.owner, "roles", ("owner",))
    code = sop.currency
    if not (len(code) == _CURRENCY_LETTERS and code.isascii() and code.isupper()):
        judge.fault(
            ("currency",),
            Text(
                f"{quoted(code)} 不是币种；请写三个大写字母，如 CNY",
                f"{quoted(code)} is no currency; write three capital letters, as in CNY",
            ),
        )
    judge.each_known(sop.hold.stages, "stages", ("hold", "stages"))


def _reserved(judge: Judge) -> None:
    groups = (
        ("fields", judge.sop.fields),
        ("settings", judge.sop.settings),
        ("counters", judge.sop.counters),
    )
    for group, names in groups:
        for name in RESERVED_NAMES.intersection(names):
            judge.fault(
                (group, name),
                Text(
                    f"{quoted(name)} 是条件语言的保留词；请换一个名称",
                    f"{quoted(name)} is a word of the guard language; choose another name",
                ),
                key=True,
            )


def _unique(judge: Judge) -> None:
    sop = judge.sop
    once(judge, ((("stages", n, "id"), s.id) for n, s in enumerate(sop.stages)))
    once(judge, ((("milestones", n, "id"), m.id) for n, m in enumerate(sop.milestones)))
    once(judge, ((("rules", n, "id"), r.id) for n, r in enumerate(sop.rules)))
    once(judge, ((("transitions", n, "id"), t.id) for n, t in enumerate(sop.transitions)))
    once(
        judge,
        (
            (("stages", s, "tasks", n, "id"), t.id)
            for s, stage in enumerate(sop.stages)
            for n, t in enumerate(stage.tasks)
        ),
    )
    once(
        judge,
        (
            (("stages", s, "deliverables", n, "id"), d.id)
            for s, stage in enumerate(sop.stages)
            for n, d in enumerate(stage.deliverables)
        ),
    )
    made = {f"{name}{CYCLE_SUFFIX}" for name, track in sop.tracks.items() if track.cycle}
    for place, transition in enumerate(sop.transitions):
        if transition.id in made:
            judge.fault(
                ("transitions", place, "id"),
                Text(
                    "这个名称留给轨道的循环；请换一个",
                    "this name belongs to the track's own cycle; choose another",
                ),
            )


def once(judge: Judge, named: Iterable[tuple[Path, str]]) -> None:
    """Every id of its kind stands once; the second one is the fault, and names the line of the first."""
    seen: dict[str, int] = {}
    for path, name in named:
        if name in seen:
            judge.fault(
                path,
                Text(
                    f"名称 {quoted(name)} 在第 {seen[name]} 行已有；请换一个",
                    f"the id {quoted(name)} stands on line {seen[name]} already; choose another",
                ),
            )
        seen.setdefault(name, judge.tree.place(path).line)


def _stage(judge: Judge, stage: StageSpec, path: tuple[Step, ...]) -> None:
    judge.known(stage.track, "tracks", (*path, "track"))
    judge.known(stage.owner, "roles", (*path, "owner"))
    judge.each_known(stage.requires, "fields", (*path, "requires"))
    if stage.id == ANY_STAGE:
        judge.fault(
            (*path, "id"),
            Text("any 表示所有阶段；请换一个名称", "'any' means every stage; choose another id"),
        )
    if stage.deadline is not None:
        check_deadline(judge, stage.deadline, (*path, "deadline"))
    if stage.pausable is not None:
        judge.duration(stage.pausable.most, (*path, "pausable", "most"))
    for place, task in enumerate(stage.tasks):
        _task(judge, task, (*path, "tasks", place))


def _task(judge: Judge, task: TaskSpec, path: tuple[Step, ...]) -> None:
    judge.each_known(task.requires, "fields", (*path, "requires"))
    judge.known(task.role, "roles", (*path, "role"))
    judge.duration(task.every, (*path, "every"))
    if task.deadline is not None:
        check_deadline(judge, task.deadline, (*path, "deadline"))


def _track(judge: Judge, name: str) -> None:
    track = judge.sop.tracks[name]
    path = ("tracks", name)
    stage_on(judge, track.start, name, (*path, "start"))
    judge.known(track.opened_by, "transitions", (*path, "opened_by"))
    if track.cycle is None:
        return
    judge.duration(track.cycle.every, (*path, "cycle", "every"))
    if track.cycle.until is not None:
        judge.reads(track.cycle.until, judge.definition.guard, (*path, "cycle", "until"))
    before = -1
    for place, stage in enumerate(track.cycle.stages):
        here = (*path, "cycle", "stages", place)
        if stage_on(judge, stage, name, here):
            order = judge.definition.order[stage]
            if order <= before:
                judge.fault(
                    here,
                    Text(
                        f"循环要按文件里的顺序写阶段；{quoted(stage)} 应在前面",
                        f"a cycle names its stages in file order; {quoted(stage)} comes earlier",
                    ),
                )
            before = max(before, order)


def stage_on(judge: Judge, stage: str, track: str, path: Path) -> bool:
    """Whether `stage` is declared, and on `track`."""
    if not judge.known(stage, "stages", path):
        return False
    found = judge.definition.stages[stage].track
    if found != track:
        judge.fault(
            path,
            Text(
                f"阶段 {quoted(stage)} 属于轨道 {quoted(found)}，不属于 {quoted(track)}",
                f"stage {quoted(stage)} is on track {quoted(found)}, not on {quoted(track)}",
            ),
        )
    return found == track


def _milestone(judge: Judge, milestone: MilestoneSpec, path: tuple[Step, ...]) -> None:
    judge.field(milestone.planned, (*path, "planned"), DAYS)
    judge.known(milestone.entered, "stages", (*path, "entered"))
    judge.known(milestone.left, "stages", (*path, "left"))
    judge.known(milestone.owner, "roles", (*path, "owner"))
    judge.ladder(milestone, path)
    check_milestone_deadline(judge, milestone, path)
    each = milestone.each
    if each is None or not judge.known(each.field, "fields", (*path, "each", "field")):
        return
    for key, column, kinds in (
        ("name", each.name, _LABELS),
        ("due", each.due, DAYS),
        ("done", each.done, DAYS),
    ):
        column_of(judge, (each.field, column), (*path, "each", key), kinds)


def column_of(
    judge: Judge,
    column: tuple[str, str],
    path: Path,
    kinds: frozenset[FieldType] | None = None,
    *,
    key: bool = False,
) -> None:
    """`column` names a list of records and a column of it, which is of one of `kinds`."""
    field, name = column
    spec = judge.sop.fields[field].columns.get(name)
    if spec is None:
        judge.unknown_column(field, name, path, key=key)
    elif kinds is not None:
        judge.of_kind(spec, f"{field}.{name}", kinds, path)
