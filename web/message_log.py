"""Messages as an operator looks at them: where each went, and what can be done about it."""

from dataclasses import dataclass

from engine.store.mailbox import Mail, MailFilter, OnItsWay
from engine.store.tables import OutboxState
from web.ports import Wiring

PAGE = 50
STOPPED = (OutboxState.DEAD, OutboxState.REJECTED)  # what nothing but a person sets going again


@dataclass(frozen=True, slots=True, kw_only=True)
class Sent:
    """A message as an operator looks at it. `again` and `cancel`: what can be done about it."""

    mail: Mail
    way: OnItsWay
    again: bool
    cancel: bool


def log_of(wiring: Wiring, wanted: MailFilter, *, limit: int = PAGE) -> list[Sent]:
    mails = wiring.store.mailbox.page(wanted, limit=limit)
    ways = wiring.store.mailbox.on_its_way([mail.id for mail in mails])
    return [_sent(mail, ways[mail.id]) for mail in mails]


def _sent(mail: Mail, way: OnItsWay) -> Sent:
    return Sent(
        mail=mail,
        way=way,
        again=mail.state in (*STOPPED, OutboxState.UNKNOWN) and mail.due_at is None,
        cancel=mail.due_at is not None
        and mail.state in (OutboxState.OWED, OutboxState.RETRY, OutboxState.UNKNOWN),
    )
