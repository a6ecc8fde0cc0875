"""The four digits: every act through a link at `code` needs them, under one count of wrong tries."""

import math
from dataclasses import dataclass
from datetime import datetime
from typing import assert_never

from engine.case import commands as cmd
from engine.definition.approval_model import Assurance
from notifications.links import LinkState
from web.digits import Tried, Try, try_digits
from web.ports import Wiring
from web.signoff_link import Link, digest_of


@dataclass(frozen=True, slots=True, kw_only=True)
class Barred:
    """Why nothing is done: the sentence, or the state the link has come to; `retry_after` in seconds."""

    status: int
    notice: str = ""
    state: LinkState | None = None
    retry_after: int | None = None


def barred(wiring: Wiring, link: Link, code: str) -> Barred | None:
    """None where the link is enough, or the digits fit."""
    match link.approval.assurance:
        case Assurance.LINK:
            return None
        case Assurance.CODE:
            return _wrong(wiring, link, code)
        case Assurance.LOGIN:
            said = link.visitor.t("This approval needs you to be signed in; open the case instead.")
            return Barred(status=403, notice=said)


def _wrong(wiring: Wiring, link: Link, code: str) -> Barred | None:
    t = link.visitor.t
    if not code:
        return Barred(status=422, notice=t("Type the four digits of the message."))
    tried = try_digits(wiring, link.claim, link.name, code)
    match tried.came_to:
        case Tried.RIGHT:
            return None
        case Tried.WRONG:
            left = t.count(
                "These are not the digits of the message; {count} try left.",
                "These are not the digits of the message; {count} tries left.",
                tried.left,
            )
            return Barred(status=422, notice=left)
        case Tried.RESTING:
            return _resting(link, tried, wiring.clock.now())
        case Tried.BURNT:
            return _burnt(wiring, link)
        case unreachable:
            assert_never(unreachable)


def _resting(link: Link, tried: Try, now: datetime) -> Barred:
    assert tried.again is not None  # noqa: S101 - said of every resting link
    notice = link.visitor.t(
        "Too many wrong digits were entered for you: none count until {time}; then this link works again.",
        time=link.visitor.times.at(tried.again),
    )
    wait = math.ceil((tried.again - now).total_seconds())
    return Barred(status=429, notice=notice, retry_after=wait)


def _burnt(wiring: Wiring, link: Link) -> Barred:
    """Whoever is still asked gets a new message; who has answered needs none."""
    claim = link.claim
    command = cmd.ReissueLink(case_id=claim.case, approval=claim.approval, person=claim.person)
    answer = wiring.service.handle(command, actor=link.actor, key=f"burnt:{digest_of(link.token)}")
    if answer.refusal is None:
        return Barred(status=403, state=LinkState.REPLACED)
    said = link.visitor.t("Wrong digits were typed too often; this link does nothing more.")
    return Barred(status=403, notice=said)
