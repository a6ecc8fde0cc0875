"""Commands about a whole case: start, list, show, advance, hold, resume, comment, child, milestone."""

import hashlib
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from cli.language import say
from cli.screen import Result, Screen, write
from cli.session import Exit, Failed, Session, command
from engine.ids import ALPHABET, CASE_ID_LENGTH, CaseId, PersonId
from engine.text import Text, why_not

if TYPE_CHECKING:
    from cli.lookup import Names
    from engine.ports import Answer
    from engine.store.board import BoardCase
    from runtime.wiring import Parts

CaseArgument = Annotated[str, typer.Argument(metavar="CASE", help=say("案例编号", "the case's id"))]
Reason = Annotated[str, typer.Option("--reason", "-r", help=say("理由", "the reason"))]
Values = Annotated[
    list[str] | None,
    typer.Option(
        "--field", "-f", metavar="NAME=VALUE", help=say("字段的值，可多次", "a field's value; repeatable")
    ),
]
Roles = Annotated[
    list[str] | None,
    typer.Option(
        "--role", metavar="ROLE=PERSON,…", help=say("本案例的角色，可多次", "a role in this case; repeatable")
    ),
]
_DATE = say("日期；留空（）则清除", 'a date; "" clears it')


def declare(app: typer.Typer) -> None:
    command(app, "start", "新建案例", "Start a case", acts=True)(start)
    command(app, "list", "列出案例", "List the cases")(list_cases)
    command(
        app,
        "show",
        "查看一个案例：在哪、缺什么、等谁",
        "Show a case: where it stands, what blocks it, who is waited for",
    )(show)
    command(app, "advance", "推进案例到下一阶段", "Advance a case to its next stage", acts=True)(advance)
    command(app, "hold", "暂停案例", "Put a case on hold", acts=True)(hold)
    command(app, "resume", "恢复案例", "Resume a case that is on hold", acts=True)(resume)
    command(app, "comment", "添加评论", "Add a comment", acts=True)(comment)
    command(app, "export", "导出案例（JSON，含历史）", "Export a case with its history as JSON")(export)
    child = typer.Typer(help=say("子案例", "Children of a case"), no_args_is_help=True)
    command(child, "open", "发起子案例", "Open a child", acts=True)(open_child)
    app.add_typer(child, name="child")
    milestone = typer.Typer(help=say("里程碑", "Milestones"), no_args_is_help=True)
    command(milestone, "plan", "设定计划或预测日期", "Set the planned or forecast date", acts=True)(plan)
    app.add_typer(milestone, name="milestone")


def start(
    session: Session,
    sop: Annotated[str, typer.Argument(help=say("流程名", "the SOP's name"))],
    title: Annotated[str, typer.Argument(help=say("案例标题", "the case's title"))],
    values: Values = None,
    roles: Roles = None,
) -> Result:
    from cli.lookup import latest, pairs
    from cli.typed import role_holders, typed_values
    from engine.case import commands as cmd

    with session.opened() as parts:
        definition = latest(parts, sop)
        given = typed_values(parts, definition, pairs(values or [], Text("字段", "a field")))
        start_case = cmd.StartCase(
            case_id=_case_id(session, parts),
            sop=sop,
            title=title,
            values=given,
            roles=role_holders(pairs(roles or [], Text("角色", "a role"))),
        )
        answer = session.do(parts, start_case)
        return Result(
            data={"case": answer.case_id, "version": answer.version, "repeated": answer.repeated},
            show=lambda screen: _started(screen, answer.case_id, title),
        )


def _case_id(session: Session, parts: "Parts") -> CaseId:
    """With a key the id is made of it, so that the same call again is the same command."""
    if session.key is None:
        return parts.ids.case_id()
    digest = hashlib.sha256(f"{session.actor().person}/{session.key}".encode()).digest()
    return CaseId("".join(ALPHABET[byte % len(ALPHABET)] for byte in digest[:CASE_ID_LENGTH]))


def _started(screen: Screen, case_id: str, title: str) -> None:
    screen.line(screen.say(f"已新建案例 {case_id}“{title}”", f"Started case {case_id} '{title}'"))
    screen.line(screen.say(f"下一步：guanka show {case_id}", f"Next: guanka show {case_id}"))


