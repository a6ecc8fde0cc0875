"""What a person is told that belongs to no case: its words, and whether there is still something to say.

The facts stand in the notice, as they were when it was owed; what has become of them since is read anew.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Protocol, assert_never

from engine.case.absence import StandIn
from engine.ids import PersonId
from engine.outbox import NoticeKind, OwedNotice
from engine.text import Text
from notifications.moments import moment
from notifications.one_line import one_line
from notifications.subject import Reader, Told


class Affairs(Protocol):
    """What notices speak of, as it stands now."""

    def period(self, period: str) -> StandIn | None:
        """A stand-in's period; ended early it ends then, and taken back it ends as it begins."""
        ...

    def sop_title(self, sop: str) -> Text | None: ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Matter(Reader):
    """A notice and its reader."""

    owed: OwedNotice
    due: bool
    sop_title: Callable[[str], Text | None]

    def person(self, part: str) -> PersonId:
        return PersonId(str(self.owed.data[part]))

    def sops(self) -> str:
        """Titles of the SOPs named; empty where it holds in all."""
        named = self.owed.data.get("sops")
        return self.listed(self._sop(str(sop)) for sop in (named if isinstance(named, list) else ()))

    def _sop(self, sop: str) -> str:
        title = self.sop_title(sop)
        return one_line(title.in_(self.language), 80) if title else sop


def notice_due(owed: OwedNotice, affairs: Affairs, *, now: datetime) -> bool:
    """False: the notice is cancelled, for what it speaks of is over."""
    match owed.kind:
        case NoticeKind.STAND_IN_ARRANGED:
            rule = affairs.period(owed.subject)
            return rule is not None and rule.begins < rule.ends and now < rule.ends
        case NoticeKind.STAND_IN_ENDED:
            return now < _instant(owed, "ends")  # by then it would be over anyway
        case _:
            assert_never(owed.kind)


def tell_notice(matter: Matter) -> Told:
    match matter.owed.kind:
        case NoticeKind.STAND_IN_ARRANGED | NoticeKind.STAND_IN_ENDED:
            return Told(words=_of_period(matter))
        case _:
            assert_never(matter.owed.kind)


def _of_period(matter: Matter) -> dict[str, Any]:
    owed, language = matter.owed, matter.language
    begins, ends = _instant(owed, "begins"), _instant(owed, "ends")
    by = matter.person("by")
    return {
        "period": owed.subject,
        "principal": matter.name(matter.person("principal")),
        "stand_in": matter.name(matter.person("stand_in")),
        "standing": owed.to == matter.person("stand_in"),
        "actor": matter.name(by),
        "own": by == matter.person("principal"),
        "begins": moment(begins, matter.zone, language, opening=True),
        "ends": moment(ends, matter.zone, language),
        "begun": begins <= matter.now,
        "sops": matter.sops(),
        "over": not matter.due,
    }


def _instant(owed: OwedNotice, part: str) -> datetime:
    return datetime.fromisoformat(str(owed.data[part]))
