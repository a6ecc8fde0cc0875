"""A message on its way as people are shown it: how it stands on the whole, why, and by which channel."""

from collections.abc import Iterable, Mapping
from typing import Final

from engine.delivering import Delivery, TargetState
from engine.text import Language, Text
from notifications.our_words import told
from notifications.remedies import remedy
from notifications.routing import MAILBOX, Address, names_of, target_of

_NOT_ENDED: Final = frozenset({"owed", "retry"})


def fate_of(state: str, channel: str, targets: Iterable[Delivery]) -> str:
    """The state of the row together with its targets; "mailbox" for what only lies there. While a try is
    under way, or died, the row alone still says what it was before.
    """
    if state == "sent" and channel == MAILBOX:
        return MAILBOX
    if state in _NOT_ENDED and any(row.is_open and row.state is TargetState.UNKNOWN for row in targets):
        return TargetState.UNKNOWN.value
    return state


def channel_names(channels: Mapping[str, object]) -> dict[str, str]:
    """By target, what a person calls each channel. Nothing for one taken away since."""
    return {
        target_of(Address(channel=names_of([kept])[0], url=kept)): name
        for name, kept in channels.items()
        if isinstance(kept, str)
    }


def reason(code: str, detail: str, language: Language, *, alone: bool = True) -> tuple[str, str]:
    """The code, where it says something to people, and the words. `alone`: no remedy stands beside them."""
    if code == "under_way":
        return "", _BEGUN.in_(language)
    said = told(code, detail, language)
    mend = remedy("", code, detail) if alone and detail and not said else None
    return "" if code in _OURS_ALONE else code, mend.in_(language) if mend else said


_BEGUN: Final = Text("已开始发送，还没有结果", "begun, no answer yet")
_OURS_ALONE: Final = frozenset({"over", "off", "gone", "digest"})
