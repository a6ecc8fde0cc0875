"""The pages about messages: a gallery of them as each channel shows them, and the company's own wordings."""

import base64
import binascii
import json
import zlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Annotated, Final

from fastapi import APIRouter, Depends, Request
from fastapi.responses import HTMLResponse, Response

from engine.outbox import DIGEST, MessageKind
from engine.text import Language
from notifications.messages import Message
from notifications.sample_digests import digest_samples
from notifications.samples import samples_of
from notifications.wording_check import mistakes_with_samples
from notifications.wording_names import KINDS, Form, names_of
from notifications.wordings import Wording, cleaned, shipped
from runtime.wordings import (
    BrokenWording,
    InUse,
    OwnWordings,
    UnknownWording,
    WordingMoved,
    named,
    said_of,
    words_of,
)
from web.gallery import CHANNELS, Exhibit, exhibit
from web.gate import CSP
from web.posted import Form as Posted
from web.rendering import back_to, page
from web.seeing import NoSuchPage
from web.visitor import Visitor, Visits, Wired

router = APIRouter(include_in_schema=False)
# A mail brings its own styles; it is shown in a frame that can do nothing, and only our pages may hold it.
MAIL_POLICY: Final = "default-src 'none'; style-src 'unsafe-inline'; sandbox; frame-ancestors 'self'"
FRAMES: Final = "; frame-src 'self'"
LONGEST_DRAFT: Final = 60_000
_SHOWN: Final[tuple[str, ...]] = (*KINDS, DIGEST)


def _wordings(wiring: Wired) -> OwnWordings:
    return OwnWordings(wiring.store, wiring.clock)


Own = Annotated[OwnWordings, Depends(_wordings)]


@router.get("/templates")
def wordings(request: Request, wiring: Wired, visitor: Visits, own: Own) -> HTMLResponse:
    return page(request, wiring, visitor, "wordings.html", wordings=own.all())


@router.get("/templates/gallery")
def gallery(
    request: Request,
    wiring: Wired,
    visitor: Visits,
    own: Own,
    kind: str = "",
    speaks: str = "",
    channel: str = "",
    readers: str = "",
) -> HTMLResponse:
    spoken: dict[str, Language] = {"zh": "zh", "en": "en"}
    language = spoken.get(speaks, visitor.language)
    personal, channels = readers != "many", (channel,) if channel in CHANNELS else tuple(CHANNELS)
    in_use = {one.kind: one for one in own.all() if one.language == language}
    wanted = kind if kind in _SHOWN else ""
    exhibits = [
        exhibit(sample, place, message, visitor.language, channels=channels)
        for one in KINDS
        if wanted in ("", one)
        for place, sample in enumerate(samples_of(one))
        for message in [sample.message(language, personal=personal, wording=in_use[one].own)]
    ]
    if wanted in ("", DIGEST):
        exhibits += [
            exhibit(
                sample,
                place,
                sample.message(language, personal=personal),
                visitor.language,
                channels=channels,
            )
            for place, sample in enumerate(digest_samples())
        ]
    made = page(
        request,
        wiring,
        visitor,
        "gallery.html",
        exhibits=exhibits,
        in_use=in_use,
        chosen={"kind": kind, "speaks": language, "channel": channel, "readers": readers},
        kinds=_SHOWN,
        channels=CHANNELS,
    )
    return _framing(made)


def _framing(made: HTMLResponse) -> HTMLResponse:
    made.headers["Content-Security-Policy"] = CSP + FRAMES
    return made


@router.get("/templates/digest.{language}/mail/{place}")
def mail_of_digest(language: Language, place: int, readers: str = "") -> HTMLResponse:
    samples = digest_samples()
    if not 0 <= place < len(samples):
        raise NoSuchPage
    return _mail(samples[place].message(language, personal=readers != "many"))


@router.get("/templates/{name}/mail/{place}")
def mail(own: Own, name: str, place: int, readers: str = "", draft: str = "") -> HTMLResponse:
    """The HTML of a mail, for a frame. `draft`: a wording that is not kept yet."""
    at = _at(own, name, "zh")
    samples = samples_of(at.kind)
    if not 0 <= place < len(samples):
        raise NoSuchPage
    wording = _unpacked(draft) if draft else at.own
    return _mail(samples[place].message(at.language, personal=readers != "many", wording=wording))


def _mail(message: Message) -> HTMLResponse:
    headers = {"Content-Security-Policy": MAIL_POLICY, "X-Frame-Options": "SAMEORIGIN"}
    return HTMLResponse(message.html, headers=headers)


def _packed(wording: Wording) -> str:
    text = json.dumps([wording.subject, wording.body], ensure_ascii=False)
    return base64.urlsafe_b64encode(zlib.compress(text.encode())).decode()


