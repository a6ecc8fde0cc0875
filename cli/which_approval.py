"""Which approval of a case is meant, and what to say where none waits any more."""

from dataclasses import dataclass
from typing import TYPE_CHECKING

from cli.session import Exit, Failed, Session
from engine.ids import ApprovalId, PersonId
from engine.text import Language, Text

if TYPE_CHECKING:
    from datetime import datetime

    from cli.lookup import Found
    from engine.case.events import Recorded
    from engine.case.state import Approval, Verdict
    from runtime.wiring import Parts


def named(session: Session, parts: "Parts", found: "Found", wanted: str | None) -> ApprovalId:
    """By its id, by its name in the SOP, or the only one that asks this person. Raises Failed."""
    if wanted is not None:
        return by_name(found, wanted) or ApprovalId(wanted)
    mine = asking(session, found)
    if not mine:
        raise none_waits(session, parts, found)
    if len(mine) > 1:
        listed = listing(found, mine, session.language)
        raise Failed(
            Exit.USAGE, Text(f"有多项审批，请写明一项：{listed}", f"several wait for you; name one: {listed}")
        )
    return mine[0].id


def by_name(found: "Found", wanted: str) -> ApprovalId | None:
    """An open one of this id or name in the SOP, else one that has its outcome."""
    from engine.case.state import ApprovalState

    fitting = [a for a in found.case.approvals.values() if wanted in (a.id, a.spec)]
    fitting.sort(key=lambda a: a.state is not ApprovalState.OPEN)
    return fitting[0].id if fitting else None


def asking(session: Session, found: "Found") -> "list[Approval]":
    """The approvals of the case that ask whoever acts, now."""
    from engine.case.awaiting import asked

    person, case = session.actor().person, found.case
    transitions = {request.id: request.transition for request in case.requests.values()}
    return [
        a
        for a in case.approvals.values()
        if person in asked(found.definition.approval(transitions[a.request], a.spec).mode, a)
    ]


def listing(found: "Found", approvals: "list[Approval]", language: Language, before: str = "") -> str:
    return ", ".join(f"{before}{a.id} ({a.spec}, {found.title(a.spec, language)})" for a in approvals)


def none_waits(session: Session, parts: "Parts", found: "Found") -> Failed:
    """Says who answered meanwhile, and for whom, where this person has to do with it."""
    person = session.actor().person
    answer = _last_answer([entry.recorded for entry in parts.store.history.entries(found.case.id)], person)
    if answer is None:
        return Failed(Exit.REFUSED, Text("这里没有等您决定的审批", "no approval waits for you here"))
    zh, en = (_told(answer, found, parts, language, person) for language in ("zh", "en"))
    return Failed(Exit.CONFLICT, Text(zh, en))


@dataclass(frozen=True, slots=True, kw_only=True)
class _Answer:
    """`principal` is who was asked, `by` who answered: as that person, or standing in."""

    spec: str
    principal: PersonId
    by: PersonId
    verdict: "Verdict"
    at: "datetime"


def _last_answer(history: "list[Recorded]", person: PersonId) -> _Answer | None:
    """The last that stands of those to asks of this person, or to asks this person stood in for."""
    from engine.case.events import ApprovalOpened, DecisionRecorded
    from engine.case.signer_events import DecisionTakenBack

    specs: dict[ApprovalId, str] = {}
    answers: dict[tuple[ApprovalId, PersonId], _Answer] = {}
    stood_in = _stood_in_for(history, person)
    for recorded in history:
        event = recorded.event
        if isinstance(event, ApprovalOpened):
            specs[event.approval.id] = event.approval.spec
        elif isinstance(event, DecisionRecorded) and event.carried_from is None:
            ask, by = (event.approval, event.person), recorded.actor.person
            if person in (event.person, by) or ask in stood_in:
                told = {"principal": event.person, "by": by, "verdict": event.verdict, "at": recorded.at}
                answers[ask] = _Answer(spec=specs[event.approval], **told)
        elif isinstance(event, DecisionTakenBack):
            answers.pop((event.approval, event.person), None)
    return max(answers.values(), key=lambda answer: answer.at, default=None)


def _stood_in_for(history: "list[Recorded]", person: PersonId) -> set[tuple[ApprovalId, PersonId]]:
    from engine.case.events import ApprovalOpened
    from engine.case.signer_events import StandInsSet

    found: set[tuple[ApprovalId, PersonId]] = set()
    for event in (recorded.event for recorded in history):
        if isinstance(event, ApprovalOpened):
            found |= {(event.approval.id, a.person) for a in event.approval.asks if person in a.stand_ins}
        elif isinstance(event, StandInsSet):
            found |= {(event.approval, p) for p, stand_ins in event.stand_ins.items() if person in stand_ins}
    return found


def _told(answer: _Answer, found: "Found", parts: "Parts", language: Language, person: PersonId) -> str:
    from cli.lookup import Names
    from engine.case.state import Verdict

    names = Names(parts, language)
    title, when = found.title(answer.spec, language), names.instant(answer.at)
    by = Text("您", "you").in_(language) if answer.by == person else names.person(answer.by)
    yes = answer.verdict is Verdict.APPROVE
    verdict = Text("同意", "approved") if yes else Text("驳回", "rejected")
    if answer.by == answer.principal:
        instead = Text("", "")
    else:
        principal = names.person(answer.principal)
        instead = Text(f"代 {principal} ", f" for {principal}")
    return Text(
        f"这里没有等您决定的审批：“{title}”已由 {by} {instead.zh}{verdict.zh}（{when}）",
        f"no approval waits for you here: {by} {verdict.en} '{title}'{instead.en} on {when}",
    ).in_(language)
