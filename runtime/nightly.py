"""Work by the day: the record proved and anchored, what is past its time removed."""

import logging
from typing import Final

from engine.case.calendar import is_working_day, local_date
from runtime.wiring import Parts

ANCHORS_KEPT: Final = 30

log = logging.getLogger("guanka.runner")


class RecordUnsound(RuntimeError):
    """The record is not what its history says; the findings stand in the log."""


class Nightly:
    def __init__(self, parts: Parts) -> None:
        self._parts = parts

    def verify(self) -> int:
        """Compares with the last anchor and writes the next; how many cases. Raises RecordUnsound, and
        anchors nothing then.
        """
        store, anchor = self._parts.store, self._parts.settings.anchor_file
        report = store.verify(anchor=anchor if anchor.exists() else None)
        if not report.sound:
            for finding in report.findings:
                log.error("verify: %s %s: %s", finding.table, finding.key, finding.what.en)
            raise RecordUnsound(f"{len(report.findings)} findings; run guanka verify")
        self._keep_old_anchor()
        store.anchor(anchor, now=self._parts.clock.now())
        return report.cases

    def housekeeping(self) -> int:
        now = self._parts.clock.now()
        return self._parts.store.forget_old_keys(now=now)

    def digest(self) -> int:
        """How many people have something waiting; on a day off nobody is counted. The message itself is
        still to come.
        """
        calendar = self._parts.calendar("cn")
        if not is_working_day(calendar, local_date(calendar, self._parts.clock.now())):
            return 0
        people = self._parts.store.people.all(active=True)
        inbox = self._parts.store.inbox
        return sum(1 for person in people if inbox.asks(person.id) or inbox.tasks(person.id))

    def _keep_old_anchor(self) -> None:
        """Earlier anchors stay for a month: a chain rewritten last week is found with one from before."""
        anchor = self._parts.settings.anchor_file
        if not anchor.exists():
            return
        stamp = self._parts.clock.now().strftime("%Y%m%dT%H%M%S")
        anchor.rename(anchor.with_name(f"{stamp}.txt"))
        kept = sorted(anchor.parent.glob("2*.txt"))
        for old in kept[:-ANCHORS_KEPT]:
            old.unlink()
