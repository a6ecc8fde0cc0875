"""What monitors ask, from this machine or another: whether this process answers, and whether the sweep comes
round. They are told states and times, and nothing else.
"""

import structlog
from fastapi import APIRouter, Request
from fastapi.responses import JSONResponse

from engine.errors import GuankaError
from runtime.pulse import SWEEP, pulse
from web.ports import Wiring

router = APIRouter(include_in_schema=False)
log = structlog.get_logger("guanka.web")
UNAVAILABLE = 503


@router.api_route("/health", methods=["GET", "HEAD"])
def health() -> JSONResponse:
    """200 while this process answers, whatever else stands still: who balances load must not take it out."""
    return JSONResponse({"status": "ok"})


@router.api_route("/health/sweep", methods=["GET", "HEAD"])
def sweep(request: Request) -> JSONResponse:
    """200 while deadlines are watched, else 503: `status` is late, never, paused or no_database."""
    wiring: Wiring = request.app.state.wiring
    try:
        seen = pulse(
            wiring.store.heartbeats.last(SWEEP), now=wiring.clock.now(), started=request.app.state.started
        )
    except GuankaError as fault:
        log.warning("health", fault=type(fault).__name__)
        return JSONResponse({"status": "no_database"}, UNAVAILABLE)
    told = {
        "status": seen.rhythm.value,
        "last_sweep": seen.last and seen.last.isoformat(timespec="seconds"),
        "silent_seconds": int(seen.silent.total_seconds()),
    }
    return JSONResponse(told, 200 if seen.well else UNAVAILABLE)
