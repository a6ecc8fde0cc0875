"""Watches the sweep from outside it, and tells an operator by a way of its own: no runner, Prefect or outbox.

Every web process watches. Of one outage one message goes out when it begins and one when it is over: the
telling is claimed in the database. Where the database itself has failed, nobody can agree with anybody, and
each process tells for itself, once.
"""

import logging
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from html import escape
from typing import Final
from zoneinfo import ZoneInfo

from engine.clock import Clock
from engine.store.alarms import AlarmClaim
from engine.store.store import Store
from engine.text import Language, Text
from notifications.channels import ALARM, Channel, SendResult, SendState
from notifications.messages import Message
from notifications.routing import Address
from runtime.pulse import ALARM_AFTER, SWEEP, Pulse, Rhythm, pulse

LOOK_EVERY_SECONDS: Final = 20.0
LEASE_SECONDS: Final = 60.0  # longer than telling takes
AGAIN_SECONDS: Final = 60.0  # after telling failed
BLIND_SECONDS: Final = 120.0  # without the database before that is told

log = logging.getLogger("guanka.watch")


@dataclass(frozen=True, slots=True, kw_only=True)
class Operator:
    """Where alarms go, and how they are worded. `url` None: nowhere; the log says so instead."""

    url: str | None = field(repr=False)
    channel: Channel
    language: Language
    zone: str
    place: str  # which installation it is, for who looks after several

    def tell(self, said: Text) -> bool:
        """Whether it arrived, as far as the other side says."""
        log.error("%s", said.in_(self.language))
        if self.url is None:
            return True
        result = self.sent(said, self.url)
        if result.state not in (SendState.SENT, SendState.UNKNOWN):
            log.error("the alarm did not go out: %s %s", result.code, result.detail)
        return result.state in (SendState.SENT, SendState.UNKNOWN)

    def sent(self, said: Text, url: str) -> SendResult:
        subject, _, body = said.in_(self.language).partition("\n")
        text = f"{body.strip()}\n\n{self.place}"
        message = Message(subject=subject, text=text, html=f"<pre>{escape(text)}</pre>", key="")
        return self.channel.send(message, Address(channel=ALARM, url=url))

    def at(self, instant: datetime) -> str:
        return f"{instant.astimezone(ZoneInfo(self.zone)):%Y-%m-%d %H:%M}"


class Watcher:
    """Looks now and then, in a thread of its own or when it is asked to. `holder` names it in leases."""

    def __init__(
        self,
        store: Store,
        operator: Operator,
        *,
        holder: str,
        started: datetime | None = None,
        monotonic: Callable[[], float] = time.monotonic,
    ) -> None:
        """`started`: when it began to watch; None to judge without grace."""
        self._store, self._operator = store, operator
        self._holder, self._started, self._monotonic = holder, started, monotonic
        self._blind_from: float | None = None
        self._told_blind = False
        self._logged = False

    def look(self) -> Pulse | None:
        """What was seen; None where the database could not be read. Never raises."""
        try:
            seen = pulse(self._store.heartbeats.last(SWEEP), now=self._clock.now(), started=self._started)
            self._judge(seen)
        except Exception as fault:  # noqa: BLE001 - whatever it is, a watcher that falls is no watcher
            log.warning("could not look at the sweep: %s", type(fault).__name__)
            self._blind(type(fault).__name__)
            return None
        self._sees_again()
        return seen

    def run(self, stopping: threading.Event) -> None:
        while not stopping.wait(LOOK_EVERY_SECONDS):
            self.look()

    @property
    def _clock(self) -> Clock:
        return self._store.clock

    def _judge(self, seen: Pulse) -> None:
        claim = self._claimed(seen)
        if claim is not None:
            self._tell(claim, seen)

    def _claimed(self, seen: Pulse) -> AlarmClaim | None:
        alarms, holder = self._store.alarms, self._holder
        if self._operator.url is None:
            self._only_log(seen)  # whoever is told an address later hears of an outage that goes on
            return None
        if seen.well:
            return alarms.over(SWEEP, holder=holder, lease_seconds=LEASE_SECONDS)
        if self._is_soon(seen):
            return None
        return alarms.begun(SWEEP, since=seen.since, holder=holder, lease_seconds=LEASE_SECONDS)

    def _is_soon(self, seen: Pulse) -> bool:
        """Not yet for so long, or not since we began: after a stop the runner starts beside us."""
        awaited = seen.since if seen.last or self._started else None
        if seen.rhythm is Rhythm.PAUSED or awaited is None:
            return False
        return self._clock.now() - max(awaited, self._started or awaited) <= ALARM_AFTER

    def _only_log(self, seen: Pulse) -> None:
        if seen.well:
            self._logged = False
        elif not self._logged and not self._is_soon(seen):
            self._logged = True
            self._operator.tell(_begun(seen, self._operator))

    def _tell(self, claim: AlarmClaim, seen: Pulse) -> None:
        said = _begun(seen, self._operator) if claim.told_at is None else _over(claim, self._operator)
        if self._operator.tell(said):
            self._store.alarms.told(claim)
        else:
            self._store.alarms.rest(claim, seconds=AGAIN_SECONDS)

    def _blind(self, kind: str) -> None:
        if self._blind_from is None:
            self._blind_from = self._monotonic()
        if not self._told_blind and self._monotonic() - self._blind_from >= BLIND_SECONDS:
            self._told_blind = self._operator.tell(_no_database(kind))

    def _sees_again(self) -> None:
        if self._told_blind and not self._operator.tell(_DATABASE_BACK):
            return
        self._blind_from, self._told_blind = None, False


