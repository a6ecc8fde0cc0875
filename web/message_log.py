"""Messages as an operator looks at them: where each went, and what can be done about it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from engine.store.mailbox import Mail, MailFilter, OnItsWay
from engine.store.tables import OutboxState
from notifications import shown
from runtime.by_hand import Hands
from runtime.channel_book import names_of_targets
from web.ports import Wiring
from web.visitor import Visitor

PAGE = 50
STOPPED = (OutboxState.DEAD, OutboxState.REJECTED)  # what nothing but a person sets going again
WAITING = (OutboxState.OWED, OutboxState.RETRY, OutboxState.UNKNOWN)


@dataclass(frozen=True, slots=True, kw_only=True)
class Sent:
    """A message as an operator looks at it. `fate`: how it stands on the whole. `names`: of the channels it
    went to, by target. `again` and `cancel`: what this visitor can do about it.
    """

    mail: Mail
    way: OnItsWay
    fate: str
    names: Mapping[str, str]
    again: bool
    cancel: bool


def hands_of(wiring: Wiring, visitor: Visitor) -> Hands:
    return Hands(wiring.store, wiring.clock, visitor.person.id)


def fate_of(mail: Mail, way: OnItsWay) -> str:
    return shown.fate_of(mail.state.value, mail.channel, way.deliveries)


def log_of(wiring: Wiring, visitor: Visitor, wanted: MailFilter, *, limit: int = PAGE) -> list[Sent]:
    return sent_of(wiring, visitor, wiring.store.mailbox.page(wanted, limit=limit))


def sent_of(wiring: Wiring, visitor: Visitor, mails: Sequence[Mail]) -> list[Sent]:
    ways = wiring.store.mailbox.on_its_way([mail.id for mail in mails])
    # What only lies in the mailbox went to no channel, and needs nobody's names.
    sent_to = {mail.to_person for mail in mails if ways[mail.id].deliveries}
    names = names_of_targets(wiring.store.people, sent_to)
    hands = hands_of(wiring, visitor)
    return [_sent(mail, ways[mail.id], names.get(mail.to_person, {}), hands) for mail in mails]


def _sent(mail: Mail, way: OnItsWay, names: Mapping[str, str], hands: Hands) -> Sent:
    again = mail.state in (*STOPPED, OutboxState.UNKNOWN) and mail.due_at is None
    cancel = mail.due_at is not None and mail.state in WAITING
    may = (again or cancel) and hands.may(mail)
    return Sent(
        mail=mail,
        way=way,
        fate=fate_of(mail, way),
        names=names,
        again=may and again,
        cancel=may and cancel,
    )
