"""Work by the day: what waits told, the record proved and anchored, what is past its time removed."""

import logging
from datetime import datetime
from typing import Final

from engine.case.calendar import WorkCalendar, is_working_day, local_date
from engine.ids import PersonId
from notifications.routing import addresses
from runtime.wiring import Parts
from runtime.working_time import company_calendar

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
        """Owes everybody for whom something waits the list of it, once a day; how many. Nobody on a day off,
        nobody outside the company, nobody who wants none or can only be reached in the mailbox.
        """
        calendar, now = self._company_calendar(), self._parts.clock.now()
        day = local_date(calendar, now)
        if not is_working_day(calendar, day):
            return 0
        people = [p.id for p in self._parts.store.people.all(active=True) if not p.external]
        wanted = [person for person in people if self._wants_a_list(person, now)]
        return self._parts.store.deliveries.owe_morning(wanted, day=day.isoformat(), now=now)

    def _company_calendar(self) -> WorkCalendar:
        return company_calendar(self._parts.calendar, self._parts.settings.calendar)

    def _wants_a_list(self, person: PersonId, now: datetime) -> bool:
        composer = self._parts.composer
        contact = composer.records.contact(person)
        if contact is None or not addresses(contact, composer.settings):
            return False
        return self._parts.store.preferences.of(person).morning and bool(
            composer.records.waiting(person, now=now)
        )

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
