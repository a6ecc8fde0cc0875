"""Instants and days as people read them: in their own zone, absolute and relative."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta, tzinfo
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from engine.case.wall_clock import ahead_of_utc
from web.phrases import Phrases

DAY = timedelta(days=1)
HOUR = timedelta(hours=1)
MINUTE = timedelta(minutes=1)


def zone_of(name: str) -> tzinfo:
    """The zone of this name; Shanghai for one this machine does not know."""
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError):
        return ZoneInfo("Asia/Shanghai")


@dataclass(frozen=True, slots=True, kw_only=True)
class Times:
    now: datetime
    zone: tzinfo
    t: Phrases

    def at(self, instant: datetime) -> str:
        """2026-03-02 09:00 in the person's zone; without the year where it is the present one."""
        local = instant.astimezone(self.zone)
        same = local.year == self.now.astimezone(self.zone).year
        return local.strftime("%m-%d %H:%M" if same else "%Y-%m-%d %H:%M")

    @property
    def ahead(self) -> str:
        """The hours of the zone before or after UTC at present: +8, -3:30."""
        return ahead_of_utc(self.now.astimezone(self.zone))

    def iso(self, instant: datetime) -> str:
        return instant.astimezone(self.zone).isoformat(timespec="seconds")

    def left(self, due: datetime) -> str:
        """How long until an instant, or since it."""
        return self.between(self.now, due)

    def between(self, start: datetime, due: datetime) -> str:
        """How long it was at `start` until `due`, or since."""
        span = due - start
        return self._ahead(span) if span >= timedelta() else self._behind(-span)

    def ago(self, instant: datetime) -> str:
        span = self.now - instant
        if span < MINUTE:
            return self.t("just now")
        if span < HOUR:
            return self.t.count("{count} minute ago", "{count} minutes ago", span // MINUTE)
        if span < DAY:
            return self.t.count("{count} hour ago", "{count} hours ago", span // HOUR)
        return self.t.count("{count} day ago", "{count} days ago", span // DAY)

    def days_left(self, day: date) -> str:
        """How far a whole day lies from today, in the person's zone."""
        days = (day - self.now.astimezone(self.zone).date()).days
        if days == 0:
            return self.t("today")
        if days > 0:
            return self.t.count("in {count} day", "in {count} days", days)
        return self.t.count("{count} day ago", "{count} days ago", -days)

    def _ahead(self, span: timedelta) -> str:
        if span < HOUR:
            return self.t.count("{count} minute left", "{count} minutes left", max(1, span // MINUTE))
        if span < DAY:
            return self.t.count("{count} hour left", "{count} hours left", span // HOUR)
        return self.t.count("{count} day left", "{count} days left", span // DAY)

    def _behind(self, span: timedelta) -> str:
        if span < HOUR:
            return self.t.count("{count} minute late", "{count} minutes late", max(1, span // MINUTE))
        if span < DAY:
            return self.t.count("{count} hour late", "{count} hours late", span // HOUR)
        return self.t.count("{count} day late", "{count} days late", span // DAY)
