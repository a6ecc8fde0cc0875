"""The HTTP API for people: where and when they work, who is away (代理) or leaves (离职转办)."""

from datetime import date, datetime
from typing import Annotated, Self

from fastapi import APIRouter, Depends, Query
from pydantic import Field, StrictBool

from engine.case.state import Via
from engine.ids import CaseId, PersonId
from engine.store.people import Person
from engine.store.stand_ins import Period
from runtime import whereabouts
from runtime.absences import Absences, Wish
from runtime.leaving import HandedOver, HandingOver, Leaving
from web import api_models as m
from web.api_bodies import In, Persons, Title, Words
from web.api_calls import PROBLEMS, Call, Caller, new_id
from web.visitor import Wired

router = APIRouter(prefix="/api/v1", responses=PROBLEMS, tags=["people"])
AnyCall = Annotated[Call, Depends()]


class StandInIn(In):
    """From `first` until `last`, both included, in the zone of who is away; `principal` is the caller where
    it is left out. Without `sops` it holds for all.
    """

    stand_in: Title
    first: date
    last: date
    principal: Title | None = None
    sops: Annotated[tuple[Title, ...], Field(max_length=200)] = ()
    reason: Annotated[str, Field(max_length=2_000)] = ""


class StandInOut(m.Out):
    """`begins` and `ends` are instants; the stand-in answers from the one until before the other."""

    id: str
    principal: str
    stand_in: str
    begins: datetime
    ends: datetime
    sops: list[str]
    reason: str
    made_by: str
    made_at: datetime
    ended_by: str | None

    @classmethod
    def of(cls, period: Period) -> Self:
        rule = period.rule
        return cls(
            id=period.id,
            principal=rule.principal,
            stand_in=rule.stand_in,
            begins=rule.begins,
            ends=rule.ends,
            sops=sorted(rule.sops),
            reason=period.reason,
            made_by=period.made_by,
            made_at=period.made_at,
            ended_by=period.ended_by,
        )


class LeavingIn(In):
    """`cases`: only these; without it, everything. `dry_run` only says what would happen."""

    to: Title
    reason: Words
    cases: Persons | None = None
    dry_run: StrictBool = False


class HandedOverOut(m.Out):
    """`stays`: cases that need another successor, with the reasons. `gone`: the person is active no more."""

    roles: list[str]
    cases: list[str]
    stays: dict[str, list[m.BlockerOut]]
    stand_ins_ended: int
    gone: bool

    @classmethod
    def of(cls, done: HandedOver) -> Self:
        stays: dict[str, list[m.BlockerOut]] = {
            case: [m.BlockerOut.of(b) for b in refusal.blockers] for case, refusal in done.stays.items()
        }
        return cls(
            roles=list(done.roles),
            cases=list(done.cases),
            stays=stays,
            stand_ins_ended=done.periods,
            gone=done.gone,
        )


class PersonOut(m.Out):
    """`calendar` is the person's own; empty, they work by the company's, in their `zone`."""

    id: str
    name: str
    external: bool
    active: bool
    language: str
    zone: str
    calendar: str

    @classmethod
    def of(cls, person: Person) -> Self:
        return cls(**{name: getattr(person, name) for name in cls.model_fields})


class PersonIn(In):
    """What is left out stays as it was; an empty `calendar` is the company's."""

    calendar: Annotated[str, Field(max_length=40)] | None = None
    zone: Annotated[str, Field(max_length=200)] | None = None


@router.get("/people")
def people(wiring: Wired, _: Caller) -> list[PersonOut]:
    """Everybody on file, also those who have left."""
    return [PersonOut.of(person) for person in wiring.store.people.all()]


@router.patch("/people/{person}")
def settle(call: AnyCall, person: str, body: PersonIn) -> PersonOut:
    """Where and when somebody works: deadlines stay, messages and working hours follow at once."""
    wiring, wish = call.wiring, whereabouts.Wish(calendar=body.calendar, zone=body.zone)
    return PersonOut.of(whereabouts.settle(wiring.store.people, wiring.calendars, PersonId(person), wish))


@router.get("/stand-ins")
def stand_ins(
    wiring: Wired,
    _: Caller,
    person: Annotated[str | None, Query(max_length=200)] = None,
    past: bool = False,
) -> list[StandInOut]:
    """Periods that run or are to come, by their beginning; with `past` also those that are over."""
    who = PersonId(person) if person else None
    found = wiring.store.stand_ins.periods(now=wiring.clock.now(), person=who, past=past)
    return [StandInOut.of(period) for period in found]


@router.post("/stand-ins", status_code=201)
def begin(call: AnyCall, body: StandInIn) -> StandInOut:
    """代理: somebody may answer for who is away. Also for what already lies there; both may answer."""
    wish = Wish(
        principal=PersonId(body.principal or call.visitor.person.id),
        stand_in=PersonId(body.stand_in),
        first=body.first,
        last=body.last,
        sops=body.sops,
        reason=body.reason,
    )
    return StandInOut.of(absences(call.wiring).begin(wish, by=call.visitor.person.id, name=new_id(call)))


@router.post("/stand-ins/{period}/end", status_code=204)
def end(call: AnyCall, period: str) -> None:
    """Ends a period now; one to come never begins."""
    absences(call.wiring).end(period, by=call.visitor.person.id)


@router.post("/people/{person}/hand-over")
def hand_over(call: AnyCall, person: str, body: LeavingIn) -> HandedOverOut:
    """离职转办: roles, asks, requests and cases of `person` become the successor's, case by case and each
    whole. Sent again it goes on where it stopped.
    """
    cases = None if body.cases is None else tuple(CaseId(case) for case in body.cases)
    leaving = Leaving(person=PersonId(person), to=PersonId(body.to), reason=body.reason, cases=cases)
    desk = handing_over(call.wiring)
    act = desk.foresee if body.dry_run else desk.carry_out
    return HandedOverOut.of(act(leaving, actor=call.visitor.actor(Via.API)))


def absences(wiring: Wired) -> Absences:
    return Absences(store=wiring.store, service=wiring.service, clock=wiring.clock, ids=wiring.ids)


def handing_over(wiring: Wired) -> HandingOver:
    return HandingOver(store=wiring.store, service=wiring.service, clock=wiring.clock)
