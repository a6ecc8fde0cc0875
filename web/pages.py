"""The pages people look at: board, my work, case, SOP library, mailbox, operations. Looking
changes nothing.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Annotated, Literal
from urllib.parse import quote, urlencode

from fastapi import APIRouter, Query, Request
from fastapi.responses import HTMLResponse, JSONResponse, RedirectResponse, Response

from engine.case import commands as cmd
from engine.case.state import CaseStatus
from engine.definition.compiled import Definition
from engine.definition.guards import render
from engine.ids import CaseId, PersonId
from engine.store.board import RUNNING, BoardFilter
from engine.store.mailbox import MailFilter
from engine.store.tables import OutboxState
from notifications.remedies import remedy
from web.batch import groups
from web.case_page import case_page, frame, slip
from web.case_view import CaseView
from web.field_inputs import Input, Reader, Typed
from web.files import file_answer, files_in, view_answer
from web.foreseen import foreseen
from web.late import late_groups, late_list
from web.letters import letter
from web.message_log import STOPPED, fate_of, hands_of
from web.my_work import my_lists
from web.posted import Form
from web.rendering import YEAR, back_to, page
from web.seeing import NoSuchPage, current, facts_for, seen
from web.visitor import PERSON_COOKIE, Visitor, Visits, Wired

router = APIRouter(include_in_schema=False)
PAGE = 25
FEW = 10  # overdue lines on the board
_NEW_ID = re.compile(r"[a-z0-9][a-z0-9-]{3,39}")
FIRST_FIELDS = 12
STATUSES: Mapping[str, tuple[CaseStatus, ...]] = {
    "running": RUNNING,
    "open": (CaseStatus.OPEN,),
    "held": (CaseStatus.HELD,),
    "closed": (CaseStatus.CLOSED,),
    "all": tuple(CaseStatus),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class BoardQuery:
    """The board's filters as they stand in its address."""

    sop: str = ""
    status: str = "running"
    mine: bool = False
    overdue: bool = False
    text: str = ""
    page: int = 1

    def address(self, number: int) -> str:
        given = {
            "sop": self.sop,
            "status": self.status if self.status != "running" else "",
            "mine": "1" if self.mine else "",
            "overdue": "1" if self.overdue else "",
            "text": self.text,
            "page": str(number) if number > 1 else "",
        }
        return "/?" + urlencode({name: value for name, value in given.items() if value})

    def filter(self, person: PersonId) -> BoardFilter:
        return BoardFilter(
            sop=self.sop or None,
            statuses=STATUSES.get(self.status, RUNNING),
            person=person if self.mine else None,
            overdue=True if self.overdue else None,
            title=self.text or None,
        )


