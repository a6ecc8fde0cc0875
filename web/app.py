"""The web application: every face on one door. Prefect is never imported here."""

from fastapi import FastAPI

from web import (
    actions,
    api,
    api_approvals,
    api_calls,
    api_clocks,
    api_feeds,
    api_groups,
    api_messages,
    api_outside,
    api_people,
    api_people_check,
    api_together,
    api_wordings,
    approval_actions,
    arriving,
    batch,
    clock_actions,
    feeds,
    groups,
    health,
    limits,
    message_pages,
    pages,
    people,
    problems,
    records,
    signoff,
    static_files,
    wordings,
)
from web.gate import Gate
from web.ports import Wiring

DESCRIPTION = (
    "Runs marketing SOPs as cases. Every act is one command; refusals are problem+json and name what blocks, "
    "who is waited for and how to mend it. Until accounts exist the API answers on this machine only."
)


def create_app(wiring: Wiring) -> FastAPI:
    app = FastAPI(
        title="Guanka",
        version="1",
        description=DESCRIPTION,
        openapi_url="/api/v1/openapi.json",
        docs_url=None,
        redoc_url=None,
    )
    app.state.wiring = wiring
    app.state.started = wiring.clock.now()
    app.state.guard = limits.Guard.of(wiring.settings.limits)
    for part in (
        health,
        static_files,
        signoff,
        records,
        arriving,
        pages,
        message_pages,
        people,
        groups,
        wordings,
        actions,
        approval_actions,
        clock_actions,
        batch,
        feeds,
        api,
        api_approvals,
        api_clocks,
        api_feeds,
        api_groups,
        api_together,
        api_outside,
        api_people,
        api_people_check,
        api_messages,
        api_wordings,
    ):
        app.include_router(part.router)
    problems.install(app)
    app.add_exception_handler(limits.TooMany, limits.too_many)
    app.add_exception_handler(api_calls.Unnamed, api_calls.unnamed)
    app.add_exception_handler(api_calls.Outsider, api_calls.outsider)
    app.add_exception_handler(api_calls.BadMatch, api_calls.bad_match)
    app.add_middleware(Gate, settings=wiring.settings, ids=wiring.ids)
    return app