def list_cases(
    session: Session,
    sop: Annotated[str | None, typer.Option("--sop", help=say("只列此流程", "only this SOP"))] = None,
    stage: Annotated[str | None, typer.Option("--stage", help=say("只列此阶段", "only this stage"))] = None,
    person: Annotated[
        str | None, typer.Option("--person", help=say("只列与此人有关的", "only what concerns this person"))
    ] = None,
    overdue: Annotated[bool, typer.Option("--overdue", help=say("只列逾期的", "only overdue ones"))] = False,
    closed: Annotated[bool, typer.Option("--closed", help=say("也列已结束的", "ended ones too"))] = False,
    limit: Annotated[int, typer.Option("--limit", min=1, max=1000)] = 50,
) -> Result:
    from cli.lookup import Names, known_person, known_stage, latest
    from engine.case.state import CaseStatus
    from engine.store.board import RUNNING, BoardFilter

    with session.opened() as parts:
        if sop:
            latest(parts, sop)
        if stage:
            known_stage(parts, stage, sop)
        if person:
            known_person(parts, person)
        wanted = BoardFilter(
            sop=sop,
            statuses=tuple(CaseStatus) if closed else RUNNING,
            person=PersonId(person) if person else None,
            stage=stage,
            overdue=True if overdue else None,
        )
        page = parts.store.board.page(wanted, limit=limit, now=parts.clock.now())
        names = Names(parts, session.language)
        rows = [_board_row(names, session, case) for case in page.cases]
        heads = [
            session.say(zh, en)
            for zh, en in (
                ("案例", "case"), ("标题", "title"), ("流程", "SOP"), ("阶段", "stage"),
                ("等待", "waiting for"),
                ("到期", "due"), ("状态", "state"),
            )
        ]  # fmt: skip
        _ = names.people
        return Result(
            data={"total": page.total, "cases": list(page.cases)},
            show=lambda screen: _listed(screen, heads, rows, page.total),
        )


def _board_row(names: "Names", session: Session, case: "BoardCase") -> list[str]:
    definition = names.parts.store.definitions.by_digest(case.digest)
    stages = " / ".join(definition.title_of(p.stage).in_(session.language) for p in case.positions)
    states = {"open": ("进行中", "running"), "held": ("已暂停", "on hold"), "closed": ("已结束", "ended")}
    state = session.say(*states[case.status.value])
    if case.outcome:
        state = definition.title_of(case.outcome).in_(session.language)
    if case.overdue:
        state = session.say("已逾期", "OVERDUE")
    sop = definition.sop.title.in_(session.language)
    return [
        case.id,
        case.title,
        sop,
        stages,
        names.persons(case.waits_for),
        names.due(case.next_due, provisional=case.provisional),
        state,
    ]


def _listed(screen: Screen, heads: list[str], rows: list[list[str]], total: int) -> None:
    if not rows:
        screen.line(screen.say("没有案例；用 guanka start 新建", "no cases; start one with guanka start"))
        return
    screen.table(heads, rows)
    if total > len(rows):
        more = total - len(rows)
        screen.line(screen.say(f"还有 {more} 个；用 --limit 多看一些", f"{more} more; see them with --limit"))


def show(
    session: Session,
    case: CaseArgument,
    history: Annotated[bool, typer.Option("--history", help=say("附历史", "with its history"))] = False,
    person: Annotated[
        str | None, typer.Option("--as", metavar="PERSON", help=say("以谁的眼光看", "through whose eyes"))
    ] = None,
) -> Result:
    from dataclasses import replace

    from cli.lookup import Names, find_case
    from cli.past import past
    from cli.printing import CasePage
    from cli.report import Reporter

    seeing = replace(session, person=person)
    with session.opened() as parts:
        found = find_case(seeing, parts, case)
        names = Names(parts, session.language)
        document = Reporter(found=found, names=names, language=session.language).document()
        _ = names.people
        entries = past(parts, names, found) if history else []
        if history:
            document["history"] = entries

        def shown(screen: Screen) -> None:
            CasePage(screen, names, document).show()
            if history:
                heads = [
                    screen.say(*h) for h in (("序", "no."), ("时间", "when"), ("谁", "who"), ("事件", "what"))
                ]
                rows = [[str(e["sequence"]), names.instant(e["at"]), e["who"], e["text"]] for e in entries]
                screen.line()
                screen.table(heads, rows, title=screen.say("历史", "History"))

        return Result(data=document, show=shown)


def advance(
    session: Session,
    case: CaseArgument,
    transition: Annotated[
        str | None,
        typer.Argument(help=say("流转；不写则取唯一可前进的", "the transition; without it the only way on")),
    ] = None,
    reason: Reason = "",
    wait: Annotated[
        bool, typer.Option("--wait", help=say("等到执行完毕", "wait until it is carried out"))
    ] = False,
) -> Result:
    from cli.advancing import asked_for, only_way_on
    from cli.lookup import find_case
    from engine.case import commands as cmd

    with session.opened() as parts:
        found = find_case(session, parts, case)
        wanted = transition or only_way_on(session, parts, found)
        request = cmd.RequestTransition(case_id=found.case.id, transition=wanted, reason=reason)
        answer = session.do(parts, request)
        return asked_for(session, parts, answer, wanted, wait=wait)


def hold(
    session: Session,
    case: CaseArgument,
    reason: Reason = "",
    until: Annotated[
        str | None,
        typer.Option("--until", metavar="DATE", help=say("到此日自动恢复", "resume by itself on this date")),
    ] = None,
) -> Result:
    from engine.case import commands as cmd

    with session.opened() as parts:
        answer = session.do(
            parts,
            cmd.HoldCase(case_id=CaseId(case), reason=reason, resume_on=a_date(until) if until else None),
        )
        return done(answer, "已暂停", "on hold now")


