"""Looks at an installation and says what is not as it should be, and how to mend it. Changes nothing."""

import os
import shutil
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from enum import StrEnum
from importlib import import_module
from typing import Any, Final, assert_never
from zoneinfo import ZoneInfo

from engine.errors import GuankaError
from engine.store import schema
from engine.store.tables import OutboxState
from engine.text import Text
from notifications.recognising import AddressUnknown, recognised
from notifications.usable import refuse_unusable
from runtime.beats import Beats
from runtime.calendar_health import health
from runtime.channel_book import ChannelBook
from runtime.group_book import GroupBook
from runtime.people_check import check_people
from runtime.pulse import SWEEP, Rhythm, pulse, said
from runtime.settings import Settings, unknown_settings
from runtime.shut_robots import SHOWN, shut_robots
from runtime.wiring import Parts

SAFE_SQLITE: Final = (3, 51, 3)  # and the back-ports 3.50.7 and 3.44.6: earlier ones can lose what they wrote
BACK_PORTS: Final = ((3, 50, 7), (3, 44, 6))
LITTLE_SPACE: Final = 500_000_000


class State(StrEnum):
    OK = "ok"
    WARNING = "warning"
    FAULT = "fault"


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """`what` says what was seen and, unless all is well, what to do."""

    topic: str
    state: State
    what: Text


def examine(parts: Parts) -> list[Finding]:
    """In the order in which an operator would mend. One look that fails becomes a finding of its own."""
    found: list[Finding] = []
    for topic, look in _LOOKS:
        try:
            found += look(parts)
        except GuankaError as fault:
            found.append(Finding(topic=topic, state=State.FAULT, what=fault.message))
        except Exception as fault:  # noqa: BLE001 - a doctor who falls ill helps nobody
            kind = type(fault).__name__
            found.append(_bad(topic, f"无法检查（{kind}）", f"cannot be looked at ({kind})"))
    return found


def _ok(topic: str, zh: str, en: str) -> Finding:
    return Finding(topic=topic, state=State.OK, what=Text(zh, en))


def _warn(topic: str, zh: str, en: str) -> Finding:
    return Finding(topic=topic, state=State.WARNING, what=Text(zh, en))


def _bad(topic: str, zh: str, en: str) -> Finding:
    return Finding(topic=topic, state=State.FAULT, what=Text(zh, en))


def _database(parts: Parts) -> Iterator[Finding]:
    schema.integrity(parts.store.database)
    shown = parts.settings.database_shown
    yield _ok("database", f"完好：{shown}", f"sound: {shown}")
    if parts.settings.is_sqlite:
        yield _sqlite()


def _sqlite() -> Finding:
    dbapi2: Any = import_module("pysqlite3.dbapi2")

    version: tuple[int, ...] = dbapi2.sqlite_version_info
    said = ".".join(map(str, version))
    back_ported = any(version[:2] == fixed[:2] and version >= fixed for fixed in BACK_PORTS)
    if version >= SAFE_SQLITE or back_ported:
        return _ok("sqlite", f"SQLite {said}", f"SQLite {said}")
    return _bad(
        "sqlite",
        f"SQLite {said} 在预写日志模式下可能损坏数据；请升级 pysqlite3 到 0.6.1 以上",
        f"SQLite {said} may damage data in write-ahead mode; install pysqlite3 0.6.1 or newer",
    )


def _disk(parts: Parts) -> Iterator[Finding]:
    free = shutil.disk_usage(parts.settings.data_dir).free
    megabytes = free // 1_000_000
    if free < LITTLE_SPACE:
        yield _warn(
            "disk", f"仅剩 {megabytes} MB；请清理磁盘", f"only {megabytes} MB are free; make some room"
        )
    else:
        yield _ok("disk", f"可用 {megabytes} MB", f"{megabytes} MB free")


def _runner(parts: Parts) -> Iterator[Finding]:
    beats = Beats(parts.store.heartbeats, parts.clock)
    age = beats.age("runner")
    if age is None:
        yield _warn("runner", "从未运行；启动 guanka up", "has never run; start guanka up")
    elif not beats.runner_is_alive():
        seconds = int(age.total_seconds())
        yield _bad(
            "runner",
            f"{seconds} 秒没有动静，流转不会执行；启动 guanka up",
            f"silent for {seconds} s, so no transition is carried out; start guanka up",
        )
    else:
        yield _ok("runner", "正常", "alive")
    yield from _sweep(parts)


