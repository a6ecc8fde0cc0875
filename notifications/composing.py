"""From an outbox row to its message: reads the case, makes the link, composes. Nothing it makes is stored.

The mailbox shows a row by composing it again; so links and codes stand in no database and in no backup.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from hashlib import sha256
from typing import Final, Protocol

from engine.case.events import Recorded
from engine.case.state import Case
from engine.clock import Clock
from engine.definition.approval_model import Assurance
from engine.definition.compiled import Definition
from engine.ids import CaseId, PersonId
from engine.outbox import CATCH_UP, MessageGroup, MessageKind, OwedDigest, OwedMessage, OwedNotice, group_of
from engine.text import Language
from notifications.digests import Digest, Line, Section, compose_digest, section_of
from notifications.group_telling import section_group
from notifications.keys import Keys
from notifications.links import LinkState, check, claim_for, code_for, issue_link
from notifications.messages import Message, MessageContext, compose, heading
from notifications.moments import moment
from notifications.notices import Affairs, Matter, notice_due
from notifications.one_line import one_line
from notifications.relevance import still_due
from notifications.routing import ChannelSettings, Contact
from notifications.subject import Subject, approval_named
from notifications.urgency import is_urgent
from notifications.wording_names import Kind
from notifications.wordings import Wording
from notifications.working_time import ROUND_THE_CLOCK, WorkingTime


class Records(Affairs, Protocol):
    """What messages are made of, read as it stands now."""

    def case(self, case_id: CaseId) -> Case | None: ...
    def definition(self, digest: str) -> Definition: ...
    def event(self, case_id: CaseId, sequence: int) -> Recorded | None:
        """The event that owes the message; parts that were erased are empty."""
        ...

    def history(self, case_id: CaseId) -> Sequence[Recorded]: ...
    def contact(self, person: PersonId) -> Contact | None: ...
    def wording(self, kind: Kind, language: Language) -> Wording | None:
        """The company's own; None where ours is used."""
        ...

    def holders(self, case: Case, role: str) -> tuple[PersonId, ...]:
        """Who holds the role in this case: by the case itself, the SOP, or the company."""
        ...

    def waiting(self, person: PersonId, *, now: datetime) -> Sequence["Waiting"]:
        """What waits for this person, due first."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Waiting:
    """`what` is the name of a task, an approval or a stage in the SOP of that definition."""

    section: Section
    case_id: CaseId
    definition: str
    title: str
    what: str
    due_at: datetime | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Draft:
    """A message about to leave: to whom, whether it is still due, and its text on demand.

    `in_digest`: the one line that mentions it, with the sign-off link only where `personal`. `digits`: only a
    message of its own can carry what is needed to answer it.
    """

    contact: Contact
    due: bool
    write: Callable[..., Message]  # write(personal=…): with link and code, or without
    in_digest: Callable[[bool], Line] | None = None  # in_digest(personal)
    urgent: bool = False
    digits: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Composer:
    """`names`: of people met so far, where many messages are written at one go; None reads them each time."""

    records: Records
    keys: Keys
    clock: Clock
    settings: ChannelSettings
    working: WorkingTime = ROUND_THE_CLOCK
    names: dict[PersonId, str] | None = None

    def draft(self, owed: OwedMessage | OwedNotice) -> Draft | None:
        """None when the case or the person is not known any more."""
        return self._notice(owed) if isinstance(owed, OwedNotice) else self._of_case(owed)

    def _notice(self, owed: OwedNotice) -> Draft | None:
        contact = self.records.contact(owed.to)
        if contact is None:
            return None
        matter = self.matter(owed, contact)
        wording = self.records.wording(owed.kind, contact.language)
        context = MessageContext(subject=matter, me=contact.name, wording=wording)

        def write(*, personal: bool) -> Message:  # noqa: ARG001 - there is no secret in it
            return compose(context, key=key_of(owed))

        def line(_: bool) -> Line:  # noqa: FBT001 - as above
            return Line(section=section_of(group_of(owed.kind)), text=heading(context)[0])

        return Draft(contact=contact, due=matter.due, write=write, in_digest=line)

    def matter(self, owed: OwedNotice, contact: Contact) -> Matter:
        now = self.clock.now()
        return Matter(
            owed=owed,
            due=notice_due(owed, self.records, now=now),
            language=contact.language,
            zone=contact.clock,
            now=now,
            name_of=self._name,
            sop_title=self.records.sop_title,
        )

    def _of_case(self, owed: OwedMessage) -> Draft | None:
        case = self.records.case(owed.case_id)
        contact = self.records.contact(owed.to)
        if case is None or contact is None:
            return None
        definition = self.records.definition(case.definition)
        if contact.shared:
            contact = replace(contact, calendar=definition.sop.calendar)
        recorded = self.records.event(owed.case_id, owed.sequence)
        event, about = (recorded.event if recorded else None), (case, definition, recorded)

        def write(*, personal: bool) -> Message:
            context = self._context(owed, contact, about, personal=personal)
            return replace(compose(context, key=key_of(owed)), thread=thread_of(owed.case_id))

        return Draft(
            contact=contact,
            due=still_due(owed, case, definition, event, now=self.clock.now()),
            write=write,
            in_digest=lambda personal: self._line(owed, contact, about, personal=personal),
            urgent=self._is_urgent(owed, case, definition, contact),
            digits=owed.kind is MessageKind.APPROVAL_REQUESTED
            and bool(self._link(owed, case, definition)[1]),
        )

    def _is_urgent(self, owed: OwedMessage, case: Case, definition: Definition, contact: Contact) -> bool:
        now = self.clock.now()
        return is_urgent(
            owed,
            case,
            definition,
            left=lambda until: self.working.left(contact, now, until),
            within=self.settings.pace.urgent_within,
        )

    def mailbox_text(
        self, owed: OwedMessage | OwedNotice | OwedDigest, items: Sequence[OwedMessage | OwedNotice] = ()
    ) -> Message | None:
        """The message as its reader would get it now, link and all; None when case or person is not known any
        more. A digest with its `items`.

        What is over is still told, without a link.
        """
        if not isinstance(owed, OwedDigest):
            draft = self.draft(owed)
        else:
            drafts = (self.draft(item) for item in items)
            draft = digest_of(self, owed, [one for one in drafts if one is not None], also_over=True)
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
            me="" if contact.shared else contact.name,
            asked=bool(link),
            link=link if personal and not contact.shared else "",
            code=code if personal and not contact.shared else "",
            wording=self.records.wording(owed.kind, contact.language),
            case_link=self.case_link(case.id),
        )

    def _line(
        self,
        owed: OwedMessage,
        contact: Contact,
        about: tuple[Case, Definition, Recorded | None],
        *,
        personal: bool,
    ) -> Line:
        """One message that cannot be put into words must not keep the rest of a digest from its reader."""
        section, case, made_up = section_of(_group(owed)), about[0], bool(owed.data.get(CATCH_UP))
        try:
            context = self._context(owed, contact, about, personal=personal)
            text, until = heading(context)
        except Exception:  # noqa: BLE001 - whatever it is: the case is named, and the page tells the rest
            text, until, link = one_line(case.title) or case.id, "", ""
        else:
            link = context.link
        where = link or self.case_link(case.id)
        return Line(section=section, text=text, link=where, until=until, secret=bool(link), made_up=made_up)

    def case_link(self, case_id: CaseId) -> str:
        path = self.settings.case_path
        return self.settings.public_url.rstrip("/") + path.format(id=case_id) if path else ""

    def page(self, name: str) -> str:
        """A page of ours beside those of the cases; empty where the reader could not open it."""
        above, found, _ = (self.settings.case_path or "").partition("/cases/{id}")
        return f"{self.settings.public_url.rstrip('/')}{above}/{name}" if found else ""

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
        known = {} if self.names is None else self.names
        if person not in known:
            contact = self.records.contact(person)
            known[person] = contact.name if contact else person
        return known[person]


def digest_of(
    composer: Composer, owed: OwedDigest, drafts: Sequence[Draft], *, also_over: bool = False
) -> Draft | None:
    """All that is still due of these in one message, what is over only when asked for; None when the person
    is not known any more. A group's goes by the hours of what it mentions first.
    """
    contact, now = composer.records.contact(owed.to), composer.clock.now()
    if contact is None:
        return None
    if contact.shared and drafts:
        contact = drafts[0].contact
    told = [draft for draft in drafts if draft.due or also_over]
    waiting = composer.records.waiting(owed.to, now=now) if owed.morning else ()

    def write(*, personal: bool) -> Message:
        news = [draft.in_digest(personal) for draft in told if draft.in_digest is not None]
        digest = Digest(
            me="" if contact.shared else contact.name,
            language=contact.language,
            lines=[*news, *(_waits(composer, contact, one) for one in waiting)],
            morning=owed.morning,
            digits_apart=any(draft.digits for draft in told),
            page=composer.page("work" if owed.morning else "mailbox"),
        )
        return compose_digest(digest, key=key_of(owed))

    urgent = any(draft.urgent for draft in told)
    return Draft(contact=contact, due=bool(told or waiting), write=write, urgent=urgent)


def _group(owed: OwedMessage) -> MessageGroup:
    return section_group(owed) if owed.kind is MessageKind.GROUP_NEWS else group_of(owed.kind)


def _waits(composer: Composer, contact: Contact, one: Waiting) -> Line:
    what = composer.records.definition(one.definition).title_of(one.what).in_(contact.language)
    until = moment(one.due_at, contact.clock, contact.language) if one.due_at else ""
    parted = "｜" if contact.language == "zh" else " | "
    text = one_line(f"{what}{parted}{one.title}")
    return Line(section=one.section, text=text, link=composer.case_link(one.case_id), until=until)


_WORTH_A_LINK: Final = frozenset(
    {LinkState.LIVE, LinkState.LOOKING, LinkState.HELD}
)  # held: the link works once the case goes on


def key_of(owed: OwedMessage | OwedNotice | OwedDigest) -> str:
    """The name a repeated message is known by to other systems; the same each time, and telling nothing."""
    return sha256(owed.key.encode()).hexdigest()[:32]


def thread_of(case_id: CaseId) -> str:
    """The name all messages about a case share; telling nothing."""
    return sha256(f"thread/{case_id}".encode()).hexdigest()[:32]