def _unpacked(draft: str) -> Wording | None:
    """None for anything but what `_packed` makes."""
    try:
        text = zlib.decompressobj().decompress(base64.urlsafe_b64decode(draft), LONGEST_DRAFT)
        subject, body = json.loads(text)
        return cleaned(str(subject), str(body))
    except (ValueError, TypeError, zlib.error, binascii.Error):
        return None


def _at(own: OwnWordings, name: str, language: Language) -> InUse:
    """Raises NoSuchPage."""
    try:
        return own.one(*named(name, language))
    except UnknownWording:
        raise NoSuchPage from None


@dataclass(frozen=True, slots=True)
class Counter:
    """Where a wording is looked at and handed in."""

    request: Request
    wiring: Wired
    visitor: Visits
    own: Own


AtCounter = Annotated[Counter, Depends()]


@router.get("/templates/{name}")
def one(at: AtCounter, name: str, version: int = 0) -> HTMLResponse:
    """With `version`, what that version said stands in the form; it is kept only when saved."""
    in_use = _at(at.own, name, at.visitor.language)
    history = at.wiring.store.wordings.history(in_use.kind, in_use.language)
    earlier = next((words_of(v) for v in history if v.number == version), None)
    return _page(at, in_use, earlier or in_use.wording)


def _page(
    at: Counter, in_use: InUse, wording: Wording, *, notice: str = "", status: int = 200
) -> HTMLResponse:
    visitor, mistakes = at.visitor, mistakes_with_samples(in_use.kind, in_use.language, wording)
    made = page(
        at.request,
        at.wiring,
        visitor,
        "wording.html",
        status=status,
        notice=(notice,) if notice else (),
        in_use=in_use,
        of_case=isinstance(in_use.kind, MessageKind),
        wording=wording,
        ours=shipped(in_use.kind, in_use.language),
        mistakes=[said_of(mistake, visitor.language) for mistake in mistakes],
        names=_names(in_use, visitor),
        history=at.wiring.store.wordings.history(in_use.kind, in_use.language),
        exhibits=[] if mistakes else _exhibits(in_use, wording, visitor),
        draft=_packed(wording),
    )
    return _framing(made)


def _exhibits(in_use: InUse, wording: Wording, visitor: Visitor) -> list[Exhibit]:
    return [
        exhibit(sample, place, sample.message(in_use.language, wording=wording), visitor.language)
        for place, sample in enumerate(samples_of(in_use.kind))
    ]


@dataclass(frozen=True, slots=True, kw_only=True)
class NameLine:
    name: str
    form: Form
    means: str
    choices: list[tuple[str, str]]
    example: str


def _names(in_use: InUse, visitor: Visitor) -> list[NameLine]:
    told = [sample.words(in_use.language) for sample in samples_of(in_use.kind)]
    return [
        NameLine(
            name=name,
            form=spec.form,
            means=spec.means.in_(visitor.language),
            choices=[(value, said.in_(visitor.language)) for value, said in spec.choices.items()],
            example=_example(name, told) if spec.form in {Form.TEXT, Form.NUMBER} else "",
        )
        for name, spec in names_of(in_use.kind).items()
    ]


def _example(name: str, told: Sequence[Mapping[str, object]]) -> str:
    """The first value there is to show."""
    return next((str(words[name]) for words in told if words[name]), "")


@router.post("/templates/{name}")
def change(at: AtCounter, name: str, form: Posted) -> Response:
    """`try` shows what it would look like; `save` keeps it; `reset` goes back to ours."""
    in_use = _at(at.own, name, at.visitor.language)
    wording = cleaned(form.text("subject"), form.text("body"))
    if form.text("act") == "try":
        return _page(at, in_use, wording)
    wanted = None if form.text("act") == "reset" else wording
    if wanted == in_use.own:  # also the second of a double click
        return back_to(f"/templates/{in_use.name}", "saved")
    if form.number("seen") != in_use.number:
        moved = WordingMoved(in_use.kind, in_use.language)
        return _page(at, in_use, wording, notice=moved.message.in_(at.visitor.language), status=409)
    try:
        if wanted is None:
            at.own.reset(in_use, by=at.visitor.person.id)
        else:
            at.own.save(in_use, wanted, by=at.visitor.person.id)
    except BrokenWording:
        return _page(
            at, in_use, wording, notice=at.visitor.t("It is not saved; see what is wrong below."), status=422
        )
    except WordingMoved as moved:
        return _page(at, in_use, wording, notice=moved.message.in_(at.visitor.language), status=409)
    return back_to(f"/templates/{in_use.name}", "saved")
