"""A link is used while, in another process, what it stands on is taken away. Nothing decided with it may come
after that in the history.
"""

import random
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any

from engine.case import commands as cmd
from engine.case import signer_commands as sc
from engine.case.events import DecisionRecorded
from engine.ids import PersonId
from engine.ports import Answer
from tests.faults.arena import Arena, arenas
from tests.faults.company import ASKER, BOSS, OWNER
from tests.faults.pages import form_token, get, press
from tests.faults.signing import ME, SOP, Linked, linked
from tests.faults.station import Station

NAME = "F6"
SUBJECT = "A link is used while it is revoked elsewhere: no use after the revocation is committed."
GOAL = 10_000
QUICK = 16

WAYS = ("by_link", "by_code")
MOST_LOOKS = 20  # the revocation begins after so many reads, so that now this is first and now that
SEEN = 303
Revocation = tuple[Callable[[Linked], cmd.Command], PersonId]


def _on(one: Linked) -> dict[str, Any]:
    return {"case_id": one.case_id, "approval": one.approval.id}


REVOCATIONS: Mapping[str, Revocation] = {
    "transferred": (lambda o: sc.TransferAsk(**_on(o), to=BOSS, reason="出差"), ME),
    "delegated": (lambda o: sc.DelegateAsk(**_on(o), to=BOSS, reason="先看"), ME),
    "returned": (lambda o: sc.ReturnRequest(**_on(o), comment="退"), ME),
    "removed": (lambda o: sc.RemoveSigner(**_on(o), person=ME, reason="换人"), OWNER),
    "replaced": (lambda o: cmd.ReissueLink(**_on(o), person=ME), ME),
    "withdrawn": (
        lambda o: cmd.WithdrawRequest(case_id=o.case_id, request=o.approval.request),
        ASKER,
    ),
    "changed": (
        lambda o: cmd.SetFields(case_id=o.case_id, values={"brief": "改过"}),
        ASKER,
    ),
    "held": (lambda o: cmd.HoldCase(case_id=o.case_id, reason="等"), ASKER),
}


def rounds(folder: Path, rng: random.Random) -> Iterator[Mapping[str, int]]:
    with arenas(folder, SOP, size=2) as fields:
        while True:
            for how in rng.sample(list(REVOCATIONS), len(REVOCATIONS)):
                way, looks = rng.choice(WAYS), rng.randrange(MOST_LOOKS)
                for field in fields:
                    used = _raced(field, how, linked(field.here, way), looks)
                    yield {f"{field.name}_races": 1, f"{field.name}_used_before": int(used)}


def _raced(field: Arena, how: str, one: Linked, looks: int) -> bool:
    """Whether the link was used before it was revoked."""
    user, revoker = field.crew.hands
    user.order(used, one)
    revoker.order(revoked, one, how, looks)
    (status,), (answer,) = user.answer(), revoker.answer()
    events = field.here.history(one.case_id)
    decisions = [recorded.sequence for recorded in events if isinstance(recorded.event, DecisionRecorded)]
    assert len(decisions) == int(status == SEEN), f"{one.case_id}: {status} for {len(decisions)} decisions"
    if answer.refusal is not None:
        assert decisions, f"{one.case_id}: neither used nor {how}: {answer.refusal}"
        return True
    committed = answer.events[0].sequence
    assert all(sequence < committed for sequence in decisions), (
        f"{one.case_id}: {how} at {committed}, and the old link decided at {decisions}"
    )
    return bool(decisions)


def used(here: Station, one: Linked) -> list[int]:
    """The page was open already; now the button is pressed."""
    token = form_token(get(here.app, one.letter.path))
    typed = {"token": token, "verdict": "approve", "code": one.letter.code}
    return here.at_once([lambda: press(here.app, one.letter.path, typed).status])


def revoked(here: Station, one: Linked, how: str, looks: int) -> list[Answer]:
    command, by = REVOCATIONS[how]

    def revoke() -> Answer:
        for _ in range(looks):
            here.case(one.case_id)
        return here.do(command(one), by)

    return here.at_once([revoke])
