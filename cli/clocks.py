"""Commands for one clock: a stage waits for somebody outside and goes on, a deadline gets more time."""

from typing import TYPE_CHECKING, Annotated

import typer

from cli.cases import CaseArgument, Reason, done
from cli.language import say
from cli.screen import Result
from cli.session import Exit, Failed, Session, command
from engine.text import Text

if TYPE_CHECKING:
    from cli.lookup import Found

StageOption = Annotated[
    str | None,
    typer.Option("--stage", help=say("哪个阶段；只有一个时可不写", "which stage; not needed where one fits")),
]


def declare(app: typer.Typer) -> None:
    command(
        app,
        "wait",
        "等外部：停住阶段的时间",
        "Wait for somebody outside: the stage's clock stands still",
        acts=True,
    )(wait)
    command(app, "go-on", "等到了：阶段继续计时", "The wait is over: the stage's clock runs on", acts=True)(
        go_on
    )
    command(
        app,
        "extend",
        "申请延期：填好新日期并提出申请",
        "Ask for more time: the new date is filled in and asked for at once",
        acts=True,
    )(extend)


def wait(
    session: Session,
    case: CaseArgument,
    whom: Annotated[str, typer.Option("--for", help=say("等谁", "whom you wait for"))],
    reason: Reason,
    stage: StageOption = None,
) -> Result:
    from cli.lookup import find_case
    from engine.case.time_commands import WaitOutside

    with session.opened() as parts:
        found = find_case(session, parts, case)
        here = _stages(found, waiting=False)
        waits = WaitOutside(
            case_id=found.case.id, stage=_one(found, stage, here), waits_for=whom, reason=reason
        )
        return done(
            session.do(parts, waits), f"停住时间，等{whom}", f"the clock stands still; waiting for {whom}"
        )


def go_on(session: Session, case: CaseArgument, stage: StageOption = None) -> Result:
    from cli.lookup import find_case
    from engine.case.time_commands import GoOn

    with session.opened() as parts:
        found = find_case(session, parts, case)
        here = _stages(found, waiting=True)
        goes_on = GoOn(case_id=found.case.id, stage=_one(found, stage, here))
        return done(session.do(parts, goes_on), "继续计时", "the clock runs on")


def extend(
    session: Session,
    case: CaseArgument,
    to: Annotated[
        str, typer.Option("--to", metavar="DATE", help=say("延到哪一天", "the new date, such as 2026-12-01"))
    ],
    reason: Reason = "",
    transition: Annotated[
        str | None,
        typer.Option(
            "--transition",
            help=say("用哪个流转；只有一个时可不写", "by which one; not needed where one extends"),
        ),
    ] = None,
    wait: Annotated[
        bool, typer.Option("--wait", help=say("等到执行完毕", "wait until it is carried out"))
    ] = False,
) -> Result:
    from cli.advancing import asked_for
    from cli.lookup import find_case
    from engine.case.more_time import offered
    from engine.case.time_commands import AskMoreTime

    with session.opened() as parts:
        found = find_case(session, parts, case)
        ways = offered(found.definition, found.case)
        by = transition or (ways[0].id if len(ways) == 1 else "")  # of several or none the core says why not
        asks = AskMoreTime(case_id=found.case.id, until=to, reason=reason, transition=transition or "")
        answer = session.do(parts, asks)
        return asked_for(session, parts, answer, by, wait=wait)


def _stages(found: "Found", *, waiting: bool) -> list[str]:
    """The stages here that wait, or that could."""
    case, stages = found.case, found.definition.stages
    waits = {wait.stage for wait in case.waits.values() if wait.since is not None}
    here = [visit.stage for visit in case.positions.values()]
    return [s for s in here if s in waits] if waiting else [s for s in here if stages[s].pausable is not None]


def _one(found: "Found", named: str | None, fitting: list[str]) -> str:
    """As named, or the only one that fits; else where the case stands, and the core says why not."""
    if named is not None:
        return named
    here = fitting or [visit.stage for visit in found.case.positions.values()]
    if len(here) != 1:
        names = ", ".join(here)
        raise Failed(Exit.USAGE, Text(f"请用 --stage 写明阶段：{names}", f"name one with --stage: {names}"))
    return here[0]
