"""Of one outage operators get one message when it begins and one when it is over, however many watch."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from engine.clock import FixedClock
from engine.store.errors import StoreFailing
from engine.store.heartbeats import Heartbeat
from engine.store.store import Store, open_store
from notifications.channels import RecordingChannel, SendResult, SendState
from runtime.beats import Beats
from runtime.pulse import ALARM_AFTER, LATE_AFTER, Rhythm, pulse, said
from runtime.watch import BLIND_SECONDS, Operator, Watcher
from tests.contract.cases import START

MINUTE, HOUR, DAY = timedelta(minutes=1), timedelta(hours=1), timedelta(days=1)
FAILED = SendResult(state=SendState.RETRY, code="unreachable")
SENT = SendResult(state=SendState.SENT)


@dataclass
class Post:
    """One operator's address, and every process that watches."""

    url: str
    folder: Path
    clock: FixedClock
    channel: RecordingChannel = field(default_factory=RecordingChannel)
    stores: list[Store] = field(default_factory=list)
    seconds: float = 0.0

    def watcher(self, *, started: Any = None, alert_url: str | None = "json://ops.example") -> Watcher:
        operator = Operator(url=alert_url, channel=self.channel, language="zh", zone="UTC", place="测试")
        store = open_store(self.url, self.folder, clock=self.clock)
        self.stores.append(store)
        holder = f"web-{len(self.stores)}"
        return Watcher(store, operator, holder=holder, started=started, monotonic=lambda: self.seconds)

    def beat(self, *, paused: bool = False) -> None:
        self.stores[0].heartbeats.beat("sweep", now=self.clock.now(), paused=paused)

    @property
    def subjects(self) -> list[str]:
        return [message.subject for message, _ in self.channel.sent]


@pytest.fixture
def post(sqlite_url: str, tmp_path: Path, clock: FixedClock) -> Iterator[Post]:
    clock.set(START)
    made = Post(sqlite_url, tmp_path, clock)
    yield made
    for store in made.stores:
        store.close()


def test_an_outage_is_told_once_and_its_end_once_by_whichever_of_several_watchers(post: Post) -> None:
    watchers = [post.watcher() for _ in range(3)]
    post.beat()
    for _ in range(60):
        post.clock.advance(MINUTE)
        for watcher in watchers:
            watcher.look()
    assert post.subjects == ["关卡告警：到期扫描已停 6 分钟"]
    (message, address), *_ = post.channel.sent
    assert "上次扫描：2026-03-02 01:00" in message.text
    assert "逾期标记、提醒与上报都会缺失" in message.text
    assert address.url == "json://ops.example"
    post.beat()
    for watcher in watchers * 2:
        watcher.look()
    assert post.subjects[1:] == ["关卡：到期扫描已恢复"]


def test_the_next_outage_is_told_again(post: Post) -> None:
    watcher = post.watcher()
    for _ in range(2):
        post.beat()
        watcher.look()
        post.clock.advance(HOUR)
        watcher.look()
    assert len(post.subjects) == 3


def test_a_short_silence_is_told_to_nobody(post: Post) -> None:
    watcher = post.watcher()
    post.beat()
    post.clock.advance(ALARM_AFTER)
    assert watcher.look() is not None
    assert post.subjects == []


def test_what_could_not_be_told_is_tried_again_and_an_outage_nobody_heard_of_ends_in_silence(
    post: Post,
) -> None:
    post.channel.results = (FAILED, SENT)
    watcher = post.watcher()
    post.beat()
    post.clock.advance(HOUR)
    watcher.look()
    watcher.look()  # not at once
    assert len(post.subjects) == 1
    post.clock.advance(2 * MINUTE)
    watcher.look()
    assert len(post.subjects) == 2
    post.beat()
    watcher.look()
    post.channel.results = (FAILED,)
    post.clock.advance(HOUR)
    watcher.look()
    post.clock.advance(HOUR)
    post.beat()
    watcher.look()
    assert post.subjects[2:] == ["关卡：到期扫描已恢复", "关卡告警：到期扫描已停 60 分钟"]


