"""Commands that give calendars newer data: a year's notice, a company's own days; and what moved by them."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from cli.language import say
from cli.screen import Result, Screen
from cli.session import Exit, Failed, Session, command
from engine.text import Text, why_not

if TYPE_CHECKING:
    from cli.lookup import Names
    from runtime.calendars import Calendars, Described
    from runtime.notices import Notice
    from runtime.recounting import Move
    from runtime.wiring import Parts

ApplyFlag = Annotated[
    bool,
    typer.Option("--apply", help=say("真正写入；不写则只试算", "do it; without, only say what would happen")),
]
CalendarOption = Annotated[
    str, typer.Option("--calendar", metavar="ID", help=say("哪个日历", "which calendar"))
]
TableFile = Annotated[
    Path,
    typer.Argument(
        metavar="FILE", help=say("CSV 或 XLSX：日期、类型、说明", "CSV or XLSX: date, type, note")
    ),
]


def declare(app: typer.Typer) -> None:
    command(
        app, "update", "放入一年的放假通知，重算期限", "Take in a year's notice and count deadlines again"
    )(update)
    command(app, "import", "导入公司自己的休息日与工作日", "Import the company's own days off and on")(
        import_days
    )
    command(app, "moves", "列出因日历更新而变动的期限", "List the deadlines that calendar updates moved")(
        moves
    )


def update(
    session: Session,
    file: Annotated[
        Path,
        typer.Argument(metavar="FILE", help=say("通知：YAML、CSV 或 XLSX", "the notice: YAML, CSV or XLSX")),
    ],
    apply: ApplyFlag = False,
    calendar: Annotated[
        str | None,
        typer.Option("--calendar", metavar="ID", help=say("哪个日历，默认 cn", "which calendar; cn")),
    ] = None,
    number: Annotated[str, typer.Option("--number", help=say("文号", "the notice's number"))] = "",
    dated: Annotated[str, typer.Option("--date", help=say("成文日期", "the date of the notice"))] = "",
    replaces: Annotated[
        bool, typer.Option("--replace", help=say("替换已有的不同安排", "in place of what is known otherwise"))
    ] = False,
    anyway: Annotated[
        bool, typer.Option("--anyway", help=say("明知不合常理仍然采用", "though it looks implausible"))
    ] = False,
) -> Result:
    """The notice is durable before the first deadline moves; the sweep finishes what a dead process left."""
    from runtime.calendar_keeping import keep_notice

    notice = _described(_read(file), (calendar, number, dated))
    with session.opened() as parts:
        described = parts.calendars.described(notice.calendar)
        known = _judged(notice, described, _Bold(replaces=replaces, anyway=anyway))
        if known:
            return _nothing_new(notice)
        trial = parts.calendars.with_notice(notice)
        doing = _Doing(session, parts, apply=apply)
        moved, failed = doing.moved(trial, lambda: keep_notice(session.settings.calendars_dir, notice))
        data = {
            "calendar": notice.calendar,
            "year": notice.year,
            "off": len(notice.off),
            "working": notice.working,
        }
        data |= doing.data(moved, failed)
        told = Text(
            f"{notice.calendar} {notice.year} 年：放假 {len(notice.off)} 天，调休 {len(notice.working)} 天",
            f"{notice.calendar} {notice.year}: {len(notice.off)} days off, {len(notice.working)} made up",
        )
        return doing.result(data, told, moved)


def import_days(
    session: Session,
    file: TableFile,
    calendar: CalendarOption = "cn",
    apply: ApplyFlag = False,
    replaces: Annotated[
        bool, typer.Option("--replace", help=say("替换此前导入的全部日子", "in place of all imported before"))
    ] = False,
) -> Result:
    from runtime.calendar_keeping import keep_imported
    from runtime.day_table import read_table

    table = read_table(file)
    if table.faults:
        zh, en = ("\n".join(getattr(fault, name) for fault in table.faults) for name in ("zh", "en"))
        faults = [fault.in_(session.language) for fault in table.faults]
        raise Failed(Exit.REFUSED, Text(zh, en), {"faults": faults})
    with session.opened() as parts:
        parts.calendar(calendar)  # raises for one there is not
        days = {**({} if replaces else parts.calendars.imported(calendar)), **table.days}
        trial = parts.calendars.with_imported(calendar, days)
        doing = _Doing(session, parts, apply=apply)
        moved, failed = doing.moved(
            trial, lambda: keep_imported(session.settings.calendars_dir, calendar, days)
        )
        data = {"calendar": calendar, "read": len(table.days), "kept": len(days), **doing.data(moved, failed)}
        told = Text(
            f"{calendar}：读到 {len(table.days)} 天，共 {len(days)} 天公司自己的安排",
            f"{calendar}: {len(table.days)} days read, {len(days)} of the company's own in all",
        )
        return doing.result(data, told, moved)


def moves(
    session: Session,
    since: Annotated[
        str,
        typer.Option(
            "--since", metavar="DATE", help=say("自哪天起，默认 30 天前", "since which day; 30 days")
        ),
    ] = "",
) -> Result:
    from datetime import timedelta

    from cli.lookup import Names
    from runtime.calendar_questions import instant
    from runtime.recounting import moves_since

    with session.opened() as parts:
        first = instant(since, session.settings.zone) if since else parts.clock.now() - timedelta(days=30)
        found = moves_since(parts, first)
        names = Names(parts, session.language)
        rows = [_row(names, move) for move in found if move.moved]
        data = [_moved(names, move) for move in found if move.moved]
    return Result(data=data, show=lambda screen: _show_moves(screen, rows, done=True))


@dataclass(frozen=True, slots=True, kw_only=True)
class _Bold:
    replaces: bool
    anyway: bool


def _read(file: Path) -> "Notice":
    from runtime.day_table import read_table
    from runtime.notices import notice_of_days, read_notice

    if file.suffix.lower() in {".yaml", ".yml"}:
        try:
            return read_notice(file.name, file.read_bytes())
        except OSError as fault:
            why = why_not(fault)
            said = Text(f"无法读取 {file}：{why.zh}", f"{file} cannot be read: {why.en}")
            raise Failed(Exit.NOT_FOUND, said) from fault
    table = read_table(file)
    if table.faults:
        zh, en = ("\n".join(getattr(fault, name) for fault in table.faults) for name in ("zh", "en"))
        raise Failed(Exit.REFUSED, Text(zh, en), {"faults": [fault.en for fault in table.faults]})
    return notice_of_days(file.name, table.days)


def _described(notice: "Notice", told: tuple[str | None, str, str]) -> "Notice":
    from runtime.calendar_file import Wrong, one_date

    calendar, number, dated = told
    try:
        published = one_date(dated) if dated else notice.published
    except Wrong as wrong:
        raise Failed(Exit.USAGE, wrong.said) from None
    return replace(
        notice,
        calendar=calendar or notice.calendar,
        number=number or notice.number,
        published=published,
    )


def _judged(notice: "Notice", described: "Described", bold: _Bold) -> bool:
    """Whether the same is known already. Raises Failed for what cannot be taken in."""
    from runtime.notices import differences, objections
    from runtime.public_holidays import statutory

    if not described.package or described.base != notice.calendar:
        raise Failed(
            Exit.REFUSED,
            Text(
                f"日历 {notice.calendar} 不直接使用政府通知；请对它所延用的日历（{described.base}）更新",
                f"calendar {notice.calendar} takes in no notices itself; update the one it builds on"
                f" ({described.base})",
            ),
        )
    law = statutory(described.country, notice.year) if described.country else {}
    wrong = [] if bold.anyway else objections(notice, law)
    if wrong:
        zh, en = ("\n".join(getattr(each, name) for each in wrong) for name in ("zh", "en"))
        more = Text("\n确认无误可加 --anyway", "\nif it is right all the same, add --anyway")
        raise Failed(
            Exit.REFUSED, Text(zh + more.zh, en + more.en), {"objections": [each.en for each in wrong]}
        )
    known = {
        day: said for day, said in described.official.items() if day.year == notice.year or day in notice.days
    }
    published = notice.year <= described.calendar.official_until.year
    differing = differences(notice.days, known) if published else []
    if published and differing and not bold.replaces:
        listed = ", ".join(str(day) for day, _, _ in differing[:10])
        raise Failed(
            Exit.CONFLICT,
            Text(
                f"{notice.year} 年已有不同的安排（{listed}）；确认以此文件为准请加 --replace",
                f"{notice.year} is known and differs ({listed}); add --replace to use this file instead",
            ),
            {"differences": [day for day, _, _ in differing]},
        )
    return published and not differing


def _nothing_new(notice: "Notice") -> Result:
    told = Text(
        f"{notice.year} 年的安排相同，无需更新", f"{notice.year} is known and the same; nothing to do"
    )
    data = {"calendar": notice.calendar, "year": notice.year, "applied": False, "moves": []}
    return Result(data=data, show=lambda screen: screen.line(told.in_(screen.language)))


@dataclass(frozen=True, slots=True)
class _Doing:
    """Trying newer data, or taking them in."""

    session: Session
    parts: "Parts"
    apply: bool

    def moved(self, trial: "Calendars", keep: Any) -> "tuple[Sequence[Move], Sequence[str]]":
        from runtime.recounting import Recounting, catch_up

        foreseen = Recounting(self.parts, trial).foresee()
        if not self.apply:
            return foreseen, ()
        keep()
        moved, failed = Recounting(self.parts, self.parts.calendars).carry_out()
        catch_up(self.parts)  # leaves a note for the sweep, which looks once more
        return moved, failed

    def data(self, moved: "Sequence[Move]", failed: Sequence[str]) -> dict[str, Any]:
        from cli.lookup import Names

        names = Names(self.parts, self.session.language)
        settled = sum(not move.moved for move in moved)
        return {
            "applied": self.apply,
            "moves": [_moved(names, move) for move in moved if move.moved],
            "due_as_before": settled,
            "failed": list(failed),
        }

    def result(self, data: dict[str, Any], told: Text, moved: "Sequence[Move]") -> Result:
        from cli.lookup import Names

        names = Names(self.parts, self.session.language)
        rows = [_row(names, move) for move in moved if move.moved]

        def shown(screen: Screen) -> None:
            screen.line(told.in_(screen.language), style="bold")
            _show_moves(screen, rows, done=self.apply)
            settled, failed = data["due_as_before"], data["failed"]
            if settled:
                screen.line(
                    screen.say(
                        f"另有 {settled} 项期限时刻不变，只是“预计”标记、提醒或上报的时刻有变",
                        f"{settled} more are due as before; reminders, rungs or the provisional mark change",
                    )
                )
            if failed:
                listed = ", ".join(failed)
                screen.line(
                    screen.say(
                        f"这些案例稍后由扫描完成：{listed}", f"the sweep will finish these cases: {listed}"
                    )
                )
            if not self.apply:
                screen.line(
                    screen.say("以上为试算，加 --apply 才会写入", "nothing was changed; add --apply to do it")
                )

        return Result(data=data, show=shown, code=Exit.TROUBLE if data["failed"] else Exit.OK)


def _moved(names: "Names", move: "Move") -> dict[str, Any]:
    due = move.change.deadline
    return {
        "case": move.case.id,
        "title": move.case.title,
        "deadline": due.id,
        "subject": names.deadline(move.case, due),
        "from": move.change.was,
        "to": due.due_at,
        "working_days": move.working_days,
        "provisional": due.provisional,
        "was_provisional": move.change.was_provisional,
        "calendar": due.calendar,
        "was_calendar": move.change.was_calendar,
        "told": list(move.told),
    }


def _row(names: "Names", move: "Move") -> list[str]:
    from notifications.moments import span

    due, language = move.change.deadline, names.language
    later = move.by.total_seconds() > 0
    how = Text("推迟" if later else "提前", "later" if later else "earlier")
    elapsed = span(move.by, language)
    days = abs(move.working_days)
    words = Text(f"{how.zh} {elapsed}（{days} 个工作日）", f"{elapsed} {how.en} ({days} working days)")
    return [
        move.case.id,
        move.case.title,
        names.deadline(move.case, due),
        names.instant(move.change.was),
        names.due(due.due_at, provisional=due.provisional),
        words.in_(language),
        names.persons(move.told),
    ]


def _show_moves(screen: Screen, rows: Sequence[Sequence[str]], *, done: bool) -> None:
    if not rows:
        screen.line(screen.say("没有期限变动", "no deadline moves"))
        return
    heads = [
        screen.say(*head)
        for head in (
            ("案例", "case"),
            ("标题", "title"),
            ("事项", "what"),
            ("原到期", "was due"),
            ("新到期", "now due"),
            ("相差", "difference"),
            ("已告知" if done else "将告知", "told" if done else "will be told"),
        )
    ]
    screen.table(heads, rows)
