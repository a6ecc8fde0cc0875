"""A message as its reader would get it now, for the commands that show messages."""

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from engine.store.mailbox import Mail
    from notifications.messages import Message
    from runtime.wiring import Parts


def written(parts: "Parts", mail: "Mail") -> "Message | None":
    """None for a command, and where case or reader is not known any more."""
    if mail.digest is not None:
        items = [owed for _, owed in parts.store.deliveries.items(mail.id)]
        return parts.composer.mailbox_text(mail.digest, items)
    return None if mail.owed is None else parts.composer.mailbox_text(mail.owed)


def subject(parts: "Parts", mail: "Mail") -> str:
    """The kind where nothing can be written."""
    message = written(parts, mail)
    return message.subject if message else mail.kind
