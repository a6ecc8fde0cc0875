"""What follows a request to advance: gates that are asked, a runner that carries it, or nobody who does."""

import threading
import time
from typing import Final

from cli.lookup import Found, Names, find_case
from cli.report import Document, Reporter
from cli.screen import Result, Screen
from cli.session import Exit, Failed, Session
from engine.ports import Answer
from engine.text import Text
from runtime.beats import Beats
from runtime.wiring import Parts

WAIT_SECONDS: Final = 30.0
LOOK_EVERY_SECONDS: Final = 0.05


def only_way_on(session: Session, parts: Parts, found: Found) -> str:
    """The one transition that leads on from here. Raises Failed, with what there is, where it is not
    just one.
    """
    reporter = Reporter(found=found, names=Names(parts, session.language), language=session.language)
    moves = reporter.document()["transitions"]
    ways = [move for move in moves if move["forward"] and not move["automatic"]]
    open_ways = [move for move in ways if move["possible"]]
    for few in (ways, open_ways):
        if len(few) == 1:
            return few[0]["id"]
    listed = "\n".join(f"  {move['id']}  {move['title']}" for move in moves)
    raise Failed(
        Exit.USAGE,
        Text(
            f"请写明要做哪个流转：\n{listed}" if moves else "这里没有可做的流转",
            f"name the transition:\n{listed}" if moves else "no transition starts from here",
        ),
        {"transitions": [move["id"] for move in moves]},
    )


def asked_for(session: Session, parts: Parts, answer: Answer, transition: str, *, wait: bool) -> Result:
    """The request is durable by now; what it came to is read from the case, which may have moved on."""
    alive = Beats(parts.store.heartbeats, parts.clock).runner_is_alive()
    if wait:
        _wait(session, parts, answer.case_id, transition, alive=alive)
    found = find_case(session, parts, answer.case_id)
    names = Names(parts, session.language)
    reporter = Reporter(found=found, names=names, language=session.language)
    document = reporter.document()
    pending = next((r for r in document["requests"] if r["transition"] == transition), None)
    state = "done" if pending is None else pending["state"]
    data = {
        "case": answer.case_id,
        "version": found.case.version,
        "transition": transition,
        "state": state,
        "repeated": answer.repeated,
        "runner_alive": alive,
        "stages": [stage["stage"] for stage in document["stages"]],
        "outcome": found.case.outcome,
        "waits_for": [p for a in (pending or {"approvals": []})["approvals"] for p in a["waits_for"]],
    }
    _ = names.people
    title = reporter.title(transition)

    def shown(screen: Screen) -> None:
        if state == "pending":
            _tell_gates(screen, names, title, document, answer.case_id, transition)
        elif state == "ready":
            _tell_ready(screen, title, alive=alive)
        else:
            _tell_done(screen, title, document)

    return Result(data=data, show=shown)


def _tell_gates(
    screen: Screen, names: Names, title: str, document: Document, case_id: str, transition: str
) -> None:
    screen.line(screen.say(f"已申请“{title}”，等待审批：", f"'{title}' is asked for and waits for approval:"))
    for request in document["requests"]:
        for approval in request["approvals"] if request["transition"] == transition else []:
            if approval["unfilled"]:
                screen.line(
                    screen.say(
                        f"  {approval['title']}：无人可批，用 guanka role 指定人员",
                        f"  {approval['title']}: nobody can sign; assign somebody with guanka role",
                    )
                )
            else:
                screen.line("  " + screen.pair(approval["title"], names.persons(approval["waits_for"])))
    screen.line(screen.say(f"查看：guanka show {case_id}", f"Look at it: guanka show {case_id}"))


def _tell_ready(screen: Screen, title: str, *, alive: bool) -> None:
    if alive:
        screen.line(screen.say(f"“{title}”已获准，正在执行", f"'{title}' is agreed and being carried out"))
        return
    screen.line(
        screen.say(
            f"“{title}”已记录，但执行进程没有运行：启动 guanka up，或运行 guanka run-once 立即执行",
            f"'{title}' is recorded, but no runner is alive: start guanka up, or carry it out now with"
            f" guanka run-once",
        )
    )


def _tell_done(screen: Screen, title: str, document: Document) -> None:
    place = document["outcome_title"] or screen.say("、", ", ").join(
        stage["title"] for stage in document["stages"]
    )
    screen.line(screen.say(f"“{title}”已完成，现在：{place}", f"'{title}' is done; now at: {place}"))


def _wait(session: Session, parts: Parts, case_id: str, transition: str, *, alive: bool) -> None:
    """Until the request has its end or waits for people; without a runner it is carried out here."""
    if not alive:
        from runtime.carrying import Carrying

        Carrying(parts).fire_ready()
        return
    pause, end = threading.Event(), time.monotonic() + WAIT_SECONDS
    while time.monotonic() < end:
        case = find_case(session, parts, case_id).case
        request = next((r for r in case.requests.values() if r.transition == transition), None)
        if request is None or request.state.value == "pending":
            return
        pause.wait(LOOK_EVERY_SECONDS)
    raise Failed(
        Exit.TROUBLE,
        Text(
            f"已记录，但 {WAIT_SECONDS:g} 秒内没有执行；用 guanka doctor 查看原因",
            f"it is recorded, but was not carried out within {WAIT_SECONDS:g} s; guanka doctor says why",
        ),
    )


def advice(parts: Parts, found: Found) -> Text | None:
    """What to say when something is ready to be carried out and nobody is there to do it."""
    ready = any(request.state.value == "ready" for request in found.case.requests.values())
    if not ready or Beats(parts.store.heartbeats, parts.clock).runner_is_alive():
        return None
    return Text(
        "流转已就绪，但执行进程没有运行：启动 guanka up，或运行 guanka run-once 立即执行",
        "the transition is ready, but no runner is alive: start guanka up, or carry it out now with"
        " guanka run-once",
    )
