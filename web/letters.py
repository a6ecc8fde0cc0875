"""The mailbox page: each owed message as its reader gets it, link and code included. For this
machine only.
"""

from dataclasses import dataclass

from engine.store.mailbox import Mail
from notifications.messages import Message
from web.ports import Wiring


@dataclass(frozen=True, slots=True, kw_only=True)
class Letter:
    """`link` and `code` are empty where the message asks for no decision, or no more. `passed_over`: the
    company's own wording did not fit.
    """

    subject: str
    body: str
    link: str = ""
    code: str = ""
    passed_over: bool = False


def letter(wiring: Wiring, mail: Mail) -> Letter | None:
    """None for a command, and for a message whose case or reader is gone."""
    message = _written(wiring, mail)
    if message is None:
        return None
    if mail.digest is not None:  # its links are many, and stand in the text
        return Letter(subject=message.subject, body=message.text)
    links = [secret for secret in message.secrets if "/" in secret]
    codes = [secret for secret in message.secrets if "/" not in secret]
    return Letter(
        subject=message.subject,
        body=message.text,
        link="".join(links[:1]),
        code="".join(codes[:1]),
        passed_over=message.passed_over,
    )


def _written(wiring: Wiring, mail: Mail) -> Message | None:
    if mail.digest is not None:
        items = [owed for _, owed in wiring.store.deliveries.items(mail.id)]
        return wiring.mailbox_text(mail.digest, items)
    return None if mail.owed is None else wiring.mailbox_text(mail.owed)
