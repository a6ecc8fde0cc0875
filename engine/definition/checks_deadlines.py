"""Deadlines: how long they are, from what they are counted, and whom they climb to."""

from typing import Final

from engine.definition.findings import hint, joined, quoted
from engine.definition.judge import DAYS, Judge
from engine.definition.model import DeadlineSpec, Extension, MilestoneSpec
from engine.definition.origins import MilestoneDate, Origin, OriginKind, read_origin
from engine.definition.tree import Path, Step
from engine.text import Text

_PREFIXES: Final = (OriginKind.MILESTONE.value, OriginKind.APPROVAL.value)


def check_deadline(judge: Judge, deadline: DeadlineSpec, path: tuple[Step, ...]) -> None:
    judge.duration(deadline.within, (*path, "within"))
    judge.duration(deadline.ahead, (*path, "ahead"))
    for key, written in (("from", deadline.from_), ("of", deadline.of), ("on", deadline.on)):
        if written is not None:
            _origin(judge, written, (*path, key))
    judge.ladder(deadline, path)


def check_milestone_deadline(judge: Judge, milestone: MilestoneSpec, path: tuple[Step, ...]) -> None:
    if milestone.deadline is None:
        return
    check_deadline(judge, milestone.deadline, (*path, "deadline"))
    if milestone.each is not None:
        judge.fault(
            (*path, "deadline"),
            Text(
                "each 的里程碑各有自己的日期；请删去 deadline",
                "milestones made by 'each' have dates of their own; delete 'deadline'",
            ),
            key=True,
        )


def _origin(judge: Judge, written: str, path: Path) -> None:
    origin = read_origin(written)
    match origin.kind:
        case OriginKind.MILESTONE:
            _milestone(judge, origin, path)
        case OriginKind.APPROVAL:
            judge.known(origin.name, "approvals", path)
        case OriginKind.FIELD if ":" in written:
            prefix = written.partition(":")[0]
            said = Text(
                f"{quoted(written)} 不是日期；写日期字段、milestone:名称 或 approval:名称",
                f"{quoted(written)} is no date; write a date field, milestone:NAME or approval:NAME",
            )
            judge.fault(path, joined(said, hint(prefix, _PREFIXES)))
        case OriginKind.FIELD:
            judge.field(written, path, DAYS)


def _milestone(judge: Judge, origin: Origin, path: Path) -> None:
    if not judge.known(origin.name, "milestones", path):
        return
    if judge.definition.milestones[origin.name].each is not None:
        judge.fault(path, _many(origin.name))
    if origin.date and origin.date not in tuple(MilestoneDate):
        said = Text(
            f"{quoted(origin.date)} 不是里程碑的日期；写 planned（计划）、forecast（预计）或 reached（实际）",
            f"{quoted(origin.date)} is no date of a milestone; write planned, forecast or reached",
        )
        judge.fault(path, joined(said, hint(origin.date, tuple(MilestoneDate))))


def check_extension(judge: Judge, extension: Extension, path: tuple[Step, ...]) -> None:
    judge.field(extension.until, (*path, "until"), DAYS)
    judge.duration(extension.longest, (*path, "longest"))
    kind, _, name = extension.deadline.partition(":")
    here = (*path, "deadline")
    if kind == "milestone":
        if judge.known(name, "milestones", here) and judge.definition.milestones[name].each is not None:
            judge.fault(here, _many(name))
    elif kind == "task":
        if judge.known(name, "tasks", here) and not _timed(judge, name):
            said = Text(
                f"任务 {quoted(name)} 没有期限；请先给它写 deadline",
                f"task {quoted(name)} has no deadline; give it one first",
            )
            judge.fault(here, said)
    elif extension.deadline != "stage":
        said = Text(
            f"{quoted(extension.deadline)} 不是期限；写 stage、task:名称 或 milestone:名称",
            f"{quoted(extension.deadline)} is no deadline; write stage, task:NAME or milestone:NAME",
        )
        judge.fault(here, joined(said, hint(kind, ("stage", "task", "milestone"))))


def _timed(judge: Judge, task: str) -> bool:
    return any(t.id == task and t.deadline is not None for s in judge.sop.stages for t in s.tasks)


def _many(milestone: str) -> Text:
    return Text(
        f"里程碑 {quoted(milestone)} 由 each 生成，不止一个日期；请另选一个",
        f"milestone {quoted(milestone)} is made by 'each' and has no single date; choose another",
    )
