"""The page about group chats: what each hears of. Robots are added on the command line, where no page keeps
their address.
"""

from dataclasses import dataclass

from fastapi import APIRouter, Request
from fastapi.responses import HTMLResponse, Response

from engine.errors import GuankaError
from engine.groups import USUAL, Binding, Topic
from notifications.sealing import kind_of
from runtime.group_book import Hearing, Wish
from runtime.group_topics import named
from runtime.titles import role_titles
from web.posted import Form
from web.rendering import back_to, page
from web.visitor import Visitor, Visits, Wired

router = APIRouter(include_in_schema=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class GroupLine:
    name: str
    kind: str
    hears: tuple[Binding, ...]


@router.get("/groups")
def groups(request: Request, wiring: Wired, visitor: Visits) -> HTMLResponse:
    return groups_page(request, wiring, visitor)


def groups_page(
    request: Request, wiring: Wired, visitor: Visitor, *, notice: str = "", typed: Wish | None = None
) -> HTMLResponse:
    titles = {role: title.in_(visitor.language) for role, title in role_titles(wiring.store).items()}
    return page(
        request,
        wiring,
        visitor,
        "groups.html",
        status=422 if notice else 200,
        notice=(notice,) if notice else (),
        groups=_lines(wiring),
        sops=_sops(wiring, visitor),
        roles=titles,
        topics=tuple(Topic),
        usual=USUAL,
        typed=typed,
    )


def _lines(wiring: Wired) -> list[GroupLine]:
    bound = wiring.store.groups.bindings()
    return [
        GroupLine(
            name=group.name,
            kind=kind_of(group.channel) or "?",
            hears=tuple(one for one in bound if one.group == group.name),
        )
        for group in wiring.store.groups.all()
    ]


def _sops(wiring: Wired, visitor: Visitor) -> dict[str, str]:
    definitions = wiring.store.definitions
    newest = (definitions.latest(sop) for sop in sorted({version.sop for version in definitions.versions()}))
    return {
        version.sop: definitions.by_digest(version.digest).sop.title.in_(visitor.language)
        for version in newest
        if version is not None
    }


@router.post("/groups/bind")
def bind(request: Request, wiring: Wired, visitor: Visits, form: Form) -> Response:
    wish = Wish(
        group=form.text("group"),
        sop=form.text("sop"),
        role=form.text("role"),
        about=tuple(form.texts("about")),
    )
    try:
        named(wish.about)
        Hearing(store=wiring.store).bind(wish)
    except GuankaError as fault:
        said = fault.message.in_(visitor.language)
        return groups_page(request, wiring, visitor, notice=said, typed=wish)
    return back_to("/groups", "saved")


@router.post("/groups/unbind")
def unbind(request: Request, wiring: Wired, visitor: Visits, form: Form) -> Response:
    """Pressed twice, or by two: what is gone is gone."""
    try:
        wiring.store.groups.unbind(form.text("group"), sop=form.text("sop"), role=form.text("role"))
    except GuankaError as fault:
        return groups_page(request, wiring, visitor, notice=fault.message.in_(visitor.language))
    return back_to("/groups", "saved")


@router.post("/groups/remove")
def remove(request: Request, wiring: Wired, visitor: Visits, form: Form) -> Response:
    try:
        wiring.store.groups.remove(form.text("group"))
    except GuankaError as fault:
        return groups_page(request, wiring, visitor, notice=fault.message.in_(visitor.language))
    return back_to("/groups", "saved")
