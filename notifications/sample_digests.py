"""Samples of digests: several messages in one, and a morning's list of what waits for one person."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from functools import cache
from typing import Final

from engine.ids import PersonId
from engine.outbox import DIGEST, MessageKind, NoticeKind, OwedDigest
from engine.text import Language, Text
from notifications.composing import Waiting, digest_of
from notifications.digests import Section
from notifications.messages import Message
from notifications.sample_message import Records, Sample, composer
from notifications.sample_play import ID, MONDAY, Moment
from notifications.samples import TITLE, samples_of

READER: Final = PersonId("chenjing")
_TOLD: Final = (
    MessageKind.APPROVAL_REQUESTED,
    MessageKind.APPROVAL_NEWS,
    MessageKind.DEADLINE_ESCALATED,
    NoticeKind.STAND_IN_ARRANGED,
)
_WAITS: Final = (
    (Section.TO_SIGN, "plan_approval", TITLE, 2),
    (Section.TO_DO, "weekly_figures", "老客回馈月", 4),
    (Section.LATE, "execution", "门店周年庆", -3),
)
_VERY_MANY: Final = 12  # times what waits: more than a small card holds


@dataclass(frozen=True, slots=True, kw_only=True)
class DigestSample:
    """`note` says which it is. `items`: the messages in it; `waiting`: what a morning's list names."""

    note: Text
    items: Sequence[Sample] = ()
    waiting: Sequence[Waiting] = ()

    @property
    def kind(self) -> str:
        return DIGEST

    def message(self, language: Language, *, personal: bool = True) -> Message:
        """As it would leave now."""
        owed = OwedDigest(key=DIGEST, to=READER, morning=bool(self.waiting))
        drafts = [item.draft(language) for item in self.items]
        records = Records(Moment(now=MONDAY), language, waits=self.waiting)
        draft = digest_of(composer(records), owed, drafts)
        if draft is None:
            raise LookupError(READER)
        return draft.write(personal=personal)


@cache
def digest_samples() -> tuple[DigestSample, ...]:
    items = [next(one for one in samples_of(kind) if one.owed.to == READER) for kind in _TOLD]
    return (
        DigestSample(note=Text("几件事合为一条", "several things in one"), items=items),
        DigestSample(note=Text("每天早上", "every morning"), items=items[1:2], waiting=_waiting(1)),
        DigestSample(note=Text("一张卡片放不下", "more than a card holds"), waiting=_waiting(_VERY_MANY)),
    )


def _waiting(times: int) -> list[Waiting]:
    return [
        Waiting(
            section=section,
            case_id=ID,
            definition="",
            title=title,
            what=what,
            due_at=MONDAY + timedelta(days=days, hours=9),
        )
        for section, what, title, days in _WAITS
        for _ in range(times)
    ]