def _sweep(parts: Parts) -> Iterator[Finding]:
    seen = pulse(parts.store.heartbeats.last(SWEEP), now=parts.clock.now())
    what = said(seen)
    match seen.rhythm:
        case Rhythm.OK:
            yield _ok("sweep", what.zh, what.en)
        case Rhythm.NEVER:
            yield _warn("sweep", what.zh, what.en)
        case Rhythm.LATE | Rhythm.PAUSED:
            yield _bad("sweep", what.zh, what.en)
        case _:
            assert_never(seen.rhythm)
    if parts.settings.alert_url is None:
        yield _warn(
            "alarm",
            "扫描停了没有人会收到告警；设置 GUANKA_ALERT_URL",
            "nobody is told when the sweep stops; set GUANKA_ALERT_URL",
        )
    else:
        yield _ok(
            "alarm",
            "扫描停五分钟会告警（试发：guanka watch --test）",
            "told when there was no sweep for five minutes (try it: guanka watch --test)",
        )


def _prefect(parts: Parts) -> Iterator[Finding]:
    import http.client

    port = parts.settings.prefect_port
    try:
        connection = http.client.HTTPConnection("127.0.0.1", port, timeout=2)
        connection.request("GET", "/api/health")
        connection.getresponse().read(1)
        connection.close()
        yield _ok("prefect", f"可访问：http://127.0.0.1:{port}", f"answers at http://127.0.0.1:{port}")
    except OSError:
        yield _warn(
            "prefect",
            f"端口 {port} 没有应答；流转照常执行，但没有 Prefect 的界面和运行记录",
            f"no answer at port {port}; transitions are carried out all the same, without Prefect's pages"
            f" and runs",
        )


def _calendars(parts: Parts) -> Iterator[Finding]:
    makers = {"ok": _ok, "warning": _warn, "fault": _bad}
    company, known = parts.settings.calendar, parts.calendars.known()
    if company not in known:
        zh = f"GUANKA_CALENDAR={company}：没有这个日历，暂按 cn；可用：{'、'.join(known)}"
        en = (
            f"GUANKA_CALENDAR={company}: there is none of that name, so cn is used; known: {', '.join(known)}"
        )
        yield _bad("calendar", zh, en)
    for found in health(parts.calendars, parts.clock.now(), parts.settings.zone):
        name, said = found.calendar, found.said
        yield makers[found.state]("calendar", f"{name}：{said.zh}", f"{name}: {said.en}")


def _channels(parts: Parts) -> Iterator[Finding]:
    settings = parts.settings
    if not settings.has_real_channel and not any(p.channels for p in parts.store.people.all(active=True)):
        yield _warn(
            "channels",
            "没有对外渠道，消息只在信箱里；设置 GUANKA_SMTP_URL 或 GUANKA_WEBHOOK_URL",
            "none leads outside, messages stay in the mailbox; set GUANKA_SMTP_URL or GUANKA_WEBHOOK_URL",
        )
    yield from _set_channels(settings)
    yield from _own_channels(parts)
    yield from _shut_robots(parts)
    if settings.links_lead_nowhere:
        yield _bad(
            "public_url",
            "GUANKA_PUBLIC_URL 指向本机，收件人打不开签批链接；请设为他们能访问的网址",
            "GUANKA_PUBLIC_URL points at this machine, so nobody else can open sign-off links; set one"
            " they can reach",
        )
    dead = parts.store.mailbox.counts().get(OutboxState.DEAD, 0)
    if dead:
        yield _warn(
            "outbox",
            f"{dead} 条消息多次发送失败已放弃；见信箱页",
            f"{dead} messages were given up after many tries; see the mailbox page",
        )


def _set_channels(settings: Settings) -> Iterator[Finding]:
    """The operator's own: each is loaded as it would be to send, which tells more than its setting alone."""
    given = {
        "SMTP": ("GUANKA_SMTP_URL", settings.smtp_url),
        "webhook": ("GUANKA_WEBHOOK_URL", settings.webhook_url),
        "alarm": ("GUANKA_ALERT_URL", settings.alert_url),
    }
    sound: list[str] = []
    for kind, (name, url) in given.items():
        try:
            if url:
                refuse_unusable(recognised(url))
                sound.append(kind)
        except AddressUnknown as fault:
            said = fault.message
            yield _bad("channels", f"{name} 读不懂，发不出消息：{said.zh}", f"{name}: {said.en}")
    kinds = [kind for kind in sound if kind != "alarm"]
    if kinds:
        yield _ok("channels", "、".join(kinds), ", ".join(kinds))


def _own_channels(parts: Parts) -> Iterator[Finding]:
    """People's own, without an address: how many there are, and which cannot be opened any more."""
    kept = ChannelBook(people=parts.store.people, sealer=parts.sealer).listed()
    groups = GroupBook(store=parts.store, sealer=parts.sealer).listed()
    closed = sorted({one.person for one in kept if not one.readable})
    closed += [one.group for one in groups if not one.readable]
    if closed:
        some = ", ".join(closed[:6]) + ("…" if len(closed) > 6 else "")  # noqa: PLR2004 - as many as fit a line
        yield _bad(
            "own_channels",
            f"{some} 的渠道无法解密；恢复 channel_keys.json，或用 guanka channel add 重新添加",
            f"channels of {some} cannot be opened; restore channel_keys.json, or add them again"
            " (guanka channel add)",
        )
    elif kept or groups:
        yield _ok(
            "own_channels",
            f"{len(kept)} 个个人渠道，{len(groups)} 个群",
            f"{len(kept)} channels of people, {len(groups)} groups",
        )
    for one in groups:
        if not one.hears:
            yield _warn(
                "groups",
                f"群 {one.group} 还不听任何事；用 guanka channel bind {one.group} 指定",
                f"the group {one.group} hears of nothing yet; say what with guanka channel bind {one.group}",
            )


