"""Decisions pressed at once, and what each was told."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial
from typing import Final

from engine.case import commands as cmd
from engine.case.refusal import Why
from engine.case.state import Verdict, Via
from engine.errors import StaleCase
from engine.ids import ApprovalId, CaseId, PersonId
from tests.faults.station import Station, actor, patient

TOO_LATE: Final = frozenset({"already_decided", "approval_closed", "approval_over", "stale"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Press:
    """One person's decision through one face, judged on the version seen where `seen` is given."""

    case_id: CaseId
    approval: ApprovalId
    person: PersonId
    verdict: Verdict
    via: Via
    key: str | None = None
    seen: int | None = None


def pressed(here: Station, presses: Sequence[Press]) -> list[str]:
    """What each was told: won, repeated, or how it was refused."""
    return here.at_once([partial(_pressed, here, press) for press in presses])


def _pressed(here: Station, press: Press) -> str:
    command = cmd.RecordDecision(case_id=press.case_id, approval=press.approval, verdict=press.verdict)
    by = actor(press.person, press.via)
    try:
        answer = patient(
            lambda: here.parts.service.handle(command, actor=by, key=press.key, if_version=press.seen)
        )
    except StaleCase:
        return "stale"
    if answer.refusal is not None:
        codes = ",".join(blocker.code for blocker in answer.refusal.blockers)
        return codes if answer.refusal.why is Why.CONFLICT else f"{answer.refusal.why}: {codes}"
    return "repeated" if answer.repeated else "won"


def shared(presses: Sequence[Press], processes: int) -> list[tuple[Sequence[Press]]]:
    """The orders for the processes of a race, dealt out in turn."""
    return [(presses[number::processes],) for number in range(processes)]
