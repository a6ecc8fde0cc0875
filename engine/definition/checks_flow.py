"""The course of the stages: every one can be reached, every one leads on, every exit is used."""

from collections.abc import Iterator

from engine.definition.judge import Judge
from engine.definition.model import ANY_STAGE, TransitionSpec
from engine.text import Text

_Ways = dict[str, set[str]]


def check_flow(judge: Judge) -> None:
    """Assumes that every name is declared."""
    if not _begins(judge):
        return
    reached = _reached(judge)
    ways = _ways_out(judge)
    ends = _ending(judge, ways)
    for place, stage in enumerate(judge.sop.stages):
        path = ("stages", place)
        if stage.id not in reached:
            judge.fault(path, _UNREACHED)
        elif not ways[stage.id]:
            judge.fault(path, _NO_WAY_OUT)
        elif stage.id not in ends and not _goes_round(judge, stage.track):
            judge.fault(path, _NO_END)
    _exits(judge)


_UNREACHED = Text(
    "没有流转通向这个阶段；请补一条流转，或删去阶段",
    "no transition leads to this stage; add one, or delete the stage",
)
_NO_WAY_OUT = Text(
    "没有流转离开这个阶段；请补一条流转或出口",
    "no transition leaves this stage; add one, to a stage or to an exit",
)
_NO_END = Text(
    "从这个阶段走不到任何出口；请补一条通往出口的流转",
    "no way leads from this stage to an exit; add a transition that ends the case",
)


def _begins(judge: Judge) -> bool:
    if any(track.opened_by is None for track in judge.definition.tracks.values()):
        return True
    judge.fault(
        ("tracks",),
        Text(
            "每条轨道都有 opened_by，流程无从开始；请让一条轨道随流程开始",
            "every track has 'opened_by', so no case can begin; leave it out of one track",
        ),
        key=True,
    )
    return False


def _leads_to(judge: Judge, transition: TransitionSpec) -> Iterator[str]:
    if transition.to is not None:
        yield transition.to
    yield from transition.moves.values()
    yield from (t.start for t in judge.definition.tracks.values() if t.opened_by == transition.id)


def _left_by(judge: Judge, transition: TransitionSpec) -> set[str]:
    return {stage for stages in judge.definition.sources(transition).values() for stage in stages}


def _reached(judge: Judge) -> set[str]:
    """The stages a case can come to, from the starts of the tracks it opens with."""
    transitions = judge.definition.transitions.values()
    moves = [(_left_by(judge, t), set(_leads_to(judge, t))) for t in transitions]
    reached = {track.start for track in judge.definition.tracks.values() if track.opened_by is None}
    grows = True
    while grows:
        before = len(reached)
        for left, ahead in moves:
            if not reached.isdisjoint(left):
                reached |= ahead
        grows = len(reached) > before
    return reached


def _ways_out(judge: Judge) -> _Ways:
    """From each stage to stages and exits.

    Giving up from anywhere is no way on, unless nothing else ends the case.
    """
    transitions = list(judge.definition.transitions.values())
    planned = [t for t in transitions if not _gives_up(judge, t)]
    if not any(t.exit for t in planned):
        planned = transitions
    ways: _Ways = {stage.id: set() for stage in judge.sop.stages}
    anywhere: set[str] = set()
    for transition in planned:
        ahead = {f"exit {transition.exit}"} if transition.exit else set(_leads_to(judge, transition))
        if transition.from_ == ANY_STAGE:
            anywhere |= ahead
            continue
        for stage in _left_by(judge, transition):
            ways[stage] |= ahead
        _moved(judge, transition, ways)
    return {stage: (ahead | anywhere) - {stage} for stage, ahead in ways.items()}


def _gives_up(judge: Judge, transition: TransitionSpec) -> bool:
    spec = judge.sop.exits.get(transition.exit or "")
    return transition.from_ == ANY_STAGE and spec is not None and not spec.success


def _moved(judge: Judge, transition: TransitionSpec, ways: _Ways) -> None:
    """A track moved by another one leaves whatever stage it is at."""
    for track, target in transition.moves.items():
        for stage in judge.sop.stages:
            if stage.track == track and stage.id != target:
                ways[stage.id].add(target)


def _ending(judge: Judge, ways: _Ways) -> set[str]:
    """The stages from which some way leads to an exit."""
    ends = {stage.id for stage in judge.sop.stages if any(w.startswith("exit ") for w in ways[stage.id])}
    grows = True
    while grows:
        more = {stage for stage, ahead in ways.items() if ahead & ends} - ends
        ends |= more
        grows = bool(more)
    return ends


def _goes_round(judge: Judge, track: str) -> bool:
    """A repeating track ends with the case, which another track brings to its exit."""
    return len(judge.definition.tracks) > 1 and judge.definition.tracks[track].cycle is not None


def _exits(judge: Judge) -> None:
    used = {transition.exit for transition in judge.sop.transitions}
    for name in judge.sop.exits:
        if name not in used:
            judge.fault(
                ("exits", name),
                Text(
                    "没有流转走到这个出口；请补一条，或删去它",
                    "no transition takes this exit; add one, or delete the exit",
                ),
                key=True,
            )
