"""The page about people: who stands in for whom, who holds which role and works when, and a leaver's work
handed over.
"""

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Annotated

from fastapi import APIRouter, Depends, Request
from fastapi.responses import HTMLResponse, Response

from engine.case.wording import refusal_sentences
from engine.errors import GuankaError
from engine.ids import ALPHABET, CaseId, PersonId
from engine.store.stand_ins import Period
from runtime import whereabouts
from runtime.absences import Wish
from runtime.leaving import HandedOver, Leaving
from runtime.titles import role_titles
from web.actions import day
from web.api_people import absences, handing_over
from web.posted import Form
from web.rendering import back_to, page
from web.times import zone_of
from web.visitor import Visitor, Visits, Wired

router = APIRouter(include_in_schema=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class PeriodLine:
    """`mine`: the visitor is away, or stands in."""

    id: str
    principal: str
    stand_in: str
    first: date
    last: date
    sops: str
    reason: str
    mine: bool
    running: bool


@dataclass(frozen=True, slots=True)
class Counter:
    """Where the page's forms are handed in."""

    request: Request
    wiring: Wired
    visitor: Visits
    form: Form

    def again(self, fault: GuankaError) -> HTMLResponse:
        return self.back(fault.message.in_(self.visitor.language))

    def back(self, said: str) -> HTMLResponse:
        return people_page(self.request, self.wiring, self.visitor, notice=said, typed=self.typed)

    @property
    def typed(self) -> dict[str, str]:
        return {name: value for name, value in self.form.data.items() if isinstance(value, str)}


AtCounter = Annotated[Counter, Depends()]


@router.get("/people")
def people(request: Request, wiring: Wired, visitor: Visits) -> HTMLResponse:
    return people_page(request, wiring, visitor)


def people_page(
    request: Request,
    wiring: Wired,
    visitor: Visitor,
    *,
    notice: str = "",
    typed: Mapping[str, str] | None = None,
    done: HandedOver | None = None,
) -> HTMLResponse:
    return page(
        request,
        wiring,
        visitor,
        "people.html",
        status=422 if notice else 200,
        notice=(notice,) if notice else (),
        typed=typed or {},
        periods=periods(wiring, visitor),
        roles=_roles(wiring, visitor),
        calendars=wiring.calendars.known(),
        zones=sorted({person.zone for person in visitor.people.values()}),
        sops=_sops(wiring, visitor),
        done=done,
        handed=_handed(wiring, visitor, done),
        stays=_stays(wiring, visitor, done),
    )


def periods(wiring: Wired, visitor: Visitor) -> list[PeriodLine]:
    found = wiring.store.stand_ins.periods(now=wiring.clock.now())
    lines = [_line(wiring, visitor, period) for period in found]
    return sorted(lines, key=lambda line: not line.mine)


def _line(wiring: Wired, visitor: Visitor, period: Period) -> PeriodLine:
    rule = period.rule
    known = visitor.people.get(rule.principal)
    zone = zone_of(known.zone if known else "Asia/Shanghai")
    titles = _sops(wiring, visitor)
    return PeriodLine(
        id=period.id,
        principal=visitor.name(rule.principal),
        stand_in=visitor.name(rule.stand_in),
        first=rule.begins.astimezone(zone).date(),
        last=(rule.ends - timedelta(seconds=1)).astimezone(zone).date(),
        sops=visitor.t(", ").join(titles.get(sop, sop) for sop in sorted(rule.sops)),
        reason=period.reason,
        mine=visitor.person.id in (rule.principal, rule.stand_in),
        running=rule.begins <= wiring.clock.now(),
    )


def _sops(wiring: Wired, visitor: Visitor) -> dict[str, str]:
    """Title by name, of every published SOP."""
    names = sorted({version.sop for version in wiring.store.definitions.versions()})
    found: dict[str, str] = {}
    for name in names:
        version = wiring.store.definitions.latest(name)
        if version is not None:
            definition = wiring.store.definitions.by_digest(version.digest)
            found[name] = definition.sop.title.in_(visitor.language)
    return found


def _roles(wiring: Wired, visitor: Visitor) -> dict[PersonId, Sequence[str]]:
    titles = _titles(wiring, visitor)
    found: dict[PersonId, list[str]] = {}
    for (_, role), holders in wiring.store.people.holders().items():
        for person in holders:
            found.setdefault(person, []).append(titles.get(role, role))
    return {person: list(dict.fromkeys(roles)) for person, roles in found.items()}


def _titles(wiring: Wired, visitor: Visitor) -> dict[str, str]:
    return {role: title.in_(visitor.language) for role, title in role_titles(wiring.store).items()}


def _handed(wiring: Wired, visitor: Visitor, done: HandedOver | None) -> list[str]:
    """The roles that went over, by their titles."""
    titles = _titles(wiring, visitor)
    return [titles.get(role, role) for role in done.roles] if done else []


def _stays(wiring: Wired, visitor: Visitor, done: HandedOver | None) -> list[tuple[str, str, str]]:
    """Number and title of each case that stays, and why."""
    if done is None:
        return []
    lines = {case: wiring.store.board.line(case) for case in done.stays}
    return [
        (
            case,
            line.title if (line := lines[case]) else case,
            visitor.t("; ").join(refusal_sentences(refusal, visitor.language, visitor.name)),
        )
        for case, refusal in done.stays.items()
    ]


@router.post("/people/{person}/hours")
def hours(person: str, at: AtCounter) -> Response:
    wish = whereabouts.Wish(calendar=at.form.text("calendar"), zone=at.form.text("zone"))
    try:
        whereabouts.settle(at.wiring.store.people, at.wiring.calendars, PersonId(person), wish)
    except whereabouts.WhereaboutsRefused as fault:
        return at.again(fault)
    return back_to("/people", "hours_kept", "who")


@router.post("/people/stand-ins")
def begin(at: AtCounter) -> Response:
    form = at.form
    if not form.text("stand_in"):
        return at.back(at.visitor.t("Choose who stands in."))
    wish = Wish(
        principal=PersonId(form.text("principal")) if form.text("principal") else at.visitor.person.id,
        stand_in=PersonId(form.text("stand_in")),
        first=day(form.text("first")),
        last=day(form.text("last")),
        sops=tuple(form.texts("sop")),
        reason=form.text("reason")[:2000],
    )
    try:
        absences(at.wiring).begin(wish, by=at.visitor.person.id, name=_name(form.key))
    except GuankaError as fault:
        return at.again(fault)
    return back_to("/people", "stand_in_begun", "away")


def _name(key: str | None) -> str | None:
    """The same form sent twice names the same period."""
    if key is None:
        return None
    digest = hashlib.sha256(key.encode()).digest()
    return "".join(ALPHABET[byte % len(ALPHABET)] for byte in digest[:12])


@router.post("/people/stand-ins/{period}/end")
def end(period: str, at: AtCounter) -> Response:
    try:
        absences(at.wiring).end(period, by=at.visitor.person.id)
    except GuankaError as fault:
        return at.again(fault)
    return back_to("/people", "stand_in_ended", "away")


@router.post("/people/hand-over")
def hand_over(at: AtCounter) -> Response:
    """`try` says what would happen; `carry_out` does it."""
    form = at.form
    if not (form.text("leaver") and form.text("successor")):
        return at.back(at.visitor.t("Choose who leaves and who takes over."))
    cases = tuple(CaseId(case) for case in form.text("cases").replace(",", " ").split())
    leaving = Leaving(
        person=PersonId(form.text("leaver")),
        to=PersonId(form.text("successor")),
        reason=form.text("why"),
        cases=cases or None,
    )
    desk, actor = handing_over(at.wiring), at.visitor.actor()
    wet = form.text("act") == "carry_out"
    try:
        done = desk.carry_out(leaving, actor=actor) if wet else desk.foresee(leaving, actor=actor)
    except GuankaError as fault:
        return at.again(fault)
    return people_page(
        at.request, at.wiring, at.visitor, typed=at.typed | {"did": "1" if wet else ""}, done=done
    )
