"""Approvals whose signers have left, or come: what their cases are told when people change.

Everything else that can leave an approval without signers is a command on its case, and judged there.
"""

import logging
from dataclasses import dataclass, field
from typing import Final

from engine.case import commands as cmd
from engine.case.state import RULE_PERSON, Actor, Via
from engine.ids import CaseId
from engine.ports import Keyed
from engine.store.store import Store

_RUNNER: Final = Actor(person=RULE_PERSON, via=Via.RUNNER)

log = logging.getLogger("guanka.runner")


@dataclass(slots=True)
class Desertions:
    """`_seen` is the revision of people up to which every case has been told; before that, none."""

    store: Store
    service: Keyed
    _seen: int = field(default=-1, init=False)

    def tell(self) -> int:
        """How many cases changed. While nothing changes about people this reads one number, and one case
        that fails has all of them asked again the next time.
        """
        revision = self.store.people.revision()
        if revision == self._seen:
            return 0
        told = [_told(self.service, case_id) for case_id in self.store.board.deserted()]
        if None not in told:
            self._seen = revision
        return sum(one is True for one in told)


def _told(service: Keyed, case_id: CaseId) -> bool | None:
    """Whether the case changed; None where it could not be told."""
    try:
        return bool(service.handle(cmd.Sweep(case_id=case_id), actor=_RUNNER).events)
    except Exception as fault:  # noqa: BLE001 - one bad case fails alone
        log.error("Case %s could not be told who left: %s", case_id, type(fault).__name__)  # noqa: TRY400
        return None
