"""Sign-off links: signed names, nothing stored. What a link may do is read off the case each time it is used.

A token is `<claim>.<signature>.<key id>`. The key id comes last so that no token ends in `-` or `_`, which
mail
programs leave out of the links they make.
"""

import hashlib
import hmac
import json
import secrets
import unicodedata
from base64 import urlsafe_b64decode, urlsafe_b64encode
from dataclasses import dataclass
from enum import StrEnum
from typing import Literal, cast

from itsdangerous import BadSignature, Signer

from engine.case.awaiting import answering, ask_of, asked, issue_of
from engine.case.state import Approval, ApprovalState, Ask, Case, CaseStatus
from engine.definition.approval_model import Mode
from engine.definition.compiled import Definition
from engine.ids import ApprovalId, CaseId, PersonId
from notifications.keys import SECRET_BYTES, Key, Keys

LINK_SALT = b"guanka.sign-off-link"
CODE_SALT = b"guanka.sign-off-code"
LONGEST_TOKEN = 1024
CONTENT_PREFIX = 16  # hex digits: 64 bits of the hash of what is shown
CODE_DIGITS = 4
MOST_TRIES = 5
MOST_WRONG_IN_AN_HOUR = 20  # of one person, over all links: at most four used-up links, and four messages
_NO_KEY = Key(id="", secret=secrets.token_bytes(SECRET_BYTES))  # nobody can sign with it


@dataclass(frozen=True, slots=True, kw_only=True)
class LinkClaim:
    """What a link says: this person, asked in this round about this content, holding the `issue`-th link.

    `content` is the beginning of the content hash, `key` the id of the key that signs both link and code.
    """

    case: CaseId
    approval: ApprovalId
    person: PersonId
    round: int
    content: str
    issue: int
    epoch: int
    key: str


_NOBODYS = LinkClaim(
    case=CaseId("00000000"),
    approval=ApprovalId("a1"),
    person=PersonId("nobody"),
    round=1,
    content="0" * CONTENT_PREFIX,
    issue=1,
    epoch=0,
    key="",
)


class LinkState(StrEnum):
    """How the link stands now. Only LIVE may decide; the others tell the page what to say.

    DECIDED_BY_OTHERS: the approval is over, this person is asked no more, or another answered the same ask.
    CONTENT_CHANGED: asked again since, about something else. REPLACED: a newer link was given out.
    DELEGATED: somebody else looks at it for this person first. LOOKING: this person is the one who looks, and
    hands it back. RETURNED: the request lies with the requester.
    """

    LIVE = "live"
    NOT_YET_YOUR_TURN = "not_yet_your_turn"
    DELEGATED = "delegated"
    LOOKING = "looking"
    RETURNED = "returned"
    ALREADY_DECIDED_BY_YOU = "already_decided_by_you"
    DECIDED_BY_OTHERS = "decided_by_others"
    CONTENT_CHANGED = "content_changed"
    REPLACED = "replaced"
    CASE_CLOSED = "case_closed"
    HELD = "held"


def claim_for(approval: Approval, person: PersonId, case: CaseId, keys: Keys) -> LinkClaim | None:
    """The claim of the link this person should hold now: asked, standing in, or looking at it for another;
    None when the approval has nothing to do with this person.
    """
    if not any(person in (*answering(ask), ask.looks) for ask in approval.asks):
        return None
    ring = keys.ring
    return LinkClaim(
        case=case,
        approval=approval.id,
        person=person,
        round=approval.round,
        content=approval.content[:CONTENT_PREFIX],
        issue=issue_of(approval, person),
        epoch=ring.epoch,
        key=ring.newest.id,
    )


def issue_link(public_url: str, keys: Keys, claim: LinkClaim) -> str:
    """The whole link, below `public_url`. Raises LookupError when the claim's key is gone."""
    return f"{public_url.rstrip('/')}/s/{_token(claim, _key(keys, claim))}"


def read_link(token: str, keys: Keys) -> LinkClaim | None:
    """The claim of a genuine token of this epoch, else None. Every refusal looks and takes the same;
    nothing raises.
    """
    if len(token) > LONGEST_TOKEN:
        return None
    ring = keys.ring
    signed, _, key_id = token.rpartition(".")
    key = ring.find(key_id) or _NO_KEY  # an unknown key costs the same work as a wrong signature
    claim = _unsigned(signed, key)
    # The last character of a signature has bits to spare: only the one spelling we gave out is taken. What
    # is not signed by us is spelled out too, in vain, or a link of an earlier epoch would take longer.
    spelled = _token(claim or _NOBODYS, key)
    exact = hmac.compare_digest(spelled.encode(), token.encode(errors="replace"))
    good = exact and key is not _NO_KEY and claim is not None and claim.epoch == ring.epoch
    return claim if good else None


