"""The HTTP API for group chats: what each hears of. Their robots are added on the command line."""

from typing import Annotated, Self

from fastapi import APIRouter, Depends, Query
from pydantic import Field

from engine.groups import Binding, Topic
from notifications.sealing import kind_of
from runtime.group_book import Hearing, Wish
from runtime.group_topics import named
from web import api_models as m
from web.api_bodies import In, Title
from web.api_calls import PROBLEMS, Call, Caller
from web.visitor import Wired

router = APIRouter(prefix="/api/v1", responses=PROBLEMS, tags=["group chats"])
AnyCall = Annotated[Call, Depends()]


class BindingIn(In):
    """Of one SOP or, left out, of all; of what concerns one role or anybody. Without `about`: the usual."""

    sop: Title = ""
    role: Title = ""
    about: Annotated[tuple[Topic, ...] | None, Field(max_length=10)] = None


class BindingOut(m.Out):
    sop: str
    role: str
    about: list[Topic]

    @classmethod
    def of(cls, binding: Binding) -> Self:
        about = [topic for topic in Topic if topic in binding.topics]
        return cls(sop=binding.sop, role=binding.role, about=about)


class GroupOut(m.Out):
    group: str
    kind: str
    language: str
    zone: str
    hears: list[BindingOut]


@router.get("/groups")
def list_groups(wiring: Wired, _: Caller) -> list[GroupOut]:
    bound = wiring.store.groups.bindings()
    return [
        GroupOut(
            group=group.name,
            kind=kind_of(group.channel) or "?",
            language=group.language,
            zone=group.zone,
            hears=[BindingOut.of(one) for one in bound if one.group == group.name],
        )
        for group in wiring.store.groups.all()
    ]


@router.put("/groups/{group}/hears")
def bind(call: AnyCall, group: str, body: BindingIn) -> BindingOut:
    """In the place of what it heard of this SOP and role before."""
    wish = Wish(group=group, sop=body.sop, role=body.role, about=named(body.about))
    return BindingOut.of(Hearing(store=call.wiring.store).bind(wish))


@router.delete("/groups/{group}/hears", status_code=204)
def unbind(
    call: AnyCall,
    group: str,
    sop: Annotated[str, Query(max_length=200)] = "",
    role: Annotated[str, Query(max_length=200)] = "",
) -> None:
    call.wiring.store.groups.unbind(group, sop=sop, role=role)


@router.delete("/groups/{group}", status_code=204)
def remove(call: AnyCall, group: str) -> None:
    """With all it hears of; what is owed to it is cancelled."""
    call.wiring.store.groups.remove(group)
