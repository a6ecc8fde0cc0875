"""Gates whose role nobody holds, or only people who are gone, under every mode; before they open, or after.

Nobody passes, the SOP's owner is told once, and the gate opens to whoever is then given the role.
"""

import random
from collections.abc import Iterator, Mapping
from dataclasses import replace
from itertools import count, product
from pathlib import Path
from typing import Any

from engine.case import commands as cmd
from engine.case.state import ApprovalState, Verdict
from engine.ids import CaseId, PersonId
from engine.outbox import MessageKind
from engine.store.mailbox import MailFilter
from engine.store.people import Person
from runtime.carrying import Carrying
from runtime.leaving import HandingOver, Leaving
from tests.faults.company import ASKER, BOSS, OWNER, ROLES, SIGNERS, a_sop, behind, found, gate
from tests.faults.places import sqlite
from tests.faults.station import Station, actor, examined

NAME = "F8"
SUBJECT = "A gate whose role is empty, or held only by people who are gone, fails closed and says so."

COLLEAGUE, SUCCESSOR = SIGNERS[0], SIGNERS[9]
TRYING = (ASKER, BOSS, OWNER, *SIGNERS[1:4])
MODES = ("any", "all", "sequence", "votes", "share")
BEFORE = ("nobody", "gone_from_the_company", "gone_from_the_sop", "gone_from_the_case")
AFTER = ("left_after_opening", "left_with_the_role_emptied", "left_with_two_approvals")
HOLDERS = (*BEFORE, *AFTER, "handed_over")
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
    passes = mode == "any" and beside
    if holder != "handed_over":
        _sweep(here)
        _says_so(here, case_id, () if passes else (gone.id,) if holder in AFTER else ("keepers",), told)
    if beside:
        _yes(here, case_id, COLLEAGUE)
    granted = here.approval(case_id).state is ApprovalState.GRANTED
    assert granted is passes, f"{told}: granted is {granted}"
    if not passes:
        _opens_again(here, case_id, told, handed_over=holder == "handed_over")
    return {"told": int(not passes and holder != "handed_over")}


def _sweep(here: Station) -> None:
    """As the runner does it, and again by another runner."""
    here.kept.setdefault("runner", Carrying(here.parts)).sweep()
    Carrying(here.parts).sweep()


def _opened(here: Station, way: str, holder: str, gone: Person) -> CaseId:
    people, case_id = here.store.people, CaseId(f"empty-{gone.id}")
    people.put(gone)
    people.set_holders("keepers", [])
    people.set_holders("keepers", [], sop="empty")
    after = holder in (*AFTER, "handed_over")
    if holder == "gone_from_the_company" or after:
        people.set_holders("keepers", [gone.id])
    if holder == "gone_from_the_sop":
        people.set_holders("keepers", [gone.id], sop="empty")
    roles = {"keepers": (gone.id,)} if holder == "gone_from_the_case" else {}
    here.done(cmd.StartCase(case_id=case_id, sop="empty", title="无人审批", roles=roles))
    request = cmd.RequestTransition(case_id=case_id, transition=way)
    if after:
        here.done(request)
        _leave(here, holder, gone)
    else:
        people.put(replace(gone, active=False))
        here.done(request)
    return case_id


def _leave(here: Station, holder: str, gone: Person) -> None:
    if holder == "handed_over":
        leaving = Leaving(person=gone.id, to=SUCCESSOR, reason="离职")
        desk = HandingOver(store=here.store, service=here.parts.service, clock=here.clock)
        assert desk.carry_out(leaving, actor=actor(OWNER)).gone, "everything was handed over, and nobody went"
        return
    other = CaseId(f"empty-{gone.id}-2")
    if holder == "left_with_two_approvals":
        here.done(cmd.StartCase(case_id=other, sop="empty", title="另一个"))
        here.done(cmd.RequestTransition(case_id=other, transition="all"))
    here.store.people.put(replace(gone, active=False))
    if holder == "left_with_the_role_emptied":
        here.store.people.set_holders("keepers", [])
    if holder == "left_with_two_approvals":
        _sweep(here)
        _says_so(here, other, (gone.id,), holder)
        here.done(cmd.WithdrawRequest(case_id=other, request=here.approval(other).request))


def _yes(here: Station, case_id: CaseId, person: PersonId) -> bool:
    approval = here.approval(case_id)
    yes = cmd.RecordDecision(case_id=case_id, approval=approval.id, verdict=Verdict.APPROVE)
    return here.do(yes, person).refusal is None


def _says_so(here: Station, case_id: CaseId, missing: tuple[str, ...], told: str) -> None:
    """What is missing, a role or whoever left, stands at the gate; and the owner was told once, or never."""
    approval = here.approval(case_id)
    found = (*approval.unfilled, *approval.gone)
    assert found == missing, f"{told}: nobody can sign, and it does not say so: {approval}"
    mails = here.store.mailbox.page(MailFilter(case_id=case_id, person=OWNER))
    kinds = [mail.kind for mail in mails]
    count = kinds.count(MessageKind.APPROVAL_UNFILLED)
    assert count == bool(missing), f"{told}: the owner was told {count} times, of {kinds}"


def _opens_again(here: Station, case_id: CaseId, told: str, *, handed_over: bool) -> None:
    if not handed_over:
        here.done(cmd.AssignRoles(case_id=case_id, roles={"keepers": (SUCCESSOR,)}))
        here.do(cmd.Sweep(case_id=case_id), "rule")
    signed = [_yes(here, case_id, person) for person in (SUCCESSOR, COLLEAGUE)]
    assert signed[0], f"{told}: whoever was then given the role could not sign"
    assert here.approval(case_id).state is ApprovalState.GRANTED, f"{told}: it was not granted afterwards"
