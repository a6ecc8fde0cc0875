"""An open request put before a person: each approval with its parts, what was done to them, and what comes
next.
"""

from collections.abc import Iterator

from cli.lookup import Names
from cli.report import Document
from cli.screen import Screen
from engine.case.beside import NUDGE_EVERY
from engine.text import Text

MARKS = {"approve": "✓", "reject": "✗", None: "…"}
MODES = {
    "any": Text("或签", "any"),
    "all": Text("会签", "all"),
    "sequence": Text("依次", "in order"),
    "votes": Text("票签", "votes"),
}
STATES = {
    "granted": Text("已通过", "granted"),
    "rejected": Text("未通过", "refused"),
    "returned": Text("已退回", "sent back"),
}
PLACES = {
    "before": Text("由 {by} 前加签", "added by {by} to sign before"),
    "beside": Text("由 {by} 并加签", "added by {by} to sign as well"),
    "after": Text("由 {by} 后加签", "added by {by} to sign after"),
}


class RequestLines:
    def __init__(self, screen: Screen, names: Names, case_id: str) -> None:
        self._screen, self._names, self._case = screen, names, case_id

    def lines(self, request: Document) -> Iterator[str]:
        yield from self._of_request(request)
        for approval in request["approvals"]:
            yield "  " + self._head(approval)
            for ask in approval["asks"]:
                yield from ("    " + line for line in self._of_ask(ask))
            yield from ("    " + line for line in self._around(approval))

    def _say(self, zh: str, en: str) -> str:
        return self._screen.say(zh, en)

    def _of_request(self, request: Document) -> Iterator[str]:
        if request["reason"]:
            yield "  " + self._screen.pair(self._say("理由", "reason"), request["reason"])
        returned = request["returned"]
        if returned is not None:
            by, again = self._names.person(returned.by), f"guanka resubmit {self._case}"
            then = self._say("只再请退回的人", "only whoever returned it is asked again")
            all_over = self._say("全部重审", "all are asked again")
            after = then if returned.straight_back else all_over
            yield "  " + self._say(
                f"{by} 已退回；改好后重新提交：{again}（之后{after}）",
                f"sent back by {by}; put it forward again when it is mended: {again} (then {after})",
            )
        elif request["state"] == "ready":
            yield "  " + self._say("已全部同意，等待执行", "all agreed; about to be carried out")
        if request["back_to"]:
            yield "  " + self._say(
                "直接回到退回的人：其他人同意后再请", "straight back: who returned it is asked last"
            )

    def _head(self, approval: Document) -> str:
        name = self._say(
            f"{approval['title']}（{approval['id']}）", f"{approval['title']} ({approval['id']})"
        )
        told = [MODES[approval["mode"]].in_(self._screen.language)]
        if approval["threshold"] is not None:
            told.append(self._say(f"门槛 {approval['threshold']}", f"threshold {approval['threshold']}"))
        if approval["round"] > 1:
            told.append(self._say(f"第 {approval['round']} 轮", f"round {approval['round']}"))
        if approval["state"] in STATES:
            told.append(STATES[approval["state"]].in_(self._screen.language))
        if approval["due_at"] is not None:
            told.append(self._due(approval))
        return self._screen.pair(name, self._say("，", ", ").join(told))

    def _due(self, approval: Document) -> str:
        due = self._names.instant(approval["due_at"])
        if approval["stopped_at"] is None:
            return self._say(f"{due} 到期", f"due {due}")
        since = self._names.instant(approval["stopped_at"])
        return self._say(f"{due} 到期，{since} 起停走", f"due {due}, its clock stands still since {since}")

    def _of_ask(self, ask: Document) -> Iterator[str]:
        person, names = self._names.person(ask["person"]), self._names
        told = [f"{person} {MARKS[ask['verdict']]}"]
        if ask["at"] is not None:
            told.append(names.instant(ask["at"]))
        if ask["added_by"]:
            by = names.person(ask["added_by"])
            told.append(PLACES[ask["place"]].in_(self._screen.language).format(by=by))
        if ask["taken_from"]:
            before = names.person(ask["taken_from"])
            told.append(self._say(f"转交自 {before}", f"taken over from {before}"))
        told += self._stead(ask)
        if ask["weight"] > 1:
            told.append(self._say(f"权重 {ask['weight']}", f"weight {ask['weight']}"))
        line = self._say("，", ", ").join(told)
        yield self._screen.pair(line, ask["comment"]) if ask["comment"] else line
        yield from self._delegation(ask)

    def _stead(self, ask: Document) -> Iterator[str]:
        """Who may answer in the person's stead, or did."""
        if ask["verdict"] is not None:
            if ask["by"] != ask["person"]:
                by = self._names.person(ask["by"])
                yield self._say(f"由 {by} 代", f"by {by} in their stead")
        elif ask["stand_ins"]:
            who = self._names.persons(ask["stand_ins"])
            yield self._say(f"可由 {who} 代", f"or {who} in their stead")

    def _delegation(self, ask: Document) -> Iterator[str]:
        lent = ask["delegation"]
        if lent is None:
            return
        to = self._names.person(lent.to)
        yield "  " + self._say(f"委派 {to} 先看：{lent.reason}", f"delegated to {to}: {lent.reason}")
        if lent.opinion is not None:
            yield "  " + self._say(f"{to} 的意见：{lent.opinion}", f"opinion of {to}: {lent.opinion}")

    def _around(self, approval: Document) -> Iterator[str]:
        if approval["unfilled"]:
            yield self._say("无人可批，请先指定人员", "nobody can sign; assign somebody first")
        elif approval["gone"]:
            who = self._names.persons(approval["gone"])
            yield self._say(
                f"{who} 已离开，通不过：用 guanka hand-over 交接，或用 guanka role 指定他人",
                f"{who} left, and it cannot pass: guanka hand-over, or guanka role for somebody else",
            )
        elif approval["waits_for"]:
            who = self._names.persons(approval["waits_for"])
            yield self._screen.pair(self._say("等待", "waiting for"), who)
        yield from self._question(approval)
        for key, zh, en in (("copies", "抄送", "copied to"), ("removed", "已减签", "taken out")):
            if approval[key]:
                people = self._names.persons(dict.fromkeys(one.partition("/")[0] for one in approval[key]))
                yield self._screen.pair(self._say(zh, en), people)
        if approval["nudged_at"] is not None:
            last = self._names.instant(approval["nudged_at"])
            again = self._names.instant(approval["nudged_at"] + NUDGE_EVERY)
            yield self._say(f"{last} 催办过，{again} 起可再催", f"reminded {last}; again from {again}")

    def _question(self, approval: Document) -> Iterator[str]:
        question = approval["material"]
        if question is not None:
            by, give = self._names.person(question.by), f"guanka approval give {self._case}"
            yield self._say(
                f"{by} 要求补充材料：{question.text}（答复：{give} 内容）",
                f"{by} asks for material: {question.text} (answer: {give} TEXT)",
            )
