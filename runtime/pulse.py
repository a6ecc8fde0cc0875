"""Whether the sweep comes round. Without it deadlines pass unnoticed: pages, doctor, watchers and monitors
all judge it here.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Final, assert_never

from engine.store.heartbeats import Heartbeat
from engine.text import Text

SWEEP: Final = "sweep"
LATE_AFTER: Final = timedelta(seconds=150)  # it comes every minute; where Prefect is late with it, after two
ALARM_AFTER: Final = timedelta(minutes=5)
_SECONDS: Final = 180  # so long a silence is told in seconds
AHEAD: Final = timedelta(minutes=1)  # a beat further ahead was given by a clock that has gone back since


class Rhythm(StrEnum):
    """NEVER: no sweep was ever finished here."""

    OK = "ok"
    LATE = "late"
    NEVER = "never"
    PAUSED = "paused"


@dataclass(frozen=True, slots=True, kw_only=True)
class Pulse:
    """`last`: when the last sweep ended. `since`: the same, or from when on one was to be expected; `silent`:
    for how long.
    """

    rhythm: Rhythm
    last: datetime | None
    since: datetime
    silent: timedelta

    @property
    def well(self) -> bool:
        return self.rhythm is Rhythm.OK


def pulse(beat: Heartbeat | None, *, now: datetime, started: datetime | None = None) -> Pulse:
    """`started`: when whoever asks began; just then a first sweep need not have ended yet."""
    last = beat.at if beat is not None and beat.at <= now + AHEAD else None
    known = last or started
    silent = None if known is None else now - known
    since = known or now
    if beat is not None and beat.paused:
        return Pulse(rhythm=Rhythm.PAUSED, last=last, since=since, silent=max(now - since, timedelta()))
    if silent is not None and silent <= LATE_AFTER:
        return Pulse(rhythm=Rhythm.OK, last=last, since=since, silent=max(silent, timedelta()))
    rhythm = Rhythm.NEVER if beat is None else Rhythm.LATE
    return Pulse(rhythm=rhythm, last=last, since=since, silent=max(now - since, timedelta()))


def said(seen: Pulse) -> Text:
    """In one line, with what to do about it."""
    seconds = int(seen.silent.total_seconds())
    zh, en = (
        (f"{seconds // 60} 分钟", f"{seconds // 60} minutes")
        if seconds > _SECONDS
        else (
            f"{seconds} 秒",
            f"{seconds} s",
        )
    )
    match seen.rhythm:
        case Rhythm.OK:
            return Text(f"{zh}前", f"{en} ago")
        case Rhythm.NEVER:
            return Text("从未扫描到期事项；启动 guanka up", "nothing was ever swept here; start guanka up")
        case Rhythm.PAUSED:
            return Text(
                "已在 Prefect 中暂停，逾期不会被发现；请恢复",
                "paused in Prefect, so nothing overdue is found; resume it",
            )
        case Rhythm.LATE:
            return Text(
                f"{zh}没有扫描到期事项，逾期不会被发现；请看 runner 与 logs/runner.log",
                f"nothing was swept for {en}, so nothing overdue is found; see runner, and logs/runner.log",
            )
        case _:
            assert_never(seen.rhythm)