def _shut_robots(parts: Parts) -> Iterator[Finding]:
    for one in shut_robots(parts):
        who = ", ".join(one.names) or one.robot[:SHOWN]
        until = one.until.astimezone(ZoneInfo(parts.settings.zone)).strftime("%Y-%m-%d %H:%M")
        lift = f"guanka channel reopen {one.robot[:SHOWN]}"
        yield _warn(
            "shut_robot",
            f"{who} 的对方要求等到 {until}；要现在就发：{lift}",
            f"the provider of {who} asks to wait until {until}; to send now: {lift}",
        )


def _company(parts: Parts) -> Iterator[Finding]:
    """What the published SOPs need and the company has not said yet."""
    definitions = [
        parts.store.definitions.by_digest(digest)
        for digest in {v.sop: v.digest for v in reversed(parts.store.definitions.versions())}.values()
    ]
    if not definitions:
        yield _warn(
            "sops",
            "没有已发布的流程；用 guanka publish 发布",
            "no SOP is published; publish one with guanka publish",
        )
        return
    unset: set[str] = set()
    empty: set[str] = set()
    for definition in definitions:
        company = parts.store.people.company(definition.sop.sop)
        unset |= set(definition.sop.settings) - set(company.settings)
        empty |= {
            role for role in (*definition.sop.roles, definition.sop.owner) if not company.people.get(role)
        }
    yield from _named("roles", empty, Text("个角色无人担任", "roles nobody holds"), remedy="guanka role")
    unset_text = Text("项设置未设定", "settings not set")
    yield from _named("settings", unset, unset_text, remedy="guanka setting list --unset")
    closed = {
        one.found.approval
        for definition in definitions
        for one in check_people(parts, definition).graves()
        if one.found.approval
    }
    closed_text = Text("项审批无人可签", "approvals nobody could sign")
    yield from _named("approvals", closed, closed_text, remedy="guanka check --people")


def _wordings(parts: Parts) -> Iterator[Finding]:
    from runtime.wordings import OwnWordings

    unfit = {one.name for one in OwnWordings(parts.store, parts.clock).passed_over()}
    unfit_text = Text(
        "个公司消息模板已不适用，发出的是系统默认文字",
        "templates of the company do not fit, so ours are sent",
    )
    yield from _named("templates", unfit, unfit_text, remedy="guanka template check")


def _named(topic: str, names: set[str], what: Text, *, remedy: str) -> Iterator[Finding]:
    if not names:
        yield _ok(topic, "齐备", "complete")
        return
    some = sorted(names)[:6]
    more = "…" if len(names) > len(some) else ""
    listed = ", ".join(some) + more
    zh = f"{len(names)} {what.zh}：{listed}（{remedy}）"
    yield _warn(topic, zh, f"{len(names)} {what.en}: {listed} ({remedy})")


def _printing(_parts: Parts) -> Iterator[Finding]:
    from runtime.signoff.fonts import NO_FONT, chinese_font

    font = chinese_font()
    if font is None:
        yield _warn("printing", NO_FONT.zh, NO_FONT.en)
    else:
        yield _ok("printing", f"签批记录可生成 PDF（{font}）", f"records can be printed ({font})")


def _settings(_parts: Parts) -> Iterator[Finding]:
    for name in unknown_settings(os.environ):
        if name != "GUANKA_WITHOUT_PREFECT":
            yield _warn(
                "environment", f"{name} 没有任何作用；是否写错了？", f"{name} means nothing; is it misspelt?"
            )


def worst(findings: list[Finding]) -> State:
    for state in (State.FAULT, State.WARNING):
        if any(finding.state is state for finding in findings):
            return state
    return State.OK


def settings_of(settings: Settings) -> dict[str, object]:
    """What is set, without secrets."""
    return {
        "data_dir": str(settings.data_dir),
        "database": settings.database_shown,
        "public_url": settings.public_url,
        "host": settings.host,
        "port": settings.port,
        "prefect_port": settings.prefect_port,
        "language": settings.language,
        "zone": settings.zone,
    }


_LOOKS: Final[tuple[tuple[str, Callable[[Parts], Iterator[Finding]]], ...]] = (
    ("database", _database),
    ("disk", _disk),
    ("runner", _runner),
    ("prefect", _prefect),
    ("calendar", _calendars),
    ("channels", _channels),
    ("company", _company),
    ("templates", _wordings),
    ("printing", _printing),
    ("environment", _settings),
)
