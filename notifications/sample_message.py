"""A sample: a moment of the invented case and a message owed then, composed as those that leave are.

Link and digits are real in form and lead nowhere: they are signed with a key that no link is checked by.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any, Final
from zoneinfo import ZoneInfo

from engine.case.absence import StandIn
from engine.case.events import Recorded
from engine.case.state import Case
from engine.clock import FixedClock
from engine.definition.compiled import Definition
from engine.groups import group_named
from engine.ids import CaseId, PersonId
from engine.outbox import OwedMessage, OwedNotice
from engine.text import Language, Text
from notifications.composing import Composer, Draft, Waiting
from notifications.keys import SECRET_BYTES, Key, KeyRing, Keys
from notifications.messages import Message
from notifications.notices import tell_notice
from notifications.routing import SHANGHAI, ChannelSettings, Contact
from notifications.sample_play import ID, NAMES, ROLES, Moment, definition
from notifications.subject import Subject
from notifications.telling import tell
from notifications.wording_names import Kind
from notifications.wordings import Wording

ADDRESS: Final = "https://guanka.example.cn"


@dataclass(frozen=True, slots=True, kw_only=True)
class Sample:
    """`note` says which case of its kind it is. `extreme`: it shows what happens to what is too long. `rule`:
    the stand-in's period that a notice speaks of.
    """

    kind: Kind
    note: Text
    moment: Moment
    owed: OwedMessage | OwedNotice
    extreme: bool = False
    rule: StandIn | None = None

    def message(
        self, language: Language, *, personal: bool = True, wording: Wording | None = None
    ) -> Message:
        """As this kind would leave now; with `wording` in place of ours."""
        return self.draft(language, wording).write(personal=personal)

    def draft(self, language: Language, wording: Wording | None = None) -> Draft:
        draft = self._composer(language, wording).draft(self.owed)
        if draft is None:
            raise ValueError("a sample is about a case that is there")
        return draft

    def words(self, language: Language) -> Mapping[str, Any]:
        """The values its names have here."""
        composer = self._composer(language, None)
        if isinstance(self.owed, OwedNotice):
            return tell_notice(composer.matter(self.owed, contact_of(self.owed.to, language))).words
        subject = Subject(
            owed=self.owed,
            case=self.moment.known,
            definition=definition(),
            recorded=composer.records.event(ID, self.owed.sequence),
            language=language,
            zone=ZoneInfo(SHANGHAI),
            now=self.moment.now,
            name_of=lambda person: NAMES[person].in_(language),
            holders=lambda role: ROLES.get(role, ()),
            history=lambda: self.moment.events,
        )
        return {**tell(subject).words, "asked": bool(self.message(language).secrets)}

    def _composer(self, language: Language, wording: Wording | None) -> Composer:
        return composer(Records(self.moment, language, self.rule, wording))


def composer(records: "Records") -> Composer:
    return Composer(
        records=records,
        keys=_SampleKeys(),
        clock=FixedClock(records.moment.now),
        settings=ChannelSettings(public_url=ADDRESS, case_path="/cases/{id}"),
    )


def contact_of(person: PersonId, language: Language) -> Contact:
    """Raises KeyError for who is not in the sample."""
    return Contact(person=person, name=NAMES[person].in_(language), language=language)


@dataclass(frozen=True, slots=True)
class Records:
    """One moment of the sample case, to readers of one language. `own`: the wording in place of ours."""

    moment: Moment
    language: Language
    rule: StandIn | None = None
    own: Wording | None = None
    waits: Sequence[Waiting] = ()

    def case(self, case_id: CaseId) -> Case | None:
        return self.moment.case if case_id == ID else None

    def definition(self, digest: str) -> Definition:  # noqa: ARG002 - there is one
        return definition()

    def event(self, case_id: CaseId, sequence: int) -> Recorded | None:  # noqa: ARG002 - as above
        return next((event for event in self.moment.events if event.sequence == sequence), None)

    def period(self, period: str) -> StandIn | None:  # noqa: ARG002 - there is one at most
        return self.rule

    def sop_title(self, sop: str) -> Text | None:  # noqa: ARG002 - as above
        return definition().sop.title

    def history(self, case_id: CaseId) -> Sequence[Recorded]:  # noqa: ARG002 - as above
        return self.moment.events

    def contact(self, person: PersonId) -> Contact | None:
        if group_named(person) is not None:
            return Contact(person=person, name=person, language=self.language, shared=True)
        return contact_of(person, self.language) if person in NAMES else None

    def wording(self, kind: Kind, language: Language) -> Wording | None:  # noqa: ARG002 - of this kind
        return self.own

    def waiting(self, person: PersonId, *, now: datetime) -> Sequence[Waiting]:  # noqa: ARG002 - as above
        return self.waits

    def holders(self, case: Case, role: str) -> tuple[PersonId, ...]:  # noqa: ARG002 - as above
        return ROLES.get(role, ())


class _SampleKeys(Keys):
    def __init__(self) -> None:
        super().__init__(Path())

    @property
    def ring(self) -> KeyRing:
        return KeyRing(keys=(Key(id="1", secret=b"\x00" * SECRET_BYTES, made=None),), epoch=1)
