"""What messages are made of, read from the store."""

from datetime import datetime

from engine.case.absence import StandIn
from engine.case.events import Recorded
from engine.case.state import Case, DeadlineKind
from engine.definition.compiled import Definition
from engine.groups import addressee, group_named
from engine.ids import CaseId, PersonId
from engine.store.groups import Group
from engine.store.inbox import Due, OpenAsk, OpenTask
from engine.store.people import Person, UnknownPerson
from engine.store.store import Store
from engine.text import Language, Text
from notifications.composing import Waiting
from notifications.digests import Section
from notifications.routing import Contact
from notifications.wording_names import Kind
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
        group = group_named(person)
        if group is not None:
            return _group_contact(self._store.groups.find(group))
        try:
            return self._contact(self._store.people.get(person))
        except UnknownPerson:
            return None

    def wording(self, kind: Kind, language: Language) -> Wording | None:
        return words_of(self._store.wordings.newest(kind, language))

    def period(self, period: str) -> StandIn | None:
        return self._store.stand_ins.rule(period)

    def sop_title(self, sop: str) -> Text | None:
        version = self._store.definitions.latest(sop)
        return None if version is None else self._store.definitions.by_digest(version.digest).sop.title

    def holders(self, case: Case, role: str) -> tuple[PersonId, ...]:
        given = case.roles.get(role)
        return tuple(given) if given else self._store.people.company(case.sop).people.get(role, ())

    def waiting(self, person: PersonId, *, now: datetime) -> list[Waiting]:
        inbox = self._store.inbox
        signs = [_waiting(Section.TO_SIGN, ask, ask.spec) for ask in inbox.asks(person)]
        does = [_waiting(Section.TO_DO, task, task.task) for task in inbox.tasks(person)]
        late = [_waiting(Section.LATE, due, self._late(due)) for due in inbox.overdue(now=now, person=person)]
        return [*signs, *does, *late]

    def _late(self, due: Due) -> str:
        """What a late deadline is about, as its SOP names it."""
        case = self._store.board.case(due.case_id) if due.kind is DeadlineKind.STAGE else None
        visits = case.positions.values() if case else ()
        return next((v.stage for v in visits if str(v.number) == due.subject), due.subject.partition("/")[0])

    def _contact(self, person: Person) -> Contact:
        return Contact(
            person=person.id,
            name=person.name,
            email=person.email,
            language=self._language_of(person),
            zone=person.zone,
            calendar=person.calendar,
            channels=tuple(kept for kept in person.channels.values() if isinstance(kept, str)),
        )

    def _language_of(self, person: Person) -> Language:
        known: dict[str, Language] = {"zh": "zh", "en": "en"}
        return known.get(person.language, self._language)


def _group_contact(group: Group | None) -> Contact | None:
    if group is None:
        return None
    return Contact(
        person=addressee(group.name),
        name=group.name,
        language="en" if group.language == "en" else "zh",
        zone=group.zone,
        channels=(group.channel,),
        shared=True,
    )


def _waiting(section: Section, found: OpenAsk | OpenTask | Due, what: str) -> Waiting:
    return Waiting(
        section=section,
        case_id=found.case_id,
        definition=found.digest,
        title=found.title,
        what=what,
        due_at=found.due_at,
    )