def test_a_sweep_somebody_paused_and_one_that_never_ran_are_told_as_such(post: Post) -> None:
    watcher = post.watcher()
    watcher.look()
    assert post.subjects == ["关卡告警：到期扫描从未运行"]
    post.beat()
    watcher.look()
    post.beat(paused=True)
    watcher.look()
    assert post.subjects[2:] == ["关卡告警：到期扫描已被暂停"]


def test_just_after_a_start_nothing_needs_to_have_been_heard_yet(post: Post) -> None:
    watcher = post.watcher(started=post.clock.now())
    for minutes in range(10):
        watcher.look()
        assert (post.subjects == []) is (minutes <= 5), minutes
        post.clock.advance(MINUTE)


def test_after_a_long_stop_the_runner_is_given_time_to_start_too(post: Post) -> None:
    post.watcher()
    post.beat()
    post.clock.advance(DAY)
    watcher = post.watcher(started=post.clock.now())
    seen = watcher.look()
    assert seen is not None
    assert (seen.rhythm, post.subjects) == (Rhythm.LATE, [])
    post.clock.advance(ALARM_AFTER + MINUTE)
    watcher.look()
    assert post.subjects == ["关卡告警：到期扫描已停 1446 分钟"]


def test_without_an_address_the_log_says_so_once(post: Post, caplog: pytest.LogCaptureFixture) -> None:
    watcher = post.watcher(alert_url=None)
    post.beat()
    post.clock.advance(HOUR)
    for _ in range(3):
        watcher.look()
    assert [r.message.splitlines()[0] for r in caplog.records if r.name == "guanka.watch"] == [
        "关卡告警：到期扫描已停 60 分钟"
    ]


def test_where_the_database_failed_each_process_tells_for_itself_once(
    post: Post, monkeypatch: pytest.MonkeyPatch
) -> None:
    watchers = [post.watcher(), post.watcher()]
    post.beat()

    def gone(_: str) -> Heartbeat:
        raise StoreFailing("connection refused")

    for store in post.stores:
        monkeypatch.setattr(store.heartbeats, "last", gone)
    for seconds in (0.0, BLIND_SECONDS - 1, BLIND_SECONDS, BLIND_SECONDS + 60, 9_000.0):
        post.seconds = seconds
        assert [watcher.look() for watcher in watchers] == [None, None]
    assert post.subjects == ["关卡告警：数据库无法访问（StoreFailing）"] * 2
    monkeypatch.undo()
    for watcher in watchers * 2:
        watcher.look()
    assert post.subjects[2:] == ["关卡：数据库已恢复"] * 2


def test_a_process_that_died_while_telling_leaves_it_to_the_next(post: Post) -> None:
    watcher = post.watcher()
    post.beat()
    post.clock.advance(HOUR)
    post.stores[0].alarms.begun("sweep", since=START, holder="dead", lease_seconds=60)
    watcher.look()
    assert post.subjects == []
    post.clock.advance(MINUTE)
    watcher.look()
    assert post.subjects == ["关卡告警：到期扫描已停 61 分钟"]


@pytest.mark.parametrize("back", [HOUR, DAY])
def test_a_beat_from_a_time_that_has_not_come_hides_no_silence(post: Post, back: timedelta) -> None:
    post.watcher()
    post.beat()
    post.clock.set(START - back)
    beat = post.stores[0].heartbeats.last("sweep")
    assert Beats(post.stores[0].heartbeats, post.clock).age("sweep") is None
    assert pulse(beat, now=post.clock.now()).rhythm is Rhythm.LATE
    started = post.clock.now() - LATE_AFTER - MINUTE
    assert pulse(beat, now=post.clock.now(), started=started).rhythm is Rhythm.LATE


@pytest.mark.parametrize("language", ["zh", "en"])
@pytest.mark.parametrize("paused", [True, False])
def test_every_state_has_its_line(language: Any, paused: bool) -> None:
    beat = Heartbeat(name="sweep", at=START, paused=paused)
    lines = {said(pulse(beat, now=START + after)).in_(language) for after in (MINUTE, HOUR)}
    lines.add(said(pulse(None, now=START)).in_(language))
    assert len(lines) == (2 if paused else 3)
