"""Everything by which a requester might come to sign the own request, under every mode. It is refused, or
the approval fails closed and the SOP's owner is told.
"""

import random
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import timedelta
from itertools import count
from pathlib import Path
from typing import Any

from engine.case import commands as cmd
from engine.case import signer_commands as sc
from engine.case.events import DecisionRecorded
from engine.case.state import RULE, Approval, ApprovalState, Place, Verdict, Via
from engine.ids import ApprovalId, CaseId, PersonId
from engine.outbox import MessageKind
from engine.ports import Answer
from engine.store.mailbox import MailFilter
from engine.store.people import Person
from notifications.links import claim_for
from tests.faults.company import ASKER, MONDAY, OWNER, ROLES, SIGNERS, a_sop, behind, found, gate
from tests.faults.places import sqlite
from tests.faults.station import Station, examined

NAME = "F7"
SUBJECT = "Nobody signs the own request: not by a second account, a delegate, a group or a detour."

TWIN, COLLEAGUE = PersonId("pei2"), SIGNERS[1]
REQUESTERS = (ASKER, TWIN)
MODES: Mapping[str, Mapping[str, Any]] = {
    "any": {"mode": "any"},
    "all": {"mode": "all"},
    "sequence": {"mode": "sequence"},
    "votes": {"mode": "votes", "threshold": 1},
    "share": {"mode": "votes", "threshold": "60%"},
}
NUMBERS = count(1)
LATE: dict[str, Any] = {"within": "30 min", "on_timeout": {"transfer": "late"}}
SOP = a_sop(
    "own",
    {
        f"{mode}{own}": behind(gate("keepers", **parts, **LATE, own_request=bool(own)))
        for mode, parts in MODES.items()
        for own in ("", "_allowed")
    },
    roles=(*ROLES, "keepers", "late"),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Situation:
    """Who holds the role, and how somebody then brings the requester in. `refused`: that itself is."""

    keepers: tuple[PersonId, ...]
    detour: Callable[[Station, CaseId, ApprovalId, PersonId], Answer] | None = None
    refused: bool = True


def _on(case_id: CaseId, approval: ApprovalId) -> dict[str, Any]:
    return {"case_id": case_id, "approval": approval}


def _transferred(here: Station, case_id: CaseId, approval: ApprovalId, to: PersonId) -> Answer:
    return here.do(sc.TransferAsk(**_on(case_id, approval), to=to, reason="请代签"), COLLEAGUE)


def _delegated(here: Station, case_id: CaseId, approval: ApprovalId, to: PersonId) -> Answer:
    return here.do(sc.DelegateAsk(**_on(case_id, approval), to=to, reason="请先看"), COLLEAGUE)


def _added(here: Station, case_id: CaseId, approval: ApprovalId, to: PersonId) -> Answer:
    added = sc.AddSigners(**_on(case_id, approval), persons=(to,), place=Place.BESIDE, reason="加签")
    return here.do(added, COLLEAGUE)


def _removed_the_other(here: Station, case_id: CaseId, approval: ApprovalId, by: PersonId) -> Answer:
    """As the owner of the SOP, for this case."""
    here.done(cmd.AssignRoles(case_id=case_id, roles={"sop_owner": (by,)}))
    return here.do(sc.RemoveSigner(**_on(case_id, approval), person=COLLEAGUE, reason="减签"), by)


def _given_the_role(here: Station, case_id: CaseId, approval: ApprovalId, to: PersonId) -> Answer:
    answer = here.done(cmd.AssignRoles(case_id=case_id, roles={"keepers": (to,)}))
    here.do(cmd.Sweep(case_id=case_id), "rule")
    return answer


def _timed_out_to(here: Station, case_id: CaseId, approval: ApprovalId, to: PersonId) -> Answer:
    here.done(cmd.AssignRoles(case_id=case_id, roles={"late": (to,)}))
    sweep = cmd.Sweep(case_id=case_id)
    return here.service_at(MONDAY + timedelta(hours=2)).handle(sweep, actor=RULE)


SITUATIONS: Mapping[str, Situation] = {
    "alone": Situation(keepers=(ASKER,)),
    "twin_alone": Situation(keepers=(TWIN,)),
    "both_accounts": Situation(keepers=(ASKER, TWIN)),
    "in_a_group": Situation(keepers=(ASKER, COLLEAGUE)),
    "twin_in_a_group": Situation(keepers=(TWIN, COLLEAGUE)),
    "transferred": Situation(keepers=(COLLEAGUE,), detour=_transferred),
    "delegated": Situation(keepers=(COLLEAGUE,), detour=_delegated),
    "added": Situation(keepers=(COLLEAGUE,), detour=_added),
    "removed_the_other": Situation(keepers=(COLLEAGUE,), detour=_removed_the_other),
    "given_the_role": Situation(keepers=(COLLEAGUE,), detour=_given_the_role, refused=False),
    "timed_out": Situation(keepers=(COLLEAGUE,), detour=_timed_out_to, refused=False),
}
MATRIX = [
    (mode, situation, requester, brought_in)
    for mode in MODES
    for situation in SITUATIONS
    for requester in REQUESTERS
    for brought_in in (REQUESTERS if SITUATIONS[situation].detour else REQUESTERS[:1])
]
GOAL = QUICK = len(MATRIX)


def rounds(folder: Path, rng: random.Random) -> Iterator[Mapping[str, int]]:
    with examined(sqlite(folder)) as here:
        found(here.store, SOP)
        for person, address in ((ASKER, "pei.wen@example.com"), (TWIN, " Pei.Wen@Example.COM")):
            here.store.people.put(Person(id=person, name="裴文", email=address))
        while True:
            for cell in rng.sample(MATRIX, len(MATRIX)):
                yield {"cells": 1, "attempts": _refused(here, *cell)}


def _refused(here: Station, mode: str, situation: str, requester: PersonId, brought_in: PersonId) -> int:
    told = f"{mode}, {situation}, requested by {requester}, for {brought_in}"
    tried = SITUATIONS[situation]
    case_id, approval = _requested(here, mode, requester, tried.keepers)
    if tried.detour is not None:
        answer = tried.detour(here, case_id, approval.id, brought_in)
        assert (answer.refusal is not None) is tried.refused, f"{told}: the detour was answered {answer}"
    attempts = _nobody_can(here, case_id, told)
    still = here.approval(case_id)
    if COLLEAGUE not in {ask.person for ask in still.asks}:
        _failed_closed(here, case_id, still, told)
    return attempts


def _requested(
    here: Station, way: str, requester: PersonId, keepers: tuple[PersonId, ...]
) -> tuple[CaseId, Approval]:
    case_id = CaseId(f"own-{next(NUMBERS)}")
    roles = {"keepers": keepers}
    here.done(cmd.StartCase(case_id=case_id, sop="own", title="报销", roles=roles), requester)
    here.done(cmd.RequestTransition(case_id=case_id, transition=way), requester)
    return case_id, here.approval(case_id)


def _nobody_can(here: Station, case_id: CaseId, told: str) -> int:
    """Neither account, through no face; and no link is made for them."""
    approval = here.approval(case_id)
    for person in REQUESTERS:
        assert claim_for(approval, person, case_id, here.parts.keys) is None, f"{told}: {person} gets a link"
        for via in (Via.WEB, Via.LINK, Via.API, Via.CLI):
            yes = cmd.RecordDecision(**_on(case_id, approval.id), verdict=Verdict.APPROVE)
            answer = here.do(yes, person, via=via)
            assert answer.refusal is not None, f"{told}: {person} signed through {via}"
    made = [r.event for r in here.history(case_id) if isinstance(r.event, DecisionRecorded)]
    assert not made, f"{told}: {made}"
    assert here.approval(case_id).state is ApprovalState.OPEN, f"{told}: it was granted"
    return len(REQUESTERS) * 4


def _failed_closed(here: Station, case_id: CaseId, approval: Approval, told: str) -> None:
    assert approval.unfilled == ("keepers",), f"{told}: nobody else is asked, and it does not say so"
    mails = here.store.mailbox.page(MailFilter(case_id=case_id, person=OWNER))
    kinds = [mail.kind for mail in mails]
    assert MessageKind.APPROVAL_UNFILLED in kinds, f"{told}: the owner was told only {kinds}"
