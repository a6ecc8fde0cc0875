"""What messages are made of, read from the store."""

from engine.case.absence import StandIn
from engine.case.events import Recorded
from engine.case.state import Case
from engine.definition.compiled import Definition
from engine.ids import CaseId, PersonId
from engine.outbox import MessageKind
from engine.store.people import Person, UnknownPerson
from engine.store.store import Store
from engine.text import Language, Text
from notifications.routing import Contact
from notifications.wordings import Wording
from runtime.wordings import words_of


class StoreRecords:
    """`language` is for people whose own is not known."""

    def __init__(self, store: Store, language: Language) -> None:
        self._store = store
        self._language: Language = language

    def case(self, case_id: CaseId) -> Case | None:
        return self._store.board.case(case_id)

    def definition(self, digest: str) -> Definition:
        return self._store.definitions.by_digest(digest)

    def event(self, case_id: CaseId, sequence: int) -> Recorded | None:
        return self._store.history.event(case_id, sequence)

    def history(self, case_id: CaseId) -> list[Recorded]:
        return self._store.history.read_events(case_id)

    def contact(self, person: PersonId) -> Contact | None:
        try:
            return self._contact(self._store.people.get(person))
        except UnknownPerson:
            return None

    def wording(self, kind: MessageKind, language: Language) -> Wording | None:
        return words_of(self._store.wordings.newest(kind, language))

    def period(self, period: str) -> StandIn | None:
        return self._store.stand_ins.rule(period)

    def sop_title(self, sop: str) -> Text | None:
        version = self._store.definitions.latest(sop)
        return None if version is None else self._store.definitions.by_digest(version.digest).sop.title

    def holders(self, case: Case, role: str) -> tuple[PersonId, ...]:
        given = case.roles.get(role)
        return tuple(given) if given else self._store.people.company(case.sop).people.get(role, ())

    def _contact(self, person: Person) -> Contact:
        return Contact(
            person=person.id,
            name=person.name,
            email=person.email,
            language=self._language_of(person),
            zone=person.zone,
            channels=tuple(kept for kept in person.channels.values() if isinstance(kept, str)),
        )

    def _language_of(self, person: Person) -> Language:
        known: dict[str, Language] = {"zh": "zh", "en": "en"}
        return known.get(person.language, self._language)
