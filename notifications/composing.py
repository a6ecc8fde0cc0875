"""From an outbox row to its message: reads the case, makes the link, composes. Nothing it makes is stored.

The mailbox shows a row by composing it again; so links and codes stand in no database and in no backup.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from hashlib import sha256
from typing import Final, Protocol

from engine.case.events import Recorded
from engine.case.state import Case
from engine.clock import Clock
from engine.definition.approval_model import Assurance
from engine.definition.compiled import Definition
from engine.ids import CaseId, PersonId
from engine.outbox import MessageKind, OwedMessage, OwedNotice
from engine.text import Language
from notifications.keys import Keys
from notifications.links import LinkState, check, claim_for, code_for, issue_link
from notifications.messages import Message, MessageContext, compose
from notifications.notices import Affairs, Matter, notice_due
from notifications.relevance import still_due
from notifications.routing import ChannelSettings, Contact
from notifications.subject import Subject, approval_named
from notifications.wordings import Wording


class Records(Affairs, Protocol):
    """What messages are made of, read as it stands now."""

    def case(self, case_id: CaseId) -> Case | None: ...
    def definition(self, digest: str) -> Definition: ...
    def event(self, case_id: CaseId, sequence: int) -> Recorded | None:
        """The event that owes the message; parts that were erased are empty."""
        ...

    def history(self, case_id: CaseId) -> Sequence[Recorded]: ...
    def contact(self, person: PersonId) -> Contact | None: ...
    def wording(self, kind: MessageKind, language: Language) -> Wording | None:
        """The company's own; None where ours is used."""
        ...

    def holders(self, case: Case, role: str) -> tuple[PersonId, ...]:
        """Who holds the role in this case: by the case itself, the SOP, or the company."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Draft:
    """A message about to leave: to whom, whether it is still due, and its text on demand."""

    contact: Contact
    due: bool
    write: Callable[..., Message]  # write(personal=…): with link and code, or without


@dataclass(frozen=True, slots=True, kw_only=True)
class Composer:
    records: Records
    keys: Keys
    clock: Clock
    settings: ChannelSettings

    def draft(self, owed: OwedMessage | OwedNotice) -> Draft | None:
        """None when the case or the person is not known any more."""
        return self._notice(owed) if isinstance(owed, OwedNotice) else self._of_case(owed)

    def _notice(self, owed: OwedNotice) -> Draft | None:
        contact, now = self.records.contact(owed.to), self.clock.now()
        if contact is None:
            return None
        matter = Matter(
            owed=owed,
            due=notice_due(owed, self.records, now=now),
            language=contact.language,
            zone=contact.clock,
            now=now,
            name_of=self._name,
            sop_title=self.records.sop_title,
        )

        def write(*, personal: bool) -> Message:  # noqa: ARG001 - there is no secret in it
            return compose(MessageContext(subject=matter, me=contact.name), key=key_of(owed))

        return Draft(contact=contact, due=matter.due, write=write)

    def _of_case(self, owed: OwedMessage) -> Draft | None:
        case = self.records.case(owed.case_id)
        contact = self.records.contact(owed.to)
        if case is None or contact is None:
            return None
        definition = self.records.definition(case.definition)
        recorded = self.records.event(owed.case_id, owed.sequence)
        event, now = (recorded.event if recorded else None), self.clock.now()

        def write(*, personal: bool) -> Message:
            context = self._context(owed, contact, (case, definition, recorded), personal=personal)
            return replace(compose(context, key=key_of(owed)), thread=thread_of(owed.case_id))

        return Draft(contact=contact, due=still_due(owed, case, definition, event, now=now), write=write)

    def mailbox_text(self, owed: OwedMessage | OwedNotice) -> Message | None:
        """The message as its reader would get it now, link and all; None when case or person is not known any
        more.

        What is over is still told, without a link.
        """
        draft = self.draft(owed)
        return draft.write(personal=True) if draft else None

    def _context(
        self,
        owed: OwedMessage,
        contact: Contact,
        about: tuple[Case, Definition, Recorded | None],
        *,
        personal: bool,
    ) -> MessageContext:
        case, definition, recorded = about
        link, code = self._link(owed, case, definition)
        path = self.settings.case_path
        return MessageContext(
            subject=Subject(
                owed=owed,
                case=case,
                definition=definition,
                recorded=recorded,
                language=contact.language,
                zone=contact.clock,
                now=self.clock.now(),
                name_of=self._name,
                holders=lambda role: self.records.holders(case, role),
                history=lambda: self.records.history(case.id),
            ),
            me=contact.name,
            asked=bool(link),
            link=link if personal else "",
            code=code if personal else "",
            wording=self.records.wording(owed.kind, contact.language),
            case_link=self.settings.public_url.rstrip("/") + path.format(id=case.id) if path else "",
        )

    def _link(self, owed: OwedMessage, case: Case, definition: Definition) -> tuple[str, str]:
        """Link and code for the reader; both empty unless the approval asks this person now."""
        name = approval_named(owed)
        approval = case.approvals.get(name) if name else None
        claim = claim_for(approval, owed.to, case.id, self.keys) if approval else None
        if approval is None or claim is None or check(claim, case, definition) not in _WORTH_A_LINK:
            return "", ""
        code = code_for(self.keys, claim) if approval.assurance is Assurance.CODE else ""
        return issue_link(self.settings.public_url, self.keys, claim), code

    def _name(self, person: PersonId) -> str:
        contact = self.records.contact(person)
        return contact.name if contact else person


_WORTH_A_LINK: Final = frozenset(
    {LinkState.LIVE, LinkState.LOOKING, LinkState.HELD}
)  # held: the link works once the case goes on


def key_of(owed: OwedMessage | OwedNotice) -> str:
    """The name a repeated message is known by to other systems; the same each time, and telling nothing."""
    return sha256(owed.key.encode()).hexdigest()[:32]


def thread_of(case_id: CaseId) -> str:
    """The name all messages about a case share; telling nothing."""
    return sha256(f"thread/{case_id}".encode()).hexdigest()[:32]
