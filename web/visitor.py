"""Who looks at a page: the person chosen on this machine, their language and zone, and the token
their forms carry.
"""

import hashlib
import hmac
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Annotated
from urllib.parse import unquote

from fastapi import Depends, Request
from pydantic import JsonValue

from engine.case.events import DecisionRecorded, Recorded
from engine.case.state import Actor, Via
from engine.definition.field_people import with_names
from engine.definition.fields import FieldSpec, shown
from engine.groups import group_named
from engine.ids import PersonId
from engine.store.people import Person
from engine.text import Language
from notifications.keys import Key
from web.phrases import LANGUAGES, Phrases, preferred
from web.ports import Wiring
from web.times import Times, zone_of

PERSON_COOKIE = "guanka_person"
LANGUAGE_COOKIE = "guanka_language"
SEAT_COOKIE = "guanka_seat"
SEAT_LENGTH = 32
FORM_SALT = b"guanka.form-token\n"


class NobodyKnown(Exception):
    """The store holds no person yet, or the API was asked without one."""


class ForeignForm(Exception):
    """A form that did not come from a page of ours, or from one opened before the last restart."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Visitor:
    """`seat` names this browser; `form_token` is bound to it. `left` are people active no more."""

    person: Person
    people: dict[PersonId, Person]
    t: Phrases
    times: Times
    seat: str
    form_token: str
    left: Mapping[PersonId, Person] = field(default_factory=dict[PersonId, Person])

    @property
    def language(self) -> Language:
        return self.t.language

    def actor(self, via: Via = Via.WEB) -> Actor:
        return Actor(person=self.person.id, via=via)

    def name(self, person: str) -> str:
        """The person's name for people; rules and strangers are named too."""
        if person == "rule":
            return self.t("by rule")
        group = group_named(person)
        if group is not None:
            return self.t("group {name}", name=group)
        known = self.people.get(PersonId(person)) or self.left.get(PersonId(person))
        return known.name if known else person

    def by_whom(self, recorded: Recorded) -> str:
        """Who did it; of an answer given in another's stead, also for whom."""
        event, name = recorded.event, self.name(recorded.actor.person)
        if not isinstance(event, DecisionRecorded) or event.person == recorded.actor.person:
            return name
        if event.carried_from is not None:
            return self.name(event.person)
        return self.t("{person} for {principal}", person=name, principal=self.name(event.person))

    def value(self, spec: FieldSpec, value: JsonValue) -> str:
        """A field's canonical value as this visitor reads it, persons by name."""
        return shown(spec, with_names(spec, value, self.name), self.language, zone=self.times.zone)


def wiring_of(request: Request) -> Wiring:
    return request.app.state.wiring


Wired = Annotated[Wiring, Depends(wiring_of)]


def chosen_language(request: Request, person: Person | None) -> Language:
    """What was chosen on this device, else the person's own, else what the browser asks for, else Chinese."""
    for wish in (request.query_params.get("lang"), request.cookies.get(LANGUAGE_COOKIE)):
        for language in LANGUAGES:
            if wish == language:
                return language
    if person is not None and person.language in LANGUAGES:
        return "en" if person.language == "en" else "zh"
    return preferred(request.headers.get("accept-language", "")) or "zh"


def times_for(wiring: Wiring, person: Person | None, t: Phrases) -> Times:
    return Times(now=wiring.clock.now(), zone=zone_of(person.zone if person else "Asia/Shanghai"), t=t)


def visitor(request: Request, wiring: Wired) -> Visitor:
    known = {person.id: person for person in wiring.store.people.all()}
    people = {person.id: person for person in known.values() if person.active}
    inside = [person for person in people.values() if not person.external]
    if not inside:
        raise NobodyKnown
    chosen = people.get(PersonId(unquote(request.cookies.get(PERSON_COOKIE, ""))))
    person = inside[0] if chosen is None or chosen.external else chosen
    t = Phrases(chosen_language(request, person))
    seat = request.cookies.get(SEAT_COOKIE, "")
    if len(seat) != SEAT_LENGTH or not seat.isalnum():
        seat = wiring.ids.token().replace("-", "").ljust(SEAT_LENGTH, "0")[-SEAT_LENGTH:]
    return Visitor(
        person=person,
        people=people,
        left={person.id: person for person in known.values() if not person.active},
        t=t,
        times=times_for(wiring, person, t),
        seat=seat,
        form_token=signed(wiring, seat),
    )


Visits = Annotated[Visitor, Depends(visitor)]


def signed(wiring: Wiring, name: str) -> str:
    """The hidden token of a form."""
    return _signature(wiring.keys.ring.newest, name)


def is_signed(wiring: Wiring, name: str, token: str) -> bool:
    """By any live key: a page that was open while the keys were rotated can still be sent."""
    given = token.encode(errors="replace")
    fits = [hmac.compare_digest(_signature(key, name).encode(), given) for key in wiring.keys.ring.keys]
    return any(fits)


def _signature(key: Key, name: str) -> str:
    return hmac.new(key.secret, FORM_SALT + name.encode(), hashlib.sha256).hexdigest()[:40]


def from_our_page(request: Request) -> bool:
    """What the browser says about where a form came from.

    Our pages send no referrer, and browsers then name the origin of their forms `null`; Sec-Fetch-Site tells
    them from a stranger's. Another port of this machine is the same site, but not the same origin.
    """
    origin = request.headers.get("origin")
    site = request.headers.get("sec-fetch-site")
    if site not in (None, "same-origin", "none"):
        return False
    if origin in (None, "null"):
        return True
    return origin.partition("://")[2].lower() == request.headers.get("host", "").lower()


def check_form(request: Request, wiring: Wiring, token: str) -> None:
    """Raises ForeignForm unless the form came from a page this browser got from us."""
    seat = request.cookies.get(SEAT_COOKIE, "")
    if not seat or not from_our_page(request) or not is_signed(wiring, seat, token):
        raise ForeignForm