def _begun(seen: Pulse, operator: Operator) -> Text:
    since, minutes = operator.at(seen.since), int(seen.silent / timedelta(minutes=1))
    match seen.rhythm:
        case Rhythm.PAUSED:
            zh = f"关卡告警：到期扫描已被暂停\n上次扫描：{since}。"
            en = f"Guanka: the sweep is paused\nThe last sweep ended at {since}."
            mend = Text("请在 Prefect 中恢复 sweep。", "Resume the deployment sweep in Prefect.")
        case Rhythm.NEVER:
            zh = "关卡告警：到期扫描从未运行\n这套系统还没有完成过一次扫描。"
            en = "Guanka: the sweep has never run\nNo sweep was ever finished in this installation."
            mend = Text("请启动 guanka up 或 guanka runner。", "Start guanka up, or guanka runner.")
        case Rhythm.LATE | Rhythm.OK:
            zh = f"关卡告警：到期扫描已停 {minutes} 分钟\n上次扫描：{since}。"
            en = f"Guanka: no sweep for {minutes} minutes\nThe last one ended at {since}."
            mend = Text(
                "请运行 guanka doctor，并查看 logs/runner.log；执行进程可能已停止。",
                "Run guanka doctor and look at logs/runner.log; the runner may have stopped.",
            )
    means = Text(
        "在它恢复之前，逾期标记、提醒与上报都会缺失；恢复后每件事补发一次，不会遗漏。",
        "Until it is back, overdue flags, reminders and escalations are missing; then each is made up once.",
    )
    return Text(f"{zh}{means.zh}{mend.zh}", f"{en} {means.en} {mend.en}")


def _over(claim: AlarmClaim, operator: Operator) -> Text:
    since = operator.at(claim.since)
    return Text(
        f"关卡：到期扫描已恢复\n中断自 {since} 起。期间到期的事项正在补办，每件只通知一次。",
        f"Guanka: the sweep is back\nIt was away since {since}. What came due meanwhile is being made up,"
        " each with one message.",
    )


def _no_database(kind: str) -> Text:
    return Text(
        f"关卡告警：数据库无法访问（{kind}）\n页面与流转都停止。请检查数据库服务与磁盘。"
        "每个网页进程各告警一次：没有数据库，它们无法互相商量。",
        f"Guanka: the database cannot be reached ({kind})\nPages and transitions have stopped. Look at the"
        " database server and the disk. Each web process tells of this once: without the database they"
        " cannot agree who does.",
    )


_DATABASE_BACK: Final = Text(
    "关卡：数据库已恢复\n可以正常访问。", "Guanka: the database is back\nIt can be reached again."
)
