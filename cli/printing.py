"""A case's document put before a person."""

from collections.abc import Sequence
from typing import Any

from cli.lookup import Names
from cli.report import Document
from cli.request_lines import RequestLines
from cli.screen import Screen
from engine.case.state import Hold


class CasePage:
    def __init__(self, screen: Screen, names: Names, document: Document) -> None:
        self._screen, self._names, self._case = screen, names, document

    def show(self) -> None:
        self._head()
        self._waits()
        self._transitions()
        self._tasks()
        self._fields()
        self._deliverables()
        self._dates()
        self._children()

    def _say(self, zh: str, en: str) -> str:
        return self._screen.say(zh, en)

    def _head(self) -> None:
        case, say = self._case, self._say
        self._screen.title(f"{case['title']}  [{case['id']}]")
        version = say(f"第 {case['version']} 版", f"version {case['version']}")
        late = [say("已逾期", "OVERDUE")] if case["overdue"] else []
        self._screen.line(" · ".join([case["sop_title"], self._status(), *late, version]))
        for stage in case["stages"]:
            track, name = stage["track_title"], stage["title"]
            place = self._screen.pair(track, name) if track else name
            owners = self._names.persons(stage["owners"]) or say("无人", "nobody")
            entered = self._names.instant(stage["entered_at"])
            note = say(f"（负责：{owners}；{entered} 进入）", f" (owner: {owners}; since {entered})")
            self._screen.line(f"▶ {place}{note}")

        if case["hold"]:
            self._screen.line(f"⏸ {self._hold(case['hold'])}")
        for wait in case["waiting"]:
            self._screen.line(f"⏸ {self._wait(wait)}")

    def _hold(self, hold: Hold) -> str:
        since, by = self._names.instant(hold.since), self._names.person(hold.by)
        told = self._say(
            f"{by} 于 {since} 暂停（{hold.reason}）", f"on hold since {since} ({by}: {hold.reason})"
        )
        if hold.resume_on is None:
            return told
        return told + self._say(f"；定于 {hold.resume_on} 恢复", f"; to be resumed on {hold.resume_on}")

    def _wait(self, wait: Document) -> str:
        since, by = self._names.instant(wait["since"]), self._names.person(wait["by"])
        whom, title, reason = wait["waits_for"], wait["title"], wait["reason"]
        told = self._say(
            f"{title}：等{whom}，{by} 于 {since} 停住时间（{reason}）",
            f"{title} waits for {whom} since {since} ({by}: {reason})",
        )
        if wait["until"] is None:
            return told
        until = self._names.instant(wait["until"])
        return told + self._say(f"；{until} 自动继续", f"; runs on by itself {until}")

    def _status(self) -> str:
        case, say = self._case, self._say
        match case["status"]:
            case "closed":
                return say(f"已结束：{case['outcome_title']}", f"ended: {case['outcome_title']}")
            case "held":
                return say("已暂停", "on hold")
            case _:
                return say("进行中", "running")

    def _waits(self) -> None:
        for request in self._case["requests"]:
            by = self._names.person(request["by"])
            self._screen.line()
            self._screen.title(
                self._say(f"待办申请：{request['title']}（{by}）", f"Asked for: {request['title']} ({by})")
            )
            for line in RequestLines(self._screen, self._names, self._case["id"]).lines(request):
                self._screen.line(line)

    def _transitions(self) -> None:
        if not self._case["transitions"]:
            return
        self._screen.line()
        self._screen.title(self._say("可做的流转", "Transitions from here"))
        for move in self._case["transitions"]:
            mark = self._say("可以", "ready") if move["possible"] else self._say("受阻", "blocked")
            arrow = f" → {move['target']}" if move["target"] else ""
            reason = self._say("（须说明理由）", " (needs a reason)") if move["needs_reason"] else ""
            self._screen.line(
                "  " + self._screen.pair(f"{move['id']}  {move['title']}{arrow}", mark + reason)
            )
            for blocker in move["blockers"] if move["forward"] else move["blockers"][:1]:
                self._screen.line(f"      - {blocker['text']}{self._who(blocker)}")

    def _who(self, blocker: Document) -> str:
        if not blocker["waits_for"]:
            return ""
        people = self._names.persons(blocker["waits_for"])
        return self._say(f"（等待：{people}）", f" (waiting for {people})")

    def _tasks(self) -> None:
        marks = {"open": "☐", "done": "☑", "waived": "⊘"}
        rows = [
            [
                f"{marks[task['state']]} {task['id']}",
                task["title"],
                self._names.person(task["by"]) if task["by"] else self._names.persons(task["persons"]),
                self._task_note(task),
            ]
            for task in self._case["tasks"]
        ]
        self._table(self._say("任务", "Tasks"), ["任务|task", "名称|name", "谁|who", "说明|note"], rows)

    def _task_note(self, task: Document) -> str:
        notes = [
            self._say("可选", "optional") if task["optional"] else "",
            self._say("定期", "recurs") if task["recurs"] else "",
            self._say("可豁免", "may be waived") if task["waivable"] and task["state"] == "open" else "",
        ]
        if task["missing_fields"] and task["state"] == "open":
            missing = ", ".join(task["missing_fields"])
            notes.append(self._say(f"需填：{missing}", f"needs: {missing}"))
        return self._say("；", "; ").join(note for note in notes if note)

    def _fields(self) -> None:
        rows = [[f["id"], f["title"], f["shown"], f["type"]] for f in self._case["fields"]]
        self._table(self._say("字段", "Fields"), ["字段|field", "名称|name", "值|value", "类型|type"], rows)

    def _deliverables(self) -> None:
        rows: list[list[str]] = []
        for item in self._case["deliverables"]:
            versions: Sequence[Any] = item["versions"]
            last = versions[-1] if versions else None
            missing = (
                self._say("必需，未上传", "required, missing")
                if item["required"]
                else self._say("未上传", "none yet")
            )
            told = (
                self._say(f"第 {last.version} 版 {last.name}", f"version {last.version} {last.name}")
                if last
                else missing
            )
            rows.append([item["id"], item["title"], told])
        self._table(
            self._say("交付物", "Deliverables"), ["交付物|deliverable", "名称|name", "状态|state"], rows
        )

    def _dates(self) -> None:
        rows = [
            [
                deadline["title"],
                self._names.instant(deadline["due_at"]),
                self._say("已逾期", "OVERDUE") if deadline["overdue"] else "",
                self._note(deadline),
            ]
            for deadline in self._case["deadlines"]
        ]
        self._table(self._say("期限", "Deadlines"), ["事项|what", "到期|due", "|", "|"], rows)
        rows = [
            [
                m["id"],
                m["title"],
                str(m["planned"] or ""),
                str(m["forecast"] or ""),
                str(m["reached_on"] or ""),
            ]
            for m in self._case["milestones"]
        ]
        heads = ["里程碑|milestone", "名称|name", "计划|planned", "预测|forecast", "达成|reached"]
        self._table(self._say("里程碑", "Milestones"), heads, rows)

    def _note(self, deadline: Document) -> str:
        notes = [
            self._say("预计", "provisional") if deadline["provisional"] else "",
            self._say("停走", "stands still") if deadline["stopped_at"] or deadline["paused"] else "",
        ]
        return self._say("；", "; ").join(note for note in notes if note)

    def _children(self) -> None:
        rows = [
            [c["id"], c["title"], c["outcome"] or self._say("进行中", "running")]
            for c in self._case["children"]
        ]
        self._table(self._say("子案例", "Children"), ["案例|case", "名称|name", "状态|state"], rows)

    def _table(self, title: str, columns: Sequence[str], rows: Sequence[Sequence[str]]) -> None:
        """Left out when there is nothing to say. A column is written `zh|en`."""
        if not rows:
            return
        heads = [self._say(*column.split("|")) for column in columns]
        self._screen.line()
        self._screen.table(heads, rows, title=title)
