"""Everything that waits for one person, and for whom this person waits, as the page "My work" lists it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from engine.case.beside import NUDGE_EVERY
from engine.case.concerns import Concern
from engine.case.stillness import said
from engine.definition.compiled import Definition
from engine.store.concern_list import OpenConcern
from engine.store.inbox import OpenAsk, OpenTask
from runtime.standing import Standing
from web.ports import Wiring
from web.visitor import Visitor


@dataclass(frozen=True, slots=True, kw_only=True)
class Lists:
    """`most` is how many lines of one list are shown; whoever has more works those off first."""

    asks: Sequence[OpenAsk]
    tasks: Sequence[OpenTask]
    concerns: Mapping[Concern, Sequence[OpenConcern]]
    named: Mapping[str, Definition]
    visitor: Visitor
    standing: Standing
    most: int = 200

    def of(self, kind: str) -> Sequence[OpenConcern]:
        return self.concerns[Concern(kind)]

    def title(self, digest: str, name: str) -> str:
        return self.named[digest].title_of(name).in_(self.visitor.language)

    def late(self, one: OpenAsk | OpenTask | OpenConcern) -> bool:
        return one.due_at is not None and one.due_at < self.visitor.times.now and not one.stopped

    def still(self, one: OpenAsk | OpenTask | OpenConcern) -> str:
        """Why its clock stands still; empty while it runs."""
        found = self.standing.of(one)
        if found is None:
            return ""
        person = self.visitor.name(found.person) if found.person else ""
        return said(found, since=self.visitor.times.at(found.since), person=person).in_(self.visitor.language)

    def people(self, one: OpenConcern) -> str:
        return self.visitor.t(", ").join(self.visitor.name(person) for person in one.waits_for)

    def nudge_from(self, one: OpenConcern) -> datetime | None:
        """From when those waited for may be reminded again; None: now."""
        again = None if one.nudged_at is None else one.nudged_at + NUDGE_EVERY
        return again if again is not None and again > self.visitor.times.now else None


def my_lists(wiring: Wiring, visitor: Visitor) -> Lists:
    inbox, person = wiring.store.inbox, visitor.person.id
    asks, tasks, concerns = inbox.asks(person), inbox.tasks(person), inbox.concerns(person)
    digests = {one.digest for one in (*asks, *tasks, *concerns)}
    return Lists(
        asks=asks,
        tasks=tasks,
        concerns={kind: [one for one in concerns if one.kind is kind] for kind in Concern},
        named={digest: wiring.store.definitions.by_digest(digest) for digest in digests},
        visitor=visitor,
        standing=Standing(wiring.store.board.case),
    )
