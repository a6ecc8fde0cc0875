"""Links of an SOP with a gate of each kind, brought into every state a link can be in."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import Any, Final

from engine.case import commands as cmd
from engine.case import signer_commands as sc
from engine.case.state import Approval, Verdict
from engine.ids import CaseId, PersonId, RequestId
from notifications.links import LinkState, check, read_link
from tests.faults.company import BOSS, SIGNERS, a_sop, behind, gate
from tests.faults.pages import Letter, letter
from tests.faults.station import Station

ME: Final = SIGNERS[0]
ASSURANCES: Final = ("code", "link")  # no SOP may ask for `login` before there are accounts
SHOWN: Final[dict[str, Any]] = {"shows": ["brief"]}
SOP: Final = a_sop(
    "links",
    {f"by_{level}": behind(gate("five", assurance=level, **SHOWN)) for level in ASSURANCES}
    | {f"turn_{level}": behind(gate("two", "one", mode="sequence", assurance=level)) for level in ASSURANCES}
    | {f"all_{level}": behind(gate("five", mode="all", assurance=level, **SHOWN)) for level in ASSURANCES},
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Linked:
    """A case with an open approval, and the message that one of the asked got."""

    case_id: CaseId
    approval: Approval
    person: PersonId
    letter: Letter
    version: int


def linked(here: Station, way: str, person: PersonId = ME) -> Linked:
    case_id, approval = here.asked("links", way, brief="新品")
    mine = letter(here.parts, case_id, person)
    version = here.case(case_id).version
    return Linked(case_id=case_id, approval=approval, person=person, letter=mine, version=version)


def decided(here: Station, one: Linked, by: PersonId) -> None:
    here.done(cmd.RecordDecision(case_id=one.case_id, approval=one.approval.id, verdict=Verdict.APPROVE), by)


def cancelled(here: Station, one: Linked) -> None:
    here.done(cmd.WithdrawRequest(case_id=one.case_id, request=one.approval.request))
    here.done(cmd.RequestTransition(case_id=one.case_id, transition="cancel", reason="不做了"))
    (request,) = here.case(one.case_id).requests
    here.done(cmd.FireTransition(case_id=one.case_id, request=RequestId(request)), "rule")


Change = Callable[[Station, Linked], object]
CHANGES: Final[Mapping[LinkState, Change]] = {
    LinkState.LIVE: lambda here, one: None,
    LinkState.NOT_YET_YOUR_TURN: lambda here, one: None,
    LinkState.DELEGATED: lambda here, one: here.done(
        sc.DelegateAsk(case_id=one.case_id, approval=one.approval.id, to=BOSS, reason="请先看"), ME
    ),
    LinkState.LOOKING: lambda here, one: here.done(
        sc.DelegateAsk(case_id=one.case_id, approval=one.approval.id, to=BOSS, reason="请先看"), ME
    ),
    LinkState.RETURNED: lambda here, one: here.done(
        sc.ReturnRequest(case_id=one.case_id, approval=one.approval.id, comment="退"), ME
    ),
    LinkState.ALREADY_DECIDED_BY_YOU: lambda here, one: decided(here, one, ME),
    LinkState.DECIDED_BY_OTHERS: lambda here, one: here.done(
        sc.TransferAsk(case_id=one.case_id, approval=one.approval.id, to=BOSS, reason="出差"), ME
    ),
    LinkState.CONTENT_CHANGED: lambda here, one: here.done(
        cmd.SetFields(case_id=one.case_id, values={"brief": "改过"})
    ),
    LinkState.REPLACED: lambda here, one: here.done(
        cmd.ReissueLink(case_id=one.case_id, approval=one.approval.id, person=ME), ME
    ),
    LinkState.CASE_CLOSED: cancelled,
    LinkState.HELD: lambda here, one: here.done(cmd.HoldCase(case_id=one.case_id, reason="等")),
}


def in_state(here: Station, state: LinkState, assurance: str) -> Linked:
    """A link that was good, and stands like this now."""
    way = {LinkState.NOT_YET_YOUR_TURN: "turn", LinkState.ALREADY_DECIDED_BY_YOU: "all"}.get(state, "by")
    one = linked(here, f"{way}_{assurance}")
    CHANGES[state](here, one)
    if state is LinkState.LOOKING:
        one = replace(one, letter=letter(here.parts, one.case_id, BOSS))
    found = state_of(here, one)
    assert found is state, f"{one.case_id}: the link should be {state} and is {found}"
    return one


def state_of(here: Station, one: Linked) -> LinkState | None:
    claim = read_link(one.letter.path.removeprefix("/s/"), here.parts.keys)
    case = here.case(one.case_id)
    return check(claim, case, here.store.definitions.by_digest(case.definition)) if claim else None
