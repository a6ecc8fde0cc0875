"""Transitions: where they start and lead, what they touch, and the rules every command must keep."""

from functools import partial
from typing import Final

from engine.definition.checks_children import passed_values
from engine.definition.checks_deadlines import check_extension
from engine.definition.checks_names import stage_on
from engine.definition.findings import quoted
from engine.definition.guard_scope import group_of
from engine.definition.guards import GuardFault
from engine.definition.judge import Judge
from engine.definition.model import ANY_STAGE, RuleSpec, TransitionSpec
from engine.definition.tree import Step
from engine.text import Text

_FEWEST_JOINED: Final = 2


def check_transitions(judge: Judge) -> None:
    for place, transition in enumerate(judge.sop.transitions):
        path = ("transitions", place)
        if _sources(judge, transition, path) & _targets(judge, transition, path):
            _one_track(judge, transition, path)
        _contents(judge, transition, path)
    for place, rule in enumerate(judge.sop.rules):
        _rule(judge, rule, ("rules", place))


def _sources(judge: Judge, transition: TransitionSpec, path: tuple[Step, ...]) -> bool:
    here = (*path, "from")
    match transition.from_:
        case str() as one:
            return one == ANY_STAGE or judge.known(one, "stages", here)
        case dict() as join:
            return _join(judge, join, here)
        case several:
            if not several and judge.whole(here):
                judge.fault(here, Text("至少写一个阶段", "name at least one stage"))
            found = [judge.known(name, "stages", (*here, n)) for n, name in enumerate(several)]
            return bool(found) and all(found)


def _join(judge: Judge, join: dict[str, str], path: tuple[Step, ...]) -> bool:
    if len(join) < _FEWEST_JOINED and judge.whole(path):
        judge.fault(
            path,
            Text(
                "汇合要写两条以上轨道；只有一条时直接写阶段",
                "a join names two tracks or more; for one, write its stage",
            ),
        )
    found = [
        judge.known(track, "tracks", (*path, track), key=True)
        and stage_on(judge, stage, track, (*path, track))
        for track, stage in join.items()
    ]
    return all(found) and len(join) >= _FEWEST_JOINED


def _targets(judge: Judge, transition: TransitionSpec, path: tuple[Step, ...]) -> bool:
    found = [
        judge.known(track, "tracks", (*path, "moves", track), key=True)
        and stage_on(judge, stage, track, (*path, "moves", track))
        for track, stage in transition.moves.items()
    ]
    if transition.to is not None:
        found.append(judge.known(transition.to, "stages", (*path, "to")))
    if transition.exit is not None:
        found.append(judge.known(transition.exit, "exits", (*path, "exit")))
    return all(found)


def _one_track(judge: Judge, transition: TransitionSpec, path: tuple[Step, ...]) -> None:
    """A transition stays on the tracks it leaves; another track is moved by `moves`."""
    if transition.to is None:
        return
    left = judge.definition.sources(transition)
    track = judge.definition.stages[transition.to].track
    if track not in left:
        move = f"moves: {{{track}: {transition.to}}}"
        name = quoted(transition.to)
        judge.fault(
            (*path, "to"),
            Text(
                f"阶段 {name} 在另一条轨道 {quoted(track)} 上；请写 {move}",
                f"stage {name} is on another track; write {move}",
            ),
        )


def _contents(judge: Judge, transition: TransitionSpec, path: tuple[Step, ...]) -> None:
    judge.each_known(transition.requires, "fields", (*path, "requires"))
    judge.each_known(transition.clears, "fields", (*path, "clears"))
    judge.each_known(transition.locks, "fields", (*path, "locks"))
    judge.each_known(transition.by, "roles", (*path, "by"))
    judge.known(transition.bump, "counters", (*path, "bump"))
    if transition.guard is not None:
        judge.reads(transition.guard, judge.definition.guard, (*path, "guard"))
    elif transition.auto:
        judge.fault(
            (*path, "auto"),
            Text(
                "自动流转要有 guard：它成立时才走；请补上",
                "an automatic transition needs a guard, which says when it is taken; add one",
            ),
        )
    if transition.extends is not None:
        check_extension(judge, transition.extends, (*path, "extends"))
    if transition.opens is not None:
        passed_values(judge, transition.opens.values, (*path, "opens", "values"))


def _rule(judge: Judge, rule: RuleSpec, path: tuple[Step, ...]) -> None:
    judge.known(rule.remedy, "children", (*path, "remedy"))
    if rule.per is not None:
        try:
            group_of(rule.per, judge.definition.scope)
        except GuardFault as fault:
            judge.fault((*path, "per"), fault.message, offset=fault.offset)
            return
    judge.reads(rule.always, partial(judge.definition.guard, per=rule.per), (*path, "always"))
