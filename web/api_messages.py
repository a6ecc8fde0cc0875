"""The HTTP API for messages on their way and for what people prefer of how they are told."""

from datetime import UTC, datetime
from typing import Annotated, Self

from fastapi import APIRouter, Depends, Query
from pydantic import Field, StrictBool

from engine.delivering import ByHand, Delivery, HandAct, Manner, Preferences
from engine.ids import CaseId, PersonId
from engine.outbox import MessageGroup
from engine.store.mailbox import Mail, MailFilter
from engine.store.tables import OutboxState
from runtime.allowed import refuse_others
from runtime.preferring import HOURLY, Wish, changed, channels_of
from web import api_models as m
from web.api_bodies import In
from web.api_calls import PROBLEMS, Call, Caller
from web.message_log import Sent, hands_of, log_of, sent_of
from web.ports import Wiring
from web.seeing import NoSuchPage
from web.visitor import Wired

router = APIRouter(prefix="/api/v1", responses=PROBLEMS, tags=["messages"])
AnyCall = Annotated[Call, Depends()]


class TargetOut(m.Out):
    """The message at one address. `name`: what its reader calls the channel; `address` is masked. `fallback`:
    it went here because another channel did not deliver in time. `repeated`: it may have arrived twice.
    """

    channel: str
    name: str
    address: str
    state: str
    attempts: int
    code: str
    detail: str
    fallback: bool
    repeated: bool
    first_at: datetime | None
    last_at: datetime | None
    due_at: datetime | None

    @classmethod
    def of(cls, one: Delivery, name: str) -> Self:
        return cls(
            channel=one.channel,
            name=name,
            address=one.address,
            state=one.state.value,
            attempts=one.attempts,
            code=one.code,
            detail=one.detail,
            fallback=one.fallback,
            repeated=one.repeated,
            first_at=one.first_at,
            last_at=one.last_at,
            due_at=one.due_at,
        )


class ByHandOut(m.Out):
    """What was done with the message by hand last. `by` null: the operator, on the command line."""

    act: HandAct
    by: str | None
    at: datetime

    @classmethod
    def of(cls, last: ByHand) -> Self:
        return cls(act=last.act, by=last.by, at=last.at)


class MessageOut(m.Out):
    """`fate`: the state together with that of the targets, and "mailbox" for what only lies there. `digest`:
    the message that mentions this one. `mentions`: what a digest mentions. `by_hand`: who stopped it or sent
    it again last.
    """

    id: int
    kind: str
    to: str
    case: str | None
    state: str
    fate: str
    channel: str
    code: str
    detail: str
    owed_at: datetime
    due_at: datetime | None
    ended_at: datetime | None
    urgent_at: datetime | None
    by_hand: ByHandOut | None
    digest: int | None
    mentions: list[int]
    targets: list[TargetOut]

    @classmethod
    def of(cls, sent: Sent, mentions: list[int]) -> Self:
        mail, way = sent.mail, sent.way
        return cls(
            id=mail.id,
            kind=mail.kind,
            to=mail.to_person,
            case=mail.case_id,
            state=mail.state.value,
            fate=sent.fate,
            channel=mail.channel,
            code=mail.code,
            detail=mail.detail,
            owed_at=mail.created_at,
            due_at=mail.due_at,
            ended_at=mail.finished_at,
            urgent_at=mail.urgent_at,
            by_hand=None if mail.by_hand is None else ByHandOut.of(mail.by_hand),
            digest=way.digest,
            mentions=mentions,
            targets=[TargetOut.of(one, sent.names.get(one.target, "")) for one in way.deliveries],
        )


class ChangedOut(m.Out):
    """`changed` false: it was sent, is under way, or has ended."""

    id: int
    changed: bool


class PreferencesIn(In):
    """What is left out stays as it was. `digest_at`: hours of the person's day; `hourly`, or none, for every
    hour. `per_hour` 0: the company's.
    """

    sign_off: Manner | None = None
    deadlines: Manner | None = None
    escalations: Manner | None = None
    news: Manner | None = None
    channels: Annotated[tuple[Annotated[str, Field(max_length=20)], ...] | None, Field(max_length=20)] = None
    everywhere: StrictBool | None = None
    digest_at: list[int] | int | str | None = None
    per_hour: Annotated[int | None, Field(ge=0, le=1000)] = None
    quiet: StrictBool | None = None
    morning: StrictBool | None = None

    @property
    def hours(self) -> str | None:
        """As a person would write them."""
        if not isinstance(self.digest_at, list):
            return None if self.digest_at is None else str(self.digest_at)
        return ",".join(map(str, self.digest_at)) or HOURLY


