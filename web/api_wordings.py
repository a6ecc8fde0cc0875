"""The HTTP API for the company's own wordings of messages: the acts of the page /templates."""

from datetime import datetime
from typing import Annotated, Any, Self

from fastapi import APIRouter, Depends
from fastapi.responses import Response

from engine.store.wordings import WordingVersion
from engine.text import Language
from notifications.wording_names import Form, names_of
from notifications.wordings import Wording, cleaned, shipped
from runtime.wordings import InUse, OwnWordings, WordingMoved, by_full_name, faults_of
from web import api_models as m
from web.api_bodies import In, Words
from web.api_calls import PROBLEMS, Call, Caller, version_of
from web.visitor import Wired

MOVED = {
    409: {"description": "somebody was faster; look at it and put it again"},
    412: {"description": "it was changed since the version of If-Match"},
    422: {"description": "it does not fit; `faults` name each mistake with line and column"},
}
router = APIRouter(prefix="/api/v1", responses=PROBLEMS | MOVED, tags=["templates"])
AnyCall = Annotated[Call, Depends()]


class WordingIn(In):
    """`subject` is one line; each line of `body` is a paragraph."""

    subject: Words
    body: Words


class WordingOut(m.Out):
    subject: str
    body: str

    @classmethod
    def of(cls, words: Wording) -> Self:
        return cls(subject=words.subject, body=words.body)


class FaultOut(m.Out):
    """`where` is `body.subject` or `body.body`; line and column count from 1."""

    where: str
    line: int
    column: int
    fault: str
    fault_zh: str


class NameOut(m.Out):
    """A name a wording of this kind may use. `choices`: what a code is compared with."""

    name: str
    form: Form
    means: m.Words2
    choices: dict[str, m.Words2]


class TemplateLineOut(m.Out):
    """`version` counts the company's own, 0 where there never was one. `own`: the company's words are in use,
    unless `fits` is false, when ours are sent in their stead.
    """

    name: str
    kind: str
    language: Language
    version: int
    own: bool
    fits: bool
    changed_by: str | None
    changed_at: datetime | None

    @classmethod
    def of(cls, one: InUse) -> Self:
        return cls(**_line(one))


class TemplateOut(TemplateLineOut):
    """`wording` is the company's where it has one, else ours; `ours` is what is sent without it."""

    wording: WordingOut
    ours: WordingOut
    faults: list[FaultOut]
    names: list[NameOut]

    @classmethod
    def of(cls, one: InUse) -> Self:
        return cls(
            **_line(one),
            wording=WordingOut.of(one.wording),
            ours=WordingOut.of(shipped(one.kind, one.language)),
            faults=[FaultOut.model_validate(fault) for fault in faults_of(one.mistakes)],
            names=[
                NameOut(
                    name=name,
                    form=spec.form,
                    means=m.Words2.of(spec.means),
                    choices={value: m.Words2.of(said) for value, said in spec.choices.items()},
                )
                for name, spec in names_of(one.kind).items()
            ],
        )


class VersionOut(m.Out):
    """Without `wording`, ours were taken up again."""

    version: int
    wording: WordingOut | None
    changed_by: str
    changed_at: datetime

    @classmethod
    def of(cls, one: WordingVersion) -> Self:
        words = None if one.subject is None else WordingOut(subject=one.subject, body=one.body or "")
        return cls(version=one.number, wording=words, changed_by=one.changed_by, changed_at=one.changed_at)


def _line(one: InUse) -> dict[str, Any]:
    return {
        "name": one.name,
        "kind": one.kind.value,
        "language": one.language,
        "version": one.number,
        "own": one.own is not None,
        "fits": not one.mistakes,
        "changed_by": one.version.changed_by if one.version else None,
        "changed_at": one.version.changed_at if one.version else None,
    }


@router.get("/templates")
def list_templates(wiring: Wired, _: Caller) -> list[TemplateLineOut]:
    """Every kind of message in both languages."""
    return [TemplateLineOut.of(one) for one in OwnWordings(wiring.store, wiring.clock).all()]


@router.get("/templates/{name}")
def get_template(wiring: Wired, _: Caller, name: str, response: Response) -> TemplateOut:
    """`name` is KIND.LANGUAGE, such as `approval_requested.zh`. The version is the ETag."""
    return _told(OwnWordings(wiring.store, wiring.clock).one(*by_full_name(name)), response)


@router.get("/templates/{name}/versions")
def list_versions(wiring: Wired, _: Caller, name: str) -> list[VersionOut]:
    """Newest first; all are kept."""
    kind, language = by_full_name(name)
    return [VersionOut.of(one) for one in wiring.store.wordings.history(kind, language)]


@router.put("/templates/{name}")
def put_wording(call: AnyCall, name: str, body: WordingIn, response: Response) -> TemplateOut:
    """From the next message on. The same words again change nothing."""
    return _changed(call, name, cleaned(body.subject, body.body), response)


@router.delete("/templates/{name}")
def withdraw_wording(call: AnyCall, name: str, response: Response) -> TemplateOut:
    """Back to ours; the company's versions stay on record. Again, it changes nothing."""
    return _changed(call, name, None, response)


def _changed(call: Call, name: str, wanted: Wording | None, response: Response) -> TemplateOut:
    own = OwnWordings(call.wiring.store, call.wiring.clock)
    seen, version = own.one(*by_full_name(name)), version_of(call.if_match)
    if wanted == seen.own:
        return _told(seen, response)
    if version not in {None, seen.number}:
        raise WordingMoved(seen.kind, seen.language)
    by = call.visitor.person.id
    return _told(own.reset(seen, by=by) if wanted is None else own.save(seen, wanted, by=by), response)


def _told(one: InUse, response: Response) -> TemplateOut:
    response.headers["ETag"] = f'"{one.number}"'
    return TemplateOut.of(one)