def resume(session: Session, case: CaseArgument) -> Result:
    from engine.case import commands as cmd

    with session.opened() as parts:
        return done(session.do(parts, cmd.ResumeCase(case_id=CaseId(case))), "已恢复", "running again")


def comment(
    session: Session,
    case: CaseArgument,
    text: Annotated[str, typer.Argument(help=say("内容", "what to say"))],
) -> Result:
    from engine.case import commands as cmd

    with session.opened() as parts:
        answer = session.do(parts, cmd.AddComment(case_id=CaseId(case), text=text))
        return done(answer, "已记下评论", "the comment is recorded")


def open_child(
    session: Session,
    case: CaseArgument,
    child: Annotated[str, typer.Argument(help=say("SOP 中子案例的名称", "the child's name in the SOP"))],
    title: Annotated[str, typer.Argument(help=say("标题", "the title"))],
    values: Values = None,
    roles: Roles = None,
) -> Result:
    from cli.lookup import find_case, latest, pairs
    from cli.typed import role_holders, typed_values
    from engine.case import commands as cmd

    with session.opened() as parts:
        found = find_case(session, parts, case)
        spec = found.definition.sop.children.get(child)
        given = pairs(values or [], Text("字段", "a field"))
        opening = cmd.OpenChild(
            case_id=found.case.id,
            child=child,
            title=title,
            values=typed_values(parts, latest(parts, spec.sop), given) if spec else given,
            roles=role_holders(pairs(roles or [], Text("角色", "a role"))),
        )
        answer = session.do(parts, opening)
        return done(answer, "已发起子案例", "the child is being opened")


def plan(
    session: Session,
    case: CaseArgument,
    milestone: Annotated[str, typer.Argument(help=say("里程碑", "the milestone"))],
    planned: Annotated[str | None, typer.Option("--planned", metavar="DATE", help=_DATE)] = None,
    forecast: Annotated[str | None, typer.Option("--forecast", metavar="DATE", help=_DATE)] = None,
) -> Result:
    from engine.case import commands as cmd

    if planned is None and forecast is None:
        raise Failed(Exit.USAGE, Text("请写 --planned 或 --forecast", "write --planned or --forecast"))
    given = {"planned": planned, "forecast": forecast}
    with session.opened() as parts:
        planning = cmd.PlanMilestone(
            case_id=CaseId(case),
            milestone=milestone,
            planned=a_date(planned) if planned else None,
            forecast=a_date(forecast) if forecast else None,
            clears=tuple(name for name in cmd.MILESTONE_DAYS if given[name] == ""),
        )
        answer = session.do(parts, planning)
        if planned or forecast:
            return done(answer, "已设定日期", "the date is set")
        return done(answer, "已清除日期", "the date is cleared")


def export(
    session: Session,
    case: CaseArgument,
    file: Annotated[
        Path | None,
        typer.Option(
            "--output", "-o", help=say("写入文件，不写则输出到屏幕", "a file to write; else the screen")
        ),
    ] = None,
) -> Result:
    from cli.lookup import Names, find_case
    from cli.past import exported
    from cli.screen import as_text

    with session.opened() as parts:
        found = find_case(session, parts, case)
        document = exported(parts, Names(parts, session.language), found)
        text = as_text(document)
        if file is None:
            return Result(data=document, show=lambda _: write(text))
        try:
            file.write_text(text + "\n", encoding="utf-8")
        except OSError as fault:
            raise Failed(Exit.TROUBLE, cannot_write(file, fault)) from fault
        told = Text(f"已导出到 {file}", f"exported to {file}")
        return Result(
            data={"case": found.case.id, "file": str(file)},
            show=lambda screen: screen.line(told.in_(screen.language)),
        )


def cannot_write(file: Path, fault: OSError) -> Text:
    why = why_not(fault)
    return Text(
        f"无法写入 {file}（{why.zh}）；请换一个位置", f"cannot write {file} ({why.en}); choose another place"
    )


def a_date(text: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise Failed(
            Exit.USAGE,
            Text(f"{text!r} 不是日期；例如 2026-12-01", f"{text!r} is no date; write one such as 2026-12-01"),
        ) from None


def done(answer: "Answer", zh: str, en: str) -> Result:
    """What most commands answer: it is done, at which version, and whether this key had done it before."""
    changed = bool(answer.events)

    def shown(screen: Screen) -> None:
        again = screen.say("（此前已处理过）", " (handled before)") if answer.repeated else ""
        said = screen.say(zh, en) if changed or answer.repeated else screen.say("没有变化", "nothing changed")
        screen.line(screen.pair(answer.case_id, f"{said}{again}"))

    data = {
        "case": answer.case_id,
        "version": answer.version,
        "changed": changed,
        "repeated": answer.repeated,
    }
    return Result(data=data, show=shown)
