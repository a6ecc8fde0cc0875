"""Loading what a page shows."""

from engine.case.facts import Facts
from engine.case.state import Actor
from engine.definition.compiled import Definition
from engine.ids import CaseId, PersonId
from engine.store.people import Person, UnknownPerson
from web.ports import Seen, Wiring


class NoSuchPage(Exception):
    """Nothing is kept under this address."""


def seen(wiring: Wiring, case_id: str) -> Seen:
    """Raises NoSuchPage."""
    case = wiring.store.board.case(CaseId(case_id))
    if case is None:
        raise NoSuchPage
    definition = wiring.store.definitions.by_digest(case.definition)
    return Seen(case=case, definition=definition, company=wiring.store.people.company(case.sop))


def active_person(wiring: Wiring, person: PersonId) -> Person | None:
    """None for who is not known, or no longer active."""
    try:
        found = wiring.store.people.get(person)
    except UnknownPerson:
        return None
    return found if found.active else None


def current(wiring: Wiring, sop: str) -> Definition:
    """The version new cases of this SOP start on. Raises NoSuchPage."""
    version = wiring.store.definitions.latest(sop)
    if version is None:
        raise NoSuchPage
    return wiring.store.definitions.by_digest(version.digest)


def facts_for(wiring: Wiring, at: Seen, actor: Actor) -> Facts:
    return wiring.service.facts(at.definition, at.company, actor)
