"""The four digits: every act through a link at `code` needs them, under one count of wrong tries."""

from dataclasses import dataclass

from engine.case import commands as cmd
from engine.definition.model import Assurance
from notifications.links import MOST_TRIES, LinkState, code_matches
from web.ports import Wiring
from web.signoff_link import Link, digest_of


@dataclass(frozen=True, slots=True, kw_only=True)
class Barred:
    """Why nothing is done: the sentence, or the state the link has come to."""

    status: int
    notice: str = ""
    state: LinkState | None = None


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
    """Each try is counted before it is compared, or many at once would be free."""
    t = link.visitor.t
    if not code:
        return Barred(status=422, notice=t("Type the four digits of the message."))
    tries = wiring.store.code_attempts.add(link.name)
    if tries <= MOST_TRIES and code_matches(wiring.keys, link.claim, code):
        wiring.store.code_attempts.forgive(link.name)
        return None
    if tries < MOST_TRIES:
        left = t.count(
            "These are not the digits of the message; {count} try left.",
            "These are not the digits of the message; {count} tries left.",
            MOST_TRIES - tries,
        )
        return Barred(status=422, notice=left)
    return _burnt(wiring, link)


def _burnt(wiring: Wiring, link: Link) -> Barred:
    """Whoever is still asked gets a new message; who has answered needs none."""
    claim = link.claim
    command = cmd.ReissueLink(case_id=claim.case, approval=claim.approval, person=claim.person)
    answer = wiring.service.handle(command, actor=link.actor, key=f"burnt:{digest_of(link.token)}")
    if answer.refusal is None:
        return Barred(status=403, state=LinkState.REPLACED)
    said = link.visitor.t("Wrong digits were typed too often; this link does nothing more.")
    return Barred(status=403, notice=said)
