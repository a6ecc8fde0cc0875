"""What approvals want of a person beside a decision, as `guanka inbox` lists it."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from cli.lookup import Names
from cli.screen import Screen
from engine.case import stillness
from engine.case.beside import NUDGE_EVERY
from engine.case.concerns import Concern
from engine.store.concern_list import OpenConcern
from engine.store.inbox import OpenAsk, OpenTask
from engine.text import Text
from runtime.standing import Standing
from runtime.wiring import Parts

TITLES = {
    Concern.LOOK: Text(
        "委派给我先看（guanka approval hand-back 案例 意见）",
        "Delegated to me (guanka approval hand-back CASE OPINION)",
    ),
    Concern.MATERIAL: Text(
        "等我补充材料（guanka approval give 案例 内容）", "Questions to me (guanka approval give CASE TEXT)"
    ),
    Concern.RETURNED: Text(
        "退回给我的申请（改好后 guanka resubmit 案例）",
        "Sent back to me (mend it, then guanka resubmit CASE)",
    ),
    Concern.WAITING: Text(
        "我的申请在等待（guanka approval nudge 案例 催办）", "My requests wait (guanka approval nudge CASE)"
    ),
    Concern.COPY: Text("抄送我的审批，仅供知悉", "Copied to me, for information"),
}
_TO_DO = (Concern.RETURNED, Concern.MATERIAL, Concern.LOOK)
_OTHERS = (Concern.WAITING, Concern.COPY)
_HEADS = {
    Concern.LOOK: Text("受谁委派", "from"),
    Concern.MATERIAL: Text("谁问", "asked by"),
    Concern.RETURNED: Text("谁退回", "sent back by"),
    Concern.WAITING: Text("等谁", "waiting for"),
    Concern.COPY: Text("申请人", "asked for by"),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class _Line:
    one: OpenConcern
    approval: str
    who: str
    due: str
    still: str
    nudge: Text | None


@dataclass(frozen=True, slots=True, kw_only=True)
class MyWork:
    lines: Sequence[_Line]

    @classmethod
    def of(cls, parts: Parts, names: Names, concerns: Sequence[OpenConcern]) -> "MyWork":
        standing = Standing(parts.store.board.case)
        return cls(lines=[_line(parts, names, one, still_of(standing, names, one)) for one in concerns])

    def show_to_do(self, screen: Screen) -> None:
        for kind in _TO_DO:
            self._show(screen, kind)

    def show_waiting(self, screen: Screen) -> None:
        for kind in _OTHERS:
            self._show(screen, kind)

    def _show(self, screen: Screen, kind: Concern) -> None:
        lines = [line for line in self.lines if line.one.kind is kind]
        if not lines:
            return
        heads = [
            screen.say("案例", "case"),
            screen.say("标题", "title"),
            screen.say("审批", "approval"),
            _HEADS[kind].in_(screen.language),
            screen.say("催办", "nudge") if kind is Concern.WAITING else screen.say("说明", "words"),
            screen.say("到期", "due"),
        ]
        rows = [_row(screen, line) for line in lines]
        screen.table(heads, rows, title=TITLES[kind].in_(screen.language))


def _row(screen: Screen, line: _Line) -> list[str]:
    said = line.nudge.in_(screen.language) if line.nudge else line.one.words
    who = line.who or screen.say("无人可签", "nobody can sign")
    return [line.one.case_id, line.one.title, line.approval, who, said, noted(line.due, line.still)]


def still_of(standing: Standing, names: Names, one: OpenAsk | OpenTask | OpenConcern) -> str:
    """Why its clock stands still; empty while it runs."""
    found = standing.of(one)
    if found is None:
        return ""
    person = names.person(found.person) if found.person else ""
    return stillness.said(found, since=names.instant(found.since), person=person).in_(names.language)


def noted(due: str, still: str) -> str:
    """An instant with why its clock stands still on a line of its own."""
    return f"{due}\n{still}" if still else due


def _line(parts: Parts, names: Names, one: OpenConcern, still: str) -> _Line:
    title = parts.store.definitions.by_digest(one.digest).title_of(one.spec).in_(names.language)
    waits = one.kind is Concern.WAITING
    return _Line(
        one=one,
        approval=title,
        who=names.persons(one.waits_for) if waits else names.person(one.other),
        due=names.due(one.due_at, provisional=one.provisional),
        still=still,
        nudge=_nudge(names, one, parts.clock.now()) if waits else None,
    )


def _nudge(names: Names, one: OpenConcern, now: datetime) -> Text:
    since = names.instant(one.since)
    if one.nudged_at is None or now >= one.nudged_at + NUDGE_EVERY:
        return Text(f"{since} 起等待，可催", f"since {since}, may be reminded")
    again = names.instant(one.nudged_at + NUDGE_EVERY)
    return Text(f"{since} 起等待，{again} 起可再催", f"since {since}, again from {again}")
