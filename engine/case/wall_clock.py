"""Between a zone's wall clock and instants in UTC, where the clock is put forward or back."""

from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

_SECOND = timedelta(seconds=1)


def instant_at(zone: str, day: date, wall: time) -> datetime:
    """The UTC instant at which the clocks of `zone` show `wall` on `day`.

    A time shown twice (clocks put back) is its first occurrence. A time never shown (clocks put forward, or a
    day left out) is the first instant after the gap.
    """
    local = datetime.combine(day, wall.replace(fold=0), ZoneInfo(zone))
    instant = local.astimezone(UTC)
    if local_time(zone, instant).replace(tzinfo=None) == local.replace(tzinfo=None):
        return instant
    return _end_of_gap(local)


def local_time(zone: str, instant: datetime) -> datetime:
    """What the clocks of `zone` show at `instant`, as an aware time."""
    return instant.astimezone(ZoneInfo(zone))


def _end_of_gap(local: datetime) -> datetime:
    # Inside a gap, fold 1 reads the wall with the later offset and so names an instant before the change;
    # fold 0 names one at or after it (PEP 495). Halve the stretch between them down to a second.
    before, after = (local.replace(fold=fold).astimezone(UTC).replace(microsecond=0) for fold in (1, 0))
    offset = local.replace(fold=1).utcoffset()
    while after - before > _SECOND:
        middle = (before + (after - before) / 2).replace(microsecond=0)
        if middle.astimezone(local.tzinfo).utcoffset() == offset:
            after = middle
        else:
            before = middle
    return after


def ahead_of_utc(local: datetime) -> str:
    """The hours of its zone before or after UTC: +8, -3:30."""
    minutes = (local.utcoffset() or timedelta()) // timedelta(minutes=1)
    hours, rest = divmod(abs(minutes), 60)
    return f"{'-' if minutes < 0 else '+'}{hours}{f':{rest:02}' if rest else ''}"
