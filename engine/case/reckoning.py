"""Due instants with the way they came about, and the same way gone again when a calendar has newer data."""

from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta
from typing import Final

from engine.case.calendar import Due, add, after_working_time, are_settled, before, resume
from engine.case.ladders import reached, reminders_of, rung_again
from engine.case.reckoned import Reckoning, Rung
from engine.case.state import Deadline, DeadlineKind
from engine.case.wall_clock import local_time
from engine.case.workdays import WorkCalendar, end_of_working_day, start_of_day
from engine.definition.durations import Duration, Unit, parse_duration

_NEVER: Final = datetime.min.replace(tzinfo=UTC)
TODAY = Duration(0, Unit.WORKING_DAYS)


@dataclass(frozen=True, slots=True, kw_only=True)
class Counted:
    """A due instant, the unit it was counted in, and how; `how` is None where somebody gave the instant."""

    due: Due
    unit: Unit
    calendar: WorkCalendar
    how: Reckoning | None


def counted_from(calendar: WorkCalendar, start: datetime, within: Duration) -> Counted:
    due = add(calendar, start, within)
    how = replace(_how(calendar, due), start=start, within=str(within))
    return Counted(due=due, unit=within.unit, calendar=calendar, how=how)


def counted_back(calendar: WorkCalendar, end: datetime, ahead: Duration) -> Counted:
    due = before(calendar, end, ahead)
    how = replace(_how(calendar, due), start=end, ahead=str(ahead))
    return Counted(due=due, unit=ahead.unit, calendar=calendar, how=how)


def closing_of(calendar: WorkCalendar, day: date) -> Counted:
    """The closing of work on a day, which is when something planned for that day is due."""
    due = _closing(calendar, day)
    how = replace(_how(calendar, due), day=day)
    return Counted(due=due, unit=Unit.WORKING_DAYS, calendar=calendar, how=how)


def beginning_of(calendar: WorkCalendar, day: date) -> Counted:
    """Midnight at the beginning of a day, which is when something that sleeps until that day wakes."""
    due = _at(calendar, start_of_day(calendar, day))
    how = replace(_how(calendar, due), morning=day)
    return Counted(due=due, unit=Unit.DAYS, calendar=calendar, how=how)


def worked_from(calendar: WorkCalendar, start: datetime, left: timedelta) -> Counted:
    """When so much working time, in whole seconds, has passed since `start`."""
    due = after_working_time(calendar, start, left)
    how = replace(_how(calendar, due), start=start, worked=round(left.total_seconds()))
    return Counted(due=due, unit=Unit.WORKING_HOURS, calendar=calendar, how=how)


def elapsed_from(calendar: WorkCalendar, start: datetime, left: timedelta) -> Counted:
    """So much time, in whole seconds, after `start`, whether anybody works or not."""
    due = _at(calendar, start + left)
    how = replace(_how(calendar, due), start=start, elapsed=round(left.total_seconds()))
    return Counted(due=due, unit=Unit.MINUTES, calendar=calendar, how=how)


def given(calendar: WorkCalendar, at: datetime) -> Counted:
    return Counted(due=_at(calendar, at), unit=Unit.WORKING_DAYS, calendar=calendar, how=None)


def paused(
    calendar: WorkCalendar, how: Reckoning | None, at: datetime, span: tuple[datetime, datetime]
) -> Reckoning | None:
    """The way to the due instant `at`, after it stood still over `span`."""
    if how is None:
        return None
    return replace(how, wall=_wall(calendar, at), zone=calendar.zone, pauses=(*how.pauses, span))


def recounted(calendar: WorkCalendar, old: Deadline, now: datetime, *, urgent: bool) -> Deadline | None:
    """The deadline as it is with the data of today; None when that changes nothing.

    What was flagged overdue, or is due already, stays as it was. None moves into the past: one that would is
    due at the closing of the present day, or of the next working day; what only wakes a case does so at once.
    """
    how = old.reckoned
    still = old.paused or old.stopped_at is not None
    over = old.missed_at is not None or (old.due_at <= now and not still)
    if how is None or over or old.calendar == calendar.version:
        return None
    due = _again(calendar, how, old.unit)
    past = due.at <= now and due.at != old.due_at and not still
    at = _soonest(calendar, old, now) if past else due.at
    # While its clock stands still a reminder that has come waits; where nothing moves it is still to be sent.
    since = _NEVER if still or at == old.due_at else now
    moved = replace(ladder_moved(calendar, old, at, since, urgent=urgent), provisional=due.provisional)
    if moved == old:
        return None
    again = replace(how, zone=calendar.zone, wall=_wall(calendar, at))
    return replace(moved, calendar=calendar.version, reckoned=again)