@router.get("/")
def board(
    request: Request,
    wiring: Wired,
    visitor: Visits,
    sop: str = "",
    status: str = "running",
    mine: str = "",
    overdue: str = "",
    text: Annotated[str, Query(max_length=200)] = "",
    number: Annotated[int, Query(alias="page", ge=1, le=100_000)] = 1,
) -> HTMLResponse:
    query = BoardQuery(
        sop=sop, status=status, mine=bool(mine), overdue=bool(overdue), text=text.strip(), page=number
    )
    found = wiring.store.board.page(
        query.filter(visitor.person.id), limit=PAGE, offset=(number - 1) * PAGE, now=wiring.clock.now()
    )
    late = late_list(wiring, visitor)
    views = [_view(wiring, visitor, line.id) for line in found.cases]
    return page(
        request,
        wiring,
        visitor,
        "board.html",
        query=query,
        views=views,
        next_due={line.id: line.next_due for line in found.cases},
        provisional={line.id for line in found.cases if line.provisional},
        total=found.total,
        pages=max(1, -(-found.total // PAGE)),
        sops=sops(wiring, visitor),
        late=late[:FEW],
        all_late=len(late),
    )


def _view(wiring: Wired, visitor: Visitor, case_id: CaseId) -> CaseView:
    at = seen(wiring, case_id)
    return CaseView(seen=at, facts=facts_for(wiring, at, visitor.actor()), visitor=visitor)


@dataclass(frozen=True, slots=True, kw_only=True)
class SopLine:
    sop: str
    title: str
    number: int
    running: int


def sops(wiring: Wired, visitor: Visitor) -> list[SopLine]:
    """The current version of each SOP."""
    counts = wiring.store.board.counts()
    newest = {v.sop: v for v in reversed(wiring.store.definitions.versions())}
    return [
        SopLine(
            sop=name,
            title=wiring.store.definitions.by_digest(v.digest).sop.title.in_(visitor.language),
            number=v.number,
            running=sum(counts.get((name, status), 0) for status in RUNNING),
        )
        for name, v in sorted(newest.items())
    ]


@router.get("/overdue")
def overdue(
    request: Request, wiring: Wired, visitor: Visits, by: Literal["owner", "sop"] = "owner", mine: str = ""
) -> HTMLResponse:
    """Everything late, by whoever answers for it or by SOP; longest late first."""
    found = late_list(wiring, visitor, person=visitor.person.id if mine else None)
    groups = late_groups(found, lambda one: one.who if by == "owner" else one.sop_title)
    return page(
        request, wiring, visitor, "overdue.html", groups=groups, by=by, mine=bool(mine), total=len(found)
    )


@router.get("/work")
def my_work(request: Request, wiring: Wired, visitor: Visits) -> HTMLResponse:
    person = visitor.person.id
    work = my_lists(wiring, visitor)
    return page(
        request,
        wiring,
        visitor,
        "work.html",
        work=work,
        late=late_list(wiring, visitor, person=person),
        together=groups(wiring, visitor, work.asks),
        title=work.title,
    )


def _title(definition: Definition, name: str, visitor: Visitor) -> str:
    return definition.title_of(name).in_(visitor.language)


@router.get("/sops")
def library(request: Request, wiring: Wired, visitor: Visits) -> HTMLResponse:
    return page(request, wiring, visitor, "sops.html", sops=sops(wiring, visitor))


@router.get("/sops/{sop}")
def one_sop(request: Request, wiring: Wired, visitor: Visits, sop: str) -> HTMLResponse:
    return sop_page(request, wiring, visitor, sop)


def sop_page(
    request: Request,
    wiring: Wired,
    visitor: Visitor,
    sop: str,
    *,
    status: int = 200,
    notice: Sequence[str] = (),
    typed: Typed | None = None,
    title: str = "",
) -> HTMLResponse:
    definition = current(wiring, sop)
    return page(
        request,
        wiring,
        visitor,
        "sop.html",
        status=status,
        notice=notice,
        definition=definition,
        versions=wiring.store.definitions.versions(sop),
        counts=wiring.store.board.stages(sop),
        foreseen=foreseen(wiring, definition, visitor),
        picture=wiring.diagram(definition, visitor.language),
        inputs=_first_inputs(definition, visitor, typed),
        case_title=title,
        name=lambda one: _title(definition, one, visitor),
        condition=lambda text: render(definition.guard(text), visitor.language, definition.titles),
    )


def first_fields(definition: Definition) -> list[str]:
    """What the first stage asks for: worth asking when a case is started, though nothing has to be
    known yet.
    """
    stage = definition.stages[next(iter(definition.tracks.values())).start]
    names = (*stage.requires, *(name for task in stage.tasks for name in task.requires))
    return list(dict.fromkeys(names))[:FIRST_FIELDS]


def _first_inputs(definition: Definition, visitor: Visitor, typed: Typed | None) -> list[Input]:
    maker = frame(visitor, definition)
    raw, faults = (typed.raw, typed.faults) if typed else ({}, {})
    fields = definition.sop.fields
    return [
        maker.input_of(f"f.{name}", fields[name], raw.get(name), fault=faults.get(name, ""))
        for name in first_fields(definition)
    ]


@router.post("/cases")
def start(request: Request, wiring: Wired, visitor: Visits, form: Form) -> Response:
    sop, title = form.text("sop"), form.text("title")
    definition = current(wiring, sop)
    named = form.texts("name")
    specs = {n: definition.sop.fields[n] for n in first_fields(definition) if n in named}
    reader = Reader(
        form=form.data,
        blobs=wiring.store.blobs,
        zone=visitor.times.zone,
        currency=definition.sop.currency,
        language=visitor.language,
    )
    typed = reader.read(specs)
    if typed.faults:
        said = visitor.t(": ").join
        notice = [said((_title(definition, name, visitor), fault)) for name, fault in typed.faults.items()]
        return sop_page(request, wiring, visitor, sop, status=422, notice=notice, typed=typed, title=title)
    given = {name: value for name, value in typed.values.items() if value is not None}
    command = cmd.StartCase(case_id=_new_id(wiring, form.text("case_id")), sop=sop, title=title, values=given)
    answer = wiring.service.handle(command, actor=visitor.actor(), key=form.key)
    if answer.refusal is None:
        return back_to(f"/cases/{answer.case_id}", "started")
    back = slip(answer.refusal, visitor)
    return sop_page(
        request, wiring, visitor, sop, status=back.status, notice=back.notice, typed=typed, title=title
    )


def _new_id(wiring: Wired, offered: str) -> CaseId:
    """The name the page carries for the case to come, so that a double click starts one case."""
    return CaseId(offered) if _NEW_ID.fullmatch(offered) else wiring.ids.case_id()


@router.get("/cases/{case_id}")
def one_case(request: Request, wiring: Wired, visitor: Visits, case_id: str) -> HTMLResponse:
    return case_page(request, wiring, visitor, case_id)


@router.get("/cases/{case_id}/version")
def version(wiring: Wired, case_id: str) -> JSONResponse:
    """What the page's script asks, to know whether to look again."""
    line = wiring.store.board.line(CaseId(case_id))
    if line is None:
        raise NoSuchPage
    return JSONResponse({"version": line.version})


@router.get("/cases/{case_id}/files/{digest}")
def download(wiring: Wired, case_id: str, digest: str, view: str = "") -> Response:
    """Only what this case names; with `view`, to look at where that is safe."""
    case = seen(wiring, case_id).case
    answer = view_answer if view else file_answer
    found = [a for versions in case.attachments.values() for a in versions if a.hash == digest]
    if found:
        return answer(wiring, found[-1].hash, found[-1].name)
    named = next((file for file in files_in(case.values) if file.hash == digest), None)
    if named is None:
        raise NoSuchPage
    return answer(wiring, named.hash, named.name)


@router.get("/mailbox")
def mailbox(
    request: Request, wiring: Wired, visitor: Visits, state: str = "", before: int | None = None
) -> HTMLResponse:
    states = (OutboxState(state),) if state in tuple(OutboxState) else ()
    found = wiring.store.mailbox.page(MailFilter(states=states, before=before), limit=PAGE)
    ways = wiring.store.mailbox.on_its_way([mail.id for mail in found])
    letters = [(mail, fate_of(mail, ways[mail.id]), letter(wiring, mail)) for mail in found]
    return page(
        request,
        wiring,
        visitor,
        "mailbox.html",
        letters=letters,
        state=state,
        states=tuple(OutboxState),
        older=found[-1].id if len(found) == PAGE else None,
        stopped=STOPPED,
        may=hands_of(wiring, visitor).may,
        remedy=lambda mail: remedy(mail.channel, mail.code, mail.detail),
    )


@router.get("/operations")
def operations(request: Request, wiring: Wired, visitor: Visits) -> HTMLResponse:
    return page(
        request,
        wiring,
        visitor,
        "operations.html",
        beats=wiring.store.heartbeats.all(),
        counts=wiring.store.mailbox.counts(),
        oldest=wiring.store.mailbox.oldest_waiting(),
        dead=wiring.store.mailbox.page(MailFilter(states=STOPPED, commands=None), limit=PAGE),
        may=hands_of(wiring, visitor).may,
        prefect_url=wiring.settings.prefect_url,
    )


@router.post("/person")
def switch_person(visitor: Visits, form: Form) -> Response:
    """Until accounts exist, whoever sits at this machine may act as anybody; the history says it
    was the web page.
    """
    person = form.text("person")
    back = form.text("back")
    answer = RedirectResponse(
        back if back.startswith("/") and not back.startswith(("//", "/\\")) else "/", 303
    )
    if person in visitor.people and not visitor.people[PersonId(person)].external:
        answer.set_cookie(PERSON_COOKIE, quote(person), max_age=YEAR, httponly=True, samesite="lax")
    return answer
