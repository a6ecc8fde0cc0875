"""代理: who answers for whom, and when. A chain has at most three hops and never closes to a circle."""

from collections.abc import Container, Iterable, Iterator
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Final

from engine.case.refusal import Blocker
from engine.ids import PersonId

MOST_HOPS: Final = 3


@dataclass(frozen=True, slots=True, kw_only=True)
class StandIn:
    """`stand_in` may answer for `principal` from `begins` until before `ends`; in these SOPs, or, where none
    is named, in all.
    """

    principal: PersonId
    stand_in: PersonId
    begins: datetime
    ends: datetime
    sops: frozenset[str] = frozenset()

    def holds(self, sop: str, now: datetime) -> bool:
        return self.begins <= now < self.ends and (not self.sops or sop in self.sops)


def standing_in(
    rows: Iterable[StandIn], person: PersonId, *, sop: str, now: datetime
) -> tuple[PersonId, ...]:
    """Who may answer for this person now, the nearest first: stand-ins, and theirs when away too."""
    running = [row for row in rows if row.holds(sop, now)]
    found: dict[PersonId, None] = {}
    near = {person}
    for _ in range(MOST_HOPS):
        near = {row.stand_in for row in running if row.principal in near} - {person, *found}
        found |= dict.fromkeys(sorted(near))
    return tuple(found)


def fault(
    new: StandIn, rows: Iterable[StandIn], *, now: datetime, external: Container[PersonId] = ()
) -> Blocker | None:
    """Why this may not be added to the `rows` there are; None when it may."""
    outside = next((p for p in (new.principal, new.stand_in) if p in external), None)
    if outside is not None:
        return Blocker(code="stand_in_external", subject=outside)
    if new.principal == new.stand_in:
        return Blocker(code="stand_in_self", subject=new.principal)
    if new.ends <= new.begins:
        return Blocker(code="stand_in_backwards", subject=new.stand_in)
    if new.ends <= now:
        return Blocker(code="stand_in_over", subject=new.stand_in)
    known = tuple(rows)
    if any(_same(new, row) for row in known):
        return Blocker(code="stand_in_twice", subject=new.stand_in)
    for behind, before in ((new, 0), *_chains(new, known, ahead=False)):
        for whole, after in ((behind, 0), *_chains(behind, known, ahead=True)):
            if whole.stand_in == behind.principal:
                return Blocker(code="stand_in_circle", subject=new.stand_in, waits_for=(behind.principal,))
            if before + 1 + after > MOST_HOPS:
                return Blocker(code="stand_in_chain", subject=new.stand_in)
    return None


def not_theirs(
    principal: PersonId, by: PersonId, owners: Container[PersonId], *, also: PersonId | None = None
) -> Blocker | None:
    """Whose absence, or whose leaving, it is arranges it; or the owner of an SOP does."""
    if by in (principal, also) or by in owners:
        return None
    return Blocker(code="not_theirs_to_arrange", subject=principal)


def _chains(start: StandIn, rows: tuple[StandIn, ...], *, ahead: bool) -> Iterator[tuple[StandIn, int]]:
    """What the start grows to, link by link, over the time and the SOPs that all its links share."""
    grown = [start]
    for hops in range(1, MOST_HOPS + 1):
        grown = [longer for one in grown for row in rows if (longer := _joined(one, row, ahead=ahead))]
        yield from ((one, hops) for one in grown)


def _same(one: StandIn, row: StandIn) -> bool:
    """Nothing new: the same two, in the same SOPs, within a time that is taken already."""
    pair = (one.principal, one.stand_in, one.sops) == (row.principal, row.stand_in, row.sops)
    return pair and row.begins <= one.begins and one.ends <= row.ends


def _joined(one: StandIn, row: StandIn, *, ahead: bool) -> StandIn | None:
    meets = row.principal == one.stand_in if ahead else row.stand_in == one.principal
    begins, ends = max(one.begins, row.begins), min(one.ends, row.ends)
    sops = one.sops & row.sops if one.sops and row.sops else one.sops | row.sops
    if not meets or begins >= ends or (one.sops and row.sops and not sops):
        return None
    grown = replace(one, begins=begins, ends=ends, sops=sops)
    return replace(grown, stand_in=row.stand_in) if ahead else replace(grown, principal=row.principal)