class PreferencesOut(m.Out):
    sign_off: Manner
    deadlines: Manner
    escalations: Manner
    news: Manner
    channels: list[str]
    everywhere: bool
    digest_at: list[int]
    per_hour: int | None
    quiet: bool
    morning: bool

    @classmethod
    def of(cls, chosen: Preferences) -> Self:
        return cls(
            sign_off=chosen.manner(MessageGroup.SIGN_OFF),
            deadlines=chosen.manner(MessageGroup.DEADLINES),
            escalations=chosen.manner(MessageGroup.ESCALATIONS),
            news=chosen.manner(MessageGroup.NEWS),
            channels=list(chosen.channels),
            everywhere=chosen.everywhere,
            digest_at=list(chosen.digest_hours),
            per_hour=chosen.per_hour,
            quiet=chosen.quiet,
            morning=chosen.morning,
        )


@router.get("/messages")
def list_messages(
    wiring: Wired,
    caller: Caller,
    state: Annotated[list[OutboxState] | None, Query()] = None,
    person: Annotated[str | None, Query(max_length=200)] = None,
    case: Annotated[str | None, Query(max_length=200)] = None,
    since: datetime | None = None,
    before: int | None = None,
    limit: Annotated[int, Query(ge=1, le=200)] = 50,
) -> list[MessageOut]:
    """Newest first; `before` is the id of the last one of the page before. A `since` without a zone is
    UTC.
    """
    wanted = MailFilter(
        person=PersonId(person) if person else None,
        case_id=CaseId(case) if case else None,
        states=tuple(state or ()),
        since=None if since is None else _aware(since),
        before=before,
    )
    return [MessageOut.of(one, []) for one in log_of(wiring, caller, wanted, limit=limit)]


@router.get("/messages/{message}")
def get_message(wiring: Wired, caller: Caller, message: int) -> MessageOut:
    mail = _found(wiring, message)
    mentions = [number for number, _ in wiring.store.deliveries.items(message)] if mail.digest else []
    return MessageOut.of(sent_of(wiring, caller, [mail])[0], mentions)


@router.post("/messages/{message}/again")
def send_again(call: AnyCall, message: int) -> ChangedOut:
    """Sends again what did not arrive, at the addresses that failed only. Whoever it goes to may, and the
    owner of its case's SOP; of a message without a case, the owner of any SOP.
    """
    done = hands_of(call.wiring, call.visitor).again(_found(call.wiring, message))
    return ChangedOut(id=message, changed=done)


@router.post("/messages/{message}/cancel")
def stop(call: AnyCall, message: int) -> ChangedOut:
    """Stops a message that has not left. The same people may."""
    done = hands_of(call.wiring, call.visitor).stop(_found(call.wiring, message))
    return ChangedOut(id=message, changed=done)


@router.get("/people/{person}/preferences")
def get_preferences(wiring: Wired, _: Caller, person: str) -> PreferencesOut:
    wiring.store.people.get(PersonId(person))
    return PreferencesOut.of(wiring.store.preferences.of(PersonId(person)))


@router.patch("/people/{person}/preferences")
def set_preferences(call: AnyCall, person: str, body: PreferencesIn) -> PreferencesOut:
    store = call.wiring.store
    known = store.people.get(PersonId(person))
    refuse_others(store, known.id, by=call.visitor.person.id)
    given = {g.value: getattr(body, g.value) for g in MessageGroup}
    wish = Wish(
        manners={name: manner.value for name, manner in given.items() if manner is not None},
        channels=None if body.channels is None else ",".join(body.channels) or "-",
        everywhere=body.everywhere,
        digest_at=body.hours,
        per_hour=body.per_hour,
        quiet=body.quiet,
        morning=body.morning,
    )
    chosen = changed(store.preferences.of(known.id), wish, has=channels_of(known))
    store.preferences.put(known.id, chosen)
    return PreferencesOut.of(chosen)


def _found(wiring: Wiring, message: int) -> Mail:
    mail = wiring.store.mailbox.get(message)
    if mail is None or mail.is_command:
        raise NoSuchPage
    return mail


def _aware(instant: datetime) -> datetime:
    return instant if instant.tzinfo else instant.replace(tzinfo=UTC)
