"""Messages as an operator looks at them: where each went, and what can be done about it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from engine.store.mailbox import Mail, MailFilter, OnItsWay
from engine.store.tables import OutboxState
from notifications import shown
from runtime.channel_book import names_of_targets
from web.ports import Wiring

PAGE = 50
STOPPED = (OutboxState.DEAD, OutboxState.REJECTED)  # what nothing but a person sets going again


@dataclass(frozen=True, slots=True, kw_only=True)
class Sent:
    """A message as an operator looks at it. `fate`: how it stands on the whole. `names`: of the channels it
    went to, by target. `again` and `cancel`: what can be done about it.
    """

    mail: Mail
    way: OnItsWay
    fate: str
    names: Mapping[str, str]
    again: bool
    cancel: bool


def fate_of(mail: Mail, way: OnItsWay) -> str:
    return shown.fate_of(mail.state.value, mail.channel, way.deliveries)


def log_of(wiring: Wiring, wanted: MailFilter, *, limit: int = PAGE) -> list[Sent]:
    return sent_of(wiring, wiring.store.mailbox.page(wanted, limit=limit))


def sent_of(wiring: Wiring, mails: Sequence[Mail]) -> list[Sent]:
    ways = wiring.store.mailbox.on_its_way([mail.id for mail in mails])
    names = names_of_targets(wiring.store.people, [mail.to_person for mail in mails])
    return [_sent(mail, ways[mail.id], names[mail.to_person]) for mail in mails]


def _sent(mail: Mail, way: OnItsWay, names: Mapping[str, str]) -> Sent:
    return Sent(
        mail=mail,
        way=way,
        fate=fate_of(mail, way),
        names=names,
        again=mail.state in STOPPED and mail.due_at is None,
        cancel=mail.due_at is not None
        and mail.state in (OutboxState.OWED, OutboxState.RETRY, OutboxState.UNKNOWN),
    )
