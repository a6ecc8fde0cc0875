"""Asking for more time (延期) in one act: the new date is filled in and the transition that extends is asked
for, both or neither.
"""

from collections.abc import Iterable, Iterator

from engine.case import commands as cmd
from engine.case import signing, work
from engine.case.draft import Draft, Refused
from engine.case.extension import extended_by
from engine.case.refusal import Blocker, Why, unknown
from engine.case.state import Case
from engine.case.time_commands import AskMoreTime
from engine.definition.compiled import Definition
from engine.definition.model import StageSpec, TransitionSpec
from engine.definition.origins import OriginKind, read_origin
from engine.text import Text


def ask(draft: Draft, command: AskMoreTime) -> None:
    transition = _named(draft, command.transition) if command.transition else _only_one(draft)
    spec = transition.extends
    if spec is None:
        raise Refused(Why.BLOCKED, _none_here(draft))
    work.set_fields(draft, cmd.SetFields(case_id=command.case_id, values={spec.until: command.until}))
    asking = cmd.RequestTransition(case_id=command.case_id, transition=transition.id, reason=command.reason)
    signing.request_transition(draft, asking)


def offered(definition: Definition, case: Case) -> tuple[TransitionSpec, ...]:
    """The transitions that extend a deadline here; those whose deadline runs, if any does."""
    stages = {visit.stage for visit in case.positions.values()}
    here = [t for t in _extending(definition) if stages & _sources(definition, t)]
    running = [t for t in here if extended_by(definition, case, t) is not None]
    return tuple(running or here)


def _extending(definition: Definition) -> Iterator[TransitionSpec]:
    return (t for t in definition.transitions.values() if t.extends is not None)


def _sources(definition: Definition, transition: TransitionSpec) -> set[str]:
    return {stage for stages in definition.sources(transition).values() for stage in stages}


def _named(draft: Draft, name: str) -> TransitionSpec:
    ways = {t.id: t for t in _extending(draft.definition)}
    if not ways:
        raise Refused(Why.BLOCKED, _none_here(draft))
    if name not in ways:
        raise Refused(Why.NOT_FOUND, unknown(name, ways, code="extends_nothing"))
    return ways[name]


def _only_one(draft: Draft) -> TransitionSpec:
    match offered(draft.definition, draft.case):
        case ():
            raise Refused(Why.BLOCKED, _none_here(draft))
        case (one,):
            return one
        case ways:
            named = ((t.id, draft.definition.title_of(t.id)) for t in ways)
            listed = [Text(f"{name}（{title.zh}）", f"{name} ({title.en})") for name, title in named]
            raise Refused(Why.BAD_INPUT, Blocker(code="which_extension", detail=_listed(listed)))


def _none_here(draft: Draft) -> Blocker:
    """Nothing extends here; what gives time all the same is named."""
    ways = [*_elsewhere(draft)]
    for visit in draft.case.positions.values():
        ways += _by_other_means(draft.definition, draft.definition.stages[visit.stage])
    zh, en = ("；".join(way.zh for way in ways), "; ".join(way.en for way in ways))
    detail = {"zh": f"{zh}；或" if ways else "", "en": f"{en}; or " if ways else ""}
    return Blocker(code="no_extension_here", subject=draft.case.id, detail=detail)


def _elsewhere(draft: Draft) -> Iterator[Text]:
    for transition in _extending(draft.definition):
        titles = [draft.definition.title_of(name) for name in _sources(draft.definition, transition)]
        said = _listed(sorted(titles, key=lambda title: title.en))
        what = draft.definition.title_of(transition.id)
        yield Text(f"“{what.zh}”在 {said['zh']} 可用", f"'{what.en}' is there in {said['en']}")


def _by_other_means(definition: Definition, stage: StageSpec) -> Iterator[Text]:
    spec, title = stage.deadline, definition.title_of(stage.id)
    if spec is not None and spec.origin is not None:
        origin = read_origin(spec.origin)
        name = definition.title_of(origin.name)
        if origin.kind is not OriginKind.APPROVAL:
            yield Text(
                f"“{title.zh}”的期限随“{name.zh}”的日期而动",
                f"the deadline of '{title.en}' moves with the date of '{name.en}'",
            )
    if stage.pausable is not None:
        yield Text(
            f"“{title.zh}”等外部时可停住时间（guanka wait）",
            f"the clock of '{title.en}' can stand still while somebody outside has to act (guanka wait)",
        )


def _listed(texts: Iterable[Text]) -> dict[str, str]:
    found = list(texts)
    return {"zh": "、".join(text.zh for text in found), "en": ", ".join(text.en for text in found)}
