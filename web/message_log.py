"""Messages as an operator looks at them: where each went, and what can be done about it."""

from dataclasses import dataclass

from engine.store.mailbox import Mail, MailFilter, OnItsWay
from engine.store.tables import OutboxState
from runtime.by_hand import Hands
from web.ports import Wiring
from web.visitor import Visitor

PAGE = 50
STOPPED = (OutboxState.DEAD, OutboxState.REJECTED)  # what nothing but a person sets going again
WAITING = (OutboxState.OWED, OutboxState.RETRY, OutboxState.UNKNOWN)


@dataclass(frozen=True, slots=True, kw_only=True)
class Sent:
    """A message as an operator looks at it. `again` and `cancel`: what this visitor can do about it."""

    mail: Mail
    way: OnItsWay
    again: bool
    cancel: bool


def hands_of(wiring: Wiring, visitor: Visitor) -> Hands:
    return Hands(wiring.store, wiring.clock, visitor.person.id)


def log_of(wiring: Wiring, visitor: Visitor, wanted: MailFilter, *, limit: int = PAGE) -> list[Sent]:
    mails = wiring.store.mailbox.page(wanted, limit=limit)
    ways = wiring.store.mailbox.on_its_way([mail.id for mail in mails])
    hands = hands_of(wiring, visitor)
    return [_sent(mail, ways[mail.id], hands) for mail in mails]


def _sent(mail: Mail, way: OnItsWay, hands: Hands) -> Sent:
    again = mail.state in (*STOPPED, OutboxState.UNKNOWN) and mail.due_at is None
    cancel = mail.due_at is not None and mail.state in WAITING
    may = (again or cancel) and hands.may(mail)
    return Sent(mail=mail, way=way, again=may and again, cancel=may and cancel)
