"""What a link lets its person do besides deciding: the same commands as on the case page, with the digits."""

from typing import Final

from fastapi.responses import RedirectResponse, Response
from starlette.datastructures import FormData

from engine.case.commands import Command
from engine.case.open_acts import OpenAct
from engine.case.refusal import Why
from engine.case.wording import refusal_sentences
from engine.definition.approval_model import Assurance
from engine.errors import StaleCase
from engine.ports import Answer
from notifications.links import LinkState
from web.acts_offered import Names, Offer, offer
from web.acts_typed import Incomplete, Kept, Sheet, command_of
from web.case_page import STATUS
from web.ports import Wiring
from web.seeing import facts_for
from web.signoff_code import barred
from web.signoff_link import Link, digest_of, opened_again
from web.signoff_page import barred_page, link_page

THROUGH_A_LINK: Final = (
    OpenAct.RETURN,
    OpenAct.ASK,
    OpenAct.TRANSFER,
    OpenAct.DELEGATE,
    OpenAct.ADD,
    OpenAct.COMMENT,
    OpenAct.TAKE_BACK,
    OpenAct.HAND_BACK,
    OpenAct.CALL_BACK,
)
_GOOD_FOR_ACTS: Final = frozenset(
    {
        LinkState.LIVE,
        LinkState.LOOKING,
        LinkState.DELEGATED,
        LinkState.NOT_YET_YOUR_TURN,
        LinkState.ALREADY_DECIDED_BY_YOU,
    }
)


def offered(wiring: Wiring, link: Link) -> Offer:
    """Nothing through a link that is over, replaced, or about something that has changed."""
    if link.state not in _GOOD_FOR_ACTS or not link.newest or link.approval.assurance is Assurance.LOGIN:
        return Offer(acts=frozenset())
    facts = facts_for(wiring, link.at, link.actor)
    found = offer(link.at, link.approval, facts, link.visitor, assurance=link.approval.assurance)
    return found.only(*THROUGH_A_LINK)


def act(wiring: Wiring, link: Link, form: FormData) -> Response:
    named = next((one for one in THROUGH_A_LINK if one == form.get("act")), None)
    kept = Kept(form, named or "")
    here = offered(wiring, link)
    if named is None or not _good(link):
        return link_page(wiring, link, here, status=409, kept=kept)
    try:
        command = command_of(named, _sheet(link, form))
    except Incomplete as missing:
        return link_page(wiring, link, here, status=422, notice=str(missing.args[0]), kept=kept)
    code = form.get("code")
    stop = barred(wiring, link, code.strip() if isinstance(code, str) else "")
    if stop is not None:
        return barred_page(wiring, link, here, stop=stop, kept=kept)
    answer = _sent(wiring, link, command, key=_key(link, named, form))
    if answer is None:
        now = opened_again(wiring, link)
        return link_page(wiring, now, offered(wiring, now), status=409, kept=kept)
    if answer.refusal is None:
        return RedirectResponse(f"/s/{link.token}?said={named}", 303)
    notice = link.visitor.t("; ").join(
        refusal_sentences(answer.refusal, link.visitor.language, link.visitor.name)
    )
    now = opened_again(wiring, link)
    status = STATUS.get(answer.refusal.why, STATUS[Why.CONFLICT])
    return link_page(wiring, now, offered(wiring, now), status=status, notice=notice, kept=kept)


def _good(link: Link) -> bool:
    return link.state in _GOOD_FOR_ACTS and link.newest


def _sent(wiring: Wiring, link: Link, command: Command, *, key: str) -> Answer | None:
    """Judged on the very version of the case in which the link was good; None where it is good no more."""
    while _good(link):
        try:
            return wiring.service.handle(command, actor=link.actor, key=key, if_version=link.at.case.version)
        except StaleCase:  # somebody did something else meanwhile: look again
            link = opened_again(wiring, link)
    return None


def _sheet(link: Link, form: FormData) -> Sheet:
    return Sheet(
        data=form,
        names=Names(link.visitor.people.values()),
        t=link.visitor.t,
        case=link.claim.case,
        approval=link.claim.approval,
        round=link.claim.round,
        content=link.approval.content,
        assurance=link.approval.assurance,
        issue=link.claim.issue,
    )


def _key(link: Link, named: OpenAct, form: FormData) -> str:
    """The same press twice is one act; the same words on a later page are another."""
    typed = "\x00".join(
        f"{name}={value}"
        for name, value in sorted(form.multi_items())
        if isinstance(value, str) and (name == "seen" or name.startswith(f"{named}."))
    )
    return link.key(named, digest_of(typed))