def _unsigned(signed: str, key: Key) -> LinkClaim | None:
    try:
        return _claim(_signer(key).unsign(signed.encode()), key)
    except (BadSignature, UnicodeError):
        return None


def code_for(keys: Keys, claim: LinkClaim) -> str:
    """The four digits that stand in the message beside the link. Raises LookupError when the claim's
    key is gone.
    """
    digest = hmac.digest(_key(keys, claim).secret, CODE_SALT + b"\n" + _payload(claim), "sha256")
    return f"{int.from_bytes(digest[:8]) % 10**CODE_DIGITS:0{CODE_DIGITS}d}"


def code_matches(keys: Keys, claim: LinkClaim, typed: str) -> bool:
    """Whether these are the digits of the message; full-width digits and spaces are forgiven."""
    digits = "".join(unicodedata.normalize("NFKC", typed[:40]).split())
    try:
        wanted = code_for(keys, claim)
    except LookupError:
        return False
    return hmac.compare_digest(digits.encode(errors="replace"), wanted.encode())


def after_wrong_code(tries: int) -> Literal["again", "burnt"]:
    """What follows the `tries`-th wrong code on one link; a burnt link is replaced with a new message
    (ReissueLink).
    """
    return "again" if tries < MOST_TRIES else "burnt"


def check(claim: LinkClaim, case: Case, definition: Definition) -> LinkState:
    """What the link is worth at this moment, read off the state of its own case."""
    if case.status is CaseStatus.CLOSED:
        return LinkState.CASE_CLOSED
    approval = case.approvals.get(claim.approval)
    if approval is None:
        return LinkState.DECIDED_BY_OTHERS
    request = case.requests[approval.request]
    if approval.round != claim.round or not approval.content.startswith(claim.content):
        return LinkState.CONTENT_CHANGED
    mode = definition.approval(request.transition, approval.spec).mode
    state = _own_state(claim, approval, mode)
    if state is not LinkState.LIVE:
        return state
    if case.status is CaseStatus.HELD and definition.transitions[request.transition].exit is None:
        return LinkState.HELD  # on hold, giving up can still be decided
    ask = _ask(mode, approval, claim.person)
    if ask is not None and ask.looks is not None:
        return LinkState.LOOKING if ask.looks == claim.person else LinkState.DELEGATED
    return LinkState.LIVE if claim.person in asked(mode, approval) else LinkState.NOT_YET_YOUR_TURN


def _own_state(claim: LinkClaim, approval: Approval, mode: Mode) -> LinkState:
    ask = _ask(mode, approval, claim.person)
    if ask is None:
        return LinkState.DECIDED_BY_OTHERS
    if ask.decision is not None:
        mine = ask.decision.by == claim.person
        return LinkState.ALREADY_DECIDED_BY_YOU if mine else LinkState.DECIDED_BY_OTHERS
    if approval.state is ApprovalState.RETURNED:
        return LinkState.RETURNED
    if approval.state is not ApprovalState.OPEN:
        return LinkState.DECIDED_BY_OTHERS
    newest = issue_of(approval, claim.person) == claim.issue
    return LinkState.LIVE if newest else LinkState.REPLACED


def _ask(mode: Mode, approval: Approval, person: PersonId) -> Ask | None:
    """The ask this person looks at for another; else the one to answer."""
    lent = next((ask for ask in approval.asks if ask.looks == person), None)
    return lent or ask_of(mode, approval, person)


def _key(keys: Keys, claim: LinkClaim) -> Key:
    key = keys.ring.find(claim.key)
    if key is None:
        raise LookupError(f"signing key {claim.key} is no longer kept")
    return key


def _signer(key: Key) -> Signer:
    return Signer(key.secret, salt=LINK_SALT, digest_method=hashlib.sha256, key_derivation="hmac")


def _token(claim: LinkClaim, key: Key) -> str:
    return f"{_signer(key).sign(_payload(claim)).decode()}.{key.id}"


def _payload(claim: LinkClaim) -> bytes:
    parts = (claim.case, claim.approval, claim.person, claim.round, claim.content, claim.issue, claim.epoch)
    text = json.dumps(parts, ensure_ascii=False, separators=(",", ":"))
    return urlsafe_b64encode(text.encode()).rstrip(b"=")


def _claim(payload: bytes, key: Key) -> LinkClaim:
    """Of a payload whose signature was good, so its shape is ours."""
    text = urlsafe_b64decode(payload + b"=" * (-len(payload) % 4))
    case, approval, person, round_, content, issue, epoch = cast(
        "tuple[CaseId, ApprovalId, PersonId, int, str, int, int]", tuple(json.loads(text))
    )
    return LinkClaim(
        case=case,
        approval=approval,
        person=person,
        round=round_,
        content=content,
        issue=issue,
        epoch=epoch,
        key=key.id,
    )
