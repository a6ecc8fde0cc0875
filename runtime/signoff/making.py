"""A record out of the store: found, read and put together."""

from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from engine.case.state import Case
from engine.clock import Clock
from engine.ids import ApprovalId, PersonId
from engine.store import anchor as anchors
from engine.store.anchor import Anchor, AnchorDamaged, Head
from engine.store.store import Store
from runtime.settings import ZONE, is_loopback
from runtime.signoff.document import Material, record_of
from runtime.signoff.story import tell


@dataclass(frozen=True, slots=True, kw_only=True)
class Reader:
    """Somebody outside the company, who sees the round in which this person answered, and no other."""

    person: PersonId
    round: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Records:
    """`public_url` as messages use it; where that is this machine itself, no address is printed."""

    store: Store
    clock: Clock
    anchor_file: Path | None = None
    public_url: str = ""
    zone: str = ZONE

    def made(
        self, case: Case, approval: ApprovalId, *, reader: Reader | None = None
    ) -> dict[str, Any] | None:
        """None where the case never opened this approval, or not in the reader's round."""
        links = self.store.history.links(case.id)
        story = tell(self.store.definitions.by_digest, [link.recorded for link in links], approval)
        if story is not None and reader is not None:
            rounds = [one.approval.round for one in story.rounds]
            story = story.of_round(reader.round) if reader.round in rounds else None
        if story is None:
            return None
        versions = self.store.definitions.versions(case.sop)
        material = Material(
            story=story,
            links=links,
            version=next((v.number for v in versions if v.digest == story.last.definition.digest), 0),
            people={person.id: person for person in self.store.people.all()},
            zone=self.zone,
            made_at=self.clock.now(),
            anchored=self._anchored(case, story.events[-1].sequence),
            public_url=""
            if is_loopback(urlsplit(self.public_url).hostname or "localhost")
            else self.public_url,
            reader=None if reader is None else reader.person,
        )
        return record_of(material)

    def _anchored(self, case: Case, sequence: int) -> tuple[Anchor, Head] | None:
        """The newest anchor, if it was written after all this happened."""
        if self.anchor_file is None or not self.anchor_file.exists():
            return None
        try:
            anchor = anchors.read_anchor(self.anchor_file)
            found = (head for head in anchors.anchored_heads(self.anchor_file) if head.case_id == case.id)
            head = next(found, None)
        except (AnchorDamaged, OSError):
            return None
        return (anchor, head) if head is not None and head.version >= sequence else None
