"""F2: a robot in a real browser opens sign-off links and tries everything, and nothing is decided."""

import itertools
import random
from collections import Counter
from collections.abc import Iterator, Mapping
from datetime import timedelta
from pathlib import Path

from engine.ids import CaseId
from tests.detonator import Detonator
from tests.served_site import Attacked, under_attack

NAME = "F2"
SUBJECT = (
    "A robot in Chromium fetches, follows, presses and fills in all of a sign-off page: nothing is decided."
)
GOAL = 1000
QUICK = 1
FEW = 3
HARMLESS = {"link_reissued"}  # wrong digits may cost a link, and then its person gets another


def rounds(folder: Path, rng: random.Random) -> Iterator[Mapping[str, int]]:
    """Two detonations each: where digits are asked for, and where the SOP lets a press decide.

    The first tries a few controls of each kind, the others all of them.
    """
    with under_attack(folder) as at:
        for number in itertools.count():
            most = FEW if number == 0 else None
            digits = one_detonation(at, at.site.asked(f"p{number}"), rng, presses=True, most=most)
            press = one_detonation(
                at, at.site.asked(f"l{number}", sop="leaflet"), rng, presses=False, most=most
            )
            yield dict(Counter(digits) + Counter(press))
            at.site.clock.advance(timedelta(hours=1))  # or the person's hour would protect the next link


def one_detonation(
    at: Attacked, case: CaseId, rng: random.Random, *, presses: bool, most: int | None
) -> Mapping[str, int]:
    link, code = at.site.letters("bob", case)[0]
    before = len(at.site.store.history.read_events(case))
    robot = Detonator(at.browser, rng, presses=presses, unknown=code, most=most)
    at.call(robot.detonate, link)
    done = [e.event.kind for e in at.site.store.history.read_events(case)[before:]]
    acted = [kind for kind in done if not (presses and kind in HARMLESS)]
    assert acted == [], f"a robot at the link of {case} ({'code' if presses else 'link'}) did {acted}"
    approvals = at.site.case(case).approvals.values()
    decided = [ask.person for approval in approvals for ask in approval.asks if ask.decision]
    assert decided == [], f"a robot decided for {decided} in {case}"
    return {"detonations": 1, "actions": len(acted), "links_used_up": len(done), **robot.counts}
