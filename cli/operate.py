"""Commands for whoever keeps the service running: up, doctor, verify, backup, and single rounds by hand."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from cli.language import say
from cli.screen import Result, Screen, write
from cli.session import Exit, Failed, Session, command
from engine.text import Text

if TYPE_CHECKING:
    from runtime.doctor import Finding


def declare(app: typer.Typer) -> None:
    command(
        app, "up", "启动整套服务：网页、执行进程、Prefect", "Start the whole service: pages, runner, Prefect"
    )(up)
    command(
        app, "demo", "写入演示人员与案例（仅空库）", "Fill an empty store with demonstration people and cases"
    )(demo)
    command(app, "doctor", "体检：哪里不对、怎么改", "Say what is not as it should be, and how to mend it")(
        doctor
    )
    command(app, "verify", "核对全部案例的哈希链、状态与清单", "Prove every case: chain, state and lists")(
        verify
    )
    command(app, "backup", "备份为一个文件", "Back everything up into one file")(backup)
    command(app, "restore", "从备份恢复（已发出的链接全部失效）", "Restore a backup; links given out end")(
        restore
    )
    command(
        app,
        "run-once",
        "立即执行已就绪的流转与欠付命令，不需要服务",
        "Carry out what is ready now, without the service",
    )(run_once)
    command(app, "sweep", "立即扫描到期事项", "Find and handle what is due, now")(sweep)
    command(app, "deliver", "立即发送待发消息", "Send the messages that are owed, now")(deliver)
    command(app, "migrate", "把数据库升级到本版本", "Bring the database to this version")(migrate)
    command(app, "web", "只启动网页进程", "Run the pages only", hidden=True)(web)
    command(app, "runner", "只启动执行进程", "Run the runner only", hidden=True)(runner)


def up(
    session: Session,
    demo: Annotated[
        bool,
        typer.Option("--demo", help=say("空库则写入演示数据", "fill an empty store with the demonstration")),
    ] = False,
    no_prefect: Annotated[
        bool,
        typer.Option(
            "--no-prefect",
            help=say("不启动 Prefect（流转照常执行）", "without Prefect; transitions work all the same"),
        ),
    ] = False,
) -> None:
    from cli.up import Wish
    from cli.up import up as start

    def tell(text: Text) -> None:
        write(text.in_(session.language))

    start(session.settings, Wish(demo=demo, prefect=not no_prefect), tell)


def demo(session: Session) -> Result:
    from runtime.demo import fill_if_empty, people_lines
    from runtime.wiring import opened

    with opened(session.settings, migrate=True) as parts:
        if not fill_if_empty(parts):
            raise Failed(
                Exit.CONFLICT,
                Text(
                    "库里已有数据，演示数据只写入空库；可用 GUANKA_DATA_DIR 另选目录",
                    "the store holds data already, and the demonstration goes into an empty one only;"
                    " choose another folder with GUANKA_DATA_DIR",
                ),
            )
        lines = people_lines(parts)
        cases = parts.store.board.page(limit=100).total

    def shown(screen: Screen) -> None:
        screen.line(screen.say(f"已写入 {cases} 个进行中的案例", f"{cases} running cases are in place"))
        for line in lines:
            screen.line(line.in_(screen.language))

    return Result(data={"cases": cases}, show=shown)


def doctor(session: Session) -> Result:
    from runtime.doctor import State, examine, settings_of, worst

    with session.opened() as parts:
        findings = examine(parts)
        state = worst(findings)
        settings = settings_of(parts.settings)
    data = {"state": state.value, "settings": settings, "findings": [_finding(f, session) for f in findings]}
    code = Exit.REFUSED if state is State.FAULT else Exit.OK
    return Result(data=data, show=lambda screen: _diagnosis(screen, data), code=code)


def _finding(finding: "Finding", session: Session) -> dict[str, str]:
    return {"topic": finding.topic, "state": finding.state.value, "text": finding.what.in_(session.language)}


def _diagnosis(screen: Screen, data: dict[str, Any]) -> None:
    marks = {"ok": "✓", "warning": "!", "fault": "✗"}
    styles = {"ok": "green", "warning": "yellow", "fault": "bold red"}
    for each in data["findings"]:
        screen.line(f"{marks[each['state']]} {each['topic']:<12} {each['text']}", style=styles[each["state"]])


def verify(
    session: Session,
    anchor: Annotated[
        Path | None,
        typer.Option(
            "--anchor",
            help=say("与此锚定文件核对；默认最近一份", "compare with this anchor; else the latest"),
        ),
    ] = None,
) -> Result:
    from cli.lookup import Names

    with session.opened() as parts:
        latest = parts.settings.anchor_file
        compared = anchor or (latest if latest.exists() else None)
        if anchor is not None and not anchor.exists():
            raise Failed(Exit.NOT_FOUND, Text(f"没有文件 {anchor}", f"there is no file {anchor}"))
        report = parts.store.verify(anchor=compared)
        anchored = Names(parts, session.language).instant(report.anchor.at if report.anchor else None)
    data = {
        "sound": report.sound,
        "cases": report.cases,
        "events": report.events,
        "root": report.root,
        "anchor": report.anchor,
        "findings": [
            {"table": f.table, "key": f.key, "text": f.what.in_(session.language)} for f in report.findings
        ],
    }

    def shown(screen: Screen) -> None:
        for finding in report.findings:
            what = screen.pair(f"{finding.table} {finding.key}", finding.what.in_(screen.language))
            screen.line(f"✗ {what}", style="red")
        counted = screen.say(
            f"{report.cases} 个案例，{report.events} 个事件", f"{report.cases} cases, {report.events} events"
        )
        sound = screen.say("全部相符", "all sound") if report.sound else screen.say("有不符之处", "NOT sound")
        screen.line(screen.pair(counted, sound))
        if report.anchor is not None:
            screen.line(screen.say(f"已对照 {anchored} 的锚定", f"compared with the anchor of {anchored}"))

    return Result(data=data, show=shown, code=Exit.OK if report.sound else Exit.REFUSED)


def backup(
    session: Session,
    target: Annotated[Path, typer.Argument(help=say("文件或文件夹", "a file or a folder"))] = Path(),
) -> Result:
    from engine.clock import SystemClock
    from runtime.backup import back_up

    made = back_up(session.settings, target, now=SystemClock().now())
    size = made.bytes / 1_000_000

    def shown(screen: Screen) -> None:
        screen.line(
            screen.say(
                f"已备份到 {made.file}（{size:.1f} MB，附件 {made.files} 个；不含签名密钥）",
                f"backed up to {made.file} ({size:.1f} MB, {made.files} files; signing keys are not in it)",
            )
        )

    return Result(data={"file": str(made.file), "bytes": made.bytes, "files": made.files}, show=shown)


def restore(
    session: Session,
    archive: Annotated[Path, typer.Argument(help=say("备份文件", "the backup"))],
    replace: Annotated[
        bool,
        typer.Option(
            "--replace",
            help=say("替换现有数据（原库改名保留）", "in place of what is there, which is kept aside"),
        ),
    ] = False,
) -> Result:
    import os

    from engine.clock import SystemClock
    from runtime.backup import restore as put_back
    from runtime.folder import make_folder
    from runtime.supervisor import hold_alone
    from runtime.wiring import opened

    settings = session.settings
    if not archive.is_file():
        raise Failed(Exit.NOT_FOUND, Text(f"没有文件 {archive}", f"there is no file {archive}"))
    make_folder(settings.data_dir)
    lock = hold_alone(settings.data_dir)
    try:
        epoch = put_back(settings, archive, replace=replace, stamp=f"{SystemClock().now():%Y%m%dT%H%M%S}")
        with opened(settings, migrate=True) as parts:
            report = parts.store.verify()
    finally:
        os.close(lock)

    def shown(screen: Screen) -> None:
        screen.line(
            screen.say(
                f"已恢复 {report.cases} 个案例；此前发出的签批链接全部失效（第 {epoch} 期）",
                f"{report.cases} cases are restored; sign-off links given out before no longer work"
                f" (epoch {epoch})",
            )
        )
        if not report.sound:
            screen.line(
                screen.say("但记录与历史不符：guanka verify", "but the record is not sound: guanka verify"),
                style="red",
            )

    data = {"cases": report.cases, "sound": report.sound, "epoch": epoch}
    return Result(data=data, show=shown, code=Exit.OK if report.sound else Exit.REFUSED)


def run_once(session: Session) -> Result:
    """Also hands over commands owed to other cases, so that children start and answer without a runner."""
    from cli.runner_work import deliverer
    from runtime.carrying import Carrying

    with session.opened(links=True) as parts:
        carrying, delivering = Carrying(parts), deliverer(parts)
        fired, handed = carrying.fire_ready(), delivering.deliver_due()
        while more := carrying.fire_ready():
            fired += more
            handed += delivering.deliver_due()
    told = Text(
        f"执行了 {fired} 个流转，发出 {handed} 条消息与命令",
        f"{fired} transitions carried out, {handed} messages and commands handed over",
    )
    return Result(
        data={"fired": fired, "delivered": handed}, show=lambda screen: screen.line(told.in_(screen.language))
    )


def sweep(session: Session) -> Result:
    from runtime.beats import Beats
    from runtime.carrying import Carrying

    with session.opened() as parts:
        carrying, beats = Carrying(parts), Beats(parts.store.heartbeats, parts.clock)
        rounds = [carrying.sweep()]
        beats.beat("sweep")
        while rounds[-1].more:
            rounds.append(carrying.sweep())
            beats.beat("sweep")
    due, acted = sum(swept.due for swept in rounds), sum(swept.acted for swept in rounds)
    told = Text(
        f"{due} 个案例有到期事项，处理了 {acted} 个", f"{due} cases had something due, {acted} acted on"
    )
    return Result(
        data={"due": due, "acted": acted},
        show=lambda screen: screen.line(told.in_(screen.language)),
    )


def deliver(session: Session) -> Result:
    from cli.runner_work import deliverer

    with session.opened(links=True) as parts:
        count = deliverer(parts).deliver_due()
        waiting = parts.store.mailbox.oldest_waiting()
    told = Text(f"处理了 {count} 条", f"{count} taken up")
    return Result(
        data={"taken": count, "oldest_waiting": waiting},
        show=lambda screen: screen.line(told.in_(screen.language)),
    )


def migrate(session: Session) -> Result:
    from runtime.shipped import publish_shipped
    from runtime.wiring import opened

    with opened(session.settings, migrate=True) as parts:
        published = publish_shipped(parts)
    told = Text(
        f"数据库已就绪，新发布 {len(published)} 个流程",
        f"the database is ready, {len(published)} SOPs newly published",
    )
    return Result(data={"published": published}, show=lambda screen: screen.line(told.in_(screen.language)))


def web(session: Session) -> Result:
    from cli.processes import run_web
    from runtime.log import set_up_logging

    set_up_logging("web")
    return Result(data={}, show=lambda _: None, code=run_web(session.settings))


def runner(session: Session) -> Result:
    from cli.processes import run_runner
    from runtime.log import set_up_logging

    set_up_logging("runner")
    return Result(data={}, show=lambda _: None, code=run_runner(session.settings))
