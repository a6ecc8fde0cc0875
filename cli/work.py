"""Commands for the work inside a case: tasks, fields, deliverables."""

from pathlib import Path
from typing import Annotated

import typer

from cli.cases import CaseArgument, Reason, done
from cli.language import say
from cli.screen import Result
from cli.session import Session, command
from engine.ids import CaseId
from engine.text import Text

TaskArgument = Annotated[str, typer.Argument(metavar="TASK", help=say("任务", "the task"))]


def declare(app: typer.Typer) -> None:
    task = typer.Typer(help=say("任务：完成、重开、豁免", "Tasks: done, reopen, waive"), no_args_is_help=True)
    command(task, "done", "完成任务", "Complete a task", acts=True)(task_done)
    command(task, "reopen", "重开任务", "Reopen a task", acts=True)(task_reopen)
    command(task, "waive", "注明理由后豁免任务", "Waive a task, with a reason", acts=True)(task_waive)
    app.add_typer(task, name="task")
    command(app, "field", "填写字段", "Fill in fields", acts=True)(field)
    command(app, "attach", "上传交付物", "Attach a deliverable", acts=True)(attach)


def task_done(session: Session, case: CaseArgument, task: TaskArgument) -> Result:
    from engine.case import commands as cmd

    with session.opened() as parts:
        answer = session.do(parts, cmd.CompleteTask(case_id=CaseId(case), task=task))
        return done(answer, f"任务 {task} 已完成", f"task {task} is done")


def task_reopen(session: Session, case: CaseArgument, task: TaskArgument) -> Result:
    from engine.case import commands as cmd

    with session.opened() as parts:
        answer = session.do(parts, cmd.ReopenTask(case_id=CaseId(case), task=task))
        return done(answer, f"任务 {task} 已重开", f"task {task} is open again")


def task_waive(session: Session, case: CaseArgument, task: TaskArgument, reason: Reason = "") -> Result:
    from engine.case import commands as cmd

    with session.opened() as parts:
        answer = session.do(parts, cmd.WaiveTask(case_id=CaseId(case), task=task, reason=reason))
        return done(answer, f"任务 {task} 已豁免", f"task {task} is waived")


def field(
    session: Session,
    case: CaseArgument,
    values: Annotated[
        list[str],
        typer.Argument(
            metavar="NAME=VALUE...",
            help=say(
                "名称=值；清单与记录写 JSON；@文件 取自文件；等号后空着则清除",
                "name=value; lists and records in JSON; @file reads a file; nothing after = clears it",
            ),
        ),
    ],
) -> Result:
    from cli.lookup import find_case, pairs
    from cli.typed import typed_values
    from engine.case import commands as cmd

    given = pairs(values, Text("字段", "a field"))
    with session.opened() as parts:
        found = find_case(session, parts, case)
        answer = session.do(
            parts, cmd.SetFields(case_id=found.case.id, values=typed_values(parts, found.definition, given))
        )
        names = ", ".join(given)
        return done(answer, f"已填写 {names}", f"filled in {names}")


def attach(
    session: Session,
    case: CaseArgument,
    deliverable: Annotated[str, typer.Argument(help=say("交付物", "the deliverable"))],
    file: Annotated[Path, typer.Argument(help=say("文件", "the file"))],
    name: Annotated[
        str | None, typer.Option("--name", help=say("另取文件名", "another name for the file"))
    ] = None,
) -> Result:
    from cli.lookup import find_case
    from cli.typed import stored_file
    from engine.case import commands as cmd

    with session.opened() as parts:
        found = find_case(session, parts, case)
        kept = stored_file(parts, file, name)
        attaching = cmd.AttachDeliverable(
            case_id=found.case.id,
            deliverable=deliverable,
            name=str(kept["name"]),
            hash=str(kept["hash"]),
            size=int(str(kept["size"])),
            media_type=str(kept["media_type"]),
        )
        return done(session.do(parts, attaching), f"已上传 {kept['name']}", f"{kept['name']} is attached")
