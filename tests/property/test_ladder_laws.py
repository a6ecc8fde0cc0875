"""Whatever the ladder and wherever people live, no rung is lost, comes too soon, or finds them asleep."""

from datetime import timedelta
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from engine.case.facts import Facts, Whereabouts
from engine.case.in_their_time import after_telling, awaited
from engine.case.ladders import reached, rungs
from engine.case.state import RULE, Deadline, DeadlineKind
from engine.definition.model import Ladder
from engine.ids import PersonId
from tests.factories import MONDAY, a_calendar

BOSS, HEAD = PersonId("bo"), PersonId("hua")
ROLES = {"boss": (BOSS,), "head": (HEAD,), "nobody": ()}
ZONES = ("Asia/Shanghai", "Europe/Berlin", "America/New_York", "Pacific/Auckland")
ESCALATION = st.fixed_dictionaries(
    {
        "after": st.builds("{} {}".format, st.integers(0, 30), st.sampled_from(["wh", "wd", "h", "min"])),
        "to": st.sampled_from(sorted(ROLES)),
        "urgent": st.booleans(),
    }
)
LADDERS = st.lists(ESCALATION, min_size=1, max_size=5)


def facts_of(boss: str, head: str, hours: int) -> Facts:
    lives = {BOSS: Whereabouts("", boss), HEAD: Whereabouts("", head)}
    now = MONDAY + timedelta(hours=hours)
    return Facts(now=now, actor=RULE, calendar=a_calendar(), whereabouts=lives)


def deadline(facts: Facts, escalate: list[dict[str, Any]]) -> Deadline:
    ladder = Ladder.model_validate({"escalate": escalate})
    climbs = rungs(facts, a_calendar(), MONDAY, ladder)
    return Deadline(
        id="stage:1", kind=DeadlineKind.STAGE, subject="1", due_at=MONDAY, missed_at=MONDAY, rungs=climbs
    )


@settings(deadline=None)
@given(LADDERS, st.integers(0, 400))
def test_where_all_live_by_the_deadlines_calendar_nothing_moves(
    escalate: list[dict[str, Any]], hours: int
) -> None:
    facts = facts_of("Asia/Shanghai", "Asia/Shanghai", hours)
    due = deadline(facts, escalate)
    assert awaited(facts, due, ROLES.__getitem__) == due
    assert [after_telling(facts, due, n, (BOSS,)) for n in range(len(due.rungs))] == [due] * len(due.rungs)


@settings(deadline=None)
@given(LADDERS, st.sampled_from(ZONES), st.sampled_from(ZONES), st.integers(0, 400))
def test_elsewhere_each_that_has_come_finds_somebody_at_work(
    escalate: list[dict[str, Any]], boss: str, head: str, hours: int
) -> None:
    facts = facts_of(boss, head, hours)
    due = deadline(facts, escalate)
    moved = awaited(facts, due, ROLES.__getitem__)
    assert [rung.at for rung in moved.rungs] == sorted(rung.at for rung in moved.rungs)
    assert all(new.at >= old.at for old, new in zip(due.rungs, moved.rungs, strict=True))
    for rung in moved.rungs:
        people = [] if rung.urgent or rung.at > facts.now else ROLES[rung.role]
        assert all(_works(facts, person, rung.at) for person in people)
    assert awaited(facts, moved, ROLES.__getitem__) == moved


def _works(facts: Facts, person: PersonId, at: Any) -> bool:
    return reached(facts.calendar_of(person), at) == at
