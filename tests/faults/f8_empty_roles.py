"""Gates whose role nobody holds, or only people who are gone, under every mode. Nobody passes, the SOP's
owner is told, and the gate opens to whoever is then given the role.
"""

import random
from collections.abc import Iterator, Mapping
from dataclasses import replace
from itertools import count, product
from pathlib import Path
from typing import Any

from engine.case import commands as cmd
from engine.case.state import Approval, ApprovalState, Verdict
from engine.ids import CaseId, PersonId
from engine.outbox import MessageKind
from engine.store.mailbox import MailFilter
from engine.store.people import Person
from tests.faults.company import ASKER, BOSS, OWNER, ROLES, SIGNERS, a_sop, behind, found, gate
from tests.faults.places import sqlite
from tests.faults.station import Station, examined

NAME = "F8"
SUBJECT = "A gate whose role is empty, or held only by people who are gone, fails closed and says so."

COLLEAGUE, SUCCESSOR = SIGNERS[0], SIGNERS[9]
TRYING = (ASKER, BOSS, OWNER, *SIGNERS[1:4])
MODES = ("any", "all", "sequence", "votes", "share")
HOLDERS = ("nobody", "gone_from_the_company", "gone_from_the_sop", "gone_from_the_case", "left_after_opening")
MATRIX = list(product(MODES, HOLDERS, (False, True)))
GOAL = QUICK = len(MATRIX)
NUMBERS = count(1)


def _way(mode: str, *, beside: bool) -> str:
    return f"{mode}_and_one" if beside else mode


def _gate(mode: str, *, beside: bool) -> dict[str, Any]:
    """Asks the role in question, and with `beside` one that is held."""
    thresholds = {"votes": 1 + beside, "share": "60%"}
    counted = {"mode": "votes", "threshold": thresholds[mode]} if mode in thresholds else {"mode": mode}
    return gate("keepers", *(("one",) if beside else ()), **counted)


SOP = a_sop(
    "empty",
    {_way(mode, beside=b): behind(_gate(mode, beside=b)) for mode, b in product(MODES, (False, True))},
    roles=(*ROLES, "keepers"),
)


def rounds(folder: Path, rng: random.Random) -> Iterator[Mapping[str, int]]:
    with examined(sqlite(folder)) as here:
        found(here.store, SOP)
        while True:
            for mode, holder, beside in rng.sample(MATRIX, len(MATRIX)):
                yield {"cells": 1, **_closed(here, mode, holder, beside=beside)}


def _closed(here: Station, mode: str, holder: str, *, beside: bool) -> dict[str, int]:
    told = f"{mode}, {holder}{', beside a role that is held' if beside else ''}"
    gone = Person(id=PersonId(f"gone-{next(NUMBERS)}"), name="离职者")
    case_id = _opened(here, _way(mode, beside=beside), holder, gone)
    refused = [_yes(here, case_id, person) for person in (*TRYING, gone.id)]
    assert not any(refused), f"{told}: somebody signed who may not"
    late = holder == "left_after_opening"
    passes = mode == "any" and beside
    approval = here.approval(case_id)
    if not passes and not late:
        _says_so(here, case_id, approval, told)
    if beside:
        _yes(here, case_id, COLLEAGUE)
    granted = here.approval(case_id).state is ApprovalState.GRANTED
    assert granted is passes, f"{told}: granted is {granted}"
    if not passes and not late:
        _opens_again(here, case_id, told)
    return {"told": int(not passes and not late), "untold": int(late and not passes)}


def _opened(here: Station, way: str, holder: str, gone: Person) -> CaseId:
    people, case_id = here.store.people, CaseId(f"empty-{gone.id}")
    people.put(gone)
    people.set_holders("keepers", [])
    people.set_holders("keepers", [], sop="empty")
    if holder in ("gone_from_the_company", "left_after_opening"):
        people.set_holders("keepers", [gone.id])
    if holder == "gone_from_the_sop":
        people.set_holders("keepers", [gone.id], sop="empty")
    roles = {"keepers": (gone.id,)} if holder == "gone_from_the_case" else {}
    here.done(cmd.StartCase(case_id=case_id, sop="empty", title="无人审批", roles=roles))
    request = cmd.RequestTransition(case_id=case_id, transition=way)
    if holder == "left_after_opening":
        here.done(request)
        people.put(replace(gone, active=False))
    else:
        people.put(replace(gone, active=False))
        here.done(request)
    return case_id


def _yes(here: Station, case_id: CaseId, person: PersonId) -> bool:
    approval = here.approval(case_id)
    yes = cmd.RecordDecision(case_id=case_id, approval=approval.id, verdict=Verdict.APPROVE)
    return here.do(yes, person).refusal is None


def _says_so(here: Station, case_id: CaseId, approval: Approval, told: str) -> None:
    assert approval.unfilled == ("keepers",), f"{told}: nobody can sign, and it does not say so: {approval}"
    mails = here.store.mailbox.page(MailFilter(case_id=case_id, person=OWNER))
    kinds = [mail.kind for mail in mails]
    assert MessageKind.APPROVAL_UNFILLED in kinds, f"{told}: the owner was told only {kinds}"


def _opens_again(here: Station, case_id: CaseId, told: str) -> None:
    here.done(cmd.AssignRoles(case_id=case_id, roles={"keepers": (SUCCESSOR,)}))
    here.do(cmd.Sweep(case_id=case_id), "rule")
    signed = [_yes(here, case_id, person) for person in (SUCCESSOR, COLLEAGUE)]
    assert signed[0], f"{told}: whoever was then given the role could not sign"
    assert here.approval(case_id).state is ApprovalState.GRANTED, f"{told}: it was not granted afterwards"
