"""代理 as people arrange it: whole days in the zone of who is away; and what cases are told of it."""

import logging
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, time, timedelta
from typing import Final

from engine.case import commands as cmd
from engine.case.absence import StandIn, not_theirs
from engine.case.refusal import Blocker
from engine.case.state import RULE_PERSON, Actor, Via
from engine.case.wall_clock import instant_at
from engine.clock import Clock
from engine.ids import CaseId, IdSource, PersonId
from engine.ports import Keyed
from engine.store.stand_ins import Period, StandInRefused
from engine.store.store import Store

_RUNNER: Final = Actor(person=RULE_PERSON, via=Via.RUNNER)
_TURNS: Final = 100

log = logging.getLogger("guanka.runner")


@dataclass(frozen=True, slots=True, kw_only=True)
class Wish:
    """From the first day until the last, both included; for these SOPs, or for all."""

    principal: PersonId
    stand_in: PersonId
    first: date
    last: date
    sops: Sequence[str] = ()
    reason: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Absences:
    store: Store
    service: Keyed
    clock: Clock
    ids: IdSource

    def begin(self, wish: Wish, *, by: PersonId, name: str | None = None) -> Period:
        """What lies there already reaches the stand-in at once, or when the first day begins.

        A second wish under the same `name` is the first one sent twice. Raises StandInRefused, UnknownPerson.
        """
        known = {version.sop for version in self.store.definitions.versions()}
        for sop in wish.sops:
            if sop not in known:
                raise StandInRefused(Blocker(code="sop_not_published", subject=sop))
        zone = self.store.people.get(wish.principal, "principal").zone
        self.store.people.get(wish.stand_in, "stand_in")
        _refuse_strangers(self.store, wish.principal, by)
        rule = StandIn(
            principal=wish.principal,
            stand_in=wish.stand_in,
            begins=instant_at(zone, wish.first, time()),
            ends=instant_at(zone, wish.last + timedelta(days=1), time()),
            sops=frozenset(wish.sops),
        )
        period = Period(
            id=name or self.ids.case_id(),
            rule=rule,
            reason=wish.reason.strip(),
            made_by=by,
            made_at=self.clock.now(),
        )
        self.store.stand_ins.add(period)
        turn_over(self.store, self.service, self.clock)
        return period

    def end(self, period: str, *, by: PersonId) -> None:
        """By whoever could have begun it, or who stands in. Raises NoSuchPeriod, StandInRefused."""
        running = self.store.stand_ins.periods(now=self.clock.now())
        rule = next((one.rule for one in running if one.id == period), None)
        if rule is not None:
            _refuse_strangers(self.store, rule.principal, by, also=rule.stand_in)
        self.store.stand_ins.end(period, by=by, now=self.clock.now())
        turn_over(self.store, self.service, self.clock)


def _refuse_strangers(store: Store, principal: PersonId, by: PersonId, also: PersonId | None = None) -> None:
    stop = not_theirs(principal, by, owners(store), also=also)
    if stop is not None:
        raise StandInRefused(stop)


def owners(store: Store) -> frozenset[PersonId]:
    """Who owns any of the published SOPs."""
    names = {version.sop for version in store.definitions.versions()}
    latest = [version for name in names if (version := store.definitions.latest(name)) is not None]
    roles = {store.definitions.by_digest(version.digest).sop.owner for version in latest}
    held = store.people.holders().items()
    return frozenset(person for (_, role), persons in held if role in roles for person in persons)


def turn_over(store: Store, service: Keyed, clock: Clock) -> int:
    """Lets every case know whose period has begun or ended since; how many cases changed.

    A case that fails is told again the next time; the others are not kept waiting.
    """
    acted = 0
    for turn in store.stand_ins.turns(now=clock.now(), limit=_TURNS):
        told = [_told(service, case_id) for case_id in turn.cases]
        acted += sum(one is True for one in told)
        if None not in told:
            store.stand_ins.turned(turn.id, now=clock.now())
    return acted


def _told(service: Keyed, case_id: CaseId) -> bool | None:
    """Whether the case changed; None where it could not be told."""
    try:
        return bool(service.handle(cmd.Sweep(case_id=case_id), actor=_RUNNER).events)
    except Exception as fault:  # noqa: BLE001 - one bad case fails alone
        log.error("Case %s could not be told of a stand-in: %s", case_id, type(fault).__name__)  # noqa: TRY400
        return None
