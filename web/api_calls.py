"""One call of the API: who asks, under which key, against which version; and how an answer goes out."""

import hashlib
import re
from dataclasses import dataclass
from typing import Annotated, Any
from urllib.parse import unquote

from fastapi import Depends, Header, Request
from fastapi.responses import JSONResponse, Response

from engine.case import commands as cmd
from engine.case.refusal import Refusal
from engine.case.state import Via
from engine.case.wording import SENTENCES
from engine.ids import ALPHABET, CaseId, PersonId
from engine.ports import Answer
from engine.text import Text
from web import api_models as m
from web.case_page import STATUS
from web.phrases import Phrases
from web.problems import PROBLEM, problem
from web.visitor import PERSON_COOKIE, Visitor, Wired, times_for

PROBLEMS: dict[int | str, dict[str, Any]] = {
    status: {"description": said, "content": {PROBLEM: {}}}
    for status, said in {
        403: "not allowed to this person",
        404: "no such thing",
        409: "refused: `blockers` name what holds it back, who is waited for and how to mend it",
        412: "the case has moved on since the version of If-Match",
        422: "what was sent does not fit",
        503: "nothing was saved; try again after Retry-After seconds",
    }.items()
}
_ETAG = re.compile(r'(?:W/)?"(\d{1,9})"')


class Unnamed(Exception):
    """No person, or one nobody knows."""


class Outsider(Exception):
    """Somebody outside the company, who has the sign-off page and nothing else."""


class BadMatch(Exception):
    """If-Match holds something that is no version of ours."""


def caller(
    request: Request,
    wiring: Wired,
    x_guanka_person: Annotated[
        str | None, Header(description="Who asks: a person's id. Needed to change anything.", max_length=600)
    ] = None,
) -> Visitor:
    """A browser that was lured here sends the cookie along, but never the header: without it, it
    may only look.
    """
    person_id = PersonId(unquote(x_guanka_person or request.cookies.get(PERSON_COOKIE, "")))
    own_page = request.headers.get("sec-fetch-site") == "same-origin"
    if request.method not in {"GET", "HEAD"} and x_guanka_person is None and not own_page:
        raise Unnamed
    people = {person.id: person for person in wiring.store.people.all(active=True)}
    if person_id not in people:
        raise Unnamed
    t = Phrases("en")
    person = people[person_id]
    if person.external:
        raise Outsider
    return Visitor(
        person=person, people=people, t=t, times=times_for(wiring, person, t), seat="", form_token=""
    )


Caller = Annotated[Visitor, Depends(caller)]


@dataclass(frozen=True, slots=True)
class Call:
    """One act through the API: who, under which key, against which version."""

    wiring: Wired
    visitor: Caller
    idempotency_key: Annotated[
        str | None,
        Header(description="The same key and body again give the first answer again.", max_length=200),
    ] = None
    if_match: Annotated[
        str | None, Header(description="The ETag last seen; 412 when the case has moved on.", max_length=100)
    ] = None

    def send(self, command: cmd.Command, *, created: bool = False) -> Response:
        answer = self.wiring.service.handle(
            command,
            actor=self.visitor.actor(Via.API),
            key=self.idempotency_key,
            if_version=version_of(self.if_match),
        )
        return finished(answer, created=created)


def version_of(if_match: str | None) -> int | None:
    """None where any version will do. Raises BadMatch."""
    if if_match is None or if_match.strip() == "*":
        return None
    found = _ETAG.fullmatch(if_match.strip())
    if found is None:
        raise BadMatch
    return int(found[1])


def finished(answer: Answer, *, created: bool = False, **more: object) -> Response:
    """`more` stands beside what every answer says."""
    if answer.refusal:
        return refused(answer)
    headers = {"ETag": f'"{answer.version}"'}
    if created:
        headers["Location"] = f"/api/v1/cases/{answer.case_id}"
    status = 201 if created and not answer.repeated else 200
    return JSONResponse({**m.AnswerOut.of(answer).model_dump(mode="json"), **more}, status, headers)


def refused(answer: Answer) -> Response:
    refusal = answer.refusal
    assert isinstance(refusal, Refusal)  # noqa: S101 - the caller has looked
    found = [m.BlockerOut.of(blocker) for blocker in refusal.blockers]
    first = found[0].sentence if found else m.Words2(zh="已拒绝", en="refused")
    body = {
        "type": f"urn:guanka:{refusal.why.value}",
        "title": first.en,
        "title_zh": first.zh,
        "status": STATUS[refusal.why],
        "code": found[0].code if found else refusal.why.value,
        "why": refusal.why.value,
        "sentences": {"zh": [b.sentence.zh for b in found], "en": [b.sentence.en for b in found]},
        "blockers": [b.model_dump() for b in found],
        "version": answer.version,
    }
    return JSONResponse(body, STATUS[refusal.why], media_type=PROBLEM)


def new_id(call: Call) -> CaseId:
    if call.idempotency_key is None:
        return call.wiring.ids.case_id()
    digest = hashlib.sha256(f"{call.visitor.person.id}\n{call.idempotency_key}".encode()).digest()
    return CaseId("".join(ALPHABET[byte % len(ALPHABET)] for byte in digest[:12]))


def unnamed(request: Request, _: Exception) -> Response:
    said = Text(
        "请在 X-Guanka-Person 头中写明一位已登记人员的编号",
        "name a known person in the header X-Guanka-Person",
    )
    return problem(request, 403, "unnamed", said)


def outsider(request: Request, _: Exception) -> Response:
    return problem(request, 403, "external_person", SENTENCES["external_person"])


def bad_match(request: Request, _: Exception) -> Response:
    said = Text('If-Match 应为 ETag 的值，如 "7"', 'If-Match takes the value of an ETag, such as "7"')
    return problem(request, 422, "bad_if_match", said)
