"""A message on its way as people are shown it: how it stands on the whole, and which channel is meant."""

from collections.abc import Iterable, Mapping
from typing import Final

from engine.delivering import Delivery, TargetState
from notifications.routing import MAILBOX, Address, names_of, target_of

_NOT_ENDED: Final = frozenset({"owed", "retry"})


def fate_of(state: str, channel: str, targets: Iterable[Delivery]) -> str:
    """The state of the row together with its targets; "mailbox" for what only lies there. While a try is
    under way, or died, the row alone still says what it was before.
    """
    if state == "sent" and channel == MAILBOX:
        return MAILBOX
    if state in _NOT_ENDED and any(row.state is TargetState.UNKNOWN for row in targets):
        return TargetState.UNKNOWN.value
    return state


def channel_names(channels: Mapping[str, object]) -> dict[str, str]:
    """By target, what a person calls each channel. Nothing for one taken away since."""
    return {
        target_of(Address(channel=names_of([kept])[0], url=kept)): name
        for name, kept in channels.items()
        if isinstance(kept, str)
    }
