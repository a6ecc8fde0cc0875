"""A company at work, for campaigns that let weeks pass: an SOP with every kind of clock, people in several
zones who want their messages in different ways, and what they do in the course of a day.
"""

import random
from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta
from itertools import count
from typing import Any, Final

from engine.case import commands as cmd
from engine.case import time_commands as tc
from engine.case.state import Approval, ApprovalState, Case, Verdict
from engine.delivering import Manner, Preferences
from engine.ids import CaseId, PersonId
from engine.outbox import MessageGroup
from engine.store.board import BoardFilter
from tests.faults.acts import Act
from tests.faults.company import ASKER, BOSS, OWNER, SIGNERS, a_sop, behind, gate, titled
from tests.faults.station import Station

ZONES: Final = ("Asia/Shanghai", "America/New_York", "Australia/Lord_Howe", "Europe/Berlin")
PEOPLE: Final = (ASKER, BOSS, OWNER, *SIGNERS[:5])
MOST_CASES: Final = 30
_NUMBERS = count(1)
_LADDER: Final = {
    "remind": ["1 wd", "2 wh"],
    "escalate": [{"after": "4 wh", "to": "boss"}, {"after": "1 wd", "to": "two", "every": "1 wd", "most": 3}],
}


def sop() -> dict[str, Any]:
    asks = gate("five", within="4 wh", remind=["1 wh"], on_timeout={"escalate": "boss"})
    more = {"stay": True, "from": "desk", "clears": ["until"], "extends": {"until": "until"}}
    desk = {
        "deadline": {"within": "2 wd", **_LADDER},
        "pausable": {"most": "3 wd"},
        "tasks": [
            {"id": "report", "zh": "周报", "en": "Report", "every": "5 d", "optional": True},
            {"id": "visit", "zh": "回访", "en": "Visit", "optional": True, "deadline": {"within": "6 wh"}},
        ],
    }
    made = a_sop("life", {"ask": behind(asks), "more": {**more, "approvals": [gate("boss")]}}, desk=desk)
    made["fields"] |= {name: {"type": "date", "zh": name, "en": name} for name in ("until", "launch")}
    made["milestones"] = [titled("launched", planned="launch", left="desk", owner="two", **_LADDER)]
    return made


def settle(here: Station, rng: random.Random) -> None:
    """Where people live, and how they want to be told."""
    for place, person in enumerate(PEOPLE):
        known = here.store.people.get(person)
        here.store.people.put(replace(known, zone=ZONES[place % len(ZONES)]))
        here.store.preferences.put(person, _wishes(rng))


def _wishes(rng: random.Random) -> Preferences:
    wanted = {MessageGroup.DEADLINES: rng.choice(list(Manner)), MessageGroup.NEWS: rng.choice(list(Manner))}
    hours = rng.choice([(), (9,), (9, 14, 17)])
    return Preferences(manners=wanted, digest_hours=hours, morning=rng.random() < 0.5)


def moments(rng: random.Random, day: date) -> list[datetime]:
    """When something is done on this day: mostly at work, now and then at night."""
    busy = 0 if day.weekday() > 4 and rng.random() < 0.8 else rng.randrange(8, 30)
    hours = (rng.uniform(9, 18) if rng.random() < 0.85 else rng.uniform(0, 24) for _ in range(busy))
    midnight = datetime.combine(day, time(), UTC) - timedelta(hours=8)
    return sorted(midnight + timedelta(hours=hour) for hour in hours)


def an_act(here: Station, rng: random.Random) -> Act:
    """Something a person may want to do just now; not all of it is allowed as the case stands."""
    running = [line.id for line in here.store.board.page(BoardFilter(sop="life"), limit=MOST_CASES).cases]
    if not running or (len(running) < MOST_CASES and rng.random() < 0.3):
        return _a_new_case(here, rng), ASKER
    case = here.case(rng.choice(running))
    waiting = [one for one in case.approvals.values() if one.state is ApprovalState.OPEN]
    if waiting and rng.random() < 0.5:
        return _decides(rng, case, rng.choice(waiting))
    return rng.choice(_on_the_case(here, rng, case))(), ASKER


def _a_new_case(here: Station, rng: random.Random) -> cmd.Command:
    number = next(_NUMBERS)
    values = {"launch": _some_day(here, rng)} if rng.random() < 0.7 else {}
    return cmd.StartCase(
        case_id=CaseId(f"life-{here.place.name}-{number}"),
        sop="life",
        title=f"项目{number:07}",
        values=values,
    )


def _decides(rng: random.Random, case: Case, approval: Approval) -> Act:
    by = rng.choice([ask.person for ask in approval.asks if ask.person])
    verdict = rng.choice([Verdict.APPROVE, Verdict.APPROVE, Verdict.REJECT])
    return cmd.RecordDecision(case_id=case.id, approval=approval.id, verdict=verdict), PersonId(by)


def _on_the_case(here: Station, rng: random.Random, case: Case) -> Sequence[Callable[[], cmd.Command]]:
    on: dict[str, Any] = {"case_id": case.id}
    someday, reason = _some_day(here, rng), "演练"
    return [
        lambda: cmd.RequestTransition(**on, transition="ask"),
        lambda: cmd.RequestTransition(**on, transition="ask"),
        lambda: cmd.SetFields(**on, values={"until": someday}),
        lambda: cmd.RequestTransition(**on, transition="more", reason=reason),
        lambda: cmd.SetFields(**on, values={"launch": someday}),
        lambda: cmd.CompleteTask(**on, task=rng.choice(["report", "visit"])),
        lambda: cmd.HoldCase(**on, reason=reason, resume_on=rng.choice([None, date.fromisoformat(someday)])),
        lambda: cmd.ResumeCase(**on),
        lambda: tc.WaitOutside(**on, stage="desk", waits_for="客户", reason=reason),
        lambda: tc.GoOn(**on, stage="desk"),
        lambda: cmd.RequestTransition(**on, transition=rng.choice(["finish", "cancel"]), reason=reason),
    ]


def _some_day(here: Station, rng: random.Random) -> str:
    return f"{(here.clock.now() + timedelta(days=rng.randrange(1, 15))).date()}"
