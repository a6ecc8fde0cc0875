"""A message as its reader would get it now, for the commands that show messages."""

from typing import TYPE_CHECKING, Final

from engine.outbox import MessageKind
from engine.text import Language, Text

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


def subject(parts: "Parts", mail: "Mail", language: Language) -> str:
    """The kind where nothing can be written, as for a group that was removed."""
    if message := written(parts, mail):
        return message.subject
    return _GROUP.in_(language) if mail.kind == MessageKind.GROUP_NEWS else mail.kind


_GROUP: Final = Text("群消息", "Group message")