def _soonest(calendar: WorkCalendar, old: Deadline, now: datetime) -> datetime:
    return now if old.kind is DeadlineKind.RESUME else add(calendar, now, TODAY).at


def _again(calendar: WorkCalendar, how: Reckoning, unit: Unit) -> Due:
    if how.day is not None:
        due = _closing(calendar, how.day)
    elif how.morning is not None:
        due = _at(calendar, start_of_day(calendar, how.morning))
    elif how.start is not None and how.worked is not None:
        due = after_working_time(calendar, how.start, timedelta(seconds=how.worked))
    elif how.start is not None and how.elapsed is not None:
        due = _at(calendar, how.start + timedelta(seconds=how.elapsed))
    elif how.start is not None and how.ahead:
        due = before(calendar, how.start, parse_duration(how.ahead))
    elif how.start is not None:
        due = add(calendar, how.start, parse_duration(how.within))
    else:  # pragma: no cover - one of both is always there
        raise AssertionError(how)
    for stood, went_on in how.pauses:
        due = resume(calendar, due, stood, went_on, unit=unit)
    return due


def ladder_moved(
    calendar: WorkCalendar, old: Deadline, at: datetime, now: datetime, *, urgent: bool
) -> Deadline:
    """With what was reminded and escalated kept, and the rest in step with the new instant."""
    kept = old.reminders[: old.reminded]
    to_come = reminders_of(calendar, at, old.remind[old.reminded :], urgent=urgent, now=now)
    used, unused = old.rungs[: old.escalated], old.rungs[old.escalated :]
    rungs = (*used, *(rung_again(calendar, at, one, urgent=urgent) for one in unused))
    return replace(
        old,
        due_at=at,
        reminders=(*kept, *(instant for instant, _ in to_come)),
        remind=(*old.remind[: old.reminded], *(span for _, span in to_come)),
        rungs=tuple(sorted(rungs, key=lambda one: one.at)),
    )


def dated(old: Deadline) -> bool:
    """Given by people as a date or an instant, or counted back from one: no pause moves it."""
    return old.reckoned is None or old.reckoned.day is not None or bool(old.reckoned.ahead)


def rungs_stood_still(
    calendar: WorkCalendar, old: Deadline, span: tuple[datetime, datetime], *, urgent: bool
) -> Deadline:
    """For a due instant that stays while its clock stood still over `span`: of what was overdue before, each
    rung to come keeps what was left until it; of what became due meanwhile, they count from the end.
    """
    stopped, went_on = span
    if old.due_at > went_on:
        return old
    used, unused = old.rungs[: old.escalated], old.rungs[old.escalated :]
    if old.due_at > stopped:
        moved = [rung_again(calendar, went_on, one, urgent=urgent) for one in unused]
    else:
        moved = [_stood_still(calendar, one, span, urgent=urgent) for one in unused]
    return replace(old, rungs=(*used, *sorted(moved, key=lambda one: one.at)))


def _stood_still(
    calendar: WorkCalendar, rung: Rung, span: tuple[datetime, datetime], *, urgent: bool
) -> Rung:
    unit = parse_duration(rung.every or rung.after).unit
    at = resume(calendar, _at(calendar, rung.at), *span, unit=unit).at
    return replace(rung, at=at if urgent or rung.urgent else reached(calendar, at))


def _closing(calendar: WorkCalendar, day: date) -> Due:
    at, provisional = end_of_working_day(calendar, day), not are_settled(calendar, day, day)
    return Due(at=at, provisional=provisional, calendar=calendar.id, version=calendar.version)


def _at(calendar: WorkCalendar, at: datetime) -> Due:
    return Due(at=at, provisional=False, calendar=calendar.id, version=calendar.version)


def _how(calendar: WorkCalendar, due: Due) -> Reckoning:
    return Reckoning(calendar=calendar.id, zone=calendar.zone, wall=_wall(calendar, due.at))


def _wall(calendar: WorkCalendar, at: datetime) -> str:
    return local_time(calendar.zone, at).replace(tzinfo=None).isoformat(timespec="minutes")
