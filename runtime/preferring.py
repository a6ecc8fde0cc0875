"""What somebody chose of how to be told, as it was written: on the command line, on the page, in the API."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Final

from engine.delivering import DIGEST_HOURS, Manner, Preferences
from engine.errors import GuankaError
from engine.outbox import MessageGroup
from engine.store.people import Person
from engine.text import Text
from notifications.routing import names_of

HOURLY: Final = "hourly"
MOST_PER_HOUR: Final = 1000


class PreferenceRefused(GuankaError):
    """Something was written that cannot be meant."""

    def __init__(self, name: str, said: Text) -> None:
        super().__init__(Text(f"{name}：{said.zh}", f"{name}: {said.en}"))
        self.name, self.said = name, said


@dataclass(frozen=True, slots=True, kw_only=True)
class Wish:
    """What is None stays as it was. `channels` by commas, `-` for none in particular; `digest_at` whole hours
    by commas, or `hourly`; `per_hour` 0: the company's.
    """

    manners: Mapping[str, str] = field(default_factory=dict[str, str])
    channels: str | None = None
    everywhere: bool | None = None
    digest_at: str | None = None
    per_hour: int | None = None
    quiet: bool | None = None
    morning: bool | None = None


def channels_of(person: Person) -> tuple[str, ...]:
    """The kinds of channels somebody can put in an order, as they are tried without one."""
    own = names_of([str(url) for url in person.channels.values()])
    return tuple(dict.fromkeys([*own, *(["email"] if person.email else [])]))


def changed(before: Preferences, wish: Wish, *, has: Sequence[str]) -> Preferences:
    """`has`: the kinds of channels of this person. Raises PreferenceRefused."""
    manners = {**before.manners, **{_group(name): _manner(name, one) for name, one in wish.manners.items()}}
    chosen = replace(
        before, manners={group: manner for group, manner in manners.items() if manner is not Manner.NOW}
    )
    if wish.channels is not None:
        chosen = replace(chosen, channels=_channels(wish.channels, has))
    if wish.digest_at is not None:
        chosen = replace(chosen, digest_hours=_hours(wish.digest_at))
    if wish.per_hour is not None:
        chosen = replace(chosen, per_hour=_per_hour(wish.per_hour))
    flags = {"everywhere": wish.everywhere, "quiet": wish.quiet, "morning": wish.morning}
    return replace(chosen, **{name: value for name, value in flags.items() if value is not None})


def _group(name: str) -> MessageGroup:
    try:
        return MessageGroup(name)
    except ValueError:
        known = ", ".join(MessageGroup)
        raise PreferenceRefused(
            name, Text(f"没有这一类；可用 {known}", f"no such group; known: {known}")
        ) from None


def _manner(name: str, written: str) -> Manner:
    try:
        return Manner(written)
    except ValueError:
        raise PreferenceRefused(
            name,
            Text(
                f"{written} 不可用；写 now、digest 或 off",
                f"{written} is not known; write now, digest or off",
            ),
        ) from None


def _channels(written: str, has: Sequence[str]) -> tuple[str, ...]:
    if written.strip() in ("-", ""):
        return ()
    names = [name.strip().lower() for name in re.split(r"[,，、]", written) if name.strip()]
    for name in names:
        if name not in has:
            there = ", ".join(has)
            raise PreferenceRefused(
                "channels",
                Text(
                    f"此人没有渠道 {name[:20]}；现有：{there or '无'}",
                    f"this person has no channel {name[:20]}; there are: {there or 'none'}",
                ),
            )
    return tuple(dict.fromkeys(names))


def _hours(written: str) -> tuple[int, ...]:
    if written.strip().lower() == HOURLY:
        return ()
    parts = [part.strip().removesuffix(":00") for part in re.split(r"[,，、]", written) if part.strip()]
    if not all(part.isascii() and part.isdigit() and len(part) <= 2 and int(part) < 24 for part in parts):  # noqa: PLR2004 - hours of a day
        raise PreferenceRefused(
            "digest_at",
            Text(
                "要写 0 到 23 的整点，例如 9,16，或 hourly",
                "write hours from 0 to 23, such as 9,16, or hourly",
            ),
        )
    return tuple(sorted({int(part) for part in parts})) or DIGEST_HOURS


def _per_hour(written: int) -> int | None:
    if not 0 <= written <= MOST_PER_HOUR:
        raise PreferenceRefused(
            "per_hour",
            Text(f"要写 0 到 {MOST_PER_HOUR} 之间的整数", f"write a whole number from 0 to {MOST_PER_HOUR}"),
        )
    return written or None
