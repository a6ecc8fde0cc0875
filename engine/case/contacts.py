"""The customer's people on a case: who may be added, and under which id a new one is kept."""

import re
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from itertools import count
from typing import Protocol

from engine.case.draft import holders
from engine.case.facts import Facts
from engine.case.refusal import Blocker, Refusal, Why, unknown
from engine.case.state import RULE_PERSON, Case
from engine.definition.compiled import Definition
from engine.ids import PersonId

LONGEST_NAME = 200
LONGEST_EMAIL = 200


class Somebody(Protocol):
    """Whoever is on file already."""

    @property
    def id(self) -> PersonId: ...
    @property
    def email(self) -> str: ...
    @property
    def external(self) -> bool: ...
    @property
    def active(self) -> bool: ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Newcomer:
    """Somebody outside the company whom a command brings along. `email` is nobody's yet."""

    id: PersonId
    name: str
    email: str
    language: str
    zone: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """A contact as it was typed."""

    role: str
    name: str
    email: str
    company: str = ""
    language: str = "zh"
    zone: str = "Asia/Shanghai"

    @property
    def full_name(self) -> str:
        name, company = (" ".join(part.split()) for part in (self.name, self.company))
        if not company:
            return name
        return f"{name} ({company})" if self.language == "en" else f"{name}（{company}）"


def contact(
    definition: Definition, wanted: Wanted, people: Collection[Somebody]
) -> Newcomer | PersonId | Refusal:
    """Whom the wanted contact means: somebody on file, somebody new, or why it cannot be."""
    wrong = [*_role_faults(definition, wanted.role), *_typing_faults(wanted)]
    if wrong:
        missing = wrong[0].code == "no_such_role"
        return Refusal(why=Why.NOT_FOUND if missing else Why.BAD_INPUT, blockers=tuple(wrong))
    namesake = _namesake(wanted.email, people)
    if namesake is None:
        return _new(wanted, people)
    code = "contact_is_colleague" if not namesake.external else "contact_has_left"
    if namesake.external and namesake.active:
        return namesake.id
    detail = {"email": wanted.email.strip()}
    return Refusal(why=Why.CONFLICT, blockers=(Blocker(code=code, subject=namesake.id, detail=detail),))


def external_roles(definition: Definition) -> tuple[str, ...]:
    return tuple(role for role, spec in definition.sop.roles.items() if spec.external)


def not_on_case(definition: Definition, case: Case, facts: Facts) -> Blocker | None:
    """Who stands for the other side is said by whoever works on the case: who opened it, the holders of the
    SOP's own roles here, and its owner. Anybody else could have a stranger sign for the customer.
    """
    person, sop = facts.actor.person, definition.sop
    inside = [role for role, spec in sop.roles.items() if not spec.external]
    working = {case.opened_by, *(p for role in (*inside, sop.owner) for p in holders(case, facts, role))}
    if person in working or person == RULE_PERSON:
        return None
    mend = (case.opened_by, *holders(case, facts, sop.owner))
    return Blocker(
        code="not_on_case",
        subject=case.id,
        waits_for=tuple(p for p in dict.fromkeys(mend) if p != RULE_PERSON),
    )


def plausible_email(email: str) -> bool:
    before, at, after = email.partition("@")
    whole = bool(before and at and after) and "@" not in after
    return whole and len(email) <= LONGEST_EMAIL and email.isprintable() and " " not in email


def _role_faults(definition: Definition, role: str) -> Iterable[Blocker]:
    outside = external_roles(definition)
    if role not in definition.sop.roles:
        yield unknown(role, outside, code="no_such_role")
    elif role not in outside:
        titles = [definition.title_of(name) for name in outside]
        detail = {
            "zh": "、".join(t.zh for t in titles) or "无",
            "en": ", ".join(t.en for t in titles) or "none",
        }
        yield Blocker(code="role_inside", subject=role, title=definition.title_of(role), detail=detail)


def _typing_faults(wanted: Wanted) -> Iterable[Blocker]:
    name = wanted.full_name
    if not wanted.name.strip() or len(name) > LONGEST_NAME or not name.isprintable():
        yield Blocker(code="contact_name", subject=name[:40], detail={"longest": str(LONGEST_NAME)})
    if not plausible_email(wanted.email.strip()):
        yield Blocker(code="contact_email", subject=wanted.email.strip()[:60] or "-")


def _namesake(email: str, people: Iterable[Somebody]) -> Somebody | None:
    """A colleague before anybody else: one address may have been given to several."""
    address = email.strip().casefold()
    found = [one for one in people if one.email.strip().casefold() == address]
    return min(found, key=lambda one: (one.external, not one.active), default=None)


def _new(wanted: Wanted, people: Iterable[Somebody]) -> Newcomer:
    return Newcomer(
        id=_fresh_id(wanted, {one.id for one in people}),
        name=wanted.full_name,
        email=wanted.email.strip(),
        language=wanted.language,
        zone=wanted.zone,
    )


def _fresh_id(wanted: Wanted, taken: Collection[str]) -> PersonId:
    """Role and mail domain, numbered: readable, and nothing of the person. Ids stay in the chain when the
    person is forgotten, and many an address is a name or a telephone number.
    """
    domain = wanted.email.strip().casefold().partition("@")[2].partition(".")[0]
    stem = "-".join(part for part in (wanted.role, re.sub(r"[^a-z0-9]+", "-", domain).strip("-")) if part)
    numbered = (stem if n == 1 else f"{stem}-{n}" for n in count(1))
    return PersonId(next(name for name in numbered if name not in taken))
