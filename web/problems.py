"""What goes wrong, said in one sentence: a page for people, problem+json (RFC 9457) for programs,
never a trace.
"""

from collections.abc import Mapping
from typing import Any, Final

import structlog
from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse, Response
from starlette.exceptions import HTTPException

from engine.errors import GuankaError, KeyReused, StaleCase, VersionMoved
from engine.store.errors import StoreUnavailable
from engine.store.groups import NoSuchGroup, NotBound
from engine.store.people import UnknownPerson
from engine.store.stand_ins import NoSuchPeriod, StandInRefused
from engine.text import Text
from runtime.allowed import NotAllowed
from runtime.feeds import FeedRefused, NoSuchFeed
from runtime.group_book import GroupRefused
from runtime.leaving import HandOverRefused
from runtime.preferring import PreferenceRefused
from runtime.signoff.fonts import NoFont
from runtime.whereabouts import WhereaboutsRefused
from runtime.wordings import BrokenWording, UnknownWording, WordingMoved
from runtime.wordings import faults_of as faults_of_wording
from web.actions import BadDay
from web.masking import masked
from web.phrases import Phrases
from web.rendering import simple
from web.request_faults import faults_of, sentence
from web.seeing import NoSuchPage
from web.visitor import ForeignForm, NobodyKnown, chosen_language

log = structlog.get_logger("guanka.web")
PROBLEM: Final = "application/problem+json"
NOT_FOUND: Final = Text("没有这个页面或案例，请检查地址", "there is no such page or case; check the address")
FOREIGN: Final = Text(
    "表单已过期，或不是由本页面提交；请返回并刷新页面，再试一次",
    "this form is out of date or was not sent by a page of ours; go back, reload the page and try again",
)
NOBODY: Final = Text(
    "还没有登记人员；请先用 guanka person add 添加",
    "nobody is known yet; add a person with guanka person add",
)
BAD_DAY: Final = Text("日期请写成 2026-03-31 的形式", "write the date as 2026-03-31")
BROKEN: Final = Text(
    "出了意外；请重试，若仍然如此，请把编号 {id} 告诉管理员",
    "something unexpected happened; try again, and tell your administrator the number {id}",
)
_BY_STATUS: Final[Mapping[int, Text]] = {
    404: NOT_FOUND,
    405: Text("此地址不接受这种请求", "this address does not take that kind of request"),
    400: Text("请求无法读懂，请返回重试", "the request cannot be read; go back and try again"),
    413: Text("内容过大，请缩减后重试", "this is too large; make it smaller and try again"),
}


def problem(
    request: Request,
    status: int,
    code: str,
    said: Text,
    *,
    headers: Mapping[str, str] | None = None,
    **more: Any,
) -> Response:
    """The answer in the form the asker reads."""
    if request.url.path.startswith("/api/"):
        body = {
            "type": f"urn:guanka:{code}",
            "title": said.en,
            "title_zh": said.zh,
            "status": status,
            "code": code,
        }
        return JSONResponse({**body, **more}, status, dict(headers or {}), media_type=PROBLEM)
    t = Phrases(chosen_language(request, None))
    answer = simple("problem.html", status=status, t=t, said=said.in_(t.language), status_code=status)
    answer.headers.update(headers or {})
    return answer


def failed(request: Request, number: str, error: Exception) -> Response:
    """An error of ours. The trace goes to the log under the number, and only there."""
    log.error("failed", id=number, path=masked(request.url.path), exc_info=error)
    said = Text(BROKEN.zh.format(id=number), BROKEN.en.format(id=number))
    return problem(request, 500, "internal_error", said, id=number)


def install(app: FastAPI) -> None:
    """Each kind of failure gets its status and its sentence."""
    app.add_exception_handler(NoSuchPage, lambda r, _: problem(r, 404, "not_found", NOT_FOUND))
    app.add_exception_handler(ForeignForm, lambda r, _: problem(r, 403, "foreign_form", FOREIGN))
    app.add_exception_handler(NobodyKnown, lambda r, _: problem(r, 503, "nobody_known", NOBODY))
    app.add_exception_handler(BadDay, lambda r, _: problem(r, 422, "bad_day", BAD_DAY))
    app.add_exception_handler(PreferenceRefused, _not_meant)
    app.add_exception_handler(BrokenWording, _unfit)
    app.add_exception_handler(WordingMoved, _moved)
    app.add_exception_handler(GuankaError, _guanka)
    app.add_exception_handler(HTTPException, _http)
    app.add_exception_handler(RequestValidationError, _invalid)


_PLAIN: Final[Mapping[type[GuankaError], tuple[int, str]]] = {
    FeedRefused: (403, "no_feed"),
    NoSuchGroup: (404, "not_found"),
    NotBound: (404, "not_found"),
    GroupRefused: (422, "invalid_request"),
    NotAllowed: (403, "forbidden"),
    NoSuchFeed: (404, "not_found"),
    KeyReused: (409, "key_reused"),
    NoFont: (501, "no_font"),
    UnknownWording: (404, "not_found"),
}


def _guanka(request: Request, error: Exception) -> Response:
    assert isinstance(error, GuankaError)  # noqa: S101 - it is registered for these only
    if (plain := _PLAIN.get(type(error))) is not None:
        return problem(request, *plain, error.message)
    match error:
        case StoreUnavailable():
            wait = {"Retry-After": str(error.retry_after_seconds)}
            return problem(request, 503, "store_unavailable", error.message, headers=wait)
        case StaleCase():
            return problem(request, 412, "stale_case", error.message, seen=error.seen, stored=error.stored)
        case VersionMoved():
            return problem(request, 409, "version_moved", error.message, headers={"Retry-After": "1"})
        case StandInRefused() | HandOverRefused() | NoSuchPeriod() | UnknownPerson():
            return _about_people(request, error)
        case WhereaboutsRefused():
            told = {
                "where": f"body.{error.field}",
                "fault": error.message.en,
                "fault_zh": error.message.zh,
            }
            return problem(request, 422, "invalid_request", error.message, faults=[told])
        case _:
            log.error("refused", path=masked(request.url.path), exc_info=error)
            return problem(request, 500, "failed", error.message)


def _about_people(
    request: Request, error: StandInRefused | HandOverRefused | NoSuchPeriod | UnknownPerson
) -> Response:
    """A name that is not there is not found; `faults` says which field holds it, as of what does not fit."""
    where = ""
    match error:
        case UnknownPerson():
            where = error.where and f"{'path' if error.where == 'person' else 'body'}.{error.where}"
        case StandInRefused() if error.blocker.code == "sop_not_published":
            where = "body.sops"
        case StandInRefused() | HandOverRefused():
            return problem(request, 409, error.blocker.code, error.message)
        case NoSuchPeriod():
            pass
    told = {"where": where, "fault": error.message.en, "fault_zh": error.message.zh}
    if not where:
        return problem(request, 404, "not_found", error.message)
    return problem(request, 404, "not_found", error.message, faults=[told])


def _unfit(request: Request, error: Exception) -> Response:
    """The first mistake is what it is refused for; `faults` tell all."""
    assert isinstance(error, BrokenWording)  # noqa: S101 - it is registered for these only
    first = Text(*(said.partition("\n")[0] for said in (error.message.zh, error.message.en)))
    return problem(request, 422, "unfit_wording", first, faults=faults_of_wording(error.mistakes))


def _moved(request: Request, error: Exception) -> Response:
    """As with cases: the caller said which version was seen, or somebody was faster."""
    assert isinstance(error, WordingMoved)  # noqa: S101 - it is registered for these only
    return problem(request, 412 if "if-match" in request.headers else 409, "wording_moved", error.message)


def _not_meant(request: Request, error: Exception) -> Response:
    assert isinstance(error, PreferenceRefused)  # noqa: S101 - it is registered for these only
    return problem(request, 422, "invalid_request", error.message)


def _http(request: Request, error: Exception) -> Response:
    assert isinstance(error, HTTPException)  # noqa: S101 - it is registered for these only
    said = _BY_STATUS.get(error.status_code, _BY_STATUS[400])
    return problem(request, error.status_code, f"http_{error.status_code}", said, headers=error.headers)


def _invalid(request: Request, error: Exception) -> Response:
    assert isinstance(error, RequestValidationError)  # noqa: S101 - it is registered for these only
    faults = faults_of(error)
    return problem(request, 422, "invalid_request", sentence(faults), faults=faults)
